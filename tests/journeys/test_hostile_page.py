"""Pages full of what attackers type, in a real browser: no dialog opens, no policy is broken, no stranger is asked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.hosts import served
from tests.web.conftest import token_of
from tests.web.corpus import PAYLOADS, Place, place, wordy

pytestmark = pytest.mark.browser

WATCH = """
window.broken = [];
addEventListener("securitypolicyviolation", (e) => broken.push(e.violatedDirective + " " + e.blockedURI), true);
"""
TOUCH = """
for (const element of document.querySelectorAll("*")) {
  if (element.tagName === "DETAILS") element.open = true;
  for (const name of ["mouseover", "mouseenter", "pointerover", "focus", "toggle", "animationstart"])
    element.dispatchEvent(new Event(name, { bubbles: true }));
  if (element.tabIndex >= 0) element.focus();
}
"""
FOR_TENANTS = tuple(payload for payload in PAYLOADS if payload.isprintable() and set("<\"'`") & set(payload))[::7]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, str]]:
    folder = tmp_path_factory.mktemp("hostile")
    at = place(folder, wordy(folder, len(PAYLOADS)))
    with served(at.app) as address:
        yield at, address


class Watched:
    """A page of the site, and everything that goes wrong on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.wrong: list[str] = []
        page.add_init_script(WATCH)
        page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", lambda said: self.wrong.append(said.text) if "Security Policy" in said.text else None)
        page.on("request", lambda asked: None if self.ours(asked.url) else self.wrong.append(f"stranger: {asked.url}"))
        page.on("popup", lambda other: self.wrong.append(f"popup: {other.url}"))

    def ours(self, url: str) -> bool:
        return url.startswith((f"{self.address}/", "data:,"))

    def look(self, path: str = "") -> None:
        if path:
            self.page.goto(self.address + path)
        self.page.evaluate(TOUCH)
        self.wrong += self.page.evaluate("window.broken")
        assert self.ours(self.page.url)
        assert self.wrong == [], self.page.url


@pytest.fixture
def watched(browser: Browser, site: tuple[Place, str]) -> Iterator[Watched]:
    context = browser.new_context()
    yield Watched(context.new_page(), site[1])
    context.close()


def test_the_watch_sees_what_it_watches_for(watched: Watched) -> None:
    watched.page.goto(f"{watched.address}/q/check")
    watched.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=//evil.example/x onerror=alert(1)>')"
    )
    watched.page.wait_for_function("window.broken.length > 1")
    assert any("evil.example" in one for one in watched.page.evaluate("window.broken"))
    assert watched.wrong


def test_a_report_of_a_tenant_and_a_person_full_of_payloads_is_only_words(
    site: tuple[Place, str], watched: Watched
) -> None:
    at, _ = site
    report = at.sit(words=PAYLOADS, utm_source="<script>alert(1)</script>")
    for number, payload in enumerate(FOR_TENANTS):
        at.tenant(
            "check", name=payload, contact=payload, controller=payload, action_says=payload[:60], action_link="tel:+4"
        )
        at.leave(
            report,
            {
                "name": payload,
                "company": payload,
                "message": payload,
                "email": f"p{number}@example.com",
                "consent_contact": "yes",
            },
        )
        for path in (
            "/q/check?utm_source=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
            report,
            f"{report}/delete",
            f"{report}x",
        ):
            watched.look(path)
        assert watched.page.title().strip()
    watched.look(at.share(report))


def test_what_is_typed_and_refused_comes_back_as_words(site: tuple[Place, str], watched: Watched) -> None:
    at, _ = site
    at.tenant("check", name="Plain")
    report = at.once()
    for payload in FOR_TENANTS:
        watched.look(report)
        for name in ("name", "company", "message"):
            watched.page.locator(f"#contact-{name}").fill(payload)
        watched.page.locator("#contact-email").fill(payload)
        watched.page.locator("#contact-send").click()
        watched.page.locator("#errors").wait_for()
        watched.look()
        assert watched.page.locator("#contact-email").input_value() == payload


def test_an_answer_in_words_comes_back_as_words(site: tuple[Place, str], watched: Watched) -> None:
    at, _ = site
    token = token_of(at.visitor.post("/q/check/start", {"depth": "quick"}))
    for payload in FOR_TENANTS:
        watched.look(f"/t/{token}/backups.words-0")
        watched.page.locator("#answer").fill(payload)
        watched.page.get_by_role("button", name="Continue").click()
        watched.look(f"/t/{token}/backups.words-0")
        assert watched.page.locator("#answer").input_value() == payload
        watched.look(f"/t/{token}/check")
