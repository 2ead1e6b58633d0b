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

from sqlalchemy import URL, Connection, Engine, Executable, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from assessment.storage import patience

__all__ = ["BadAddress", "Database", "Session", "Unavailable", "changed"]

BUSY_SECONDS = 5

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgresql+psycopg": "postgresql+psycopg"}
"""How an address may begin, and what it comes to."""


class Unavailable(Exception):
    """The database did not do what was asked: locked, full, read-only or gone. Nothing of the transaction was kept."""


class BadAddress(Unavailable):
    """What should be the address of a database is none that can be used. It may hold a password, so it is not told."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The address of the database cannot be used: {why}. Write postgresql://name@host:5432/database, or "
            "sqlite:////folder/file.db with four slashes for a full path; ASSESSMENT_DATABASE_URL holds it, and empty "
            "means SQLite in the instance folder."
        )


def changed(session: Session, statement: Executable) -> int:
    """Carry out an update or a delete; gives how many rows it found."""
    result: Any = session.execute(statement)
    return int(result.rowcount)


class Database:
    """One database: an engine, and the two ways to open a transaction on it."""

    def __init__(self, url: str, busy_seconds: int = BUSY_SECONDS, statement_seconds: int | None = None) -> None:
        """Names the database and opens nothing; without a limit a statement may take as long as it takes."""
        self._turn, self._patience = threading.Lock(), busy_seconds
        with _addressed():
            self.url = _read(url)
            self.is_sqlite = self.url.get_backend_name() == "sqlite"
            if self.is_sqlite:
                self.engine = create_engine(self.url, connect_args={"timeout": busy_seconds}, hide_parameters=True)
            else:
                self.engine = patience.open_engine(self.url, busy_seconds, statement_seconds)
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            _prepare_sqlite(self.engine, busy_seconds)
        self._writer = self.engine.execution_options(writes=True)

    def unhurried(self) -> "Database":
        """The same database for work that may take long; SQLite times nothing, and its threads take turns at one."""
        return self if self.is_sqlite else Database(self.url.render_as_string(hide_password=False), self._patience)

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


def _read(address: str) -> URL:
    url = make_url(address)
    if url.drivername not in DRIVERS:
        raise BadAddress(f"it begins with “{url.drivername}”")
    return url.set(drivername=DRIVERS[url.drivername])


@contextmanager
def _addressed() -> Iterator[None]:
    """What is wrong with an address, in a sentence."""
    try:
        yield
    except ImportError as error:
        raise Unavailable("PostgreSQL needs one more package, psycopg: see “Install” in docs/operating.md.") from error
    except (ArgumentError, ValueError) as error:
        raise BadAddress("it cannot be read") from error


def _private(file: Path) -> None:
    """Make a new database readable by its owner alone; SQLite gives its log the same rights."""
    with suppress(OSError):  # it is there already, or cannot be made, which connecting will say
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout, StaleDataError) as error:  # stale: a row to be changed was erased meanwhile
        original = error.orig if isinstance(error, DBAPIError) and error.orig else error
        for one in (error, original):
            _shorten(one)
        raise Unavailable(str(original).partition("\n")[0]) from error


def _shorten(error: BaseException) -> None:
    """Let an error say its first line alone, in a log too: PostgreSQL's further lines quote rows."""
    error.args = tuple(str(one).partition("\n")[0] for one in error.args)


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
