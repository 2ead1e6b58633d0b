"""What each step of the owner's way asks of the database: a page that begins to ask once a row shows up here."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from tests.web.conftest import Visitor

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
