"""What pages weigh on the wire, and what a question step costs beside a bare Flask page that commits one row."""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask import Flask, redirect, render_template, request
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from assessment.collector import loading
from assessment.settings import read_settings
from assessment.storage import assessments
from assessment.storage.assessments import LinkKind
from assessment.storage.session import Database, Session
from assessment.storage.tables import Assessment
from assessment.web import create_app
from assessment.web.serving import with_console
from benchmarks import engine
from benchmarks.timing import Runs, paired

GZIP = {"Accept-Encoding": "gzip"}

BARE_PAGE = """<!doctype html><html lang="en"><head><title>{{ title }}</title><link rel="stylesheet" href="/app.css">
</head><body><h1>{{ title }}</h1><form method="post">{% for option in options %}
<button name="answer" value="{{ option }}">{{ option }}</button>{% endfor %}</form></body></html>"""


def client(folder: Path) -> FlaskClient:
    settings = read_settings({"ASSESSMENT_INSTANCE": str(folder / "instance")})
    with loading():
        return with_console(create_app(settings)).test_client(use_cookies=False)


def finished(browser: FlaskClient) -> str:
    """Answer the longest labelled case; gives the address of its check page."""
    scenario = engine.scenario()
    location = browser.post("/q/check/start", data={"depth": scenario.depth}).location
    while not location.endswith("/check"):
        answer = scenario.answers[location.rsplit("/", 1)[1]]
        location = browser.post(location, data={"answer": answer}).location
    return location


@cache
def weights(folder: Path) -> dict[str, int]:
    """Compressed bytes: the first page with style sheet and script, then single pages alone."""
    browser = client(folder)
    first = browser.get("/q/check", headers=GZIP)
    page = browser.get("/q/check").get_data(as_text=True)
    loaded = sum(len(browser.get(name, headers=GZIP).data) for name in re.findall(r'"(/static/[^"]+)"', page))
    framed = browser.get("/q/check?embed=inline", headers=GZIP)
    inside = re.findall(r'"(/static/[^"]+)"', browser.get("/q/check?embed=inline").get_data(as_text=True))
    loader = len(browser.get("/embed.js", headers=GZIP).data)
    check = finished(browser)
    question = check.replace("/check", "/backups.tested-restore")
    sizes = {
        "loader": loader,
        "inline": loader + len(framed.data) + sum(len(browser.get(name, headers=GZIP).data) for name in inside),
        "first": len(first.data) + loaded,
        "question": len(browser.get(question, headers=GZIP).data),
        "check": len(browser.get(check, headers=GZIP).data),
    }
    report = browser.post(check.replace("/check", "/submit")).location
    return {**sizes, "report": len(browser.get(report, headers=GZIP).data)}


STEP = "backups.tested-restore"


def step_times(folder: Path) -> tuple[Runs, Runs]:
    """Microseconds of a question step (POST, redirect, GET) of ours, and of a bare Flask app that commits one row."""
    _, step = our_step(folder)
    return paired(step, bare_step(*one_row(folder)), 150)


def step_and_statements(folder: Path) -> tuple[Runs, Runs]:
    """A question step, and the floor of any like it: its very statements, and the bare page for all the rest."""
    address, step = our_step(folder)
    return paired(step, bare_step(*own_statements(folder, address.split("/")[2])), 150)


def our_step(folder: Path) -> tuple[str, Callable[[], None]]:
    """The address of a question in a finished assessment, and a step there."""
    browser = client(folder)
    question = finished(browser).replace("/check", f"/{STEP}")

    def step() -> None:
        browser.post(question, data={"answer": "never"})
        browser.get(question)

    return question, step


Keep = Callable[[str], object]
Look = Callable[[], object]


def one_row(folder: Path) -> tuple[Keep, Look]:
    """Keeping a row in a table of one, committed as durably as ours, and reading it."""
    database = sqlite3.connect(folder / "bare.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS answer (question TEXT PRIMARY KEY, value TEXT)")

    def keep(answer: str) -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT OR REPLACE INTO answer VALUES ('q', ?)", [answer])
        database.execute("COMMIT")

    return keep, lambda: database.execute("SELECT value FROM answer").fetchone()


def own_statements(folder: Path, token: str) -> tuple[Keep, Look]:
    """What a step asks of the database: whose link it is, what was answered, and the new answer."""
    settings, now = read_settings({"ASSESSMENT_INSTANCE": str(folder / "instance")}), datetime.now(UTC)
    database = Database(settings.database)

    def opened(session: Session, lock: bool = False) -> Assessment:
        assessment = assessments.by_token(session, token, LinkKind.WRITE, now, lock)
        assert assessment
        assessments.answers_of(session, assessment)
        return assessment

    def keep(answer: str) -> None:
        with database.writing() as session:
            assessments.record(session, opened(session, lock=True), STEP, answer, now)

    def look() -> None:
        with database.reading() as session:
            opened(session)

    return keep, look


def bare_step(keep: Keep, look: Look) -> Callable[[], None]:
    """A step of an app that has no questionnaire, no links to check and no headers to set."""
    app = Flask("bare")
    page = app.jinja_env.from_string(BARE_PAGE)

    @app.get("/step")
    def show() -> str:
        look()
        return render_template(page, title="When?", options=[f"option {n}" for n in range(6)])

    @app.post("/step")
    def take() -> Response:
        keep(request.form["answer"])
        return redirect("/step", 303)

    browser = app.test_client(use_cookies=False)

    def step() -> None:
        browser.post("/step", data={"answer": "never"})
        browser.get("/step")

    return step
