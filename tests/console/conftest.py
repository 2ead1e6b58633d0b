"""Staff with browsers that keep their cookies, on an instance with a console; every page they get is read strictly."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load_scenarios
from assessment.engine.questions import Depth
from assessment.settings import Settings, read_settings
from assessment.storage import assessments, leads, staff, tenants
from assessment.storage.staff import Role
from assessment.storage.standing import standing
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Grade
from assessment.web import create_app
from assessment.web.console import create_console
from assessment.web.serving import mount
from assessment.web.site import Site
from tests.databases import Copies
from tests.reports.conftest import FOLDER
from tests.web.conftest import Clock, Page, check_page

PASSWORD = "marble otter kettle 9"
HOME = "https://check.example.com"


@pytest.fixture(autouse=True)
def _own_databases(kept_apart: object) -> None:
    """On the kind of database that was chosen."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


def usual(instance: Path) -> Settings:
    """What an instance is told here."""
    return read_settings(
        {
            "ASSESSMENT_INSTANCE": str(instance),
            "ASSESSMENT_BASE_URL": HOME,
            "ASSESSMENT_TENANT_NAME": "Northgate Computers",
            "ASSESSMENT_BUSY_SECONDS": "1",
        }
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return usual(tmp_path / "instance")


Make = Callable[[], Flask]


@pytest.fixture
def make(settings: Settings, clock: Clock) -> Iterator[Make]:
    """Makes instances with a console, as many as are asked for, all on the same database."""
    made: list[Flask] = []

    def one() -> Flask:
        app = create_app(settings, clock)
        mount(app, create_console(app.extensions["site"], app.config["SECRET_KEY"]))
        made.append(app)
        return app

    yield one
    for app in made:
        app.extensions["site"].database.engine.dispose()


@dataclass(frozen=True)
class Prepared:
    """What an instance holds once Kim is signed in, who owns the default tenant: made once, and copied."""

    folder: Path
    moment: datetime
    secret: str
    cookie: str

    def copy_to(self, instance: Path, copies: Copies | None) -> None:
        """Let an instance begin with it."""
        shutil.copytree(self.folder, instance)
        if copies:
            copies.home(instance, like=self.folder)


@pytest.fixture(scope="session")
def prepared(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Kim was invited, accepted, and set up a second step."""
    clock, settings = Clock(), usual(tmp_path_factory.mktemp("prepared") / "instance")
    app = create_app(settings, clock)
    with site_of(app).database.closing():
        mount(app, create_console(site_of(app), app.config["SECRET_KEY"]))
        worker = Worker(app, clock)
        worker.accept(invite(app, worker.email))
        worker.set_up_second_step()
    return Prepared(settings.instance, clock(), worker.secret, cookie(worker))


@pytest.fixture
def app(
    request: pytest.FixtureRequest, make: Make, settings: Settings, clock: Clock, kept_apart: Copies | None
) -> Flask:
    if "kim" in request.fixturenames:
        found: Prepared = request.getfixturevalue("prepared")
        assert found.moment == clock()
        found.copy_to(settings.instance, kept_apart)
    return make()


@dataclass
class Worker:
    """Somebody of the staff at a browser."""

    app: Flask
    clock: Clock
    email: str = "kim@northgate.example"
    secret: str = ""
    codes: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str) -> Any:
        """Ask for an address of the console; gives the answer as it is."""
        return self.client.get(f"/console{path}", base_url=HOME)

    def open(self, path: str, expect: int = 200) -> Page:
        """Open a page of the console."""
        return read(self.get(path), expect)

    def follow(self, response: Any) -> Page:
        """The page that an answer leads to."""
        assert response.location.startswith("/console/"), response.location
        return self.open(response.location.removeprefix("/console"))

    def token(self, path: str = "/sign-in") -> str:
        return token_of(self.open(path))

    def send(
        self, path: str, data: Mapping[str, str] | None = None, expect: int = 302, token: str | None = None
    ) -> Any:
        """Send a form of the page at this path; gives the answer as it is."""
        token = self.token() if token is None else token
        data = {"csrf_token": token, **(data or {})}
        response = self.client.post(f"/console{path}", data=data, headers=self.headers, base_url=HOME)
        assert response.status_code == expect, f"{response.status} {response.location}: {response.text[:3000]}"
        return response

    def code(self) -> str:
        """What the app on this person's phone shows now."""
        return str(TOTP(key=self.secret).generate(time=self.clock()).token)

    def accept(self, link: str, name: str = "Kim Lee", **more: str) -> Any:
        path = link.removeprefix(f"{HOME}/console")
        return self.send(path, {"name": name, "password": PASSWORD, **more}, token=self.token(path))

    def set_up_second_step(self) -> None:
        token = self.token("/second-step")
        page = read(self.send("/second-step", {"setup": "authenticator"}, 200, token), 200)
        self.secret = "".join("".join(page.one("code").itertext()).replace("-", "").split())
        self.send("/code", {"code": self.code()}, 302, token_of(page))

    def make_recovery_codes(self) -> None:
        page = read(self.send("/recovery-codes", expect=200, token=self.token("/recovery-codes")), 200)
        self.codes = ["".join(code.itertext()) for code in page.all("code")]

    def give_password(self, password: str = PASSWORD, expect: int = 302) -> Any:
        return self.send("/sign-in", {"email": self.email, "password": password}, expect)

    def sign_in(self) -> None:
        """Password and code, at a moment when a new code has come."""
        self.clock.passes(seconds=60)
        page = self.follow(self.give_password())
        wanted = page.one("input", name="next").get("value") or ""
        self.send("/code", {"code": self.code(), "next": wanted}, token=token_of(page))

    def sign_out(self) -> None:
        self.send("/sign-out", token=self.token("/account"))

    def is_in(self) -> bool:
        return bool(self.get("/account").status_code == 200)

    def elsewhere(self, app: Flask | None = None) -> "Worker":
        """The same person at another browser."""
        return Worker(app or self.app, self.clock, self.email, self.secret, self.codes)


COOKIE = "__Host-assessment"


def cookie(worker: Worker) -> str:
    """What a person's browser holds."""
    found = worker.client.get_cookie(COOKIE, domain="check.example.com")
    return found.value if found else ""


def with_cookie(worker: Worker, value: str) -> Worker:
    """Somebody who got hold of a cookie."""
    thief = worker.elsewhere()
    thief.client.set_cookie(COOKIE, value, domain="check.example.com", secure=True)
    return thief


def token_of(page: Page) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    return found[1] if found else ""


def read(response: Any, expect: int) -> Page:
    assert response.status_code == expect, f"{response.status} {response.location}: {response.text[:3000]}"
    assert response.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    page = Page(response.status_code, response.text, response.headers)
    check_page(page)
    return page


def invite(app: Flask, email: str, role: Role = Role.OWNER, slug: str = "check") -> str:
    """An invitation link, as the command prints it."""
    site = app.extensions["site"]
    with site.database.writing() as session:
        tenant = tenants.by_slug(session, slug) or tenants.add(session, slug, {"name": f"Firm {slug}"}, site.now())
        return f"{HOME}/console/invitation/{staff.invite(session, tenant, role, email, site.now())}"


@pytest.fixture
def newcomer(app: Flask, clock: Clock) -> Worker:
    """Somebody who was never here."""
    return Worker(app, clock)


Join = Callable[..., Worker]


@pytest.fixture
def join(app: Flask, clock: Clock) -> Join:
    """Invites somebody, who accepts, sets up a second step, and is signed in."""

    def one(email: str = "kim@northgate.example", role: Role = Role.OWNER, slug: str = "check") -> Worker:
        worker = Worker(app, clock, email)
        worker.accept(invite(app, email, role, slug))
        worker.set_up_second_step()
        return worker

    return one


@pytest.fixture
def kim(app: Flask, clock: Clock, prepared: Prepared) -> Worker:
    """An owner of the default tenant, signed in."""
    return with_cookie(Worker(app, clock, secret=prepared.secret), prepared.cookie)


BROWN = {"name": "Jane Brown", "company": "Brown & Co", "email": "jane@brown.example", "phone": "+44 20 7946 0000"}
GRADE = Grade("A", 1, True, ("Fit A: 10 to 19 people.", "Need 1, the greatest.", "They asked to be contacted."))
DAY = timedelta(days=1)


def site_of(app: Flask) -> Site:
    found: Site = app.extensions["site"]
    return found


Send = Callable[..., str]


@pytest.fixture
def send(app: Flask, clock: Callable[[], Any]) -> Send:
    """Sends an assessment in as one of the labelled firms would; gives its reference."""

    def one(
        firm: str = "c1-dental-practice",
        contact: dict[str, str] | None = None,
        yes: bool = True,
        slug: str = "check",
        source: dict[str, str] | None = None,
    ) -> str:
        site = site_of(app)
        scenario = next(one for one in load_scenarios(FOLDER)[0] if one.id == firm)
        sheet = read_sheet(site.questionnaire, {"depth": scenario.depth, "answers": dict(scenario.answers)})
        outcome = assess(site.questionnaire, sheet.answers, sheet.depth)
        with site.database.writing() as session:
            tenant = tenants.by_slug(session, slug) or tenants.add(session, slug, {"name": "Other"}, clock())
            sitting, token = assessments.start(session, tenant, site.pin, Depth.FULL, clock(), DAY, source)
            figures = standing(outcome)
            for question, answer in sheet.answers.items():
                assessments.record(session, sitting, question, answer, clock())
            assessments.submit(session, sitting, outcome.to_json(), token, clock(), DAY, standing=figures)
            if contact is not None:
                boxes = [(text, yes) for text in consents(tenant.profile)]
                leads.receive(session, sitting, contact, boxes, GRADE, clock())
            return sitting.reference

    return one
