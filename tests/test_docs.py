"""The documents stay true: payloads, the receiver, command lines, settings and links in them are held to the code."""

import importlib.util
import json
import re
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import click
import pytest
from flask import Flask
from sqlalchemy import select

from assessment.cli import main
from assessment.delivery import webhooks
from assessment.delivery.addresses import Rule, resolve
from assessment.delivery.attempts import Verdict
from assessment.delivery.channels import rule
from assessment.delivery.events import USUAL, Event
from assessment.delivery.schedule import WAITS
from assessment.settings import SETTINGS, read_settings
from assessment.storage import endpoints, tenants
from assessment.storage.tables import Assessment, Delivery, Lead
from assessment.web import create_app
from tests.web.conftest import Clock, Page, Visitor, real

EXAMPLES = Path("docs/examples")
DOCUMENTS = sorted(Path("docs").glob("*.md"))
PAGES = [Path("README.md"), Path("SECURITY.md"), *DOCUMENTS]
ANA = {
    "name": "Ana Brown",
    "email": "ana@brown.example",
    "company": "Brown & Co",
    "phone": "+44 20 7946 0000",
    "message": "We open at nine.",
}
"""Whom the example is about."""

ANSWERS = {
    "profile.staff": "10-19",
    "profile.outside-cloud": "yes",
    "patching.computer-updates": "checked-monthly",
    "access.remote-access": "open-remote-desktop",
    "access.admin-mfa": "not-sure",
    "defence.endpoint-protection": "reports",
}
ASSESSMENT, LEAD = "5f0c9b1e7a3d4826", "c41d7be06f92a835"


# The payloads


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    settings = read_settings(
        {
            "ASSESSMENT_INSTANCE": str(tmp_path / "instance"),
            "ASSESSMENT_BASE_URL": "https://check.example.com",
            "ASSESSMENT_TENANT_NAME": "Northgate Computers",
        }
    )
    app = create_app(settings, Clock())
    yield app
    app.extensions["site"].database.engine.dispose()


def told(app: Flask) -> dict[bool, dict[str, Any]]:
    """What endpoints are told of one lead, nested (False) and flat (True), with references that stay the same."""
    site = app.extensions["site"]
    with site.database.writing() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant
        tenants.change(tenant, {"ask_news": True})
        for flat in (False, True):
            url = f"https://crm.example/{flat}"
            endpoints.add(session, tenant, url, "whsec_x", site.vault, site.now(), flat=flat, events=" ".join(USUAL))
    _take_and_leave_details(Visitor(app.test_client(use_cookies=False)), site.now)
    with site.database.reading() as session:
        rows = session.scalars(
            select(Delivery).where(Delivery.event == Event.LEAD).order_by(Delivery.endpoint_id)
        ).all()
        own = {
            session.scalars(select(Assessment)).one().reference: ASSESSMENT,
            session.scalars(select(Lead)).one().reference: LEAD,
        }
    found = {}
    for row, flat in zip(rows, (False, True), strict=True):
        text = row.payload
        for reference, example in own.items():
            text = text.replace(reference, example)
        found[flat] = json.loads(text)
    return found


def _take_and_leave_details(visitor: Visitor, clock: Clock) -> None:
    def choose(page: Page, location: str) -> str:
        offered = real(page)
        return ANSWERS.get(location.split("/")[3], offered[min(2, len(offered) - 1)])

    first = visitor.post("/q/check/start", {"depth": "quick", "utm_source": "newsletter"})
    clock.passes(minutes=6)
    check = visitor.answer_all(first, choose)
    report = visitor.post(check.replace("/check", "/submit"))
    stamp = visitor.get(report).one("input", name="stamp").get("value", "")
    clock.passes(minutes=2)
    visitor.post(f"{report}/contact", {**ANA, "consent_contact": "yes", "stamp": stamp})


@pytest.mark.parametrize(("flat", "name"), [(False, "lead.json"), (True, "lead-flat.json")])
def test_the_payload_examples_are_what_the_code_sends(app: Flask, tmp_path: Path, flat: bool, name: str) -> None:
    sent = json.dumps(told(app)[flat], ensure_ascii=False, indent=2) + "\n"
    fresh = tmp_path / name
    fresh.write_text(sent, encoding="utf-8")
    assert (EXAMPLES / name).read_text(encoding="utf-8") == sent, f"copy {fresh} to {EXAMPLES / name}"


@pytest.mark.parametrize("name", ["lead.json", "lead-flat.json"])
def test_the_payloads_printed_in_the_document_are_the_examples(name: str) -> None:
    blocks = re.findall(r"```json\n(.*?)```", Path("docs/delivery.md").read_text(encoding="utf-8"), re.DOTALL)
    assert (EXAMPLES / name).read_text(encoding="utf-8") in blocks


