"""Moving a whole database from SQLite to PostgreSQL and back: the same to the byte, or nothing of it."""

import itertools
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, Table, event, func, insert, select, text

from assessment.cli import main
from assessment.storage import moving
from assessment.storage.backups import BackupRefused, back_up, health, restore
from assessment.storage.migrating import migrate, revisions
from assessment.storage.session import Database, Session
from assessment.storage.tables import Table as Mapped
from assessment.storage.tables import UtcDateTime
from tests.databases import Copies, run_tool
from tests.faults.instance import Clock, Instance, environment

TABLES = Mapped.metadata.sorted_tables
ODD = "Zoë 𝔘🗝 \\u0000 \u2028‮ '\"; --"
"""What a database may trip over: beyond the first plane of Unicode, turned round, quoted, and a null byte's escape."""

EARLY = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


class Ground:
    """An instance on SQLite with a row in every table, which stands still; and its open assessment."""

    def __init__(self, folder: Path) -> None:
        self.environment = environment(folder)
        instance = Instance(self.environment, Clock())
        with instance.database.closing():
            instance.listen("https://127.0.0.1:8443/in")
            instance.lead()
            (self.open,) = instance.prepare(1)
            with instance.database.writing() as session:
                fill(session)
        self.file = folder / "instance" / "assessment.db"


def fill(session: Session) -> None:
    """A row more for every table, belonging to those before, and an assessment numbered below what it continues."""
    made: dict[str, dict[str, Any]] = {}
    for table in TABLES:
        made[table.name] = {column.name: odd(column, made) for column in table.columns}
        if table.name == "tenant":  # an app reads it when it starts
            made["tenant"]["profile_json"] = session.scalar(select(table.c.profile_json))
        session.execute(insert(table), [made[table.name]])
    table = Mapped.metadata.tables["assessment"]
    younger = made["assessment"] | {"id": 777_777, "reference": "younger", "continues_id": 888_888}
    session.execute(insert(table), [younger | {"rescores_id": 888_888, "outcome": None, "submitted_at": None}])


def odd(column: Column[Any], made: dict[str, dict[str, Any]]) -> Any:
    """A value that is rarely seen in such a column."""
    for key in column.foreign_keys:
        return made[key.column.table.name][key.column.name] if key.column.table is not column.table else None
    if isinstance(column.type, UtcDateTime):
        return EARLY
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer):
        return 888_888 if column.primary_key else 2**31 - 1
    if isinstance(column.type, LargeBinary):
        return bytes(range(256))
    if isinstance(column.type, Date):
        return date(1, 1, 1)
    if column.name == "email":
        return "zoë@firm.example"
    return f"{ODD} {column.table.name}"[: getattr(column.type, "length", None)]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("moving"))


@pytest.fixture
def file(ground: Ground, tmp_path: Path) -> Path:
    """A database of this test's own, with everything in it."""
    return Path(shutil.copy(ground.file, tmp_path / "assessment.db"))


@pytest.fixture
def bare(target: Database) -> Database:
    """A PostgreSQL with nothing in it."""
    with target.writing() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    return target


@pytest.fixture
def target(copies: Copies) -> Iterator[Database]:
    """A PostgreSQL with empty tables."""
    name = copies.copy()
    with (database := Database(copies.url(name))).closing():
        yield database
    copies.drop(name)


def of_file(file: Path) -> Database:
    return Database(f"sqlite:///{file}")


def address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def move(source: str | Path, target: Database | str, status: int = 0) -> Result:
    """`assessment db move`, as an operator calls it."""
    at = {"ASSESSMENT_DATABASE_URL": f"sqlite:///{source}" if isinstance(source, Path) else source}
    to = target if isinstance(target, str) else address(target)
    result = CliRunner().invoke(main, ["db", "move", "--to", to], env=at)
    assert result.exit_code == status, result.output
    assert isinstance(result.exception, SystemExit | None)
    return result


