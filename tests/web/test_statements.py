"""What each step of the owner's way asks of the database: a page that begins to ask once a row shows up here."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.web.conftest import Clock, Visitor
from tests.web.test_contact import AGREED, ANA, leave

OPENED = ["SELECT link", "SELECT answer"]
"""The link, with its assessment and tenant, and the answers so far."""

STATEMENTS = {
    "/q/check": ["SELECT tenant"],
    "a question": OPENED,
    "an answer": [*OPENED, "INSERT answer"],
    "check": [*OPENED, "SELECT carried", "SELECT suggestion", "SELECT link"],
    "submit": [*OPENED, *OPENED, "UPDATE assessment", "INSERT link", "INSERT tally", "SELECT endpoint"],
    "the report": ["SELECT link", "SELECT link", "SELECT suggestion", "SELECT link"],
    "its PDF": ["SELECT link"],
}
"""What a step runs, and about which table; sending in looks again in the transaction that writes."""

TABLE = {"SELECT": r"FROM (\w+)", "INSERT": r"INTO (\w+)", "UPDATE": r"UPDATE (\w+)", "DELETE": r"FROM (\w+)"}


LOOKED_THROUGH = {"SCAN tenant", "SCAN delivery"}
"""What may be read whole: tenants are few, and whoever erases somebody looks through every digest for them."""


@contextmanager
def listening(app: Flask) -> Iterator[list[str]]:
    """What is run meanwhile; without the lock on an assessment, which only PostgreSQL has to ask for."""
    heard: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        verb = statement.split(None, 1)[0]
        table = re.search(TABLE[verb], statement) if verb in TABLE else None
        if table and "FOR UPDATE" not in statement:
            heard.append(f"{verb} {table[1]}")

    engine = app.extensions["site"].database.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_every_step_asks_the_database_as_little_as_it_needs(visitor: Visitor, app: Flask) -> None:
    check = visitor.answer_all(visitor.begin("quick"), lambda page, _: page.offered()[0])
    question, submit = check.replace("/check", "/backups.schedule"), check.replace("/check", "/submit")
    found: dict[str, list[str]] = {}

    def note(step: str, method: Any, *arguments: Any) -> Any:
        with listening(app) as heard:
            answered = method(*arguments)
        found[step] = heard
        return answered

    note("/q/check", visitor.get, "/q/check")
    note("a question", visitor.get, question)
    note("an answer", visitor.post, question, {"answer": "none"})
    note("check", visitor.get, check)
    report = note("submit", visitor.post, submit)
    note("the report", visitor.get, report)
    note("its PDF", app.test_client(use_cookies=False).get, f"{report}/report.pdf")
    assert found == STATEMENTS


@pytest.mark.databases("sqlite")
def test_no_step_reads_a_whole_table_however_many_assessments_there_are(
    visitor: Visitor, app: Flask, clock: Clock
) -> None:
    asked: dict[str, Any] = {}

    def hear(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.split(None, 1)[0] in TABLE:
            asked.setdefault(statement, parameters[0] if many else parameters)

    database = app.extensions["site"].database
    event.listen(database.engine, "before_cursor_execute", hear)
    walk_everywhere(visitor, clock)
    event.remove(database.engine, "before_cursor_execute", hear)
    read: dict[str, str] = {}
    with database.reading() as session:
        for statement, parameters in asked.items():
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            read |= {step: statement for *_, step in plan if step.startswith(("SCAN", "MATERIALIZE"))}
    assert len(asked) > 30
    assert {step: statement for step, statement in read.items() if step not in LOOKED_THROUGH} == {}


def walk_everywhere(visitor: Visitor, clock: Clock) -> None:
    """From the first page to the report, and through everything that stands beside it."""
    visitor.get("/q/check")
    check = visitor.answer_all(visitor.begin("quick"), lambda page, _: page.offered()[-1])
    visitor.get(check)
    ask = visitor.post(check.replace("/check", "/ask"), {"named": "Ines"})
    visitor.get(ask)
    report = visitor.post(check.replace("/check", "/submit"))
    for beside in ("", "/what-if", "/explore", "/questions", "/data.json", "/report.pdf", "/delete"):
        visitor.client.get(f"{report}{beside}")
    leave(visitor, clock, report, {**ANA, **AGREED})
    visitor.post(f"{report}/share")
    visitor.get(report)
    visitor.get(visitor.post(f"{report}/again"))
    visitor.post(f"{report}/delete")