def test_every_field_of_the_flat_payload_that_a_recipe_maps_is_there() -> None:
    flat = json.loads((EXAMPLES / "lead-flat.json").read_text(encoding="utf-8"))
    named = re.findall(
        r"`((?:contact|lead|score|assessment|consent|tenant|source)_\w+)`", Path("docs/delivery.md").read_text("utf-8")
    )
    assert set(named)
    assert set(named) - set(flat) == set()


def test_the_retry_table_is_the_schedule() -> None:
    (row,) = re.findall(r"^\| wait before it \|(.*)\|$", Path("docs/delivery.md").read_text("utf-8"), re.MULTILINE)
    units = {"s": 1, "min": 60, "h": 3600}
    waits = [cell.split() for cell in row.split("|")]
    seconds = [0 if cell == ["none"] else int(cell[0]) * units[cell[1]] for cell in waits]
    assert [timedelta(seconds=wait) for wait in seconds] == list(WAITS)


# The receiver


@pytest.fixture
def receiver() -> ModuleType:
    found = importlib.util.spec_from_file_location("receive", EXAMPLES / "receive.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Receiver:
    """The receiver of the document, listening, and a hand that sends to it as the worker does."""

    file: Path
    secret: str
    port: int

    def send(self, event: Event, data: dict[str, Any], message_id: str, *more: str) -> Verdict:
        body = json.dumps({"type": event, "timestamp": "2026-11-22T09:08:00Z", "data": data}).encode()
        here = Rule(allow_http=True, allow_private=(ip_network("127.0.0.0/8"),), ports=(self.port,))
        url = f"http://127.0.0.1:{self.port}/"
        return webhooks.post(url, more or (self.secret,), message_id, body, datetime.now(UTC), here).verdict

    def kept(self) -> list[tuple[str, str, str, int]]:
        with closing(sqlite3.connect(self.file)) as database:
            return database.execute("SELECT reference, email, grade, score FROM lead").fetchall()


@pytest.fixture
def listening(receiver: ModuleType, tmp_path: Path) -> Iterator[Receiver]:
    file, secret = tmp_path / "leads.db", webhooks.new_secret()
    with receiver.server(secret, file, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Receiver(file, secret, server.server_address[1])
        server.shutdown()
        thread.join()


def example() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / "lead.json").read_text(encoding="utf-8"))["data"]
    return found


def test_the_receiver_takes_a_signed_message_once(listening: Receiver) -> None:
    first, again = example(), example()
    again["lead"]["grade"] = "changed"
    assert listening.send(Event.LEAD, first, "msg_1") is Verdict.DONE
    assert listening.send(Event.LEAD, again, "msg_1") is Verdict.DONE
    score = first["score"]["overall"]
    assert listening.kept() == [(LEAD, ANA["email"], first["lead"]["grade"], score)]


def test_the_receiver_keeps_up_with_a_person_who_comes_again(listening: Receiver) -> None:
    again = example()
    again["lead"]["grade"] = "A2"
    listening.send(Event.LEAD, example(), "msg_1")
    listening.send(Event.LEAD, again, "msg_2")
    assert [grade for _, _, grade, _ in listening.kept()] == ["A2"]


def test_the_receiver_forgets_and_is_not_reminded_by_a_message_that_comes_late(listening: Receiver) -> None:
    erased = {"tenant": {"slug": "check", "name": "Northgate Computers"}, "lead": {"reference": LEAD}}
    listening.send(Event.LEAD, example(), "msg_1")
    assert listening.send(Event.ERASED, erased, "msg_2") is Verdict.DONE
    assert listening.kept() == []
    assert listening.send(Event.LEAD, example(), "msg_3") is Verdict.DONE
    assert listening.kept() == []
    assert ANA["email"].encode() not in listening.file.read_bytes()


def test_the_receiver_answers_every_other_event_and_keeps_no_lead_of_a_test(listening: Receiver) -> None:
    tried = {"tenant": {"slug": "check", "name": "Northgate Computers"}, "test": True}
    assert listening.send(Event.TEST, tried, "msg_1") is Verdict.DONE
    assert listening.send(Event.COMPLETED, example(), "msg_2") is Verdict.DONE
    assert listening.send(Event.LEAD, {**example(), "test": True}, "msg_3") is Verdict.DONE
    assert listening.kept() == []


def test_the_receiver_takes_what_two_secrets_signed_while_they_change_over(listening: Receiver) -> None:
    assert listening.send(Event.LEAD, example(), "msg_1", webhooks.new_secret(), listening.secret) is Verdict.DONE


def test_the_receiver_refuses_what_somebody_else_signed(listening: Receiver) -> None:
    assert listening.send(Event.LEAD, example(), "msg_1", webhooks.new_secret()) is Verdict.AGAIN
    assert not listening.file.exists()