def raw(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table as SQLite itself gives it."""
    with closing(sqlite3.connect(file)) as connection:
        return {t.name: sorted(connection.execute(f"SELECT * FROM {t.name}"), key=repr) for t in TABLES}


def filled(database: Database) -> list[str]:
    """The tables that have rows."""
    with database.reading() as session:
        return [table.name for table in TABLES if session.scalar(select(func.count()).select_from(table))]


def execute(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)


def test_there_and_back_every_row_of_every_table_is_the_same_to_the_byte(
    file: Path, bare: Database, tmp_path: Path
) -> None:
    before = raw(file)
    assert [name for name, rows in before.items() if not rows] == []
    there = move(file, bare)
    assert f"Moved {sum(map(len, before.values())):,} rows in {len(TABLES)} tables." in there.output
    assert filled(bare) == [table.name for table in TABLES]
    bare.engine.dispose()
    back = move(address(bare), f"sqlite:///{tmp_path / 'back.db'}")
    assert raw(tmp_path / "back.db") == before == raw(file)
    assert back.output == there.output, "the same digest"


def test_after_a_move_people_go_on_where_they_were_and_new_rows_find_their_numbers(
    ground: Ground, file: Path, target: Database, tmp_path: Path
) -> None:
    assert "ASSESSMENT_DATABASE_URL" in move(file, target).output
    instance = Instance(environment(tmp_path, address(target)), Clock())
    with instance.database.closing():
        instance.post(f"/t/{ground.open.token}/backups.schedule", {"answer": "daily"})
        instance.post(ground.open.submit)
        instance.page(ground.open.report)
        instance.lead()
        with instance.database.writing() as session:
            assert [one for one in TABLES if numbered_again(session, one)] == []


def numbered_again(session: Session, table: Table) -> bool:
    """Whether the next row of a table would get a number that is taken."""
    if table.autoincrement_column is None:
        return False
    following = func.nextval(func.pg_get_serial_sequence(table.name, table.autoincrement_column.name))
    last = select(func.max(table.autoincrement_column))
    return bool(session.execute(select(following)).scalar_one() <= session.execute(last).scalar_one())


def move_and_die(file: Path, to: str, step: int) -> None:
    """Move, and be killed before the given insert, or, after that many, before the commit."""
    inserts = itertools.count()

    def die(*context: Any) -> None:
        if len(context) < 3 or (context[2].startswith("INSERT") and next(inserts) == step):
            os.kill(os.getpid(), signal.SIGKILL)

    target = Database(to)
    event.listen(target.engine, "before_cursor_execute", die)
    event.listen(target.engine, "commit", die)
    moving.move(of_file(file), target)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and no fork")
def test_a_move_that_is_killed_leaves_nothing_and_the_next_one_moves_everything(file: Path, target: Database) -> None:
    before = raw(file)
    for step in (1, len(TABLES) // 2, 1000):
        pid = os.fork()
        if pid == 0:
            with suppress(BaseException):
                move_and_die(file, address(target), step)
            os._exit(0)
        assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
        assert filled(target) == []
    assert raw(file) == before
    move(file, target)
    assert filled(target) == [table.name for table in TABLES]


def test_what_arrives_changed_is_not_kept(file: Path, target: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = moving._insert

    def keep_less(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
        keep(session, table, [row | {"given": False} for row in rows] if table.name == "consent" else rows)

    monkeypatch.setattr(moving, "_insert", keep_less)
    assert "is not the same" in move(file, target, 1).output
    assert filled(target) == []


UNKEEPABLE = {
    "UPDATE lead SET company = 'Jane' || char(0) || 'Brown' WHERE id = 888888": "“lead”, id 888888: PostgreSQL text",
    "UPDATE endpoint SET url = printf('%.*c', 2001, 'J') WHERE id = 888888": "“endpoint”, id 888888: value too long",
    "UPDATE attempt SET status = 2147483648 WHERE id = 888888": "“attempt”, id 888888: integer out of range",
    "UPDATE answer SET answered_at = 'Janeday' WHERE assessment_id = 888888": "in “answer” cannot be read",
}


def test_a_row_that_cannot_be_kept_is_named_and_what_it_says_is_not(
    ground: Ground, file: Path, target: Database
) -> None:
    for statement, told in UNKEEPABLE.items():
        shutil.copy(ground.file, file)
        execute(file, statement)
        says = move(file, target, 1).output
        assert told in says
        assert "Jane" not in says.replace("'Janeday'", "")
        assert filled(target) == []


def occupied(bare: Database) -> None:
    migrate(bare)
    with bare.writing() as session:
        session.execute(text("INSERT INTO sign_of_life VALUES ('worker', now())"))


def somebody_elses(bare: Database) -> None:
    with bare.writing() as session:
        session.execute(text("CREATE TABLE theirs (id integer)"))


REFUSED = {
    occupied: "is not empty: see “sign_of_life”",
    somebody_elses: "holds something else: see “theirs”",
    lambda bare: migrate(bare, revisions()[0]): "is at revision 0001, not at",
}


@pytest.mark.parametrize("prepare", REFUSED, ids=["rows", "tables of others", "an older schema"])
def test_only_an_empty_database_is_moved_to(file: Path, bare: Database, prepare: Any) -> None:
    prepare(bare)
    assert REFUSED[prepare] in move(file, bare, 1).output


def test_a_database_of_another_version_or_in_use_is_not_moved(file: Path, target: Database, tmp_path: Path) -> None:
    old = of_file(tmp_path / "old.db")
    migrate(old, revisions()[0])
    with old.closing():
        assert "this version needs" in move(tmp_path / "old.db", target, 1).output
    assert "There is no database" in move(tmp_path / "none.db", target, 1).output
    user = of_file(file)
    with user.closing(), user.reading() as session:
        session.execute(text("SELECT 1"))
        assert "is in use. Stop the app" in move(file, target, 1).output
    assert target.answers()
    assert "is in use: 1 are connected" in move(address(target), f"sqlite:///{tmp_path / 'new.db'}", 1).output


def test_an_address_that_is_none_is_told_in_a_sentence(file: Path) -> None:
    assert "The address of the database cannot be used" in move(file, "nonsense", 1).output


def test_the_commands_printed_for_postgresql_bring_all_of_it_back_elsewhere(
    file: Path, target: Database, copies: Copies, tmp_path: Path
) -> None:
    move(file, target)
    name = copies.copy()
    with (drill := Database(copies.url(name))).closing():
        with pytest.raises(BackupRefused) as saving:
            back_up(target, tmp_path / "kept.dump")
        with pytest.raises(BackupRefused) as restoring:
            restore(drill, tmp_path / "kept.dump", EARLY)
        for printed in (saving, restoring):
            run_tool(str(printed.value).partition("Run: ")[2])
        assert health(drill).sound
        with target.reading() as before, drill.reading() as after:
            assert moving.digest(after, TABLES) == moving.digest(before, TABLES)
            assert filled(drill) == [table.name for table in TABLES]
    copies.drop(name)
