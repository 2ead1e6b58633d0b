"""`assessment doctor`: of each thing that can be wrong it says so, and how to mend it; of what is well, that it is."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from assessment.cli import examining, main
from assessment.settings import read_settings, secret_key
from assessment.storage import tenants, vitals
from assessment.storage.migrating import migrate
from assessment.storage.session import Database
from assessment.storage.vitals import note_sign
from tests.delivery.smtp import running

WELL = {"ASSESSMENT_BASE_URL": "https://check.example.com", "ASSESSMENT_PROXY_HOPS": "1"}
MAIL = {"ASSESSMENT_SMTP_HOST": "mail.example.com", "ASSESSMENT_MAIL_FROM": "check@example.com"}
Asked = Callable[..., dict[str, list[str]]]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Asks the doctor about an instance with these settings; gives what it found, by how serious and what about."""

    def ask(settings: Mapping[str, str], *more: str) -> dict[str, list[str]]:
        with monkeypatch.context() as patch:
            for name, value in {"ASSESSMENT_INSTANCE": str(tmp_path), **settings}.items():
                patch.setenv(name, value)
            done = CliRunner().invoke(main, ["doctor", "--json", *more])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        read = json.loads(done.stdout)
        assert (done.exit_code == 0) is read["ok"] is not any(one["level"] == "problem" for one in read["found"])
        found: dict[str, list[str]] = {}
        for one in read["found"]:
            assert one["says"].endswith("."), one
            assert bool(one["mend"]) is (one["level"] != "ok"), one
            found.setdefault(f"{one['level']} {one['about']}", []).append(one["says"])
        return found

    return ask


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """The shipped questionnaire is read once for all the doctors here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examining, "load", cache(examining.load))
        yield


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that is well, to make others of."""
    made = tmp_path_factory.mktemp("well")
    settings = read_settings({"ASSESSMENT_INSTANCE": str(made)})
    secret_key(settings)
    database = Database(settings.database)
    migrate(database)
    with database.writing() as session:
        tenants.default_tenant(session, settings, datetime.now(UTC))
        note_sign(session, "here", datetime.now(UTC))
    database.engine.dispose()
    return made


@pytest.fixture
def instance(well: Path, tmp_path: Path) -> Path:
    """An instance that is well."""
    shutil.copytree(well, tmp_path, dirs_exist_ok=True)
    return tmp_path


def change(instance: Path, *statements: str) -> None:
    database = Database(f"sqlite:///{instance / 'assessment.db'}")
    with database.writing() as session:
        for statement in statements:
            session.execute(text(statement))
    database.engine.dispose()


def test_an_instance_that_is_well_is_told_so(instance: Path, asked: Asked) -> None:
    found = asked(WELL | MAIL)
    assert {key for key in found if not key.startswith("ok")} == set()
    looked_at = {"settings", "key", "address", "mail", "PDF", "console", "database", "worker", "questionnaire", "clock"}
    assert {key.removeprefix("ok ") for key in found} == looked_at