def test_a_receiver_in_a_private_network_is_sent_to_with_the_settings_of_the_document() -> None:
    inside = {
        "ASSESSMENT_WEBHOOK_NETWORKS": "10.1.0.0/16",
        "ASSESSMENT_WEBHOOK_PORTS": "443,5678",
        "ASSESSMENT_WEBHOOK_HTTP": "yes",
    }
    assert resolve("http://10.1.0.5:5678/webhook/lead", rule(read_settings(inside))).port == 5678


SECRET = webhooks.new_secret()


def signed(body: bytes, at: datetime | None = None) -> dict[str, str]:
    return webhooks._signed((SECRET,), "msg_1", body, at or datetime.now(UTC))


TAMPERED: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "another id": lambda headers: {**headers, "webhook-id": "msg_2"},
    "no signature": lambda headers: {**headers, "webhook-signature": ""},
    "an item without a comma": lambda headers: {**headers, "webhook-signature": "v1"},
    "an item that is no base64": lambda headers: {**headers, "webhook-signature": "v1,ä"},
    "a time that is none": lambda headers: {**headers, "webhook-timestamp": "now"},
    "another time": lambda headers: {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)},
    "no headers": lambda headers: {},
}


@pytest.mark.parametrize("trick", TAMPERED)
def test_the_receiver_refuses_tampered_headers(receiver: ModuleType, tmp_path: Path, trick: str) -> None:
    body = (EXAMPLES / "lead.json").read_bytes()
    assert receiver.receive(SECRET, tmp_path / "leads.db", TAMPERED[trick](signed(body)), body) == 400
    assert receiver.receive(SECRET, tmp_path / "leads.db", signed(body), body) == 204


def test_the_receiver_refuses_a_tampered_or_old_body(receiver: ModuleType, tmp_path: Path) -> None:
    body = (EXAMPLES / "lead.json").read_bytes()
    old = signed(body, datetime.now(UTC) - timedelta(minutes=6))
    assert receiver.receive(SECRET, tmp_path / "leads.db", signed(body), body.replace(b"A1", b"C3")) == 400
    assert receiver.receive(SECRET, tmp_path / "leads.db", old, body) == 400
    assert not (tmp_path / "leads.db").exists()


# What is written


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_relative_link_and_image_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        page = path.parent / name if name else path
        assert page.exists(), f"{path} links to {target}"
        if anchor and page.suffix == ".md":
            assert anchor in anchors(page), f"{path} links to {target}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_variable_named_is_a_setting(path: Path) -> None:
    named = set(re.findall(r"\bASSESSMENT_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
    assert {name.removesuffix("_FILE") for name in named} - {setting.variable for setting in SETTINGS} == set()


def test_every_test_that_is_said_to_show_a_defence_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", Path("SECURITY.md").read_text(encoding="utf-8"))
    assert len(named) > 15
    assert [name for name in named if not Path(name).is_file()] == []


def commands(path: Path) -> Iterator[str]:
    """Each `assessment …` command line of a page: in blocks at the start of a line, and as inline code."""
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"```(?:sh|console|bash)?\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            found = re.match(r"(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*/)?assessment ([a-z-].*)", line.strip())
            if found:
                yield found[1]
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    yield from re.findall(r"`assessment ([a-z-][^`]*)`", outside)


COMMAND_LINES = [(path.name, line) for path in DOCUMENTS for line in commands(path)]


@pytest.mark.parametrize(("name", "line"), COMMAND_LINES)
def test_every_command_line_can_be_run(name: str, line: str) -> None:
    words = shlex.split(re.split(r"\s[|>&;]|\s#", line)[0])
    if words[-1] == "…":  # a command named without what follows it
        reach(main, words[:-1])
    else:
        check(main, words)


def check(command: click.Command, words: list[str]) -> None:
    """Parse a command line down to its last command, and run nothing."""
    with suppress(click.exceptions.Exit), command.make_context("assessment", list(words)) as context:
        if isinstance(command, click.Group):
            rest = [*context._protected_args, *context.args]
            _, inner, more = command.resolve_command(context, rest)
            assert inner
            check(inner, more)


def reach(command: click.Command, words: list[str]) -> None:
    for word in words:
        assert isinstance(command, click.Group)
        inner = command.get_command(click.Context(command), word)
        assert inner, f"there is no command “{word}”"
        command = inner


def test_the_command_lines_were_found_and_wrong_ones_are_refused() -> None:
    assert len([line for name, line in COMMAND_LINES if name == "delivery.md"]) > 10
    for wrong in ("outbox lst", "endpoint add northgate", "outbox list --state lost", "worker --twice"):
        with pytest.raises(click.UsageError):
            check(main, shlex.split(wrong))
