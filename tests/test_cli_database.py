"""`assessment db` as an operator runs it: what it does, what it says, and its exit status."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assessment.cli import main
from assessment.storage.migrating import newest, revisions


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("ASSESSMENT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ASSESSMENT_INSTANCE", str(tmp_path / "instance"))
    return tmp_path / "instance"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["db", *map(str, arguments)])


def execute(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement).fetchall()


def test_upgrading_makes_the_database_and_says_from_where_to_where(instance: Path) -> None:
    result = run("upgrade")
    assert (result.exit_code, result.output) == (0, f"The database went from nothing to revision {newest()}.\n")
    again = run("upgrade")
    assert again.exit_code == 0
    assert "there was nothing to do" in again.output
    assert run("check").exit_code == 0


def test_checking_ends_with_status_1_and_a_sentence_where_there_is_no_database(instance: Path) -> None:
    result = run("check")
    assert result.exit_code == 1
    assert "`assessment db upgrade` makes one" in result.output
    assert not (instance / "assessment.db").exists()


def test_checking_ends_with_status_1_and_a_sentence_where_the_schema_is_another(instance: Path) -> None:
    run("upgrade")
    execute(instance / "assessment.db", "UPDATE alembic_version SET version_num = 'of-tomorrow'")
    for command in ("check", "upgrade"):
        result = run(command)
        assert result.exit_code == 1
        assert "revision of-tomorrow, which this version of the app does not know" in result.output
        assert "Traceback" not in result.output


def test_a_backup_goes_there_and_back(instance: Path, tmp_path: Path) -> None:
    run("upgrade")
    add = "INSERT INTO questionnaire_version VALUES ('x', '1', 'd', '{}', '2026-11-22 09:00:00')"
    execute(instance / "assessment.db", add)
    made = run("backup", tmp_path / "backup.db")
    assert made.exit_code == 0, made.output
    assert f"at revision {revisions()[-1]}" in made.output
    execute(instance / "assessment.db", "DELETE FROM questionnaire_version")
    refused = run("restore", tmp_path / "backup.db")
    assert (refused.exit_code, "--yes" in refused.output) == (1, True)
    restored = run("restore", tmp_path / "backup.db", "--yes")
    assert restored.exit_code == 0, restored.output
    kept = next(instance.glob("assessment.db.before-restore-*"))
    assert str(kept) in restored.output
    count = "SELECT count(*) FROM questionnaire_version"
    assert execute(instance / "assessment.db", count) == [(1,)]
    assert execute(kept, count) == [(0,)]


@pytest.mark.parametrize("command", ["upgrade", "check", "backup", "restore"])
def test_a_database_that_cannot_be_used_is_a_sentence_never_a_trace(
    instance: Path, tmp_path: Path, command: str
) -> None:
    instance.mkdir()
    (instance / "assessment.db").write_bytes(b"garbage" * 900)
    file = [tmp_path / "backup.db"] if command in ("backup", "restore") else []
    result = run(command, *file)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_on_postgresql_the_command_to_run_is_given(
    instance: Path, monkeypatch: pytest.MonkeyPatch, command: str, tool: str
) -> None:
    monkeypatch.setenv("ASSESSMENT_DATABASE_URL", "postgresql://app:s3cret@db.example:5433/check")
    result = run(command, "backup.dump")
    assert result.exit_code == 1
    assert f"Run: {tool} " in result.output
    assert "postgresql://app@db.example:5433/check" in result.output
    assert "s3cret" not in result.output


@pytest.fixture
def server(instance: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A real server with the instance open."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "assessment", "serve", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline().startswith("The check is at")
    yield process, port
    process.terminate()
    process.wait()
    process.stdout.close()


def ask(server: tuple[subprocess.Popen[str], int]) -> bytes:
    """The first line of what the server says of the start page, once it listens."""
    process, port = server
    while process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"GET /q/check HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                return connection.makefile("rb").readline()
        except ConnectionRefusedError:
            continue
    raise AssertionError("the server has ended")


def test_beside_a_running_server_a_backup_works_and_a_restore_is_refused(
    instance: Path, tmp_path: Path, server: tuple[subprocess.Popen[str], int]
) -> None:
    assert b" 200 " in ask(server)
    assert run("check").exit_code == 0
    assert run("backup", tmp_path / "backup.db").exit_code == 0
    result = run("restore", tmp_path / "backup.db", "--yes")
    assert result.exit_code == 1
    assert "is in use. Stop the app and try again." in result.output
    assert b" 200 " in ask(server)
    assert list(instance.glob("*before-restore*")) == []


@pytest.mark.parametrize(
    "address",
    ["nonsense", "://", "mysql://a:s3cret@b/c", "postgres://a:s3cret@b/c", "postgresql://h:s3cret/c", "sqlite://h/c"],
)
@pytest.mark.parametrize("command", ["db check", "serve", "worker --once", "doctor", "db move --to sqlite:///new.db"])
def test_an_address_that_is_none_is_a_sentence_never_a_trace(
    instance: Path, monkeypatch: pytest.MonkeyPatch, command: str, address: str
) -> None:
    monkeypatch.setenv("ASSESSMENT_DATABASE_URL", address)
    result = CliRunner().invoke(main, command.split())
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "The address of the database cannot be used" in result.output
    assert "ASSESSMENT_DATABASE_URL" in result.output
    assert "s3cret" not in result.output
