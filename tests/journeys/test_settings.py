"""The settings of the console in a real browser: a preview that follows what is typed, buttons that copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from passlib.totp import TOTP
from playwright.sync_api import Browser, BrowserContext, Page

from assessment.settings import read_settings
from assessment.storage.staff import Role
from assessment.tenancy.colours import palette
from assessment.web import create_app, serving
from tests.console.conftest import HOME, PASSWORD, invite
from tests.journeys.conftest import NOW
from tests.journeys.hosts import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a running console, and an invitation to it."""
    folder = tmp_path_factory.mktemp("console")
    settings = read_settings({"ASSESSMENT_INSTANCE": str(folder), "ASSESSMENT_TENANT_NAME": "Northgate Computers"})
    app = serving.with_console(create_app(settings, lambda: NOW))
    link = invite(app, "kim@northgate.example", Role.OWNER)
    with served(app) as address:
        yield f"{address}/console/check", link.replace(HOME, address)


@pytest.fixture(scope="module")
def owner(console: tuple[str, str], browser: Browser) -> Iterator[BrowserContext]:
    """The browser of an owner who is signed in."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(console[1])
    for name, value in (("name", "Kim Lee"), ("password", PASSWORD)):
        page.fill(f"#field-{name}", value)
    page.locator("main .go").click()
    page.locator("main .go").click()
    app = TOTP(key=page.locator("code").inner_text().replace("-", ""))
    page.fill("#field-code", str(app.generate(time=NOW).token))
    page.locator("main .go").click()
    page.wait_for_url("**/recovery-codes**")
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(owner: BrowserContext) -> Iterator[Page]:
    """A page of that browser; fails the test when the content policy stops something on it, or a script breaks."""
    page = owner.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    page.close()
    assert trouble == []


def style(page: Page, name: str) -> str:
    return str(page.evaluate(f"getComputedStyle(document.getElementById('mock')).getPropertyValue('{name}')"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("accent", ["#7a1f5c", "#004d40", "#555", "#A30000"])
def test_the_preview_has_the_very_colours_the_check_will_have(
    page: Page, console: tuple[str, str], accent: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{console[0]}/settings/brand")
    page.fill("#field-accent", accent)
    wanted = palette(accent)
    dark = scheme == "dark"
    assert style(page, "--accent") == (wanted.dark_accent if dark else wanted.accent)
    assert style(page, "--on-accent") == (wanted.dark_on_accent if dark else wanted.on_accent)
    assert page.locator("#wheel").input_value() == wanted.accent
    assert style(page, "--accent") not in page.evaluate("getComputedStyle(document.body).getPropertyValue('--accent')")


def test_the_preview_follows_what_is_typed_and_nothing_is_saved(page: Page, console: tuple[str, str]) -> None:
    page.goto(f"{console[0]}/settings/brand")
    mock = page.locator("#mock")
    assert not mock.get_by_text("Book a call").is_visible()
    page.fill("#field-name", "North <b>Star</b>")
    page.fill("#field-contact", "01234 5678")
    page.fill("#field-action_says", "Book a call")
    assert mock.get_by_text("Run by North <b>Star</b>, 01234 5678.").is_visible()
    assert mock.get_by_text("Book a call").is_visible()
    page.locator("#wheel").fill("#ffee00")
    assert page.locator("#field-accent").input_value() == "#ffee00"
    with pytest.raises(ValueError, match="#7a7200"):
        palette("#ffee00")
    assert "The nearest darker one that passes is #7a7200." in page.locator("#contrast").inner_text()
    page.reload()
    assert page.locator("#field-name").input_value() == "Northgate Computers"


def test_a_logo_is_shown_before_it_is_sent(page: Page, console: tuple[str, str], tmp_path: Path) -> None:
    page.goto(f"{console[0]}/settings/brand")
    picture = tmp_path / "logo.png"
    picture.write_bytes(page.locator("h1").screenshot())
    page.set_input_files("#field-logo", picture)
    page.locator("#mock img").wait_for()
    assert page.evaluate("document.querySelector('#mock img').naturalWidth") > 0


def test_a_snippet_is_copied_with_one_tap_and_the_first_page_is_shown(page: Page, console: tuple[str, str]) -> None:
    page.goto(f"{console[0]}/settings/website")
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#snippet-inline").input_value()
    assert page.frame_locator("iframe").get_by_role("heading", level=1).inner_text() == "IT health check"


def test_a_form_with_something_wrong_reads_well_too(page: Page, console: tuple[str, str]) -> None:
    page.goto(f"{console[0]}/settings/contact")
    page.select_option("#field-ask_email", "optional")
    page.get_by_role("button", name="Save").click()
    page.locator("#errors").wait_for()
    assert page.evaluate("document.activeElement.id") == "errors"
    assert Axe().run(page).violations_count == 0
    page.locator("#errors a").click()
    assert page.evaluate("document.activeElement.id") == "field-ask_email"
