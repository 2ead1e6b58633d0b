"""The whole way in a real browser: from an invitation to a lead that is worked on and erased; and two tenants apart."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from passlib.totp import TOTP
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.test import TestResponse

from assessment.delivery.channels import worker_of
from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.questions import Depth
from assessment.storage import assessments, leads, staff, tenants
from assessment.storage.staff import Role
from assessment.storage.standing import standing
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Grade
from tests.browsers import FLAGS, executable
from tests.delivery.sink import Call, Sink
from tests.faults.instance import Clock
from tests.journeys.hosts import CHECK, FIRM, Hosts, profile, running
from tests.journeys.test_embed import answer, begin, frame_in, host_page, press

pytestmark = pytest.mark.browser

PASSWORD = "marble otter kettle 9"
DAY = timedelta(days=1)


clock = Clock()
"""Of the instance; it stands still unless somebody takes their time."""


def now() -> datetime:
    return clock()


def take(call: Call) -> None:
    call.answer(204)


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Where the firm's own system listens for webhooks."""
    with Sink(take) as sink:
        yield sink


@pytest.fixture
def hosts(tmp_path: Path, sink: Sink) -> Iterator[Hosts]:
    allowed = {
        "ASSESSMENT_WEBHOOK_HTTP": "yes",
        "ASSESSMENT_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "ASSESSMENT_WEBHOOK_PORTS": str(sink.port),
    }
    with running(tmp_path / "instance", now, console=True, **allowed) as hosts:
        yield hosts


