"""The API: who reaches what with which token, what it tells, paging, erasing, and what it says when all is not well."""

import itertools
import logging
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from assessment.engine.questions import Depth
from assessment.storage import assessments, endpoints, lead_pages, leads, tenants, tokens
from assessment.storage.session import Unavailable
from assessment.storage.staff import AuditEntry
from assessment.storage.tables import Answer, Assessment, Consent, Delivery, Lead, Link, Table, Tenant
from assessment.storage.tokens import Scope, Token
from assessment.tenancy.contact import consents
from assessment.web.access import ROUTES, Access
from assessment.web.api.operations import OPERATIONS
from tests.api.conftest import ROOT, Holder, Program, filled
from tests.console.conftest import BROWN, DAY, GRADE, Send, site_of
from tests.web.conftest import Clock
from tests.web.corpus import ATTRIBUTES, MARKUP

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SUBSETS = [set(some) for size in range(len(Scope) + 1) for some in itertools.combinations(Scope, size)]
TRACES = ("audit", "bucket", "token")
"""Where asking leaves a trace."""

NOWHERE = "f" * 16
Count = Callable[[type[Table]], int]


@pytest.fixture
def count(app: Flask) -> Count:
    def one(table: type[Table]) -> int:
        with site_of(app).database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    return one


def lead_of(app: Flask, assessment: str) -> str:
    """The reference of whoever left details with an assessment."""
    with site_of(app).database.reading() as session:
        found = session.scalars(select(Lead).join(Assessment).where(Assessment.reference == assessment)).one()
        return found.reference


def everything(app: Flask) -> dict[str, list[Any]]:
    """Every row there is, but where asking leaves a trace."""
    with site_of(app).database.reading() as session:
        return {
            table.name: session.execute(text(f'SELECT * FROM "{table.name}"')).all()
            for table in Table.metadata.sorted_tables
            if table.name not in TRACES
        }


# Who reaches what


def test_what_needs_a_token_is_what_is_an_operation() -> None:
    rows = {(method, path) for access, method, path in ROUTES.values() if access is Access.API_TOKEN}
    assert rows == {(one.method, f"{ROOT}{one.path}") for one in OPERATIONS}


@pytest.mark.parametrize("scopes", SUBSETS, ids=lambda some: "+".join(sorted(some)) or "none")
def test_a_token_reaches_what_its_scopes_say_and_nothing_of_another_tenant(
    app: Flask, send: Send, holder: Holder, scopes: set[Scope]
) -> None:
    theirs = send(contact=BROWN, slug="other")
    ids = {"/assessments": theirs, "/leads": lead_of(app, theirs)}
    program = holder(*scopes) if scopes else for_nothing(app, holder)
    before = everything(app)
    for path in {one.path for one in OPERATIONS}:
        known = {one.method: one for one in OPERATIONS if one.path == path}
        address = filled(path, ids[path.removesuffix("/<reference>")])
        for method in METHODS:
            answer = program.ask(address, method, data=b"{}" if method in ("POST", "PUT", "PATCH") else None)
            told = (method, address, answer.status, answer.text[:300])
            one = known.get("GET" if method == "HEAD" else method)
            if one is None:
                assert answer.status_code == 405, told
                assert set(answer.headers["Allow"].split(", ")) >= set(known), told
            elif one.scope not in scopes:
                assert answer.status_code == 403, told
                assert f'scope="{one.scope}"' in answer.headers["WWW-Authenticate"], told
            else:
                assert answer.status_code == (404 if "<" in path else 200), told
                assert b"Brown" not in answer.data, told
                assert theirs.encode() not in answer.data, told
    assert everything(app) == before


def for_nothing(app: Flask, holder: Holder) -> Program:
    """A program with a token for nothing: there is no way to make one but this."""
    program = holder()
    with site_of(app).database.writing() as session:
        session.execute(update(Token).values(scopes=""))
    return program


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic a2ltOng=",
        "Bearer ita_nothing",
        "{token}",
        "Bearer {token}x",
        "Bearer {token} {token}",
        "Bearer " + "x" * 5000,
        "Bearer \x7f",
        "Token {token}",
        "Bearer é",
    ],
)
def test_without_a_token_that_works_nothing_opens(app: Flask, holder: Holder, shown: str) -> None:
    program = holder()
    header = shown.format(token=program.token)
    nobody = Program(program.client)
    nobody.refused("/leads", 401, headers={"Authorization": header} if header else {})