def test_for_a_person_it_is_a_line_for_each_thing(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ASSESSMENT_INSTANCE": str(instance), **WELL}.items():
        monkeypatch.setenv(name, value)
    lines = CliRunner().invoke(main, ["doctor"]).stdout.splitlines()
    assert len(lines) > 9
    assert {line.split()[0] for line in lines} == {"ok", "warning"}


SETTINGS = {
    "a name we do not read": ({"ASSESSMENT_BASEURL": "x"}, "warning settings", "ASSESSMENT_BASEURL"),
    "a value that may not be": ({"ASSESSMENT_WORKERS": "many"}, "problem settings", "ASSESSMENT_WORKERS"),
    "a short key": ({"ASSESSMENT_SECRET_KEY": "short"}, "problem key", "guessed"),
    "plain http": ({"ASSESSMENT_BASE_URL": "http://check.example.com"}, "problem address", "plain http"),
    "https without a proxy": ({"ASSESSMENT_PROXY_HOPS": "0"}, "warning address", "share one limit"),
    "a proxy without https": ({"ASSESSMENT_BASE_URL": "http://localhost"}, "warning address", "pass for others"),
    "this machine only": ({"ASSESSMENT_BASE_URL": "http://localhost"}, "warning address", "this machine only"),
    "no mail": ({"ASSESSMENT_SMTP_HOST": ""}, "warning mail", "No mail can be sent"),
    "an open password": (
        {"ASSESSMENT_SMTP_SECURITY": "none", "ASSESSMENT_SMTP_USER": "u"},
        "problem mail",
        "unprotected",
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_does_harm_is_named(instance: Path, asked: Asked, name: str) -> None:
    settings, key, says = SETTINGS[name]
    assert says in " ".join(asked(WELL | MAIL | settings)[key])


def test_a_key_others_can_read_is_a_problem(instance: Path, asked: Asked) -> None:
    (instance / "secret_key").chmod(0o640)
    assert "Others on this machine can read" in asked(WELL)["problem key"][0]


def test_without_a_database_nothing_is_asked_of_it_and_none_is_made(tmp_path: Path, asked: Asked) -> None:
    found = asked(WELL)
    assert "There is no database" in found["problem database"][0]
    assert "There is no secret key" in found["warning key"][0]
    assert not any("worker" in key for key in found)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_version_is_a_problem(instance: Path, asked: Asked) -> None:
    change(instance, "UPDATE alembic_version SET version_num = '9999'")
    assert "9999" in asked(WELL)["problem database"][0]


def test_a_worker_that_is_gone_and_what_waits_for_it_are_problems(instance: Path, asked: Asked) -> None:
    change(
        instance,
        "UPDATE sign_of_life SET at = '2026-11-01 09:00:00'",
        "INSERT INTO delivery (message_id, tenant_id, channel, event, payload, state, attempts, next_at, created_at) "
        "VALUES ('a', 1, 'mail', 'e', '{}', 'pending', 0, '2026-11-01 09:00:00', '2026-11-01 09:00:00'),"
        "('b', 1, 'mail', 'e', '{}', 'dead', 9, '2026-11-01 09:00:00', '2026-11-01 09:00:00')",
    )
    found = asked(WELL)
    gone, due = found["problem worker"]
    assert "2026-11-01 09:00" in gone
    assert "due to be sent" in due
    assert "Given up: 1." in found["warning worker"][0]


def test_a_questionnaire_that_is_gone_is_a_problem(instance: Path, asked: Asked) -> None:
    assert "nothing-here" in asked(WELL | {"ASSESSMENT_QUESTIONNAIRE": "nothing-here"})["problem questionnaire"][0]


def test_a_clock_behind_what_was_done_is_a_problem(instance: Path, asked: Asked) -> None:
    later = datetime.now(UTC) + timedelta(days=400)
    change(
        instance,
        "INSERT INTO questionnaire_version VALUES ('it-health', '1', 'd', '{}', '2026-11-22 09:00:00')",
        "INSERT INTO assessment (id, reference, tenant_id, questionnaire_id, questionnaire_version, depth, created_at, "
        "source, test, score, band, criticals, staff, came_from, rank, status, left_at) VALUES "
        f"(1, 'r', 1, 'it-health', '1', 'quick', '{later:%Y-%m-%d %H:%M:%S}', "
        "'{}', 0, 101, '', 0, '', '', 0, 'new', '')",
    )
    assert "was begun after that" in asked(WELL)["problem clock"][0]


def test_a_full_disk_is_a_problem(instance: Path, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=1024**2)
    monkeypatch.setattr(vitals.shutil, "disk_usage", lambda path: full)
    assert "Only 1 MB are free" in asked(WELL)["problem database"][0]


@pytest.mark.parametrize("kind", ["nfs4", "cifs"])
def test_a_database_on_a_network_file_system_is_a_problem(
    instance: Path, asked: Asked, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    mounts = tmp_path_factory.mktemp("proc") / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nserver:/x {instance} {kind} rw 0 0\n")
    monkeypatch.setattr(examining, "MOUNTS", mounts)
    assert f"network file system ({kind})" in asked(WELL)["problem database"][0]


def test_a_mail_is_tried_when_asked_for(instance: Path, asked: Asked) -> None:
    with running() as server:
        here = {"ASSESSMENT_SMTP_HOST": "127.0.0.1", "ASSESSMENT_SMTP_PORT": str(server.port)}
        here |= {"ASSESSMENT_SMTP_SECURITY": "none", "ASSESSMENT_MAIL_FROM": "check@example.com"}
        found = asked(WELL | here, "--mail-to", "me@example.com")
        assert "took the mail" in found["ok mail"][1]
        assert "no e-mail address" in asked(WELL | here, "--mail-to", "nobody")["problem mail"][0]
    assert "could not be reached" in asked(WELL | here, "--mail-to", "me@example.com")["problem mail"][0]
    assert "no mail server" in asked(WELL, "--mail-to", "me@example.com")["problem mail"][0]
