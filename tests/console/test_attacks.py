"""The console under attack: what a stranger or a colleague types, what two do at once, and what is left of somebody."""

import itertools
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text, update

from assessment.delivery.bulk import Maker
from assessment.delivery.chores import Chores
from assessment.settings import Settings, read_settings
from assessment.storage import assessments, tallies, tenants
from assessment.storage.session import Database
from assessment.storage.staff import Role, Staff
from assessment.storage.standing import searchable
from assessment.storage.tables import Assessment, Lead, Tenant
from assessment.storage.tallies import week_of
from assessment.tenancy.counting import Counted, Kind
from assessment.web.console.access import ROUTES
from assessment.web.source import read_source
from tests.console.conftest import BROWN, COOKIE, HOME, Join, Send, Worker, cookie, invite, site_of
from tests.web.corpus import ATTRIBUTES, ELSEWHERE, MARKUP, STRANGE, TEMPLATES, cleaned, inert, shape

ASKED = "backups.tested-restore"
BOTH = pytest.mark.databases
ON_POSTGRES = pytest.mark.databases("postgresql")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(
        {
            "ASSESSMENT_INSTANCE": str(tmp_path / "instance"),
            "ASSESSMENT_BASE_URL": HOME,
            "ASSESSMENT_TENANT_NAME": "Northgate Computers",
            "ASSESSMENT_MAIL_FOLDER": str(tmp_path / "mail"),
        }
    )


def post(worker: Worker, path: str, token: str = "", **typed: str) -> Any:
    """Send a form of the console, whatever becomes of it."""
    data = {"csrf_token": token or worker.token("/account"), **typed}
    return worker.client.post(f"/console{path}", data=data, headers=worker.headers, base_url=HOME)


def public(worker: Worker, path: str, **typed: str) -> Any:
    """What somebody without an account gets, from whatever browser."""
    client = worker.app.test_client(use_cookies=False)
    return client.post(path, data=typed, base_url=HOME) if typed else client.get(path, base_url=HOME)


def counted(app: Flask, table: str) -> int:
    with site_of(app).database.reading() as session:
        return int(session.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0)


# Addresses and forms


ODD = ("9" * 20, "9" * 5000, str(2**31), "%00", "1%00", "%FF", "%E2%80%AE")


@BOTH
def test_an_address_no_row_can_have_leads_nowhere(kim: Worker, send: Send) -> None:
    reference, token = send(), kim.token("/account")
    typed = {"role": "viewer", "kind": "verified", "depth": "quick", "status": "new", "assignee": "", "says": "x"}
    for odd, (_, methods, path) in itertools.product(ODD, ROUTES.values()):
        parts = set(re.findall(r"<[\w:]+>", path)) - {"<slug>"}
        for known in (odd, reference) if parts - {"<reference>"} else (odd,) if parts else ():
            address = re.sub(r"<[\w:]+>", odd, path.replace("<slug>", "check").replace("<reference>", known))
            for method in methods.split():
                answer = post(kim, address, token, **typed) if method == "POST" else kim.get(address)
                assert answer.status_code in (302, 303, 404), (path, method, answer.status)


@BOTH
def test_no_cursor_is_too_far_away(kim: Worker, send: Send) -> None:
    send()
    for sort, way, cursor in itertools.product(
        ("newest", "lowest", "grade"),
        ("before", "after"),
        ("1-999999999999999999", "1-2147483648", "99991231T235959999999-9999999999", "99999999-1", "0-0"),
    ):
        kim.open(f"/check/assessments?sort={sort}&{way}={cursor}")


@pytest.mark.parametrize("sign", ["\x00", "\x01", "\x0b", "\x7f", "\x85", "\ufffe", "\U0001ffff"])
def test_signs_no_page_can_hold_are_not_kept(kim: Worker, send: Send, sign: str) -> None:
    reference = send()
    post(kim, f"/check/assessments/{reference}/notes", says=f"It\t{sign}rained\r\nagain")
    post(kim, f"/check/assessments/{reference}/answers/{ASKED}", kind="verified", how=f"I {sign}looked")
    assert "It rained\nagain" in kim.open(f"/check/assessments/{reference}").text
    assert 'value="I looked"' in kim.open(f"/check/assessments/{reference}/answers").text
    somebody = kim.elsewhere()
    link = invite(kim.app, "ana@northgate.example").removeprefix(f"{HOME}/console")
    typed = {"name": f"A{sign}na", "password": "marble otter kettle 9"}
    somebody.send(link, typed, 422, somebody.token(link))


# Words of strangers and colleagues


