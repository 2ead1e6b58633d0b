"""Taking the check again, and asking somebody who knows: on a phone, without scripts; axe finds nothing on any page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from assessment.settings import read_settings
from tests.databases import CHOSEN, SQLITE
from tests.journeys.conftest import Open
from tests.journeys.test_accessibility import clean
from tests.journeys.test_personas import press, report_of

pytestmark = pytest.mark.browser


def fits(page: Page) -> None:
    """Nothing is wider than the phone."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


Look = Callable[..., None]


@pytest.fixture
def look(open_page: Open, database_kind: str) -> Look:
    """The same pages with scripts, which axe needs; once, for on another database they are no other pages."""

    def at(*addresses: str) -> None:
        for address in addresses if database_kind == (CHOSEN or SQLITE) else ():
            page = open_page(address)
            page.emulate_media(reduced_motion="reduce")
            clean(page)
            fits(page)

    return at


def path(page: Page) -> str:
    return "/" + page.url.split("/", 3)[3].partition("#")[0]


@pytest.mark.databases
def test_the_check_taken_again_from_the_report_to_what_has_moved(open_page: Open, look: Look) -> None:
    page = open_page(javascript=False)
    report_of(page, "c1-dental-practice", depth="quick")
    press(page, page.get_by_role("button", name="Take it again"))
    check = path(page)
    press(page, page.get_by_role("link", name="Begin with the first one"))
    first = path(page)
    look(check, first)
    for number in range(120):
        if page.url.endswith("/check"):
            break
        best = page.locator("form:not(.earlier) button[name=answer]:not(.extra)")
        still = page.get_by_role("button", name="Still so")
        press(page, best.last if number % 4 == 3 and best.count() else still if still.count() else best.first)
    press(page, page.get_by_role("button", name="See my report").first)
    assert page.locator("#then").is_visible()
    look(path(page))


@pytest.mark.databases
def test_somebody_is_asked_answers_and_the_owner_decides(open_page: Open, look: Look) -> None:
    page = open_page(javascript=False)
    press(page, page.locator("button[name=depth][value=quick]"))
    for _ in range(40):
        if page.url.endswith("/check"):
            break
        several, sure = page.locator("input[name=answer]"), page.locator("button[name=answer]:not([value=not-sure])")
        unsure = page.locator("button[value=not-sure]")
        if unsure.count() or sure.count():
            press(page, unsure if unsure.count() else sure.first)
        else:
            several.first.check()
            press(page, page.get_by_role("button", name="Continue"))
    check = path(page)
    page.locator("#named").fill("Brown & Co")
    press(page, page.get_by_role("button", name="Make a link to send"))
    link = page.locator("#asked").input_value().removeprefix(read_settings({}).base_url)
    helper = open_page(link, javascript=False)
    press(helper, helper.get_by_role("link", name="Begin"))
    question = path(helper)
    press(helper, helper.get_by_role("button", name="Save and go on"))
    assert helper.get_by_role("alert").is_visible()
    helper.locator("input[name=answer]").last.check()
    helper.locator("#note").fill("We changed that in March.")
    press(helper, helper.get_by_role("button", name="Save and go on"))
    assert path(helper) != question
    page.reload()
    look(check, link, question)
    press(page, page.get_by_role("button", name="Use this answer").first)
    assert page.get_by_role("status").is_visible()
    press(page, page.get_by_role("button", name="See my report").first)
    press(helper, helper.get_by_role("link", name="All questions"))
    press(helper, helper.get_by_role("link", name="Answer").last)
    helper.locator("input[name=answer]").last.check()
    press(helper, helper.get_by_role("button", name="Save and go on"))
    page.reload()
    press(page, page.get_by_role("button", name="Use this answer").first)
    look(path(page))
    press(page, page.get_by_role("button", name="Begin with this answer"))
    assert "/t/" in page.url
