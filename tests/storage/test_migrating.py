"""Migrating: from every revision with data, by several processes at once, and killed at every step on the way."""

import itertools
import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, MetaData, Select, event, func, insert, literal, select, text

from assessment.storage import migrating
from assessment.storage.migrating import DanglingRows, Migration, UnknownRevision, current, migrate, newest, revisions
from assessment.storage.session import Database, Session, Unavailable
from assessment.storage.tables import Table

FIRST_ROWS = (
    "INSERT INTO tenant VALUES (1, 'check', 'The firm', '', '', 'GBP', '2026-11-22 09:00:00')",
    "INSERT INTO questionnaire_version VALUES ('it-health', '1', 'd', '{}', '2026-11-22 09:00:00')",
    "INSERT INTO assessment VALUES (7, 1, 'it-health', '1', 'quick', NULL, '2026-11-22 09:00:00', NULL, NULL)",
    "INSERT INTO answer VALUES (7, 'backups.schedule', '\"daily\"', '2026-11-22 09:00:00')",
    "INSERT INTO link VALUES (3, 7, 'write', 'ab', '2026-11-22 09:00:00', '2026-12-22 09:00:00', NULL)",
)
"""A row for each table of the first revision, which never changes again."""

PROCESSES = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
PROCESSES.set_forkserver_preload([__name__])

LONG = os.environ.get("ASSESSMENT_STORM") == "long"

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


def address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def fill(database: Database, revision: str | None) -> None:
    """Bring an empty database to a revision, with the rows of the first one in it."""
    if revision is None:
        return
    migrate(database, revisions()[0])
    with database.writing() as session:
        for row in FIRST_ROWS:
            session.execute(text(row))
    migrate(database, revision)


def kept(database: Database) -> list[tuple[Any, ...]]:
    """What must outlive every migration: who the firm is, what was asked, answered and linked."""
    joined = (
        "SELECT tenant.slug, assessment.questionnaire_version, answer.value, link.sha256 FROM tenant "
        "JOIN assessment ON assessment.tenant_id = tenant.id JOIN answer ON answer.assessment_id = assessment.id "
        "JOIN link ON link.assessment_id = assessment.id"
    )
    with database.reading() as session:
        return [tuple(row) for row in session.execute(text(joined))]


