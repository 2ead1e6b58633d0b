"""What machines ask an instance: does it live, is it ready, how is it doing; and who is told."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from assessment.settings import BadSetting, Settings, read_settings
from assessment.storage import outbox, vitals
from assessment.storage.outbox import Channel, Parcel
from assessment.storage.session import Unavailable
from assessment.storage.vitals import ROOM, note_sign
from assessment.web import create_app
from tests.web.conftest import Clock, Visitor, check_headers

TOKEN = "a-token-of-twenty-four-letters"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
SAMPLE = re.compile(r'(assessment_[a-z_]+)(?:\{([a-z]+="[^"\\]*")\})? (-?[0-9.e+]+)')


@pytest.fixture
def watched(settings: Settings, clock: Clock) -> Iterator[Visitor]:
    """A visitor of an instance whose operator set a token."""
    app = create_app(replace(settings, metrics_token=TOKEN), clock)
    yield Visitor(app.test_client(use_cookies=False))
    app.extensions["site"].database.engine.dispose()


def figures(visitor: Visitor) -> dict[str, float]:
    """The metrics, read strictly: every family has its help and its type before its samples, and no name twice."""
    response = visitor.client.get("/metrics", headers=SHOWN)
    assert response.status_code == 200
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    found: dict[str, float] = {}
    family = ""
    for line in response.get_data(as_text=True).splitlines():
        if line.startswith("# HELP "):
            family = line.split()[2]
        elif line.startswith("# TYPE "):
            assert line.split()[2:] in ([family, "gauge"], [family, "counter"])
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert match[1] == family
            key = f"{match[1]}{{{match[2]}}}" if match[2] else match[1]
            assert key not in found
            found[key] = float(match[3])
    return found


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_machines_are_told_in_a_word_and_get_no_cookie(visitor: Visitor, path: str) -> None:
    response = visitor.client.get(path)
    assert (response.status_code, response.text) == (200, {"/healthz": "alive\n", "/readyz": "ready\n"}[path])
    check_headers(response.headers)
    assert response.headers["Cache-Control"] == "no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]


def test_a_process_lives_without_a_database_and_is_not_ready(visitor: Visitor, app: Flask) -> None:
    def gone() -> None:
        raise Unavailable("connection refused by 10.0.0.7")

    object.__setattr__(app.extensions["site"].database, "reading", gone)
    assert visitor.client.get("/healthz").status_code == 200
    response = visitor.client.get("/readyz")
    assert (response.status_code, response.text) == (503, "the database does not answer\n")


def test_an_instance_whose_schema_is_of_another_version_is_not_ready(visitor: Visitor, app: Flask) -> None:
    with app.extensions["site"].database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    response = visitor.client.get("/readyz")
    assert (response.status_code, response.text) == (503, "the database has the schema of another version\n")


@pytest.mark.databases("sqlite")
def test_an_instance_without_room_on_its_disk_is_not_ready(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=ROOM - 1)
    monkeypatch.setattr(vitals.shutil, "disk_usage", lambda path: full)
    response = visitor.client.get("/readyz")
    assert (response.status_code, response.text) == (503, "the disk is full\n")


def test_metrics_are_closed_until_a_token_is_set(visitor: Visitor) -> None:
    for headers in ({}, SHOWN, {"Authorization": "Bearer "}, {"Authorization": ""}):
        assert visitor.client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xe9"])
def test_metrics_are_for_whoever_shows_the_token(watched: Visitor, shown: str) -> None:
    assert watched.client.get("/metrics", headers={"Authorization": shown}).status_code == 404
    assert figures(watched)


def test_metrics_count_what_visitors_did(watched: Visitor) -> None:
    before = figures(watched)
    assert before["assessment_starts_total"] == before["assessment_completed_total"] == 0
    watched.begin("quick")
    watched.finish()
    after = figures(watched)
    assert after["assessment_starts_total"] == 2
    assert after["assessment_completed_total"] == 1
    assert after["assessment_leads_total"] == 0
    assert after["assessment_database_bytes"] > 100_000
    assert any(name.startswith("assessment_build_info{version=") for name in after)


def test_metrics_tell_what_waits_and_for_how_long_and_when_a_worker_was_seen(watched: Visitor, clock: Clock) -> None:
    database = watched.client.application.extensions["site"].database
    assert "assessment_worker_last_seen_timestamp_seconds" not in figures(watched)
    with database.writing() as session:
        for number in range(3):
            outbox.enqueue(session, Parcel(1, Channel.MAIL, "report", "{}", message_id=f"msg_{number}"), clock())
        session.execute(text("UPDATE delivery SET state = 'dead' WHERE message_id = 'msg_0'"))
        note_sign(session, "one", clock())
    clock.passes(seconds=90)
    found = figures(watched)
    assert found['assessment_outbox_waiting{channel="mail"}'] == 2
    assert found['assessment_outbox_failed{channel="mail"}'] == 1
    assert found['assessment_outbox_waiting{channel="webhook"}'] == 0
    assert found["assessment_outbox_oldest_due_seconds"] == 90
    assert found["assessment_workers"] == 1
    clock.passes(seconds=60)
    assert figures(watched)["assessment_workers"] == 0
    assert found["assessment_worker_last_seen_timestamp_seconds"] == (clock() - timedelta(seconds=150)).timestamp()


def test_metrics_name_no_tenant_and_nobody(watched: Visitor) -> None:
    watched.finish()
    told = watched.client.get("/metrics", headers=SHOWN).get_data(as_text=True)
    assert "Northgate" not in told
    assert TOKEN not in told


def test_a_token_that_could_be_guessed_is_refused(tmp_path: Path) -> None:
    for value in ("short", "spaces are not for a header line", "ümlauts-in-a-long-enough-token"):
        with pytest.raises(BadSetting, match="METRICS_TOKEN"):
            read_settings({"ASSESSMENT_METRICS_TOKEN": value})
