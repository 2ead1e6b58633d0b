"""The log: a line for every request, one id through page and lines, and never a link, an address or a name."""

import json
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from assessment import logs
from assessment.logs import Lines, Plain, discreet
from assessment.settings import Settings
from assessment.storage.session import Unavailable
from assessment.web import create_app, quiz
from assessment.web.console import create_console
from assessment.web.serving import mount
from tests.web.conftest import Clock, Visitor, token_of

Make = Callable[..., Visitor]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged as JSON since last asked: every line must be an object of its own."""
    root, ours = logging.getLogger(), logging.getLogger(logs.OURS)
    level = ours.level
    logs.install("json")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    ours.setLevel(level)
    for speaker in [one for one in root.handlers if isinstance(one, logs.Speaker)]:
        root.removeHandler(speaker)


class Browser(FlaskClient):
    """Reads every answer to its end, as browsers do."""

    def open(self, *what: Any, **more: Any) -> Any:
        return super().open(*what, buffered=True, **more)


@pytest.fixture
def make(settings: Settings, clock: Clock) -> Iterator[Make]:
    """Makes a visitor of an instance with a console and JSON logs."""
    apps: list[Flask] = []

    def made(**more: Any) -> Visitor:
        app = create_app(replace(settings, log_format="json", **more), clock)
        mount(app, create_console(app.extensions["site"], app.config["SECRET_KEY"]))
        app.test_client_class = Browser
        apps.append(app)
        return Visitor(app.test_client(use_cookies=False))

    yield made
    for app in apps:
        app.extensions["site"].database.engine.dispose()


WHO = ("Ana", "Brown")


def fails(*_: object) -> None:
    raise RuntimeError("no good for ana@brown.example from 203.0.113.9")


def test_a_whole_journey_leaves_rules_in_the_log_and_nothing_of_anybody(
    make: Make, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    visitor = make()
    first = visitor.begin("quick")
    report = visitor.finish()
    clock = visitor.client.application.extensions["site"].now
    stamp = visitor.get(report).one("input", name="stamp").get("value", "")
    clock.passes(minutes=1)
    ana = {"name": "Ana Brown", "email": "ana@brown.example", "consent_contact": "yes"}
    visitor.post(f"{report}/contact", {**ana, "stamp": stamp})
    visitor.get("/nowhere/at-all", 404)
    lines = logged()
    said = json.dumps(lines, ensure_ascii=False)
    for secret in (token_of(first), token_of(report), "Ana", "Brown", "brown.example", "127.0.0.1", "nowhere"):
        assert secret not in said, secret
    rules = {(line["method"], line["rule"], line["status"]) for line in lines if "rule" in line}
    assert {
        ("POST", "/q/<slug>/start", 303),
        ("GET", "/t/<token>/<question_id>", 200),
        ("POST", "/t/<token>/submit", 303),
        ("POST", "/r/<token>/contact", 303),
        ("GET", "", 404),
    } <= rules
    for line in lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["at"])
        assert {"level", "from", "says", "request", "ms", "bytes"} <= set(line)
    assert len({line["request"] for line in lines}) == len(lines)


def test_the_console_s_requests_are_in_the_log_by_their_rules(
    make: Make, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    visitor = make()
    assert visitor.client.get("/console/invitation/some-secret-invitation").status_code == 404
    (line,) = logged()
    assert (line["rule"], line["status"]) == ("/console/invitation/<token>", 404)
    assert "some-secret" not in json.dumps(line)


def test_health_is_not_worth_a_line_while_all_is_well(make: Make, logged: Callable[[], list[dict[str, Any]]]) -> None:
    visitor = make()
    visitor.client.get("/healthz")
    visitor.client.get("/readyz")
    assert logged() == []


def test_our_mistakes_name_on_the_page_what_finds_them_in_the_log(
    make: Make, logged: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = make()
    first = visitor.begin("quick")
    logged()
    monkeypatch.setattr(quiz, "site", fails)
    page = visitor.get(first, 500)
    mistake, request = logged()
    assert mistake["request"] == request["request"]
    assert page.says().count(mistake["request"]) == 1
    assert mistake["level"] == "error"
    assert "RuntimeError" in mistake["trace"]
    for secret in ("ana@", "203.0.113.9", token_of(first)):
        assert secret not in json.dumps(mistake)


@pytest.mark.parametrize(
    ("hops", "given", "taken"),
    [
        (1, "0123456789abcdef0123456789abcdef", True),
        (0, "0123456789abcdef0123456789abcdef", False),
        (1, "short", False),
        (1, "a b c d e f g h", False),
        (1, "x" * 43, False),
        (1, '0123456789"\x7f', False),
    ],
)
def test_an_id_is_taken_from_a_proxy_of_ours_only(
    make: Make, logged: Callable[[], list[dict[str, Any]]], hops: int, given: str, taken: bool
) -> None:
    make(proxy_hops=hops).client.get("/q/check", headers={"X-Request-ID": given})
    (line,) = logged()
    assert (line["request"] == given) is taken
    assert taken or re.fullmatch("[0-9a-f]{16}", line["request"])


def test_strange_methods_are_not_repeated(make: Make, logged: Callable[[], list[dict[str, Any]]]) -> None:
    make().client.open("/q/check", method="EVIL")
    (line,) = logged()
    assert line["method"] == "other"


def test_for_a_person_only_what_went_wrong_is_said(
    settings: Settings, clock: Clock, capsys: pytest.CaptureFixture[str], logged: object
) -> None:
    logs.install("plain")
    app = create_app(settings, clock)
    visitor = Visitor(app.test_client(use_cookies=False))
    visitor.finish()
    assert capsys.readouterr().err == ""
    app.extensions["site"].database.engine.dispose()


@pytest.mark.databases
def test_what_the_database_refuses_is_told_without_what_was_written(app: Flask) -> None:
    database = app.extensions["site"].database
    with pytest.raises(Unavailable) as caught, database.writing() as session:
        session.execute(text("INSERT INTO tenant (slug, id) VALUES (:slug, 1)"), {"slug": "-".join(WHO)})
    assert "-".join(WHO) not in "".join(traceback.format_exception(caught.value))


SECRET = st.one_of(
    st.text("abcdefXYZ0189_-", min_size=43, max_size=60),
    st.from_regex(r"[a-z.+]{1,12}@[a-z]{1,9}\.example", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda one: one.exploded),
)


@given(st.text(), SECRET, st.text())
@example("GET /t/", "x" * 43, "/check")
def test_whatever_stands_around_it_a_secret_is_crossed_out(before: str, secret: str, after: str) -> None:
    assert secret not in discreet(f"{before} {secret} {after}")


@given(st.text(st.characters(codec="utf-8")))
def test_whatever_is_said_it_is_one_line(says: str) -> None:
    record = logging.LogRecord("assessment", logging.WARNING, "", 0, "%s", (says,), None)
    assert "\n" not in Plain().format(record)
    line = Lines().format(record)
    assert line.splitlines() == [line]
    assert json.loads(line)["level"] == "warning"