def test_a_token_works_nowhere_but_in_its_header(holder: Holder) -> None:
    program = holder()
    nobody = Program(program.client)
    for path in (f"/leads?token={program.token}", f"/leads?access_token={program.token}", f"/leads/{program.token}"):
        assert program.token not in nobody.refused(path, 401).text
    nobody.refused("/leads", 401, headers={"Cookie": f"token={program.token}; session={program.token}"})
    assert program.ask("/leads", headers={"Authorization": f"bearer  {program.token}"}).status_code == 200


def test_a_token_ends_when_its_time_is_over_or_somebody_ends_it(app: Flask, holder: Holder, clock: Clock) -> None:
    short, long = holder(days=30), holder()
    clock.passes(days=29)
    short.get("/leads")
    clock.passes(days=1)
    short.refused("/leads", 401)
    long.get("/leads")
    with site_of(app).database.writing() as session:
        tenant = session.scalars(select(Tenant).where(Tenant.slug == "check")).one()
        (mine,) = [one for one in tokens.of_tenant(session, tenant.id) if one.works(clock())]
        assert tokens.end(session, tenant.id + 1, mine.reference, clock()) is None, "another tenant's"
        assert tokens.end(session, tenant.id, mine.reference, clock())
        assert tokens.end(session, tenant.id, mine.reference, clock()) is None, "twice"
    long.refused("/leads", 401)