@pytest.fixture
def window(browser: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    path = executable()
    kind = browser.browser_type
    made = profile(kind, tmp_path / "profile", path, FLAGS, blocked=True, javascript=True)
    yield made
    made.close()


def invited(hosts: Hosts, slug: str, email: str) -> str:
    """An invitation as the command prints it."""
    assert hosts.app is not None
    with hosts.app.extensions["site"].database.writing() as session:
        tenant = tenants.by_slug(session, slug) or tenants.add(session, slug, {"name": f"Firm {slug}"}, now())
        return f"{hosts.origin(CHECK)}/console/invitation/{staff.invite(session, tenant, Role.OWNER, email, now())}"


def click(page: Page, name: str) -> None:
    """Press the button or link with this name, and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()


def come_in(page: Page, link: str) -> None:
    """From the invitation, through the second step, to the recovery codes and the first page."""
    page.goto(link)
    page.fill("[name=name]", "Kim Lee")
    page.fill("[name=password]", PASSWORD)
    click(page, "Continue")
    page.locator("main button.go").click()
    page.locator(".key").wait_for()
    key = re.sub(r"[\s-]", "", page.locator(".key").inner_text())
    page.fill("[name=code]", str(TOTP(key=key).generate(time=now()).token))
    with page.expect_navigation():
        page.locator("main button.go").click()
    page.goto(page.url.split("/console")[0] + "/console/")
    click(page, "Make new recovery codes")
    assert page.locator(".codes li").count() == 8
    click(page, "I have kept them")


def send_all(hosts: Hosts) -> None:
    """The worker's share, done at once."""
    assert hosts.app is not None
    site = hosts.app.extensions["site"]
    working = worker_of(site.settings, site.database, now)
    while working.once():
        pass


def told(sink: Sink, event: str) -> list[dict[str, object]]:
    bodies = [json.loads(request.body) for request in sink.requests]
    return [body["data"] for body in bodies if body["type"] == event]


@pytest.mark.databases
def test_from_an_invitation_to_a_lead_that_is_worked_on_and_erased(
    hosts: Hosts, window: BrowserContext, sink: Sink, tmp_path: Path
) -> None:
    kim = window.new_page()
    come_in(kim, invited(hosts, "acme", "kim@acme.example"))
    console = f"{hosts.origin(CHECK)}/console/acme"
    brand(kim, console)
    listen(kim, console, sink)
    hosts.pages["/it-check"] = host_page(paste(kim, console, hosts.origin(FIRM)))
    owner_completes(window, hosts)
    send_all(hosts)
    assert told(sink, "lead.received")[0]["contact"] == {"email": "jo@bakery.example", "company": "Jo's Bakery"}
    kim.goto(f"{console}/assessments")
    assert kim.get_by_role("link", name="Jo's Bakery").is_visible()
    click(kim, "Jo's Bakery")
    assert kim.get_by_role("heading", name="Say this first").is_visible()
    brief = asking(hosts, window)(kim.get_by_role("link", name="Brief as PDF").get_attribute("href") or "")
    assert brief.data.startswith(b"%PDF-")
    assert "jo-s-bakery-brief.pdf" in brief.headers["Content-Disposition"]
    assert "Told of the contact details (127.0.0.1): arrived" in kim.locator("main").inner_text()
    click(kim, "Erase it")
    click(kim, "Erase everything about this person")
    assert "It is erased" in kim.locator("main").inner_text()
    assert "Bakery" not in kim.locator("main").inner_text()
    send_all(hosts)
    assert len(told(sink, "contact.erased")) == 1
    kim.goto(f"{console}/settings/activity")
    assert "erase" in kim.locator("main").inner_text().lower()


def brand(page: Page, console: str) -> None:
    page.goto(f"{console}/settings")
    click(page, "Firm and brand")
    page.fill("[name=name]", "Acme Computers")
    page.fill("[name=accent] >> nth=0", "#7a1f5c")
    assert "Acme Computers" in page.locator("#mock").inner_text()
    click(page, "Save")
    assert "Saved" in page.locator("main").inner_text()


def listen(page: Page, console: str, sink: Sink) -> None:
    page.goto(f"{console}/settings/endpoints")
    page.fill("[name=url]", f"http://127.0.0.1:{sink.port}/lead")
    click(page, "Add")
    assert "whsec_" in page.content()


def paste(page: Page, console: str, origin: str) -> str:
    """Allow the firm's website, and take the inline snippet for it."""
    page.goto(f"{console}/settings/website")
    page.fill("[name=origins]", origin)
    click(page, "Save")
    return page.locator("textarea[readonly]").first.input_value()


def owner_completes(window: BrowserContext, hosts: Hosts) -> None:
    """An owner on the firm's website: answers, reads, and leaves their details."""
    page = window.new_page()
    page.goto(f"{hosts.origin(FIRM)}/it-check")
    frame = frame_in(page)
    assert "Acme Computers" in frame.locator("body").inner_text()
    begin(frame)
    while not frame.url.endswith("/check"):
        answer(frame)
    press(frame, frame.get_by_role("button", name="See my report").first)
    frame.fill("[name=email]", "jo@bakery.example")
    frame.fill("[name=company]", "Jo's Bakery")
    frame.check("[name=consent_contact]")
    clock.passes(seconds=30)
    with frame.expect_navigation():
        frame.get_by_role("button", name="Send my details").click()
    assert "has your details" in frame.locator("main").inner_text()
    page.close()


def lead(hosts: Hosts, slug: str, company: str) -> None:
    """Somebody of this company has taken the check of a tenant and agreed to be contacted."""
    assert hosts.app is not None
    site = hosts.app.extensions["site"]
    sheet = read_sheet(site.questionnaire, {"answers": {"backups.tested-restore": "never"}})
    outcome = assess(site.questionnaire, sheet.answers, Depth.QUICK)
    with site.database.writing() as session:
        tenant = tenants.by_slug(session, slug)
        assert tenant is not None
        sitting, token = assessments.start(session, tenant, site.pin, Depth.QUICK, now(), DAY)
        figures = standing(outcome)
        assessments.submit(session, sitting, outcome.to_json(), token, now(), DAY, standing=figures)
        contact = {"company": company, "email": f"jo@{slug}.example"}
        boxes = [(text, True) for text in consents(tenant.profile)]
        leads.receive(session, sitting, contact, boxes, Grade("A", 1, True, ()), now())


Ask = Callable[[str], TestResponse]


def asking(hosts: Hosts, window: BrowserContext) -> Ask:
    """Asks for an address with the cookie of a window, without its eyes: for files, and for what must not be there."""
    assert hosts.app is not None
    client = hosts.app.test_client()
    for cookie in window.cookies():
        client.set_cookie(cookie["name"], cookie["value"], domain=CHECK, secure=True)
    return lambda address: client.get(address.removeprefix(hosts.origin(CHECK)), base_url=hosts.origin(CHECK))


def walk(page: Page, ask: Ask, start: str) -> dict[str, str]:
    """Every page of a tenant's console that its links lead to, with what stands on it."""
    found: dict[str, str] = {}
    waiting = [start + "/assessments"]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        answered = ask(address)
        assert answered.status_code == 200, address
        html = answered.mimetype == "text/html"
        found[address] = answered.text if html else ""
        if html:
            page.goto(address)
            links = page.eval_on_selector_all("a[href]", "links => links.map((link) => link.href.split(/[?#]/)[0])")
            waiting += [link for link in links if link.startswith(start)]
    return found


def test_two_tenants_never_see_each_other(hosts: Hosts, window: BrowserContext) -> None:
    """Somebody of the one walks every page there is for them, and then asks for the same pages of the other."""
    links = {slug: invited(hosts, slug, f"kim@{slug}.example") for slug in ("acme", "birch")}
    lead(hosts, "acme", "Walnut Bakery")
    lead(hosts, "birch", "Thistle Joinery")
    page = window.new_page()
    come_in(page, links["acme"])
    ask = asking(hosts, window)
    walked = walk(page, ask, f"{hosts.origin(CHECK)}/console/acme")
    assert len(walked) > 15, list(walked)
    assert any("Walnut Bakery" in text for text in walked.values())
    assert [address for address, text in walked.items() if re.search("thistle|birch", text, re.IGNORECASE)] == []
    for address in walked:
        answered = ask(address.replace("/console/acme", "/console/birch"))
        assert answered.status_code == 404, address
        assert "Thistle" not in answered.text
