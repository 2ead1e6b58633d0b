"""Storage is tested on SQLite and on a real PostgreSQL that the tests start themselves."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessment.engine.loading import load
from assessment.engine.questionnaire import Questionnaire
from assessment.settings import shipped
from assessment.storage.session import Database
from tests.databases import KINDS, SQLITE

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it, of each kind in turn."""
    if request.param == SQLITE:
        database = Database(f"sqlite:///{tmp_path / 'test.db'}", busy_seconds=5)
    else:
        database = Database(request.getfixturevalue("postgres"))
        with database.writing() as session:
            session.connection().exec_driver_sql("DROP SCHEMA public CASCADE")
            session.connection().exec_driver_sql("CREATE SCHEMA public")
    with database.closing():
        yield database


def changed(questionnaire: Questionnaire, **update: str) -> Questionnaire:
    """The same questionnaire with other content, built anew so that its digest is its own."""
    return Questionnaire.model_validate({**json.loads(questionnaire.canonical_json), **update})


@pytest.fixture(scope="session")
def questionnaire() -> Questionnaire:
    return load(shipped("questions") / "it-health").or_refuse()
