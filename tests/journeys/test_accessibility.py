"""axe finds nothing on any kind of page, light or dark; the way through works by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.conftest import Open
from tests.journeys.test_personas import give, press, report_of

pytestmark = pytest.mark.browser


EVERYTHING = {"resultTypes": ["violations"]}
"""Every rule, without a list of what is well."""

COLOURS = {**EVERYTHING, "runOnly": ["color-contrast"]}


def clean(page: Page, options: dict[str, list[str]] = EVERYTHING) -> None:
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_the_way_through(open_page: Open, dark: bool) -> None:
    page = open_page(dark=dark)
    clean(page)
    press(page, page.locator("button[name=depth][value=standard]"))
    clean(page)
    first = page.url
    give(page, "5-9")
    page.goto(first)
    clean(page)
    page.goto(first.replace("profile.staff", "profile.sensitive-data"))
    clean(page)
    press(page, page.get_by_role("button", name="Continue"))
    assert page.get_by_role("alert").is_visible()
    clean(page)
    page.goto(first.replace("profile.staff", "check"))
    clean(page)


def both(page: Page) -> None:
    """Nothing found in light, nor in the colours of dark: they are all that differs."""
    for scheme, options in (("light", EVERYTHING), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.reload()  # colours fade into each other, and axe would look while they do
        clean(page, options)


@pytest.mark.parametrize("name", ["c1-dental-practice", "c4-law-firm", "c8-architecture-firm"])
def test_axe_finds_nothing_on_a_report(open_page: Open, name: str) -> None:
    page = open_page()
    report_of(page, name)
    for path in ("", "/delete"):
        page.goto(page.url + path)
        both(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_pages_for_when_something_is_wrong(open_page: Open, dark: bool) -> None:
    clean(open_page("/nowhere", dark=dark))
    clean(open_page("/q/check/deleted", dark=dark))
    clean(open_page("/q/paused", dark=dark))


def test_axe_finds_nothing_where_details_are_left_and_a_report_is_shared(open_page: Open) -> None:
    page = open_page("/q/branded")
    both(page)
    both(open_page("/q/branded/sample"))
    report_of(page, "c1-dental-practice", "branded")
    both(page)
    page.locator("input[name=email]").fill("nobody")
    press(page, page.locator("#contact-send"))
    assert page.get_by_role("alert").is_visible()
    clean(page)
    page = open_page("/q/check")
    report_of(page, "c9-solo-consultant")
    press(page, page.get_by_role("button", name="Make a link to share"))
    both(page)
    here, shared = page.url.split("/r/")[0], page.locator("#shared").input_value()
    page.goto(f"{here}/s/{shared.rsplit('/', 1)[1]}")
    both(page)


def test_a_question_can_be_answered_by_keyboard_alone(open_page: Open) -> None:
    page = open_page("/q/check")
    page.locator("button[name=depth][value=quick]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/profile.*")
    first = page.url
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "answer":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)
    page.go_back()
    assert page.url == first
    assert page.locator('[aria-current="true"]').count() == 1


def test_a_double_tap_answers_one_question_only(open_page: Open) -> None:
    page = open_page(javascript=False)
    press(page, page.locator("button[name=depth][value=quick]"))
    first = page.url
    option = page.locator("button[name=answer]").nth(1)
    option.click(trial=True)  # waits until a tap counts
    with page.expect_navigation():
        option.dblclick(no_wait_after=True)
    assert page.url != first
    assert page.locator('[aria-current="true"]').count() == 0


def test_a_tap_in_the_first_moment_of_a_page_is_not_taken(open_page: Open) -> None:
    page = open_page()
    press(page, page.locator("button[name=depth][value=quick]"))
    at = """milliseconds => {
        for (const one of document.getAnimations()) { one.pause(); one.currentTime = milliseconds; }
        return getComputedStyle(document.querySelector("button[name=answer]")).pointerEvents;
    }"""
    assert page.evaluate(at, 340) == "none"
    assert page.evaluate(at, 360) == "auto"
