"""`assessment staff` and the first start: who is let in, who is shut out, and that nobody is there by default."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, text

from assessment.cli import main
from assessment.settings import Settings, read_settings
from assessment.storage import staff
from assessment.storage.session import Database, Unavailable
from assessment.web import create_app, serving
from tests.console.conftest import HOME, PASSWORD, Worker
from tests.web.conftest import Clock

LINK = re.compile(rf"{HOME}/console/invitation/[\w-]{{43}}")


def run(settings: Settings, *arguments: str) -> Result:
    environment = {"ASSESSMENT_INSTANCE": str(settings.instance), "ASSESSMENT_BASE_URL": settings.base_url}
    return CliRunner().invoke(main, ["staff", *arguments], env=environment)


def test_an_invitation_is_printed_and_lets_somebody_in(settings: Settings, clock: Clock, app: Flask) -> None:
    clock.at = datetime.now(UTC)
    said = run(settings, "invite", "Kim@Northgate.example", "--tenant", "check", "--role", "editor")
    assert said.exit_code == 0, said.output
    assert LINK.fullmatch(said.output.strip())
    kim = Worker(app, clock)
    kim.accept(said.output.strip())
    kim.set_up_second_step()
    assert run(settings, "list").output == "kim@northgate.example\tactive\tsecond step\tcheck:editor\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("invite", "kim", "--tenant", "check", "--role", "owner"), "write one such as kim@example.com"),
        (("invite", "kim@northgate.example", "--tenant", "nobody", "--role", "owner"), "There are: check."),
        (("invite", "kim@northgate.example", "--tenant", "check", "--role", "king"), "'viewer', 'editor', 'owner'"),
        (("disable", "kim@northgate.example"), "`assessment staff list` shows everybody"),
        (("reset-mfa", "kim@northgate.example"), "`assessment staff list` shows everybody"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    app: Flask, settings: Settings, arguments: tuple[str, ...], says: str
) -> None:
    said = run(settings, *arguments)
    assert said.exit_code != 0
    assert says in said.output


def test_who_is_disabled_is_out_at_once_and_stays_out(kim: Worker, settings: Settings) -> None:
    assert run(settings, "disable", kim.email).exit_code == 0
    assert not kim.is_in()
    kim.give_password(expect=422)
    again = kim.elsewhere()
    said = run(settings, "invite", kim.email, "--tenant", "check", "--role", "owner").output
    assert "They have an account already" in said
    assert run(settings, "enable", kim.email).exit_code == 0
    again.sign_in()
    assert again.is_in()


def test_a_disabled_person_half_way_in_does_not_get_in(kim: Worker, settings: Settings) -> None:
    kim.sign_out()
    kim.clock.passes(seconds=60)
    kim.give_password()
    token = kim.token("/code")
    run(settings, "disable", kim.email)
    assert kim.send("/code", {"code": kim.code()}, token=token).location == "/console/sign-in"
    assert not kim.is_in()


def test_a_reset_second_step_is_set_up_anew(kim: Worker, settings: Settings) -> None:
    kim.make_recovery_codes()
    old = kim.secret
    assert run(settings, "reset-mfa", kim.email).exit_code == 0
    assert not kim.is_in()
    assert kim.give_password().location == "/console/second-step"
    kim.set_up_second_step()
    assert kim.is_in()
    assert kim.secret != old
    assert kim.get("/").location == "/console/recovery-codes"


def test_the_first_start_prints_one_way_in_and_a_later_one_replaces_it(settings: Settings, clock: Clock) -> None:
    clock.at = datetime.now(UTC)
    app = serving.with_console(create_app(settings, clock))
    database = app.extensions["site"].database
    first, second = (LINK.findall(serving._way_in(settings, database))[0] for _ in range(2))
    stranger, kim = Worker(app, clock), Worker(app, clock)
    assert stranger.get(first.removeprefix(f"{HOME}/console")).status_code == 404
    kim.accept(second, email=kim.email)
    assert serving._way_in(settings, database) == f"The console is at {HOME}/console"
    assert run(settings, "list").output == "kim@northgate.example\tactive\tno second step yet\tcheck:owner\n"
    database.engine.dispose()


@pytest.mark.parametrize(
    ("base_url", "name", "attributes"),
    [
        ("https://check.example.com", "__Host-assessment", {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}),
        ("http://127.0.0.1:8000", "assessment", {"HttpOnly", "Path=/", "SameSite=Lax"}),
        ("http://localhost:8000", "assessment", {"HttpOnly", "Path=/", "SameSite=Lax"}),
        ("http://192.0.2.7:8000", "", set()),
        ("http://check.example.com", "", set()),
    ],
)
def test_the_console_is_served_where_passwords_travel_safely(
    tmp_path: Path, base_url: str, name: str, attributes: set[str]
) -> None:
    settings = read_settings({"ASSESSMENT_INSTANCE": str(tmp_path), "ASSESSMENT_BASE_URL": base_url})
    app = serving.with_console(create_app(settings))
    response = app.test_client(use_cookies=False).get("/console/sign-in", base_url=base_url)
    if name:
        found, *rest = response.headers["Set-Cookie"].split("; ")
        assert (found.split("=")[0], set(rest)) == (name, attributes)
    else:
        assert response.status_code == 404
        assert "The console is off" in serving._way_in(settings, app.extensions["site"].database)
    app.extensions["site"].database.engine.dispose()


def test_without_a_console_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from assessment.settings import read_settings\n"
        "from assessment.web.serving import create_app, with_console\n"
        "app = with_console(create_app(read_settings()))\n"
        "assert app.test_client().get('/console/').status_code == 404\n"
        "print(sorted({'flask_security', 'flask_login', 'flask_wtf', 'passlib'} & set(sys.modules)))"
    )
    environment = {"ASSESSMENT_INSTANCE": str(tmp_path), "ASSESSMENT_CONSOLE": "no", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("change", ["UPDATE audit SET action = 'nothing'", "DELETE FROM audit"])
def test_what_was_written_down_cannot_be_changed(database: Database, clock: Clock, change: str) -> None:
    with database.writing() as session:
        staff.audit(session, clock(), "sign in", 1)
    with pytest.raises(Unavailable, match="append-only"), database.writing() as session:
        session.execute(text(change))
    with database.reading() as session:
        assert [entry.action for entry in session.scalars(select(staff.AuditEntry))] == ["sign in"]


def test_one_code_counts_once_however_many_bring_it_at_once(database: Database, clock: Clock) -> None:
    with database.writing() as session:
        person = staff.Staff(email="a@b.example", name="A", password=PASSWORD, fs_uniquifier="x", created_at=clock())
        person.mf_recovery_codes = "one two"
        session.add(person)
        session.flush()
        number = person.id
    pool = ThreadPoolExecutor(6)

    def counter(_: int) -> bool:
        with database.writing() as session:
            return staff.spend_counter(session, number, 7)

    def recovery(_: int) -> bool:
        with database.writing() as session:
            return staff.spend_recovery_code(session, number, "one")

    with pool:
        assert sum(pool.map(counter, range(12))) == 1
        assert sum(pool.map(recovery, range(12))) == 1
    with database.reading() as session:
        assert session.scalars(select(staff.Staff.mf_recovery_codes)).one() == "two"
