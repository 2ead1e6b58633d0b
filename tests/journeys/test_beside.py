"""The pages beside a report in a real browser: steps tried by ticks alone, and charts under the strict policy."""

import re

import pytest
from playwright.sync_api import Page

from assessment.web import plotly
from tests.journeys.conftest import Open
from tests.journeys.test_accessibility import both, clean, report_of
from tests.journeys.test_personas import press

pytestmark = pytest.mark.browser


def all_drawn(page: Page) -> None:
    """Scroll down slowly, as somebody who reads."""
    for section in page.locator(".picture").all():
        section.scroll_into_view_if_needed()
        section.locator("[data-state=drawn]").wait_for()


def test_steps_are_tried_on_a_phone_without_javascript_and_the_tables_say_it_all(open_page: Open) -> None:
    page = open_page(javascript=False)
    report_of(page, "c4-law-firm")
    page.get_by_role("link", name="Try it out").click()
    page.locator("summary", has_text="Within 90 days").click()
    page.locator("input[name=do]").nth(1).check()
    page.locator("details[open] input[name=do]").last.check()
    press(page, page.get_by_role("button", name="See the score"))
    assert re.match(r"From \d+ to \d+", page.locator("#reached-head").inner_text())
    assert page.locator("input[name=do]:checked").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("link", name="Back to the report").click()
    page.get_by_role("link", name="See all of it as charts").click()
    page.wait_for_url("**/explore")
    assert page.locator("table:visible").count() == 3
    assert page.locator(".drawn:visible, .saves:visible").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_axe_finds_nothing_where_steps_are_tried(open_page: Open) -> None:
    page = open_page()
    report_of(page, "c1-dental-practice")
    page.goto(f"{page.url}/what-if")
    page.locator("input[name=do]").nth(3).check()
    press(page, page.get_by_role("button", name="See the score"))
    both(page)


def test_the_charts_of_a_report_draw_under_the_strict_policy_and_tell_more_when_pointed_at(open_page: Open) -> None:
    page = open_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    report_of(page, "c4-law-firm")
    assert not [url for url in asked if "plotly" in url or "charts" in url]
    page.goto(f"{page.url}/explore")
    all_drawn(page)
    assert sum(plotly.NAME in url for url in asked) == 1
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator("#drawn-losses .point path").nth(1).hover(force=True)
    page.locator("#drawn-losses .hovertext").wait_for()
    assert "You said" in (page.locator("#drawn-losses .hovertext").text_content() or "")
    clean(page)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        page.emulate_media(color_scheme="dark")
        page.reload()
        all_drawn(page)
        clean(page)
    assert wrong == []