def words_everywhere(app: Flask, says: str) -> None:
    """The same words in every field that staff or visitors can fill."""
    site = site_of(app)
    contact = dict.fromkeys(("name", "company", "email", "phone", "staff", "devices", "message"), says)
    source = dict.fromkeys(("utm_source", "utm_medium", "utm_campaign", "ref", "host"), says[:200])
    with site.database.writing() as session:
        found = session.scalars(select(Assessment)).first()
        assert found is not None
        session.execute(
            update(Lead).values(contact=json.dumps(contact), search=searchable(contact), company=says[:160])
        )
        session.execute(update(Assessment).values(source=json.dumps(source), came_from=says[:200]))
        session.execute(update(Staff).values(name=says[:100]))
        for table, column in (("note", "says"), ("review", "says"), ("tally", "name"), ("invitation", "email")):
            where = "WHERE kind = 'source'" if table == "tally" else ""
            session.execute(text(f"UPDATE {table} SET {column} = :says {where}"), {"says": says[:200]})
        session.execute(text("UPDATE endpoint SET url = :url"), {"url": f"https://hooks.example/{says}"})
        changes = {name: says[:60].strip() for name in ("name", "contact", "sender", "controller", "action_says")}
        tenants.change(session.get_one(Tenant, found.tenant_id), {**changes, "action_link": "tel:+44"})


@pytest.fixture
def pages(app: Flask, kim: Worker, send: Send) -> list[str]:
    """A tenant with one of everything; gives the addresses of all its pages."""
    first, second = send(contact=BROWN, source={"utm_source": "x"}), send("c8-architecture-firm", contact=BROWN)
    site = site_of(app)
    for path, typed in (
        (f"/assessments/{first}/notes", {"says": "harmless"}),
        (f"/assessments/{first}/answers/{ASKED}", {"kind": "verified", "how": "harmless"}),
        ("/settings/endpoints", {"url": "https://1.1.1.1/hook", "events": "lead.received"}),
        ("/settings/staff", {"email": "ana@northgate.example", "role": "viewer"}),
        ("/bulk", {"documents": "report"}),
    ):
        assert post(kim, f"/check{path}", **typed).status_code in (200, 303), path
    with site.database.writing() as session:
        tallies.add(session, 1, False, week_of(site.now()), {Counted(Kind.SOURCE, "x", Kind.COMPLETE): (1, 0)})
        endpoint = session.scalar(text("SELECT reference FROM endpoint"))
        bulk = session.scalar(text("SELECT reference FROM bulk"))
    one = f"/assessments/{first}"
    paths = ("/assessments", one, f"{one}/answers", f"{one}/report", f"{one}/links", f"{one}/erase")
    more = (f"/compare/{first}/{second}", "/dashboard", "/export", "/bulk", f"/bulk/{bulk}", "/settings")
    areas = ("brand", "website", "contact", "contact/agreed", "keeping", "questionnaire", "endpoints", "staff")
    far = (*areas, "activity", "tokens", f"endpoints/{endpoint}")
    return [f"/check{path}" for path in (*paths, *more, *(f"/settings/{area}" for area in far))]


def test_no_words_change_a_page_of_the_console(app: Flask, kim: Worker, pages: list[str]) -> None:
    words_everywhere(app, "harmless")
    plain = {path: shape(kim.open(path).tree) for path in pages}
    for group in (MARKUP, ATTRIBUTES, TEMPLATES, ELSEWHERE, STRANGE, ("--ink", "=1+1", "@SUM(1)")):
        for some in twelve(group):
            words_everywhere(app, " ".join(one for one in some if one) or "harmless")
            for path in pages:
                page = kim.open(path)
                if not path.endswith("/website"):  # it holds a frame of our own
                    inert(page.tree)
                assert shape(page.tree) == plain[path], (path, some)
    for box in kim.open("/check/dashboard").all("div", **{"class": "drawn"}):
        assert "<a" not in json.dumps(json.loads(box.get("data-figure") or "")["layout"].get("annotations", []))


def twelve(group: Sequence[str]) -> list[Sequence[str]]:
    """What attackers type, in handfuls: fields are short."""
    words = list(map(cleaned, group))
    return [words[begin : begin + 12] for begin in range(0, len(words), 12)]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("spring", True),
        ("@northgate", True),
        ("a@b", True),
        ("jane@brown.example", False),
        ("mail to jane.b+x@brown.co.uk now", False),
        ("jane%40brown.example", False),
        ("jäne@bröwn.example", False),
    ],
)
def test_no_address_of_a_reader_is_kept_as_where_they_came_from(app: Flask, kim: Worker, said: str, kept: bool) -> None:
    with site_of(app).database.reading() as session:
        tenant = session.scalars(select(Tenant)).one()
        for name in ("utm_source", "utm_campaign", "utm_term", "utm_content", "ref"):
            assert bool(read_source(tenant, {name: said})) is kept


# Who did not agree


