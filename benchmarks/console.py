"""The console with few assessments and with many: how long its pages take, and what exports and PDFs in bulk cost."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from assessment.cli import main
from assessment.delivery.bulk import Maker
from assessment.settings import read_settings
from assessment.storage import bulk, exporting, staff, staff_sessions, tenants
from assessment.storage.browsing import Wanted
from assessment.storage.staff import Role, Staff
from assessment.storage.tables import Assessment
from assessment.web import create_app
from assessment.web.console import create_console
from assessment.web.serving import mount
from benchmarks.timing import Runs, paired

FEW = 1_000
DEEP = 400
"""How many pages down the list the deep page is, on both instances as far as they go."""


def many() -> int:
    """How many assessments the large instance has: ASSESSMENT_BENCH_ASSESSMENTS, up to a million."""
    return int(os.environ.get("ASSESSMENT_BENCH_ASSESSMENTS", "50000"))


def instance(folder: Path, assessments: int) -> Flask:
    """An instance with so many made-up assessments, and one of the staff."""
    kept = Path(os.environ.get("ASSESSMENT_BENCH_FOLDER", str(folder))) / f"console-{assessments}"
    environment = {"ASSESSMENT_INSTANCE": str(kept)}
    app = create_app(read_settings(environment))
    mount(app, create_console(app.extensions["site"], app.config["SECRET_KEY"]))
    database = app.extensions["site"].database
    with database.writing() as session:
        tenant = tenants.default_tenant(session, app.extensions["site"].settings, datetime.now(UTC))
        there = session.scalar(select(Assessment.id).limit(1))
        if there is None:
            token = staff.invite(session, tenant, Role.OWNER, "kim@example.com", datetime.now(UTC))
            found = staff.invitation(session, token, datetime.now(UTC))
            assert found is not None
            staff.accept(session, found, "kim@example.com", "Kim", "-", datetime.now(UTC))
    if there is None:
        made = CliRunner(env=environment).invoke(main, ["demo", "--assessments", str(assessments)])
        assert made.exit_code == 0, made.output
    return app


def signed_in(app: Flask) -> FlaskClient:
    """A browser of the one of the staff, with a session that was begun this moment."""
    assert isinstance(app.wsgi_app, DispatcherMiddleware)
    console: Any = app.wsgi_app.mounts["/console"]
    with app.extensions["site"].database.writing() as session:
        kim = session.scalars(select(Staff)).one()
        staff.change(session, kim.id, {"mf_recovery_codes": "x"})
        begun = staff_sessions.begin(session, kim.id, "benchmark", datetime.now(UTC))
    cookie = {"_user_id": kim.fs_uniquifier, "key": begun.key, "_fresh": True}
    browser = app.test_client()
    signed = console.session_interface.get_signing_serializer(console).dumps(cookie)
    browser.set_cookie(console.config["SESSION_COOKIE_NAME"], signed)
    return browser


PAGES = (
    "list",
    "list, deep",
    "list, lowest score of one band",
    "search by company",
    "search by reference",
    "one assessment",
    "dashboard",
)


def page_times(folder: Path, what: str) -> tuple[Runs, Runs]:
    """Microseconds of a page on the large instance, and in turn with it on the small one."""
    (many_there, large), (few_there, small) = (visited(folder, count) for count in (many(), FEW))
    return paired(lambda: get(many_there, large[what]), lambda: get(few_there, small[what]), 30)


@cache
def visited(folder: Path, assessments: int) -> tuple[FlaskClient, dict[str, str]]:
    """A browser signed in where there are so many assessments, and the addresses there."""
    browser = signed_in(instance(folder, assessments))
    return browser, addresses(browser)


def get(browser: FlaskClient, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200, (path, response.status, response.location)
    return str(response.text)


def addresses(browser: FlaskClient) -> dict[str, str]:
    """The pages that are timed. The deep one is as far down as following "Next page" leads, at most DEEP times."""
    base = "/console/check/assessments"
    first, deep = get(browser, base), base
    one = first.split(f'href="{base}/')[1].split('"')[0]
    for _ in range(DEEP):
        page = get(browser, deep)
        if 'rel="next"' not in page:
            break
        deep = page.split('<a href="')[-2 if 'rel="prev"' in page else -1].split('"')[0].replace("&amp;", "&")
    found = (
        base,
        deep,
        f"{base}?sort=lowest&band=gaps",
        f"{base}?q=brown+joinery",
        f"{base}?q={one[:9]}",
        f"{base}/{one}",
        "/console/check/dashboard",
    )
    return dict(zip(PAGES, found, strict=True))


EXPORT = """
import sys
from pathlib import Path
from benchmarks.console import exported
print(exported(Path(sys.argv[1]), int(sys.argv[2])))
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(peak.split()[1])
"""
EXPORTED = 10_000


def exported(folder: Path, assessments: int) -> int:
    """How many bytes a workbook of so many assessments has, fetched as a browser does: in pieces that are let go of."""
    browser = signed_in(instance(folder, assessments))
    token = get(browser, "/console/check/export").split('name="csrf_token" value="')[1].split('"')[0]
    sent = browser.post(
        "/console/check/export.xlsx", data={"csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert sent.status_code == 200, sent.status
    return sum(map(len, sent.iter_encoded()))


def export_memory(folder: Path) -> Runs:
    """Megabytes at the most, in a process of its own that serves the console and writes one workbook."""
    instance(folder, EXPORTED)
    command = [sys.executable, "-c", EXPORT, str(folder), str(EXPORTED)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Runs.of(int(done.stdout.split()[-1]) / 1024)


def pdfs_per_second(folder: Path) -> Runs:
    """Documents a worker makes in a second for a ZIP: 30 reports and 30 briefs."""
    site = instance(folder, FEW).extensions["site"]
    with site.database.writing() as session:
        tenant = tenants.default_tenant(session, site.settings, datetime.now(UTC))
        ids = exporting.chosen(session, tenant.id, Wanted(), most=30)
        chosen = exporting.references(session, ids)
        bulk.order(session, tenant.id, 1, [], ["report", "brief"], chosen, datetime.now(UTC))
    make = Maker(site.database, site.settings, lambda: datetime.now(UTC))
    make()  # the first one loads the compiler
    return Runs(tuple(_per_second(make, pieces=10) for _ in range(5)))


def _per_second(make: Callable[[], bool], pieces: int) -> float:
    began = perf_counter()
    assert all(make() for _ in range(pieces))
    return pieces / (perf_counter() - began)
