"""Engine and transactions: reading ones and writing ones, opened on purpose and kept whole or not at all.

SQLite: write-ahead log, full sync, and `BEGIN IMMEDIATE` for writing transactions only, so that a reader never waits
and two writers never lose an update. The driver's own transaction handling is switched off for that.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

__all__ = ["Database", "Session", "Unavailable", "changed"]

BUSY_SECONDS = 5


class Unavailable(Exception):
    """The database did not do what was asked: locked, full, read-only or gone. Nothing of the transaction was kept."""


def changed(session: Session, statement: Executable) -> int:
    """Carry out an update or a delete; gives how many rows it found."""
    result: Any = session.execute(statement)
    return int(result.rowcount)


class Database:
    """One database: an engine, and the two ways to open a transaction on it."""

    def __init__(self, url: str, busy_seconds: int = BUSY_SECONDS) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._turn, self._patience = threading.Lock(), busy_seconds
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine = create_engine(self.url, connect_args={"timeout": busy_seconds}, hide_parameters=True)
            _prepare_sqlite(self.engine, busy_seconds)
        else:
            if self.url.drivername == "postgresql":
                self.url = self.url.set(drivername="postgresql+psycopg")
            self.engine = create_engine(self.url, pool_pre_ping=True, pool_timeout=busy_seconds, hide_parameters=True)
        self._writer = self.engine.execution_options(writes=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only looks. Raises Unavailable."""
        with _translated(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end, whole or not at all. Raises Unavailable."""
        with self._in_turn(), _translated(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """On SQLite the threads of a process queue here: its own way of waiting, by chance, can starve one of them."""
        if not self.is_sqlite:
            yield
        elif self._turn.acquire(timeout=self._patience):
            try:
                yield
            finally:
                self._turn.release()
        else:
            raise Unavailable("other threads of this process kept the database busy")

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Give every connection back at the end."""
        try:
            yield
        finally:
            self.engine.dispose()

    def forget(self) -> None:
        """Leave no trace of what was deleted: empty SQLite's log, as far as nobody is reading; PostgreSQL vacuums."""
        if self.is_sqlite:
            with suppress(Unavailable), self.reading() as session:
                session.connection().exec_driver_sql("COMMIT")  # a checkpoint wants to be outside a transaction
                session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def answers(self) -> bool:
        """Whether the database can be reached now."""
        try:
            with self.reading() as session:
                session.execute(text("SELECT 1"))
        except Unavailable:
            return False
        return True


def _private(file: Path) -> None:
    """Make a new database readable by its owner alone; SQLite gives its log the same rights."""
    with suppress(OSError):  # it is there already, or cannot be made, which connecting will say
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout, StaleDataError) as error:  # stale: a row to be changed was erased meanwhile
        original = error.orig if isinstance(error, DBAPIError) else error
        raise Unavailable(str(original).partition("\n")[0]) from error  # PostgreSQL's further lines quote rows


def _prepare_sqlite(engine: Engine, busy_seconds: int) -> None:
    @event.listens_for(engine, "do_connect")
    def before_connect(dialect: Any, record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        if engine.url.database and engine.url.database != ":memory:":
            _private(Path(engine.url.database))

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={busy_seconds * 1000}",
        ):
            try:
                connection.execute(f"PRAGMA {pragma}")
            except connection.OperationalError:
                if not pragma.startswith("journal_mode"):
                    raise  # a read-only file cannot switch its journal, and can still be read

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