def schema(database: Database) -> list[tuple[Any, ...]]:
    """Every table and column there is."""
    columns = (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    with database.reading() as session:
        found = session.execute(text("SELECT name, sql FROM sqlite_master" if database.is_sqlite else columns))
        return [tuple(row) for row in found]


def describes_itself(database: Database) -> bool:
    """Whether the schema is what the classes say; one key is looked at apart (below), as SQLAlchemy misreads it."""
    with database.reading() as session:
        if database.is_sqlite and "rescores_id" not in goes_with_its_original(session):
            return False
        options = {"include_object": readable} if database.is_sqlite else {}
        return compare_metadata(MigrationContext.configure(session.connection(), opts=options), Table.metadata) == []


def readable(part: Any, name: str | None, kind: str, *more: Any) -> bool:
    """Not the key of a column added later: in SQLite its ON DELETE stands where SQLAlchemy does not look."""
    return kind != "foreign_key_constraint" or [column.name for column in part.columns] != ["rescores_id"]


def goes_with_its_original(session: Session) -> list[str]:
    """The columns of an assessment that take its row along when the row they name is deleted."""
    keys = session.execute(text("PRAGMA foreign_key_list(assessment)")).mappings()
    return [key["from"] for key in keys if (key["table"], key["on_delete"]) == ("assessment", "CASCADE")]


PLAIN: Mapping[type, object] = {
    int: 1,
    str: "{}",  # read as data, it is empty
    bytes: b"-",
    bool: False,
    date: date(2026, 11, 22),
    datetime: datetime(2026, 11, 22, 9, tzinfo=UTC),
}


def furnish(database: Database) -> dict[str, int]:
    """Put a row into every table that has none yet; how many there are in each."""
    found = MetaData()
    found.reflect(database.engine)
    for table in found.sorted_tables:
        with database.writing() as session:
            if not session.scalar(select(func.count()).select_from(table)):
                row = {
                    column.name: session.scalar(plainly(column)) for column in table.columns if must_be_given(column)
                }
                session.execute(insert(table).values(row))
    return rows(database)


def must_be_given(column: Column[Any]) -> bool:
    return (not column.nullable and column.server_default is None) or bool(outside(column))


def outside(column: Column[Any]) -> list[Column[Any]]:
    """What a column refers to in other tables."""
    return [key.column for key in column.foreign_keys if key.column.table is not column.table]


def plainly(column: Column[Any]) -> Select[Any]:
    """Something a column can hold: what it refers to, or the plainest there is."""
    for other in outside(column):
        return select(other).limit(1)
    return select(literal(PLAIN[column.type.python_type], column.type))


def rows(database: Database) -> dict[str, int]:
    found = MetaData()
    found.reflect(database.engine)
    with database.reading() as session:
        return {one.name: session.scalar(select(func.count()).select_from(one)) or 0 for one in found.sorted_tables}


@pytest.mark.parametrize("revision", revisions())
def test_every_revision_with_data_comes_to_the_newest_and_keeps_it(empty: Database, revision: str) -> None:
    fill(empty, revision)
    before = furnish(empty)
    assert all(before.values())
    assert migrate(empty) == Migration(revision, newest())
    assert describes_itself(empty)
    assert kept(empty) == [("check", "1", '"daily"', "ab")]
    after = rows(empty)
    assert {table: after.get(table) for table in before} == before


def test_the_files_are_named_by_their_revisions_in_the_order_they_follow_each_other() -> None:
    following = [script.revision for script in ScriptDirectory(str(migrating.MIGRATIONS)).walk_revisions()]
    assert list(revisions()) == following[::-1]


def test_migrating_says_from_where_to_where(empty: Database) -> None:
    assert migrate(empty) == Migration(None, newest())
    assert migrate(empty) == Migration(newest(), newest())


def migrate_together(url: str, start: Barrier, results: "Queue[Migration | str]") -> None:
    database = Database(url)
    start.wait()
    try:
        results.put(migrate(database))
    except Exception as error:
        results.put(repr(error))


@pytest.mark.parametrize("revision", [None, *(revisions()[:-1] if LONG else (revisions()[0], revisions()[-2]))])
def test_of_four_processes_at_once_one_migrates_and_none_fails(empty: Database, revision: str | None) -> None:
    fill(empty, revision)
    start, results = PROCESSES.Barrier(4), PROCESSES.Queue()
    processes = [PROCESSES.Process(target=migrate_together, args=(address(empty), start, results)) for _ in range(4)]
    for process in processes:
        process.start()
    found = [results.get() for _ in processes]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert sorted(found, key=str) == sorted(
        [Migration(revision, newest()), *[Migration(newest(), newest())] * 3], key=str
    )
    assert describes_itself(empty)


AT_COMMIT = -1


def migrate_and_die(url: str, step: int) -> None:
    """Migrate, and be killed before the given statement that changes anything, or before the commit."""
    steps = itertools.count()

    def die(*context: Any) -> None:
        says = context[2] if len(context) > 2 else "COMMIT"
        if says.startswith(("PRAGMA", "SELECT", "BEGIN")):
            return
        if next(steps) == step or (step == AT_COMMIT and says == "COMMIT"):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", die)
    event.listen(Engine, "commit", die)
    migrate(Database(url))


@needs_signals
@pytest.mark.parametrize("revision", [None, *(revisions()[:-1] if LONG else revisions()[:1])])
def test_a_migration_killed_at_any_step_leaves_the_old_schema_and_the_next_run_finishes(
    empty: Database, revision: str | None
) -> None:
    fill(empty, revision)
    before = schema(empty)
    every = 1 if LONG else 5 if empty.is_sqlite else 15
    for step in itertools.chain([AT_COMMIT], itertools.count(step=every)):
        process = PROCESSES.Process(target=migrate_and_die, args=(address(empty), step))
        process.start()
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        assert (current(empty), schema(empty)) == (revision, before)
    assert step >= every
    assert current(empty) == newest()
    assert describes_itself(empty)
    assert kept(empty) == ([("check", "1", '"daily"', "ab")] if revision else [])


def test_a_database_of_a_newer_version_is_refused_and_left_alone(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'of-tomorrow'"))
    before = schema(database)
    with pytest.raises(UnknownRevision, match="revision of-tomorrow, which this version of the app does not know"):
        migrate(database)
    assert (current(database), schema(database)) == ("of-tomorrow", before)


def add_revision(folder: Path, monkeypatch: pytest.MonkeyPatch, upgrade: str) -> None:
    """One more revision after the newest, which does what the line says."""
    last = newest()
    shutil.copytree(migrating.MIGRATIONS, folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    script = f"from alembic import op\nrevision = 'next'\ndown_revision = {last!r}\ndef upgrade():\n    {upgrade}\n"
    (folder / "migrations" / "versions" / "next.py").write_text(script)
    monkeypatch.setattr(migrating, "MIGRATIONS", folder / "migrations")


def test_copying_a_table_on_the_way_deletes_nothing_that_belongs_to_its_rows(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(empty, newest())
    copying = (
        "with op.batch_alter_table('assessment', recreate='auto') as batch: batch.alter_column('depth', type_=TEXT)"
    )
    add_revision(tmp_path, monkeypatch, f"from sqlalchemy import TEXT\n    {copying}")
    assert migrate(empty).after == "next"
    assert kept(empty) == [("check", "1", '"daily"', "ab")]


def test_a_migration_that_leaves_rows_dangling_is_taken_back(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(empty, newest())
    add_revision(tmp_path, monkeypatch, "op.execute('DELETE FROM tenant')")
    with pytest.raises(DanglingRows if empty.is_sqlite else Unavailable, match="tenant"):
        migrate(empty)
    assert current(empty) == revisions()[-2]
    assert kept(empty) == [("check", "1", '"daily"', "ab")]
