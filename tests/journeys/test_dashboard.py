"""The dashboard in a real browser: charts under the strict policy, kept as SVG and PNG, light, dark, on a phone."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from passlib.totp import TOTP
from playwright.sync_api import Browser, Page

from assessment.settings import read_settings
from assessment.storage import staff, tallies, tenants
from assessment.storage.staff import Role
from assessment.tenancy.counting import Counted, Kind
from assessment.web import create_app, plotly, utc_now
from assessment.web.serving import with_console
from tests.console.conftest import PASSWORD
from tests.console.test_dashboard import SOME
from tests.journeys.hosts import served
from tests.journeys.test_accessibility import clean

pytestmark = pytest.mark.browser

CHARTS = 8
TOKEN = Counted(Kind.SOURCE, "--ink", Kind.COMPLETE)
"""Somebody came from where our own colours are named."""

MORE = {
    TOKEN: (7, 0),
    **{
        Counted(Kind.BANK, f"bank-{n}", size): (9, 70 * n) for n in range(9) for size in ("1", "2-4", "5-9", "100+", "")
    },
}


@pytest.fixture
def dashboard(tmp_path: Path, browser: Browser) -> Iterator[tuple[str, str]]:
    """The address of a filled dashboard, and an invitation to the console it is in."""
    app = with_console(create_app(read_settings({"ASSESSMENT_INSTANCE": str(tmp_path / "instance")})))
    site = app.extensions["site"]
    with site.database.writing() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant is not None
        tallies.add(session, tenant.id, False, tallies.week_of(utc_now()), {**SOME, **MORE})
        token = staff.invite(session, tenant, Role.VIEWER, "kim@north.example", utc_now())
    with served(app) as origin:
        yield f"{origin}/console/check/dashboard?weeks=4", f"{origin}/console/invitation/{token}"


def come_in(page: Page, invitation: str) -> None:
    """From the invitation through the second step."""
    page.goto(invitation)
    page.fill("[name=name]", "Kim Lee")
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.go").click()
    page.wait_for_url("**/second-step")
    page.locator("main button.go").click()
    key = "".join(page.locator(".key").inner_text().replace("-", "").split())
    page.fill("[name=code]", str(TOTP(key=key).generate().token))
    with page.expect_navigation():
        page.locator("main button.go").click()


def all_drawn(page: Page) -> None:
    """Scroll down slowly, as somebody who reads."""
    for section in page.locator(".picture").all():
        section.scroll_into_view_if_needed()
        section.locator("[data-state=drawn]").wait_for()


def test_the_charts_of_a_dashboard(browser: Browser, dashboard: tuple[str, str]) -> None:
    address, invitation = dashboard
    context = browser.new_context(viewport={"width": 1280, "height": 700})
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    come_in(page, invitation)
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    all_drawn(page)
    assert page.locator("[data-state=drawn] svg.main-svg").count() >= CHARTS
    assert sum(plotly.NAME in url for url in asked) == 1
    assert {url.split("/console")[0].split("/static")[0] for url in asked} == {address.split("/console")[0]}
    keeps_as_files(page)
    clean(page)
    bright = page.locator("#drawn-funnel .point path").first.evaluate("one => getComputedStyle(one).fill")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "was => getComputedStyle(document.querySelector('#drawn-funnel .point path')).fill !== was", arg=bright
    )
    all_drawn(page)
    clean(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.reload()
    all_drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    clean(page)
    assert wrong == []
    context.close()


def keeps_as_files(page: Page) -> None:
    assert "--ink: 7 sent in" in (page.locator("#drawn-sources").text_content() or "")
    with page.expect_download() as waiting:
        page.locator("#drawn-funnel ~ .saves [data-save=svg]").click()
    picture = ET.parse(waiting.value.path()).getroot()
    assert waiting.value.suggested_filename == "funnel.svg"
    assert "Saw the first page: 4,300" in " ".join(picture.itertext())
    with page.expect_download() as waiting:
        page.locator("#drawn-sources ~ .saves [data-save=png]").click()
    assert waiting.value.suggested_filename == "sources.png"
    assert waiting.value.path().read_bytes().startswith(b"\x89PNG")


def test_without_script_the_tables_say_it_all(browser: Browser, dashboard: tuple[str, str]) -> None:
    address, invitation = dashboard
    with_script = browser.new_context()
    come_in(with_script.new_page(), invitation)
    context = browser.new_context(java_script_enabled=False, storage_state=with_script.storage_state())
    page = context.new_page()
    page.goto(address)
    assert page.locator("table:visible").count() == CHARTS
    assert page.locator(".drawn:visible, .saves:visible").count() == 0
    context.close()
    with_script.close()
