"""How many prepared assessments a second can be sent in: scored, stored with their outbox rows, and redirected."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from flask import Flask

from assessment.collector import loading
from assessment.engine.answers import Answers
from assessment.engine.questions import Depth
from assessment.settings import read_settings
from assessment.storage import assessments, endpoints, tenants
from assessment.web import create_app
from benchmarks import engine
from benchmarks.timing import Runs
from tests.faults.processes import PostgreSQL

THREADS, ROUNDS, IN_A_ROUND = 4, 5, 48


def per_second(folder: Path, database_url: str = "") -> Runs:
    """Submits a second through the whole app, with one webhook endpoint that is told."""
    environment = {"ASSESSMENT_INSTANCE": str(folder), "ASSESSMENT_DATABASE_URL": database_url}
    with loading():
        app = create_app(read_settings(environment))
    listening(app)
    answered = engine.sheet()
    tokens = iter(prepared(app, answered.answers, answered.depth, THREADS + ROUNDS * IN_A_ROUND))
    with app.extensions["site"].database.closing(), ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda token: submit(app, token), islice(tokens, THREADS)))  # every thread has its connection
        return Runs(tuple(_round(pool, app, list(islice(tokens, IN_A_ROUND))) for _ in range(ROUNDS)))


def _round(pool: ThreadPoolExecutor, app: Flask, tokens: list[str]) -> float:
    began = time.perf_counter()
    list(pool.map(lambda token: submit(app, token), tokens))
    return len(tokens) / (time.perf_counter() - began)


def submit(app: Flask, token: str) -> None:
    response = app.test_client(use_cookies=False).post(f"/t/{token}/submit")
    assert response.status_code == 303, response.status
    assert response.location.startswith("/r/")


def listening(app: Flask) -> None:
    """Have an endpoint that wants to be told of each."""
    site, now = app.extensions["site"], datetime.now(UTC)
    with site.database.writing() as session:
        tenant = tenants.default_tenant(session, site.settings, now)
        events = "assessment.completed"
        endpoints.add(session, tenant, "https://crm.example/", "whsec_x", site.vault, now, flat=False, events=events)


def prepared(app: Flask, answers: Answers, depth: Depth, how_many: int) -> list[str]:
    """Assessments with all their answers, ready to be sent in."""
    site, now, tokens = app.extensions["site"], datetime.now(UTC), []
    with site.database.writing() as session:
        tenant = tenants.default_tenant(session, site.settings, now)
        for _ in range(how_many):
            sitting, token = assessments.start(session, tenant, site.pin, depth, now, timedelta(days=1))
            for question, answer in answers.items():
                assessments.record(session, sitting, question, answer, now)
            tokens.append(token)
    return tokens


def on_sqlite(folder: Path) -> Runs:
    """Into a file of our own."""
    return per_second(folder / "submits-sqlite")


def on_postgresql(folder: Path) -> Runs:
    """Into a PostgreSQL server of our own."""
    here = folder / "submits-postgresql"
    here.mkdir()
    with PostgreSQL(here) as server:
        return per_second(here, server.url)
