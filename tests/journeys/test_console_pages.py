"""Every page of a tenant's console in a real browser: axe finds nothing, nothing runs over, light and dark."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load_scenarios
from assessment.settings import read_settings
from assessment.storage import assessments, endpoints, leads, outbox, staff, tenants, tokens, work
from assessment.storage.bulk import Bulk
from assessment.storage.outbox import Channel, Parcel
from assessment.storage.session import Session
from assessment.storage.staff import Role
from assessment.storage.standing import standing
from assessment.storage.tables import Assessment, Delivery
from assessment.storage.tokens import Scope
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Grade
from assessment.web import create_app
from assessment.web.console.access import ROUTES
from assessment.web.serving import with_console
from assessment.web.site import Site
from tests.journeys.hosts import served
from tests.journeys.test_dashboard import come_in
from tests.reports.conftest import FOLDER

pytestmark = pytest.mark.browser

DAY = timedelta(days=1)
JANE = {"name": "Jane Brown", "company": "Brown & Co", "email": "jane@brown.example", "phone": "020 7946 0000"}
BETTER = {
    "access.email-mfa": "every-mailbox",
    "backups.tested-restore": "every-quarter",
    "access.remote-access": "not-sure",
    "access.passwords": "reused",
    "training.payment-check": "sometimes-phone",
}
FILES = ("_pdf", "bulk.fetch", "settings.colour")
ELSEWHERE = ("dashboard.dashboard",)
"""Looked at in test_dashboard.py, with its charts drawn; the pages outside tenants in test_sign_in_pages.py."""

PATHS = {
    endpoint: path
    for endpoint, (_, methods, path) in ROUTES.items()
    if "GET" in methods and path.startswith("/<slug>/") and not endpoint.endswith((*FILES, *ELSEWHERE))
}
ASKED = {"settings.website": "?page=https://www.north.example/", "bulk.progress": "?still=yes"}


def put_in(session: Session, site: Site, at: datetime, depth: str, changed: dict[str, str]) -> str:
    """One assessment of Brown & Co; gives its reference."""
    scenario = next(one for one in load_scenarios(FOLDER)[0] if one.id == "c1-dental-practice")
    sheet = read_sheet(site.questionnaire, {"depth": depth, "answers": {**scenario.answers, **changed}})
    outcome = assess(site.questionnaire, sheet.answers, sheet.depth)
    tenant = tenants.by_slug(session, "check")
    assert tenant is not None
    sitting, token = assessments.start(session, tenant, site.pin, sheet.depth, at, DAY)
    for question, answer in sheet.answers.items():
        assessments.record(session, sitting, question, answer, at)
    assessments.submit(session, sitting, outcome.to_json(), token, at, 90 * DAY, standing=standing(outcome))
    boxes = [(one, True) for one in consents(tenant.profile)]
    leads.receive(session, sitting, JANE, boxes, Grade("A", 1, True, ("Fit A: 10 to 19 people.",)), at)
    return sitting.reference


def fill(session: Session, site: Site, now: datetime) -> dict[str, str]:
    """One of everything a page shows; gives what fills the addresses of the pages."""
    tenant = tenants.by_slug(session, "check")
    assert tenant is not None
    quick = put_in(session, site, now - 240 * DAY, "quick", {})
    before = put_in(session, site, now - 200 * DAY, "full", {})
    after = put_in(session, site, now - timedelta(minutes=5), "full", BETTER)
    sitting = row(session, after)
    work.add_note(session, sitting, 1, "Rang them; they are keen.", now)
    url, events = "https://hooks.north.example/lead", "lead.received"
    endpoint = endpoints.add(session, tenant, url, "whsec_x", site.vault, now, flat=False, events=events)
    tokens.make(session, tenant, "CRM", list(Scope), now, 90 * DAY)
    outbox.enqueue(session, Parcel(tenant.id, Channel.WEBHOOK, events, "{}", endpoint.id, sitting.id), now)
    more = {"documents": "report", "wanted": after, "total": 1, "state": "pending", "created_at": now}
    session.add(Bulk(reference="b" * 16, tenant_id=tenant.id, staff_id=1, asked="", **more))
    staff.invite(session, tenant, Role.VIEWER, "new@north.example", now)
    return {
        "slug": "check",
        "reference": after,
        "quick": quick,
        "before": before,
        "after": after,
        "endpoints": endpoint.reference,
        "bulk": "b" * 16,
        "message_id": session.scalars(select(Delivery.message_id).where(Delivery.endpoint_id == endpoint.id)).one(),
        "questionnaire_id": site.pin[0],
        "version": site.pin[1],
    }


def row(session: Session, reference: str) -> Assessment:
    return session.scalars(select(Assessment).filter_by(reference=reference)).one()


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[Page, str, dict[str, str]]]:
    """An owner who is signed in, where their console is, and what fills its addresses."""
    folder = str(tmp_path_factory.mktemp("console"))
    app = with_console(
        create_app(read_settings({"ASSESSMENT_INSTANCE": folder, "ASSESSMENT_TENANT_NAME": "Northgate"}))
    )
    site: Site = app.extensions["site"]
    now = datetime.now(UTC)
    with site.database.writing() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant is not None
        token = staff.invite(session, tenant, Role.OWNER, "kim@north.example", now)
    with served(app) as address:
        console = f"{address}/console"
        context = browser.new_context(reduced_motion="reduce")
        page = context.new_page()
        come_in(page, f"{console}/invitation/{token}")
        with site.database.writing() as session:
            ids = fill(session, site, now)
        yield page, console, ids
        context.close()


def sound(page: Page, address: str) -> None:
    """On a phone in light and on a laptop in dark: contrast is a matter of colours, and what runs over one of width."""
    for width, scheme in ((360, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 740})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        page.evaluate("document.querySelectorAll('main details').forEach((one, at) => (one.open = at < 3))")
        found = Axe().run(page)
        assert found.violations_count == 0, (address, width, scheme, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
        small = "[...document.querySelectorAll('main a.go, main button, main .more > summary')]"
        low = page.evaluate(
            f"{small}.filter(one => one.checkVisibility() && one.offsetHeight < 44).map(one => one.innerText)"
        )
        assert low == [], address


@pytest.mark.parametrize("endpoint", PATHS)
def test_a_page_reads_well_and_fits(owner: tuple[Page, str, dict[str, str]], endpoint: str) -> None:
    page, console, ids = owner
    kind = re.split(r"\W", endpoint)[0]
    known = {**ids, "reference": ids.get(kind, ids["reference"])}
    address = console + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known[found[1]], PATHS[endpoint])
    sound(page, address + ASKED.get(endpoint, ""))
    assert page.locator("h1").count() == 1


def test_a_deeper_check_beside_a_quick_one_and_a_search_that_finds_nothing(
    owner: tuple[Page, str, dict[str, str]],
) -> None:
    page, console, ids = owner
    sound(page, f"{console}/check/compare/{ids['quick']}/{ids['before']}")
    sound(page, f"{console}/check/assessments?q=nobody")
    assert "Nothing found" in page.locator("main").inner_text()
