"""Moving: everything in one database into an empty one of either kind, in one transaction, and proved to be the same.

Rows keep their ids. Both sides are read once more before anything is kept, each row in the order of its key, and hashed
to one digest. Where the two differ, or anything else is in the way, the other database stays as empty as it was.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import (
    Select,
    String,
    Table,
    bindparam,
    collate,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError

from assessment.storage import bulk, carrying, staff_sessions, suggesting, tallies, tokens, vitals, work  # noqa: F401  # metadata
from assessment.storage.backups import alone, health
from assessment.storage.migrating import current, migrate, newest
from assessment.storage.session import Database, Session
from assessment.storage.tables import Table as Mapped

BATCH = 500
BYTE_BY_BYTE = {"sqlite": "BINARY", "postgresql": "C"}
"""What each database calls the order that does not depend on a language."""

OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
ASKED, MOMENT = 20, 0.1
"""How often, and after how many seconds, who is still connected is asked anew."""


class MoveRefused(Exception):
    """A move that was not made; the message says why. No row was kept in the other database."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How much is in the other database now, and the digest of both."""

    rows: int
    tables: int
    digest: str


def move(source: Database, target: Database) -> Moved:
    """Copy everything into an empty database. Raises MoveRefused, BackupRefused, and Unavailable."""
    found = health(source)
    if not found.sound:
        raise MoveRefused("\n".join(found.sentences))
    _refuse_while_used(source)
    _prepare(target)
    with source.writing() as old, target.writing() as new:
        if not source.is_sqlite:
            old.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        tables = _tables(old)
        if filled := [table.name for table in tables if new.execute(select(literal(1)).select_from(table)).first()]:
            raise MoveRefused(f"The database to move to is not empty: see “{filled[0]}”. Name an empty one.")
        rows = sum(_copy(old, new, table) for table in tables)
        before, after = digest(old, tables), digest(new, tables)
        if before != after:
            raise MoveRefused(f"What arrived is not the same ({before} and {after}), so nothing of it was kept.")
        _count_on(new, tables)
    return Moved(rows, len(tables), before)


def _refuse_while_used(source: Database) -> None:
    """What somebody answers after the move would stay behind, so whatever uses the database has to stop before."""
    source.engine.dispose()
    if source.is_sqlite:
        with alone(Path(source.url.database or "")):
            return
    others = 0
    for _ in range(ASKED):  # PostgreSQL takes a moment to forget who has just left
        with source.reading() as session:
            others = session.scalar(OTHERS) or 0
        if not others:
            return
        sleep(MOMENT)
    raise MoveRefused(f"The database is in use: {others} are connected to it. Stop the app and try again.")


def _prepare(target: Database) -> None:
    """Make the tables where there is nothing at all; what has other tables is somebody else's."""
    revision = current(target)
    if revision is None:
        with target.reading() as session:
            strange = sorted(_names(session))
        if strange:
            raise MoveRefused(f"The database to move to holds something else: see “{strange[0]}”. Name an empty one.")
        migrate(target)
    elif revision != newest():
        raise MoveRefused(
            f"The database to move to is at revision {revision}, not at {newest()}. Name an empty one, or run "
            "`assessment db upgrade` on it."
        )


def _tables(session: Session) -> Sequence[Table]:
    """Every table, each after those its rows belong to. None may be forgotten."""
    tables = Mapped.metadata.sorted_tables
    if strange := _names(session) ^ {table.name for table in tables}:
        raise MoveRefused(f"“{min(strange)}” is no table that this version of the app moves, so nothing was moved.")
    return tables


def _names(session: Session) -> set[str]:
    return set(inspect(session.connection()).get_table_names()) - {"alembic_version"}


def _copy(old: Session, new: Session, table: Table) -> int:
    """Copy the rows of a table. One that belongs to a row of the same table is told so once all are there."""
    keys = [column.name for column in table.primary_key]
    parents = [c.name for c in table.columns if any(key.column.table is table for key in c.foreign_keys)]
    count, belonging = 0, list[dict[str, Any]]()
    for rows in _read(old, select(table)):
        batch = [dict(row) for row in rows]
        belonging += [
            {f"{n}_": row[n] for n in (*keys, *parents)} for row in batch if any(row[n] is not None for n in parents)
        ]
        _insert(new, table, [row | dict.fromkeys(parents) for row in batch])
        count += len(batch)
    if belonging:
        which = [table.c[name] == bindparam(f"{name}_") for name in keys]
        told = update(table).where(*which).values({name: bindparam(f"{name}_") for name in parents})
        new.connection().execute(told, belonging)
    return count


def _read(session: Session, asked: Select[Any]) -> Iterator[Sequence[Any]]:
    """What was asked for, a batch at a time."""
    rows = session.execute(asked.execution_options(yield_per=BATCH)).mappings()
    try:
        yield from rows.partitions()
    except (TypeError, ValueError) as error:
        (table,) = asked.get_final_froms()
        raise MoveRefused(f"A value in “{table}” cannot be read, so nothing was moved: {error}.") from error


def _insert(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; where one cannot be kept, find out which, so that it can be mended."""
    try:
        with session.begin_nested():
            session.connection().execute(insert(table), rows)
    except (DataError, IntegrityError) as error:
        if len(rows) == 1:
            where = ", ".join(f"{column.name} {rows[0][column.name]}" for column in table.primary_key)
            why = str(error.orig).partition("\n")[0]  # further lines quote the row
            raise MoveRefused(f"“{table}”, {where}: {why}. Mend or erase it; nothing was moved.") from error
        for row in rows:
            _insert(session, table, [row])
        raise


def digest(session: Session, tables: Sequence[Table]) -> str:
    """A hash of every row of these tables, the same on either kind of database."""
    found, order = sha256(), BYTE_BY_BYTE[session.get_bind().dialect.name]
    for table in tables:
        found.update(f"{table.name}\n".encode())
        keys = [collate(key, order) if isinstance(key.type, String) else key for key in table.primary_key]
        for rows in _read(session, select(table).order_by(*keys)):
            found.update("".join(f"{json.dumps(dict(row), default=_plain)}\n" for row in rows).encode())
    return found.hexdigest()


def _plain(value: bytes | date) -> str:
    return value.hex() if isinstance(value, bytes) else value.isoformat()


def _count_on(session: Session, tables: Sequence[Table]) -> None:
    """Let new rows be numbered after those that came; SQLite does so by itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        if (number := table.autoincrement_column) is not None:
            counter, last = func.pg_get_serial_sequence(table.name, number.name), func.max(number)
            session.execute(select(func.setval(counter, func.coalesce(last, 1), last.is_not(None))))