def test_a_link_that_staff_made_tells_nothing_about_its_owner(app: Flask, kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN, yes=False)
    made = re.search(r"/r/[\w-]+", post(kim, f"/check/assessments/{reference}/links").text)
    assert made is not None
    _tells_nothing(kim, made[0])
    deeper = public(kim, f"{made[0]}/deepen", depth="full").location
    _tells_nothing(kim, _sent_in(kim, deeper))
    assert public(kim, f"{made[0]}/delete", sure="yes").status_code == 303
    assert counted(app, "lead") == 1, "whoever has such a link deletes the answers, and nobody's details"


def test_going_through_it_in_a_meeting_tells_nothing_about_its_owner(app: Flask, kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN, yes=False)
    together = post(kim, f"/check/assessments/{reference}/together", depth="full").location.removeprefix(HOME)
    report = _sent_in(kim, together)
    _tells_nothing(kim, report)
    deeper = public(kim, f"{report}/deepen", depth="full").location
    _tells_nothing(kim, _sent_in(kim, deeper))


def _sent_in(worker: Worker, location: str) -> str:
    token = location.split("/")[2]
    sent = public(worker, f"/t/{token}/submit", sure="yes")
    assert sent.status_code == 303, sent.text
    return str(sent.location.partition("?")[0])


def _tells_nothing(worker: Worker, report: str) -> None:
    for path in (report, f"{report}/data.json", f"{report}/delete"):
        answer = public(worker, path)
        assert answer.status_code == 200, path
        for detail in ("Jane", "Brown", "brown.example", "7946"):
            assert detail not in answer.text, (path, detail)


def test_whoever_holds_the_link_they_were_mailed_still_gets_everything(app: Flask, kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN, yes=False)
    site = site_of(app)
    with site.database.writing() as session:
        found = session.scalars(select(Assessment).where(Assessment.reference == reference)).one()
        token = assessments.open_report(session, found, found.lead, site.now(), site.readable_for)
    assert "jane@brown.example" in public(kim, f"/r/{token}/data.json").text


# What is left of somebody


@pytest.mark.databases("sqlite")
def test_nothing_of_somebody_who_is_erased_is_left_in_any_file(
    app: Flask, kim: Worker, send: Send, settings: Settings
) -> None:
    jane = {"name": "Janequx Brown", "company": "Brownqux & Co", "email": "jane@brownqux.example", "phone": "0771qux"}
    first, second = send(contact=jane), send("c8-architecture-firm", contact=jane)
    site = site_of(app)
    for reference, number in itertools.product((first, second), range(12)):
        post(kim, f"/check/assessments/{reference}/notes", says=f"Notequx {number} {'qux ' * 900}")
    for reference in (first, second):
        post(kim, f"/check/assessments/{reference}/answers/{ASKED}", kind="corrected", answer="never", how="Howqux")
        post(kim, f"/check/assessments/{reference}/answers/{ASKED}", kind="verified", how="Howqux")
        post(kim, f"/check/assessments/{reference}/send")
        post(kim, f"/check/assessments/{reference}/together", depth="quick")
    post(kim, "/check/bulk", documents="report brief")
    maker = Maker(site.database, settings, site.now, lambda *asked: b"%PDF-qux " * 5000)
    while maker():
        pass
    assert counted(app, "bulk_part") == 4
    assert left(settings) > 20_000
    assert post(kim, f"/check/assessments/{first}/erase", what="person").status_code == 303
    assert [counted(app, name) for name in ("lead", "assessment", "note", "review", "bulk_part")] == [0] * 5
    assert left(settings) == 0
    site.database.engine.dispose()
    assert left(settings) == 0


def left(settings: Settings) -> int:
    """How often any file of an instance names somebody."""
    files = (file for file in settings.instance.rglob("*") if file.is_file())
    return sum(file.read_bytes().count(b"qux") for file in files)


def test_what_is_swept_takes_notes_looks_and_documents_along(
    app: Flask, kim: Worker, send: Send, settings: Settings
) -> None:
    reference = send()
    site = site_of(app)
    post(kim, f"/check/assessments/{reference}/notes", says="qux")
    post(kim, f"/check/assessments/{reference}/answers/{ASKED}", kind="verified", how="qux")
    post(kim, "/check/bulk", documents="report")
    Maker(site.database, settings, site.now, lambda *asked: b"%PDF-qux")()
    kim.clock.passes(days=1100)
    Chores(site.database, settings, site.vault, site.now)()
    assert [counted(app, name) for name in ("assessment", "note", "review", "bulk", "bulk_part")] == [0] * 5
    assert left(settings) == 0


# Two at once


