"""Keeps a database safe: says whether it is sound, copies it while it is written to, and puts a copy back."""

import os
import shlex
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, text

from assessment.storage.migrating import Migration, UnknownRevision, current, dangling_rows, migrate, newest, revisions
from assessment.storage.session import Database, Unavailable

SIDE_FILES = ("-wal", "-journal", "-shm")
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
MOST_DAMAGE = 5
"""How many findings of one integrity check are passed on."""


class BackupRefused(Exception):
    """A backup or restore that was not made; the message says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a database is sound, and the sentences that say so or say what is wrong."""

    sound: bool
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """Where the replaced database is kept, None where there was none, and how the backup was migrated."""

    kept: Path | None
    migration: Migration


def health(database: Database) -> Health:
    """Look at the schema and, on SQLite, at the file and at every row that belongs to another."""
    where = database.url.render_as_string(hide_password=True)
    if database.is_sqlite and not _path(database).exists():
        return Health(False, (f"There is no database at {where}; `assessment db upgrade` makes one.",))
    try:
        problems = _problems(database)
    except Unavailable as error:
        return Health(False, (f"The database at {where} cannot be used: {error}",))
    if problems:
        return Health(False, problems)
    whole = ", is whole" if database.is_sqlite else ""
    return Health(True, (f"The database at {where} can be reached{whole} and is at revision {newest()}.",))


def _problems(database: Database) -> tuple[str, ...]:
    found: list[str] = []
    with database.reading() as session:
        if database.is_sqlite:
            damage = session.scalars(text(f"PRAGMA integrity_check({MOST_DAMAGE})")).all()
            found += [f"The file is damaged: {line}. Restore a backup." for line in damage if line != "ok"]
        found += dangling_rows(database, session)
    revision = current(database)
    if revision and revision not in revisions():
        found.append(str(UnknownRevision(revision)))
    elif revision != newest():
        stands = f"at revision {revision}" if revision else "empty"
        found.append(f"The database is {stands}; this version needs {newest()}. Run `assessment db upgrade`.")
    return tuple(found)


def back_up(database: Database, file: Path) -> str:
    """Copy everything committed into a new file, readable by its owner only; gives its revision. Raises BackupRefused.

    The copy is rebuilt from the rows, so what was erased is not in it.
    """
    if not database.is_sqlite:
        raise BackupRefused(f"PostgreSQL is backed up with its own tool. Run: {_postgres_command(database, file)}")
    path = _path(database)
    if not path.exists():
        raise BackupRefused(f"There is no database at {path}, so there is nothing to back up.")
    if file.exists():
        raise BackupRefused(f"{file} is there already and is not overwritten. Name a new file.")
    with _explained(f"The backup was not written to {file}"), _draft(file) as draft:
        _copy(path, draft)
        revision = _revision_of_sound(draft, path)
        _link_or_copy(draft, file)
        _sync(file.absolute().parent)
    return revision


