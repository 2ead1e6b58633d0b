"""Two assessments compared, in a real browser: axe finds nothing, and nothing runs over the side of a phone."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from passlib.totp import TOTP
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load_scenarios
from assessment.settings import read_settings
from assessment.storage import assessments, leads, staff, tenants
from assessment.storage.session import Session
from assessment.storage.staff import Role
from assessment.storage.standing import standing
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Grade
from assessment.web import create_app
from assessment.web.console import create_console
from assessment.web.serving import mount
from assessment.web.site import Site
from tests.reports.conftest import FOLDER

pytestmark = pytest.mark.browser

DAY = timedelta(days=1)
JANE = {"name": "Jane Brown", "company": "Brown & Co", "email": "jane@brown.example"}
BETTER = {
    "access.email-mfa": "every-mailbox",
    "backups.tested-restore": "every-quarter",
    "access.remote-access": "not-sure",
    "access.passwords": "reused",
    "training.payment-check": "sometimes-phone",
}


def put_in(session: Session, site: Site, at: datetime, depth: str, changed: dict[str, str]) -> str:
    """One assessment of Brown & Co; gives its reference."""
    scenario = next(one for one in load_scenarios(FOLDER)[0] if one.id == "c1-dental-practice")
    sheet = read_sheet(site.questionnaire, {"depth": depth, "answers": {**scenario.answers, **changed}})
    outcome = assess(site.questionnaire, sheet.answers, sheet.depth)
    tenant = tenants.by_slug(session, "check")
    assert tenant is not None
    sitting, token = assessments.start(session, tenant, site.pin, sheet.depth, at, DAY)
    assessments.submit(session, sitting, outcome.to_json(), token, at, DAY, standing=standing(outcome))
    leads.receive(
        session, sitting, JANE, [(one, True) for one in consents(tenant.profile)], Grade("A", 1, True, ()), at
    )
    return sitting.reference


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, list[str]]]:
    """A running instance with a console: its address, an invitation, and three assessments of one firm."""
    server = make_server("127.0.0.1", 0, lambda environ, start: app(environ, start), threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    folder = str(tmp_path_factory.mktemp("instance"))
    app = create_app(
        read_settings(
            {
                "ASSESSMENT_INSTANCE": folder,
                "ASSESSMENT_BASE_URL": address,
                "ASSESSMENT_TENANT_NAME": "Northgate Computers",
            }
        )
    )
    site: Site = app.extensions["site"]
    mount(app, create_console(site, app.config["SECRET_KEY"]))
    now = datetime.now(UTC)
    with site.database.writing() as session:
        tenant = tenants.default_tenant(session, site.settings, now)
        made = [
            put_in(session, site, now - 240 * DAY, "quick", {}),
            put_in(session, site, now - 200 * DAY, "full", {}),
            put_in(session, site, now - DAY, "full", BETTER),
        ]
        token = staff.invite(session, tenant, Role.VIEWER, "kim@northgate.example", now)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield address, token, made
    server.shutdown()
    thread.join()
    server.server_close()
    site.database.engine.dispose()


@pytest.fixture(scope="module")
def kim(browser: Browser, instance: tuple[str, str, list[str]]) -> Iterator[Page]:
    """One of the staff, signed in with both steps."""
    address, token, _ = instance
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/console/invitation/{token}")
    page.locator("input[name=name]").fill("Kim Lee")
    page.locator("input[name=password]").fill("marble otter kettle 9")
    page.locator("main button").click()
    page.wait_for_url("**/second-step")
    page.locator("main button").click()
    key = (page.locator("code").first.text_content() or "").replace("-", "").replace(" ", "")
    page.locator("input[name=code]").fill(str(TOTP(key=key).generate().token))
    page.locator("main button").click()
    page.wait_for_url(lambda url: "second-step" not in url and not url.endswith("/code"))
    yield page
    context.close()


Show = Callable[[int, int, int, bool], Page]


@pytest.fixture
def show(kim: Page, instance: tuple[str, str, list[str]]) -> Show:
    """Opens the comparison of two of the three, so wide, light or dark."""
    address, _, made = instance

    def one(before: int, after: int, width: int, dark: bool) -> Page:
        kim.set_viewport_size({"width": width, "height": 900})
        kim.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        kim.goto(f"{address}/console/check/compare/{made[before]}/{made[after]}")
        kim.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        return kim

    return one


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("pair", [(0, 1), (1, 2)], ids=["deeper", "later"])
def test_axe_finds_nothing_and_nothing_runs_over(show: Show, pair: tuple[int, int], width: int, dark: bool) -> None:
    page = show(*pair, width, dark)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for link in page.locator("main a.go, main summary").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