def test_only_a_hash_of_a_token_is_kept_and_no_log_line_has_it(
    app: Flask, holder: Holder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    program = holder()
    program.get("/leads")
    program.refused("/leads?limit=x", 400)
    program.refused(f"/leads/{program.token}", 404)
    with site_of(app).database.reading() as session:
        kept = session.scalars(select(Token)).one()
        rows = [str(session.execute(text(f'SELECT * FROM "{table}"')).all()) for table in Table.metadata.tables]
    assert not [row for row in rows if program.token in row]
    assert program.token not in caplog.text
    assert program.token.startswith(kept.begins)
    assert (len(kept.begins), len(kept.sha256), len(program.token)) == (10, 64, 47)
    assert kept.last_used == site_of(app).now().date()


def test_a_token_shown_too_often_waits_and_no_other_with_it(app: Flask, holder: Holder, clock: Clock) -> None:
    object.__setattr__(site_of(app).settings, "api_per_hour", 3)
    program, other = holder(), holder()
    for _ in range(3):
        program.get("/leads")
    clock.passes(minutes=20)
    assert int(program.refused("/leads", 429).headers["Retry-After"]) == pytest.approx(2400, abs=1)
    other.get("/leads")
    clock.passes(minutes=41)
    program.get("/leads")


def test_one_tenant_can_have_so_many_tokens_that_work(app: Flask, holder: Holder, clock: Clock) -> None:
    for _ in range(tokens.MOST):
        holder(days=1)
    with pytest.raises(tokens.NotMade, match="End one first"):
        holder()
    clock.passes(days=1)
    holder().get("/leads")


# What it tells


def test_details_are_told_only_of_those_who_may_be_contacted(app: Flask, send: Send, holder: Holder) -> None:
    yes, no = send(contact=BROWN), send(contact={**BROWN, "email": "no@brown.example"}, yes=False)
    nobody = send()
    program = holder()
    told = {one["reference"]: one for one in program.get("/assessments")["items"]}
    assert told[yes]["contact"] == program.get(f"/assessments/{yes}")["contact"] == BROWN
    assert told[yes]["lead"] == lead_of(app, yes)
    for one in (no, nobody):
        assert (told[one]["lead"], told[one]["contact"], told[one]["consents"]) == (None, {}, [])
        assert not told[one]["may_be_contacted"]
    left = {one["reference"]: one for one in program.get("/leads")["items"]}
    willing, other = left[lead_of(app, yes)], left[lead_of(app, no)]
    assert (willing["contact"], willing["assessments"], willing["grade"], willing["asked"]) == (
        BROWN,
        [yes],
        "A1",
        True,
    )
    assert [one["purpose"] for one in willing["consents"]] == ["contact"]
    assert (other["contact"], other["consents"], other["assessments"]) == ({}, [], [no])
    assert program.get(f"/leads/{lead_of(app, no)}") == other
    assert program.get("/leads?contact=yes")["items"] == [willing]
    assert program.get("/leads?contact=no")["items"] == [other]


def test_who_takes_consent_back_is_told_of_no_more(app: Flask, send: Send, holder: Holder, clock: Clock) -> None:
    one = send(contact=BROWN)
    program, lead = holder(), lead_of(app, one)
    with site_of(app).database.writing() as session:
        leads.withdraw(session.scalars(select(Lead)).one(), clock())
    assert b"rown" not in program.ask(f"/leads/{lead}").data + program.ask(f"/assessments/{one}").data


def test_a_token_for_assessments_alone_neither_sees_nor_guesses_who_they_are(send: Send, holder: Holder) -> None:
    reference = send(contact=BROWN)
    program = holder(Scope.ASSESSMENTS)
    for path in ("/assessments", f"/assessments/{reference}"):
        assert b"rown" not in program.ask(path).data
    program.refused("/assessments?q=brown", 403)
    assert [one["reference"] for one in holder().get("/assessments?q=brown")["items"]] == [reference]


def test_one_has_its_plan_and_answers_and_a_list_has_not(send: Send, holder: Holder) -> None:
    reference = send(contact=BROWN, source={"utm_source": "spring"})
    program = holder()
    (short,) = program.get("/assessments")["items"]
    whole = program.get(f"/assessments/{reference}")
    more = {"banks", "measures", "actions", "answers"}
    assert {**short, **{name: whole[name] for name in more}} == whole
    assert whole["answers"]["backups.tested-restore"]["code"] == "B5"
    assert whole["score"]["low"] <= whole["score"]["score"] <= whole["score"]["high"]
    assert whole["actions"][0]["horizon"] == "now"
    assert (whole["came_from"], whole["source"]) == ("spring", {"utm_source": "spring"})


FILTERS = {
    "critical=yes": 1,
    "critical=no": 1,
    "band=urgent": 1,
    "band=no-such-band": 0,
    "source=spring": 1,
    "source=direct": 1,
    "contact=yes": 1,
    "status=new": 2,
    "status=won": 0,
    "assignee=nobody": 2,
    "assignee=7": 0,
    "from=2026-11-22&to=2026-11-22": 2,
    "from=2026-11-23": 0,
    "to=9999-12-31": 2,
    "from=0001-01-01": 2,
    "test=yes": 0,
    "q=brown%20jane": 1,
}


def test_a_list_is_filtered_as_the_console_s_is(send: Send, holder: Holder) -> None:
    weak, strong = send(contact=BROWN, source={"utm_source": "spring"}), send("c8-architecture-firm")
    program = holder()
    found = {asked: len(program.get(f"/assessments?{asked}")["items"]) for asked in FILTERS}
    assert found == FILTERS
    assert list(program.pages("/assessments", sort="lowest", limit="1")) == [[weak], [strong]]
    assert list(program.pages("/assessments", sort="newest")) == [[strong, weak]]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("limt=5", "limt"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=1.0", "limit"),
        ("limit=", "limit"),
        ("limit=5&limit=6", "limit"),
        ("from=5", "from"),
        ("from=2026-W01-1", "from"),
        ("to=2026-02-30", "to"),
        ("contact=maybe", "contact"),
        ("after=nonsense", "after"),
        ("after=99999999999-1", "after"),
        ("test=", "test"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_shown(holder: Holder, asked: str, name: str) -> None:
    for path in ("/assessments", "/leads"):
        wrong = holder().refused(f"{path}?{asked}", 400).json["errors"]
        assert [one["parameter"] for one in wrong] == [name]
        assert wrong[0]["says"]


def test_tests_and_unfinished_ones_are_in_no_list_and_tests_are_marked(
    app: Flask, send: Send, holder: Holder, clock: Clock
) -> None:
    real, site = send(), site_of(app)
    with site.database.writing() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant
        unfinished, _ = assessments.start(session, tenant, site.pin, Depth.QUICK, clock(), DAY)
        tenants.change(tenant, {"test": True})
    tried, program = send(contact=BROWN), holder()
    assert list(program.pages("/assessments")) == [[real]]
    assert list(program.pages("/assessments", test="yes")) == [[tried]]
    assert program.get(f"/assessments/{tried}")["test"] is True
    assert list(program.pages("/leads")) == [[]]
    assert list(program.pages("/leads", test="yes")) == [[lead_of(app, tried)]]
    program.refused(f"/assessments/{unfinished.reference}", 404)
    program.refused(f"/assessments/{unfinished.reference}", 404, "DELETE")


def test_one_that_was_scored_again_is_named_under_the_first_and_has_no_address(
    app: Flask, send: Send, holder: Holder
) -> None:
    reference, program = send(), holder()
    with site_of(app).database.writing() as session:
        row = session.scalars(select(Assessment)).one()
        session.add(another(row, reference="a" * 16, rescores_id=row.id))
    (one,) = program.get("/assessments")["items"]
    assert one["reference"] == reference
    assert [again["reference"] for again in one["rescored"]] == ["a" * 16]
    program.refused(f"/assessments/{'a' * 16}", 404)
    program.refused(f"/assessments/{'a' * 16}", 404, "DELETE")


# Paging


def another(row: Assessment, **more: Any) -> Assessment:
    """A new assessment, like this one but for what is said."""
    same = {column.name: getattr(row, column.name) for column in Assessment.__table__.columns if column.name != "id"}
    return Assessment(**{**same, **more})


def plant(app: Flask, clock: Clock, number: int) -> list[str]:
    """So many assessments with leads, two at a time in the same moment; the newest first."""
    site, made = site_of(app), []
    with site.database.writing() as session:
        tenant = session.scalars(select(Tenant).where(Tenant.slug == "check")).one()
        template = session.scalars(select(Assessment).limit(1)).one()
        for place in range(number):
            made.append(secrets.token_hex(8))
            row = another(template, reference=made[-1], submitted_at=clock(), lead_id=None)
            session.add(row)
            session.flush()
            contact = {"email": f"{made[-1]}@firm.example"}
            leads.receive(session, row, contact, [(text, True) for text in consents(tenant.profile)], GRADE, clock())
            clock.passes(seconds=place % 2)
    return made[::-1]


@pytest.mark.parametrize("sort", ["newest", "lowest", "grade"])
def test_pages_have_every_row_once_whatever_is_sent_in_or_erased_meanwhile(
    app: Flask, send: Send, holder: Holder, clock: Clock, sort: str
) -> None:
    first, program = send(), holder()
    before = {first, *plant(app, clock, 9)}
    seen: list[str] = []
    for number, page in enumerate(program.pages("/assessments", sort=sort, limit="3")):
        seen += page
        if number == 0:
            plant(app, clock, 3)
            gone = next(one for one in before if one not in seen)
            program.erase(f"/assessments/{gone}")
    assert len(seen) == len(set(seen))
    assert before - {gone} <= set(seen)
    assert gone not in seen
    if sort == "newest":
        assert set(seen) == before - {gone}


def test_pages_of_leads_have_every_one_once(app: Flask, send: Send, holder: Holder, clock: Clock) -> None:
    send()
    plant(app, clock, 7)
    program = holder()
    before = {one for page in program.pages("/leads") for one in page}
    seen: list[str] = []
    for page in program.pages("/leads", limit="2"):
        seen += page
        plant(app, clock, 1)
    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == before


def test_a_page_after_the_last_one_is_empty_and_never_the_first_again(app: Flask, send: Send, holder: Holder) -> None:
    last, program = send(), holder()
    send(), send()
    after = program.get("/assessments?limit=2")["after"]
    program.erase(f"/assessments/{last}")
    assert program.get(f"/assessments?limit=2&after={after}") == {"items": [], "after": None}


# Erasing


def test_an_erased_lead_leaves_nothing_and_the_endpoints_are_told(
    app: Flask, send: Send, holder: Holder, count: Count
) -> None:
    site = site_of(app)
    with site.database.writing() as session:
        tenant = session.scalars(select(Tenant).where(Tenant.slug == "check")).one()
        how = (site.vault, site.now())
        endpoints.add(session, tenant, "https://crm.example", "whsec_x", *how, flat=False, events="contact.erased")
    first, second, other = send(contact=BROWN), send("c8-architecture-firm", contact=BROWN), send()
    lead, program = lead_of(app, first), holder(Scope.ERASE)
    assert lead == lead_of(app, second)
    program.erase(f"/leads/{lead}")
    assert (count(Lead), count(Consent), count(Assessment)) == (0, 0, 1)
    with site.database.reading() as session:
        assert {one.assessment_id for one in session.scalars(select(Answer))} == {
            session.scalars(select(Assessment.id)).one()
        }
        (told,) = session.scalars(select(Delivery)).all()
        (done,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "erase")).all()
        mine = session.scalars(select(Token)).one().reference
    assert told.event == "contact.erased"
    assert lead in told.payload
    assert "Brown" not in told.payload
    assert (done.object, done.request_id, done.staff_id) == (f"lead {lead}", f"token {mine}", None)
    program.erase(f"/leads/{lead}", 404)
    holder().refused(f"/assessments/{first}", 404)
    holder().get(f"/assessments/{other}")
    assert count(Delivery) == 1


def test_an_erased_assessment_leaves_the_details_left_with_it(
    app: Flask, send: Send, holder: Holder, count: Count
) -> None:
    one, other = send(contact=BROWN), send(contact=BROWN)
    program, lead = holder(), lead_of(app, one)
    program.erase(f"/assessments/{one}")
    program.erase(f"/assessments/{one}", 404)
    assert (count(Assessment), count(Lead)) == (1, 1)
    assert program.get(f"/leads/{lead}")["assessments"] == [other]
    with site_of(app).database.reading() as session:
        left = session.scalars(select(Assessment.id)).one()
        assert set(session.scalars(select(Answer.assessment_id))) == {left}
        assert set(session.scalars(select(Link.assessment_id))) == {left}


def test_leads_read_by_the_page_are_written_down_once_a_day(
    app: Flask, send: Send, holder: Holder, clock: Clock
) -> None:
    send(contact=BROWN)
    program = holder()
    for _ in range(3):
        program.get("/leads?limit=1")
        program.get("/assessments")
    holder(Scope.ASSESSMENTS).get("/assessments")
    clock.passes(days=1)
    program.get("/leads")
    with site_of(app).database.reading() as session:
        assert [one.action for one in session.scalars(select(AuditEntry))] == ["read leads"] * 2


# What it says when something is wrong


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/leads", "/api/v1/leads/", "/api//v1/leads"]
)
def test_where_nothing_is_a_program_is_told_so(holder: Holder, path: str) -> None:
    holder().refused(path, 404, root="")
    holder().refused(path, 404, "POST", root="")


def test_a_mistake_of_ours_is_a_problem_too(app: Flask, holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: object) -> None:
        raise Unavailable("the disk is full")

    program = holder()
    monkeypatch.setattr(lead_pages, "page", gone)
    answer = program.refused("/leads", 503)
    assert answer.headers["Retry-After"] == "30"
    assert "disk" not in answer.text
    monkeypatch.setattr(lead_pages, "page", None)
    assert "reference" in program.refused("/leads", 500).json["detail"]


def test_no_website_can_use_the_api_with_somebody_s_browser(holder: Holder) -> None:
    program = holder()
    program.ask("/leads", headers={"Origin": "https://evil.example"})
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "DELETE"}
    for path in ("/leads", "/leads/x", "/openapi.json", "/nothing"):
        program.ask(path, "OPTIONS", headers=asked)