def just_before(app: Flask, what: str, does: Callable[[], object]) -> None:
    """Do something once, when the database is about to be asked for this: what somebody else does in between."""
    waiting = [does]

    @event.listens_for(site_of(app).database.engine, "before_cursor_execute")
    def before(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if waiting and what in statement:
            waiting.pop()()


def elsewhere(settings: Settings, statement: str) -> None:
    """Somebody else changes the database, over a connection of their own."""
    database = Database(settings.database)
    with database.closing(), database.writing() as session:
        session.connection().exec_driver_sql(statement)


@pytest.mark.databases("sqlite")
def test_settings_that_clash_with_what_was_saved_meanwhile_are_refused_with_a_sentence(
    app: Flask, kim: Worker, settings: Settings
) -> None:
    token = kim.token("/account")
    assert post(kim, "/check/settings/contact", token, fit_from="10", fit_to="100").status_code == 303
    narrower = "UPDATE tenant SET profile_json = replace(profile_json, '\"fit_to\":100', '\"fit_to\":40')"
    just_before(app, "BEGIN IMMEDIATE", lambda: elsewhere(settings, narrower))
    answer = post(kim, "/check/settings/contact", token, fit_from="50")
    assert answer.status_code == 422
    assert "smallest firm that suits you is larger" in answer.text


@ON_POSTGRES
def test_what_is_erased_while_somebody_works_on_it_is_no_mistake_of_ours(
    app: Flask, kim: Worker, send: Send, settings: Settings
) -> None:
    reference, token = send(), kim.token("/account")
    erase = f"DELETE FROM assessment WHERE reference = '{reference}'"
    just_before(app, "UPDATE assessment SET status", lambda: elsewhere(settings, erase))
    worked = post(kim, f"/check/assessments/{reference}/work", token, status="won", assignee="")
    assert worked.status_code == 503, "nothing was kept, and the page says so"
    assert post(kim, f"/check/assessments/{reference}/work", token, status="won", assignee="").status_code == 404


@ON_POSTGRES
def test_what_is_erased_while_documents_are_ordered_is_left_out(
    app: Flask, kim: Worker, send: Send, settings: Settings
) -> None:
    token = kim.token("/account")
    for others in (1, 0):
        reference = send()
        kept = [send("c8-architecture-firm") for _ in range(others)]
        erase = f"DELETE FROM assessment WHERE reference = '{reference}'"
        just_before(
            app, "SELECT assessment.id, assessment.reference \n", lambda erase=erase: elsewhere(settings, erase)
        )
        ordered = post(kim, "/check/bulk", token, documents="report")
        assert ordered.status_code == (303 if kept else 422)
        elsewhere(settings, "DELETE FROM bulk")
        elsewhere(settings, "DELETE FROM assessment")


@BOTH
def test_whatever_is_done_at_once_nothing_is_a_mistake_of_ours(app: Flask, kim: Worker, join: Join, send: Send) -> None:
    join("ana@northgate.example", Role.OWNER)
    said: Counter[int] = Counter()
    for _ in range(4):
        reference, token = send(contact=BROWN), kim.token("/account")
        one = f"/check/assessments/{reference}"
        forms = [
            *[(f"{one}/erase", {"what": what}) for what in ("person", "person", "assessment")],
            *[(f"{one}/notes", {"says": "x"})] * 2,
            (f"{one}/work", {"status": "won", "assignee": "1"}),
            *[(f"{one}/answers/{ASKED}", {"kind": "verified"})] * 2,
            (f"{one}/together", {"depth": "quick"}),
            *[("/check/bulk", {"documents": "report"})] * 2,
            *[(f"/check/settings/staff/{staff}/role", {"role": "viewer"}) for staff in (1, 2)],
        ]
        said += at_once(kim, token, forms)
        with site_of(app).database.writing() as session:
            owners = session.scalar(text("SELECT count(*) FROM membership WHERE role = 'owner'"))
            assert owners == 1, "somebody must be left who can change anything"
            assert counted(app, "bulk") <= 1
            assert session.scalar(text("SELECT count(*) FROM tally WHERE count < 1 OR total < 0")) == 0
            session.execute(text("UPDATE membership SET role = 'owner'"))
            session.execute(text("DELETE FROM bulk"))
    assert not said[500], said


def at_once(worker: Worker, token: str, forms: Sequence[tuple[str, dict[str, str]]]) -> Counter[int]:
    """The same person at as many browser tabs; gives how often each status came."""
    found: Counter[int] = Counter()
    gate = threading.Barrier(len(forms))

    def send(path: str, typed: dict[str, str]) -> None:
        tab = worker.elsewhere()
        tab.client.set_cookie(COOKIE, held, domain="check.example.com", secure=True)
        gate.wait()
        found[post(tab, path, token, **typed).status_code] += 1

    held = cookie(worker)
    threads = [threading.Thread(target=send, args=form) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
