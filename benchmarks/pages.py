"""What pages weigh on the wire, and what a question step costs beside a bare Flask page that commits one row."""

import re
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Flask, redirect, render_template, request
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from assessment.collector import loading
from assessment.settings import read_settings
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


def step_times(folder: Path) -> tuple[Runs, Runs]:
    """Microseconds of a question step (POST, redirect, GET) of ours, and of a bare Flask app that commits one row."""
    browser = client(folder)
    check = finished(browser)
    question = check.replace("/check", "/backups.tested-restore")

    def ours() -> None:
        browser.post(question, data={"answer": "never"})
        browser.get(question)

    return paired(ours, bare_step(folder), 150)


def bare_step(folder: Path) -> Callable[[], None]:
    """The floor: no validation, no questionnaire; one row committed as durably as ours."""
    database = sqlite3.connect(folder / "bare.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE answer (question TEXT PRIMARY KEY, value TEXT)")
    app = Flask("bare")
    page = app.jinja_env.from_string(BARE_PAGE)

    @app.get("/step")
    def show() -> str:
        database.execute("SELECT value FROM answer").fetchone()
        return render_template(page, title="When?", options=[f"option {n}" for n in range(6)])

    @app.post("/step")
    def keep() -> Response:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT OR REPLACE INTO answer VALUES ('q', ?)", [request.form["answer"]])
        database.execute("COMMIT")
        return redirect("/step", 303)

    browser = app.test_client(use_cookies=False)

    def step() -> None:
        browser.post("/step", data={"answer": "never"})
        browser.get("/step")

    return step