def restore(database: Database, file: Path, now: datetime, replace: bool = False) -> Restored:
    """Put a backup in the place of the database, migrated. Raises BackupRefused, and Unavailable while migrating.

    The copy is checked and migrated beside the database first and then moved there in one step.
    """
    if not database.is_sqlite:
        raise BackupRefused(f"PostgreSQL is restored with its own tool. Run: {_postgres_command(database, file, True)}")
    path = _path(database)
    with _explained(f"{file} cannot be restored"):
        _revision_of_sound(file, file)
    if path.exists() and not replace:
        raise BackupRefused(f"There is a database at {path} already. To replace it, say --yes; it is kept beside.")
    database.engine.dispose()
    with _explained(f"{file} was not restored"), _draft(path) as draft:
        _copy(file, draft)
        migration = _migrate_file(database, draft)
        _give_to_the_owner_of(path if path.exists() else path.parent, draft)
        kept = path.with_name(f"{path.name}.before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        with alone(path):
            replaced = _set_aside(path, kept)
            os.replace(draft, path)
        _sync(path.parent)
    return Restored(kept if replaced else None, migration)


def _path(database: Database) -> Path:
    name = database.url.database
    if not name or name == ":memory:":
        raise BackupRefused("This database lives in memory; there is no file to keep safe.")
    return Path(name).resolve()


def _postgres_command(database: Database, file: Path, restoring: bool = False) -> str:
    """The command to run, without any password: PostgreSQL asks for it or finds it in ~/.pgpass."""
    url, query = database.url, {key: value for key, value in database.url.query.items() if "password" not in key}
    bare = URL.create("postgresql", url.username, host=url.host, port=url.port, database=url.database, query=query)
    address = f"--dbname={bare.render_as_string()}"
    if restoring:
        return shlex.join(["pg_restore", "--clean", "--if-exists", "--single-transaction", address, str(file)])
    return shlex.join(["pg_dump", "--format=custom", f"--file={file}", address])


def _connect(path: Path, timeout: float = 5) -> sqlite3.Connection:
    """Open a file that exists; the driver begins no transaction by itself. Raises FileNotFoundError."""
    path.stat()
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=timeout)


def _copy(source: Path, target: Path) -> None:
    with closing(_connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(target.absolute()),))
    _sync(target)  # SQLite leaves that to us


def _revision_of_sound(copy: Path, name: Path) -> str:
    """The revision a copy is at. Raises BackupRefused where it is damaged, not ours, or newer than this version."""
    with closing(_connect(copy)) as connection:
        damage = [line for (line,) in connection.execute(f"PRAGMA integrity_check({MOST_DAMAGE})") if line != "ok"]
        if damage or connection.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupRefused(f"{name} is damaged: {damage[0] if damage else 'rows others belong to are missing'}.")
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            row = None
    if row is None:
        raise BackupRefused(f"{name} is not a database of this app: it is at no revision.")
    if row[0] not in revisions():
        raise BackupRefused(f"{name} cannot be used. {UnknownRevision(row[0])}")
    return str(row[0])


def _migrate_file(database: Database, file: Path) -> Migration:
    beside = Database(database.url.set(database=str(file)).render_as_string(hide_password=False))
    with beside.closing():
        migration = migrate(beside)
    _sync(file)
    return migration


def _give_to_the_owner_of(old: Path, new: Path) -> None:
    """What root restores, the app must still be able to open."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.chown(new, old.stat().st_uid, old.stat().st_gid)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a database that nobody else has open; a damaged one cannot be held. Raises BackupRefused."""
    if not path.exists():
        yield
        return
    with closing(_connect(path, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")  # busy while anyone has it open, even one who waits
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise BackupRefused(f"The database at {path} is in use. Stop the app and try again.") from error
            if error.sqlite_errorcode & 0xFF not in DAMAGED:
                raise
        yield


def _set_aside(path: Path, kept: Path) -> bool:
    """Keep the database under another name too, and leave none of its side files to the next one."""
    found = path.exists()
    if found:
        _link_or_copy(path, kept)
    for suffix in SIDE_FILES:
        side = path.with_name(path.name + suffix)
        if side.exists():
            os.replace(side, kept.with_name(kept.name + suffix))
    return found


def _link_or_copy(source: Path, target: Path) -> None:
    """A second name for a file, a copy where the file system has none. Raises FileExistsError, never overwrites."""
    try:
        os.link(source, target)
    except OSError:
        with target.open("xb") as new, source.open("rb") as old:
            shutil.copyfileobj(old, new)
        shutil.copymode(source, target)
        _sync(target)


@contextmanager
def _draft(final: Path) -> Iterator[Path]:
    """An empty file beside, readable by its owner only, that is gone at the end unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=f".{final.name}.", dir=final.absolute().parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for suffix in ("", *SIDE_FILES):
            Path(name + suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Have the disk keep a file or folder before anything relies on it."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise BackupRefused(f"{what}: {getattr(error, 'strerror', None) or error}.") from error
