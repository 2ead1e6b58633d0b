"""Going back to a page the browser kept in memory: its buttons work, and what is answered there counts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import FLAGS, executable
from tests.journeys.test_personas import give, press

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a Chromium that keeps pages in memory, as people's do; Playwright's own has that switched off."""
    usual = ["--disable-back-forward-cache"]
    kind, path = browser.browser_type, executable()
    remembering = kind.launch(executable_path=path, headless=True, args=FLAGS, ignore_default_args=usual)
    page = remembering.new_context(viewport={"width": 360, "height": 740}).new_page()
    page.add_init_script("addEventListener('pageshow', (event) => { window.fromMemory = event.persisted; })")
    page.goto(f"{address}/q/check")
    yield page
    remembering.close()


def test_a_page_from_the_browsers_memory_takes_another_answer(page: Page) -> None:
    press(page, page.locator("button[name=depth][value=quick]"))
    first = page.url
    give(page, "5-9")
    page.evaluate("history.back()")
    page.wait_for_function("(first) => location.href === first && window.fromMemory !== undefined", arg=first)
    assert page.evaluate("window.fromMemory")
    assert page.locator("button:disabled").count() == 0
    give(page, "2-4")
    page.goto(first)
    assert page.locator('button[aria-current="true"]').get_attribute("value") == "2-4"