HOSTILE = (
    *MARKUP[:4],
    *ATTRIBUTES[:3],
    "' OR 1=1 --",
    "\x00",
    "%00",
    "\ud7ff\uffff\u202e",
    "𝕏" * 300,
    "../../etc/passwd",
    "9" * 400,
    "-1",
    "20261122T090000000000-99999999999",
    "20261399T990000000000-1",
    "{}",
    "[]",
    "null",
    "%",
    "_",
    "\\",
)


def test_whatever_is_asked_is_answered_and_never_by_a_mistake(send: Send, holder: Holder) -> None:
    send(contact=BROWN)
    program = holder()
    for word in HOSTILE:
        for path, name in (("/assessments", name) for name in ("after", "q", "band", "source", "assignee", "x")):
            assert program.ask(path, query_string={name: word}).status_code in (200, 400), (path, name, word)
        given = {"after": word, "limit": word, "from": word, "to": word, word[:50]: word}
        assert program.ask("/leads", query_string=given).status_code == 400, word
        for path, method in (("/assessments", "GET"), ("/leads", "DELETE")):
            assert program.ask(f"{path}/{word}", method).status_code in (404, 405), (path, word)
        program.ask("/leads", headers={"Accept": "text/html", "Content-Type": "x/y", "X-Request-Id": "a b"})
        program.ask("/leads", "POST", data=word.encode("utf-8", "replace") * 1000)
    for query in (b"%ff%fe", b"a=%ff", b"=&=", b"&" * 500, b"q=" + b"%f0%9f" * 90, b"limit=%31"):
        assert program.ask("/leads", environ_overrides={"QUERY_STRING": query.decode("latin-1")}).status_code in (
            200,
            400,
        ), query
