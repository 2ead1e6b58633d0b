"""The pages of the console in a real browser: nothing for axe to find, nothing wider than a phone, light and dark."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from passlib.totp import TOTP
from playwright.sync_api import Browser, Page

from assessment.settings import read_settings
from assessment.storage.staff import Role
from assessment.web import create_app, serving
from tests.console.conftest import HOME, PASSWORD, invite
from tests.journeys.hosts import served

pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def links(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a running console, and an invitation to it."""
    settings = read_settings({"ASSESSMENT_INSTANCE": str(tmp_path), "ASSESSMENT_TENANT_NAME": "Northgate Computers"})
    app = serving.with_console(create_app(settings, lambda: NOW))
    link = invite(app, "kim@northgate.example", Role.OWNER)
    with served(app) as address:
        yield f"{address}/console", link.replace(HOME, address)


def sound(page: Page, title: str) -> None:
    """The page is the one expected, and fits and reads well however it is shown."""
    assert page.locator("h1").inner_text() == title
    for width, scheme in ((360, "light"), (1280, "light"), (360, "dark")):
        page.set_viewport_size({"width": width, "height": 740})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def send(page: Page, **typed: str) -> None:
    for name, value in typed.items():
        page.fill(f"#field-{name}", value)
    with page.expect_navigation():
        page.locator("main .go").click()


def test_coming_in_and_coming_back_without_any_script(links: tuple[str, str], browser: Browser) -> None:
    console, link = links
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    sound(page, "Welcome")
    send(page, name="", password="short")
    sound(page, "Welcome")
    send(page, name="Kim Lee", password=PASSWORD)
    sound(page, "Set up your second step")
    send(page)
    sound(page, "Scan this with your authenticator app")
    app = TOTP(key=page.locator("code").inner_text().replace("-", ""))
    send(page, code="000000")
    sound(page, "Enter the code from your app")
    send(page, code=str(app.generate(time=NOW).token))
    sound(page, "Recovery codes")
    send(page)
    sound(page, "Keep these recovery codes")
    code = page.locator(".codes li").first.inner_text()
    for path, title in (
        ("account", "Your account"),
        ("change-password", "Change your password"),
        ("second-step", "Change your second step"),
        ("confirm", "Confirm that it is you"),
        ("nowhere", "There is nothing at this address"),
    ):
        page.goto(f"{console}/{path}")
        sound(page, title)
    page.get_by_role("button", name="Sign out").click()
    sound(page, "Sign in")
    context.close()

    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{console}/account")
    send(page, email="kim@northgate.example", password="wrong")
    assert "do not belong together" in page.locator("main").inner_text()
    send(page, password=PASSWORD)
    page.get_by_role("link", name="Use a recovery code").click()
    send(page, code=code.upper().replace("-", " "))
    assert page.url == f"{console}/account"
    assert page.get_by_text("7 left.").is_visible()
    plain.close()
