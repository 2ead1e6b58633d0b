"""The six labelled firms through the real pages, on a phone without scripts: page, PDF and command say the same."""

import json
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from playwright.sync_api import Locator, Page
from pypdf import PdfReader

from assessment.cli import main
from assessment.engine.loading import Scenario, load_scenarios
from tests.journeys.conftest import Open

SCENARIOS = {scenario.id: scenario for scenario in load_scenarios(Path("questions/it-health"))[0]}

MOST = "c1-dental-practice"
"""The firm with most to answer."""

LEAST = "c9-solo-consultant"
"""The firm with most that does not apply."""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
pytestmark = pytest.mark.browser


def press(page: Page, button: Locator) -> None:
    """Press a button and wait for the page it leads to. By key, because a tap is ignored for the first moment."""
    with page.expect_navigation():
        button.press("Enter")


def give(page: Page, answer: object) -> None:
    """Answer the question on the page as a thumb would."""
    if isinstance(answer, list | frozenset | tuple):
        for one in answer:
            page.locator(f'input[name=answer][value="{one}"]').check()
        press(page, page.get_by_role("button", name="Continue"))
    else:
        press(page, page.locator(f'button[name=answer][value="{answer}"]').last)


def take(page: Page, scenario: Scenario) -> None:
    """From the first page to the report."""
    press(page, page.locator(f"button[name=depth][value={scenario.depth}]"))
    for _ in range(120):
        if page.url.endswith("/check"):
            break
        give(page, scenario.answers[page.url.rsplit("/", 1)[1]])
    press(page, page.get_by_role("button", name="See my report").first)


def report_of(page: Page, name: str, slug: str = "check", depth: str = "") -> None:
    """Send a scenario's answers in without drawing a page for each, and open the report."""
    scenario, here = SCENARIOS[name], page.url.split("/q/")[0]
    location = f"/q/{slug}/start"
    posted: dict[str, str] = {"depth": depth or scenario.depth}
    while not location.startswith("/r/"):
        response = page.request.post(here + location, data=urlencode(posted, doseq=True), headers=FORM, max_redirects=0)
        location = response.headers["location"]
        question = location.rsplit("/", 1)[1]
        posted = {} if question == "check" else {"answer": scenario.answers.get(question, "none")}
        location = location.replace("/check", "/submit")
    page.goto(here + location)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_page_pdf_and_command_give_the_same_numbers(open_page: Open, scenario: Scenario, tmp_path: Path) -> None:
    page = open_page(javascript=False)
    if scenario.id == MOST:
        take(page, scenario)
    else:
        report_of(page, scenario.id)
    same_numbers(page, scenario, tmp_path)


@pytest.mark.databases("postgresql")
def test_they_give_the_same_numbers_where_answers_are_kept_on_postgresql(open_page: Open, tmp_path: Path) -> None:
    page = open_page(javascript=False)
    take(page, SCENARIOS[LEAST])
    same_numbers(page, SCENARIOS[LEAST], tmp_path)


def same_numbers(page: Page, scenario: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    given = {q: sorted(a) if isinstance(a, frozenset) else a for q, a in scenario.answers.items()}
    file.write_text(json.dumps({"depth": scenario.depth, "answers": given}))
    outcome = json.loads(CliRunner().invoke(main, ["score", str(file), "--json"]).output)
    pdf = page.request.get(page.url + "/report.pdf").body()
    in_pdf = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(pdf)).pages).split())
    on_page = " ".join((page.locator("body").text_content() or "").split())
    overall = outcome["overall"]
    for action in outcome["plan"]:
        if action["after"] is not None:
            assert f"after this: {action['after']}" in on_page, action["id"]
    for action in outcome["plan"][:3]:
        if action["after"] is not None:
            assert f"after this: {action['after']}" in in_pdf, action["id"]
    for text in (on_page, in_pdf):
        assert f"{overall['score']} of 100" in text
        if overall["low"] != overall["high"]:
            assert f"between {overall['low']} and {overall['high']}" in text
        for horizon in {action["horizon"] for action in outcome["plan"]}:
            assert f"Your score once done: {outcome['trajectory'][horizon]}" in text, horizon
        for bank in outcome["banks"]:
            assert str(bank["score"]) in text


def fits(page: Page) -> None:
    """Nothing on a page is wider than the window, whatever that is."""
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def test_no_page_is_wider_than_the_window(open_page: Open) -> None:
    page = open_page()
    seen = 0
    press(page, page.locator("button[name=depth][value=quick]"))
    while not page.url.endswith("/check"):
        fits(page)
        seen += 1
        values = page.locator("[name=answer]").evaluate_all("all => all.map(one => one.value)")
        give(page, [values[0]] if page.locator("input[type=checkbox]").count() else values[0])
    fits(page)
    press(page, page.get_by_role("button", name="See my report").first)
    fits(page)
    assert seen > 10
