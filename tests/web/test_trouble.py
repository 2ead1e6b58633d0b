"""A database that is locked, full or read-only: 503, said plainly, nothing lost, and all well again afterwards."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, text

from assessment.settings import Settings
from assessment.web import create_app
from tests.web.conftest import Clock, Visitor, real


@pytest.mark.databases("sqlite")
def test_while_the_database_is_locked_an_answer_is_refused_and_earlier_ones_stand(
    visitor: Visitor, settings: Settings
) -> None:
    first = visitor.begin()
    second = visitor.post(first, {"answer": "5-9"})
    holder = sqlite3.connect(settings.instance / "assessment.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    sent = {"answer": real(visitor.get(second))[0], "odd": "<\"&'"}
    page = visitor.refused(second, sent, 503)
    assert "not saved" in page.h1
    assert {field.get("name"): field.get("value") for field in page.all("input")} == sent, "to be sent once more"
    assert page.headers["Retry-After"]
    assert "Keep this" in visitor.get(first).says(), "reading goes on while somebody writes"
    holder.execute("ROLLBACK")
    holder.close()
    visitor.post(str(page.all("form")[0].get("action")), sent)


@pytest.mark.databases("sqlite")
def test_when_the_disk_is_full_nothing_is_half_written_and_it_recovers_alone(visitor: Visitor, app: Flask) -> None:
    first = visitor.begin()
    engine = app.extensions["site"].database.engine
    limit = {"pages": 1}

    @event.listens_for(engine, "begin")
    def tight(connection: object) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={limit['pages']}")  # type: ignore[attr-defined]

    begun = [visitor.client.post("/q/check/start", data={"depth": "quick"}).status_code for _ in range(60)]
    assert set(begun) == {303, 503}, "there was room for some, and then for nobody"
    page = visitor.refused("/q/check/start", {"depth": "quick"}, 503)
    assert "not saved" in page.h1
    acknowledged = visitor.client.post(first, data={"answer": "5-9"}).status_code == 303  # a page may have room for it
    assert ("Keep this" in visitor.get(first).says()) is acknowledged
    limit["pages"] = 1_000_000
    visitor.post(first, {"answer": "5-9"})
    assert "Keep this" in visitor.get(first).says()
    with app.extensions["site"].database.reading() as session:
        kept = session.execute(
            text(
                "SELECT count(*), count(DISTINCT link.assessment_id) FROM assessment LEFT JOIN link "
                "ON link.assessment_id = assessment.id"
            )
        ).one()
        assert tuple(kept) == (1 + begun.count(303),) * 2, "each that was begun has its link, and no other is there"


@pytest.mark.databases("sqlite")
def test_a_read_only_database_still_shows_what_is_there(visitor: Visitor, app: Flask) -> None:
    first = visitor.begin()
    report = visitor.finish()

    @event.listens_for(app.extensions["site"].database.engine, "begin")
    def read_only(connection: object) -> None:
        connection.exec_driver_sql("PRAGMA query_only=ON")  # type: ignore[attr-defined]

    assert visitor.get(report)
    page = visitor.refused(first, {"answer": "5-9"}, 503)
    assert "session" not in page.says().lower(), "a fault of ours is never called an expired session"


def test_a_mistake_of_ours_is_a_page_and_never_a_trace(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = Visitor(app.test_client(use_cookies=False))
    first = visitor.begin()
    monkeypatch.setattr("assessment.web.quiz.walk", lambda *_: 1 / 0)
    page = visitor.get(first, 500)
    assert "our side" in page.h1
    assert "ZeroDivision" not in page.text
    assert first.split("/")[2] not in caplog.text, "a log never holds a token"


def test_starting_on_a_database_from_the_same_version_changes_nothing(settings: Settings, clock: Clock) -> None:
    for _ in range(2):
        app = create_app(settings, clock)
        app.extensions["site"].database.engine.dispose()
    assert (settings.instance / "secret_key").stat().st_mode & 0o777 == 0o600


def test_an_operator_s_own_template_is_used_first(settings: Settings, clock: Clock, tmp_path: Path) -> None:
    own = tmp_path / "own" / "quiz"
    own.mkdir(parents=True)
    (own / "start.html").write_text("<!doctype html><title>Ours</title><h1>Ours</h1>")
    app = create_app(replace(settings, templates=tmp_path / "own"), clock)
    assert b"Ours" in app.test_client().get("/q/check").data
    app.extensions["site"].database.engine.dispose()
