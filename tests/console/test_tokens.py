"""API tokens in the console and by command: shown once, ended for good, written down; what they read is an export."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from assessment.cli import main
from assessment.storage.staff import AuditEntry, Role
from assessment.storage.tokens import MOST, Scope, Token
from tests.console.conftest import BROWN, HOME, Join, Send, Worker, read, site_of, token_of
from tests.console.test_exports import export
from tests.web.conftest import Page

pytestmark = pytest.mark.databases

PLACE = "/check/settings/tokens"


def make(worker: Worker, expect: int = 200, **more: Any) -> Page:
    typed = {"name": "CRM", "scopes": [*Scope], "days": "90", **more}
    return read(worker.send(PLACE, typed, expect, worker.token("/account")), expect)


def text_on(page: Page) -> str:
    return page.one("input", id="once").get("value") or ""


def ask(worker: Worker, token: str, path: str = "/leads", method: str = "GET") -> Any:
    """What a program with this token is answered."""
    client = worker.app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {token}"}
    return client.open(f"/api/v1{path}", method=method, headers=headers, base_url=HOME)


def rows(worker: Worker) -> list[Token]:
    with site_of(worker.app).database.reading() as session:
        return list(session.scalars(select(Token).order_by(Token.id)))


def test_a_token_is_shown_once_works_and_ends(kim: Worker) -> None:
    text = text_on(make(kim))
    assert re.fullmatch(r"ita_[\w-]{43}", text)
    assert ask(kim, text).status_code == 200
    page = kim.open(PLACE)
    assert text not in page.text
    assert f"{text[:10]}…" in page.says()
    assert "last used on 2026-11-22" in page.says()
    (one,) = rows(kim)
    kim.send(f"{PLACE}/{one.reference}/end", expect=303, token=token_of(page))
    assert ask(kim, text).status_code == 401
    assert "Ended" in kim.open(PLACE).says()
    kim.send(f"{PLACE}/{one.reference}/end", expect=404, token=token_of(page))
    said = kim.open("/check/settings/activity").says()
    assert "made an API token" in said
    assert "ended an API token" in said


def test_it_can_do_what_was_ticked_for_as_long_as_was_chosen(kim: Worker) -> None:
    text = text_on(make(kim, scopes=["erase"], days="30"))
    (one,) = rows(kim)
    assert (one.scopes, one.expires_at) == ("erase", kim.clock() + timedelta(days=30))
    assert ask(kim, text).status_code == 403
    make(kim, name="Another", days="")
    assert rows(kim)[1].expires_at is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": " "}, "Say in at most 80 letters"),
        ({"name": "x" * 81}, "Say in at most 80 letters"),
        ({"name": "<b>\x07</b>"}, "Say in at most 80 letters"),
        ({"scopes": []}, "at least one"),
        ({"scopes": ["everything"]}, "at least one"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_made(kim: Worker, typed: dict[str, Any], says: str) -> None:
    assert says in make(kim, 422, **typed).says()
    assert rows(kim) == []


def test_a_form_sent_twice_makes_one_token_and_so_many_are_enough(kim: Worker) -> None:
    make(kim)
    assert "There is a token named “CRM” already" in make(kim, 422).says()
    for number in range(1, MOST):
        make(kim, name=f"CRM {number}")
    assert "as many as one tenant can have" in make(kim, 422, name="One more").says()
    assert len(rows(kim)) == MOST


def test_only_owners_who_have_just_shown_who_they_are_make_one(kim: Worker, join: Join) -> None:
    kim.clock.passes(minutes=16)
    assert "Confirm and go on" in kim.open(PLACE).says()
    answer = kim.send(PLACE, {"name": "CRM", "scopes": "erase"}, 303, kim.token("/account"))
    assert answer.location.startswith("/console/confirm?")
    editor = join("eve@northgate.example", Role.EDITOR)
    assert editor.get(PLACE).status_code == 404
    editor.send(PLACE, {"name": "CRM", "scopes": "erase"}, 404, editor.token("/account"))
    assert rows(kim) == []


def test_a_program_reads_exactly_what_an_export_holds(kim: Worker, send: Send) -> None:
    send(contact=BROWN, source={"utm_source": "spring"})
    send("c8-architecture-firm", contact={**BROWN, "email": "no@brown.example"}, yes=False)
    exported = export(kim, "json").json
    text = text_on(make(kim))
    assert [ask(kim, text, f"/assessments/{one['reference']}").json for one in exported] == exported
    listed = ask(kim, text, "/assessments").json["items"]
    assert [{name: whole[name] for name in one} for one, whole in zip(listed, exported, strict=True)] == listed


def test_the_trail_says_which_token_erased_what(kim: Worker, send: Send) -> None:
    reference, text = send(contact=BROWN), text_on(make(kim))
    assert ask(kim, text, f"/assessments/{reference}", "DELETE").status_code == 204
    (one,) = rows(kim)
    said = kim.open("/check/settings/activity").says()
    assert f"A program with the API token {one.reference} erased an assessment" in said
    assert kim.get(f"/check/assessments/{reference}").status_code == 404


def test_signing_in_opens_no_api_and_a_token_no_console(kim: Worker) -> None:
    text = text_on(make(kim))
    assert kim.client.get("/api/v1/leads", base_url=HOME).status_code == 401
    nobody = kim.app.test_client(use_cookies=False)
    answer = nobody.get("/console/check/assessments", headers={"Authorization": f"Bearer {text}"}, base_url=HOME)
    assert answer.status_code == 303


def test_the_command_makes_lists_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSESSMENT_INSTANCE", str(tmp_path / "instance"))

    def run(*words: str, expect: int = 0) -> str:
        result = CliRunner().invoke(main, list(words))
        assert result.exit_code == expect, result.output
        return result.output

    run("tenant", "add", "firm", "name=A firm")
    made = run("token", "add", "firm", "CRM", "--scope", "leads:read", "--scope", "erase", "--days", "7")
    found = re.fullmatch(r"Made (tk_\w+)\. The token, shown only now:\n(ita_[\w-]{43})\n", made)
    assert found
    assert "already" in run("token", "add", "firm", "CRM", "--scope", "erase", expect=1)
    assert "no tenant" in run("token", "list", "nobody", expect=1)
    listed = run("token", "list", "firm")
    assert re.search(rf"{found[1]}\t{found[2][:10]}…\tCRM\tleads:read,erase\tworks until .*\tnever used", listed)
    assert found[2] not in listed
    run("token", "end", "firm", found[1])
    assert "\tended\t" in run("token", "list", "firm")
    assert "no token" in run("token", "end", "firm", found[1], expect=1)
    trail = [json.loads(line) for line in run("audit", "--tenant", "firm").splitlines()]
    assert [one["action"] for one in trail] == ["make a token", "end a token"]
    assert {one["about"] for one in trail} == {f"token {found[1]}"}


def test_no_entry_of_the_trail_holds_a_token(kim: Worker) -> None:
    text = text_on(make(kim))
    ask(kim, text)
    with site_of(kim.app).database.reading() as session:
        entries = session.scalars(select(AuditEntry)).all()
    assert entries
    assert not [one for one in entries if text in f"{one.action}{one.object}{one.request_id}"]
