"""The list of assessments: searched, filtered, sorted and paged, always inside one tenant."""

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, text

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.storage import assessments, browsing, leads, privacy, tenants
from assessment.storage.browsing import Found, Listed, Sort, Wanted, page
from assessment.storage.migrating import migrate
from assessment.storage.outbox import Channel, Parcel, enqueue
from assessment.storage.session import Database, Session
from assessment.storage.standing import Standing, searchable, standing
from assessment.storage.tables import NO_SCORE, Assessment, Consent, Lead, Tenant
from assessment.storage.vault import Vault
from assessment.tenancy.contact import Purpose, consents
from assessment.tenancy.grading import Grade, named
from tests.storage.conftest import NOW

DAY = timedelta(days=1)
MINE, OTHER = 1, 2
BANDS, STAFF, SOURCES = ("urgent", "exposed", "sound"), ("1", "5-9", "10-19"), ("", "www.north.example", "spring")
PEOPLE = (
    {"name": "Jane Brown", "company": "Brown & Co", "email": "jane@brown.example"},
    {"name": "Zoë Łukasz", "company": "100% Dental_Care", "email": "zoe@dental.example"},
    {"name": "Jim Straße", "company": "Nordwind", "email": "jim@nordwind.example", "phone": "+44 20 7946 0000"},
)


def fill(session: Session, seed: int = 7, count: int = 160) -> list[dict[str, Any]]:
    """Two tenants with assessments full of ties; gives what stands in the rows, with their leads."""
    random_ = random.Random(seed)
    for number, slug in ((MINE, "mine"), (OTHER, "other")):
        session.add(Tenant(id=number, slug=slug, profile_json="{}", created_at=NOW))
    session.flush()
    people = [_lead(session, random_, number) for number in range(24)]
    session.flush()
    rows = [_row(random_, number, people) for number in range(1, count + 1)]
    for lead in people:
        session.refresh(lead, ["consents"])
    session.execute(insert(Assessment), [{k: v for k, v in row.items() if k != "lead"} for row in rows])
    return rows


def _lead(session: Session, random_: random.Random, number: int) -> Lead:
    contact = random_.choice(PEOPLE)
    lead = Lead(
        id=number + 1,
        reference=f"lead{number}",
        tenant_id=MINE if number < 18 else OTHER,
        contact=json.dumps(contact, ensure_ascii=False),
        grade="{}",
        search=searchable(contact),
        test=number % 6 == 5,
        created_at=NOW,
        updated_at=NOW,
    )
    for _ in range(random_.randrange(3)):
        lead.consents.append(
            Consent(
                assessment_reference="",
                purpose=random_.choice((Purpose.CONTACT, Purpose.CONTACT, Purpose.NEWS)),
                says="",
                version="",
                language="",
                controller="",
                given=random_.random() < 0.7,
                at=NOW,
                withdrawn_at=NOW if random_.random() < 0.2 else None,
            )
        )
    session.add(lead)
    return lead


def _row(random_: random.Random, number: int, people: list[Lead]) -> dict[str, Any]:
    tenant, test = random_.choice((MINE, MINE, MINE, OTHER)), random_.random() < 0.2
    fitting = [one for one in people if one.tenant_id == tenant and one.test == test]
    lead = random_.choice(fitting) if random_.random() < 0.4 else None
    return {
        "id": number,
        "reference": f"{random_.randrange(16**6):06x}{number:06x}",
        "tenant_id": tenant,
        "questionnaire_id": "it-health",
        "questionnaire_version": "1",
        "depth": "quick",
        "created_at": NOW - 9 * DAY,
        "submitted_at": NOW - random_.randrange(6) * DAY / 2 if random_.random() < 0.9 else None,
        "source": "{}",
        "test": test,
        "score": random_.choice((0, 31, 31, 56, 100, NO_SCORE)),
        "band": random_.choice(BANDS),
        "criticals": random_.choice((0, 0, 3)),
        "staff": random_.choice(STAFF),
        "came_from": random_.choice(SOURCES),
        "rank": random_.choice((33, 32, 11)) if lead else 0,
        "lead_id": lead.id if lead else None,
        "lead": lead,
    }


def agreed(lead: Lead | None) -> bool:
    return lead is not None and leads.agreed(lead)


def wants(wanted: Wanted, row: dict[str, Any]) -> bool:
    """The same filter, said naively."""
    taken = row["submitted_at"]
    if row["tenant_id"] != MINE or taken is None or row["test"] != wanted.test:
        return False
    words = wanted.text.split()
    contact = json.loads(row["lead"].contact) if agreed(row["lead"]) else {}
    told = " ".join(contact.get(name, "") for name in ("name", "company", "email")).casefold()
    found = all(word.casefold() in told for word in words) or (
        len(words) == 1 and row["reference"].startswith(words[0])
    )
    return (
        (not words or found)
        and (not wanted.band or row["band"] == wanted.band)
        and (wanted.critical is None or wanted.critical == (row["criticals"] > 0))
        and (wanted.since is None or taken.date() >= wanted.since)
        and (wanted.until is None or taken.date() <= wanted.until)
        and (wanted.came_from is None or row["came_from"] == wanted.came_from)
        and (not wanted.staff or row["staff"] == wanted.staff)
        and (wanted.contact is None or wanted.contact == agreed(row["lead"]))
    )


ORDERS: dict[Sort, Callable[[dict[str, Any]], Any]] = {
    Sort.NEWEST: lambda row: (-row["submitted_at"].timestamp(), -row["id"]),
    Sort.LOWEST: lambda row: (row["score"], row["id"]),
    Sort.GRADE: lambda row: (-row["rank"], -row["id"]),
}

DAYS = st.none() | st.dates(date(2026, 11, 18), date(2026, 11, 23))
MAYBE = st.none() | st.booleans()
WANTED = st.builds(
    Wanted,
    text=st.sampled_from(
        ["", "", "", "brown", "JANE co", "%", "_", "zoë", "STRASSE", "0", "a", "nobody", "7946", "brown zoë"]
    ),
    band=st.sampled_from(["", "", *BANDS]),
    critical=MAYBE,
    since=DAYS,
    until=DAYS,
    came_from=st.none() | st.sampled_from(SOURCES),
    staff=st.sampled_from(["", "", *STAFF]),
    contact=MAYBE,
    test=st.booleans(),
)


def references(rows: Sequence[Listed]) -> list[str]:
    return [row.reference for row in rows]


def forth(session: Session, wanted: Wanted, sort: Sort, size: int) -> list[Found]:
    pages = [page(session, MINE, wanted, sort, size=size)]
    while pages[-1].after:
        pages.append(page(session, MINE, wanted, sort, after=pages[-1].after, size=size))
    return pages


def back(session: Session, wanted: Wanted, sort: Sort, size: int, last: Found) -> list[Found]:
    pages = [last]
    while pages[-1].before:
        pages.append(page(session, MINE, wanted, sort, before=pages[-1].before, size=size))
    return pages[::-1]


def test_paging_through_everything_gives_every_row_once_in_order_forth_and_back(database: Database) -> None:
    with database.writing() as session:
        rows = fill(session)

    @settings(max_examples=120)
    @given(wanted=WANTED, sort=st.sampled_from(Sort), size=st.integers(1, 40))
    def whatever_is_wanted(wanted: Wanted, sort: Sort, size: int) -> None:
        expected = [row["reference"] for row in sorted((r for r in rows if wants(wanted, r)), key=ORDERS[sort])]
        with database.reading() as session:
            pages = forth(session, wanted, sort, size)
            assert [one for found in pages for one in references(found.rows)] == expected
            again = back(session, wanted, sort, size, pages[-1])
            assert [one for found in again for one in references(found.rows)] == expected
        assert {found.count for found in pages} == {len(expected)}
        assert pages[0].before == ""
        assert again[0].before == ""

    with database.reading() as session:
        assert sum(len(found.rows) for found in forth(session, Wanted(), Sort.NEWEST, 9)) > 50
    whatever_is_wanted()


BAD = ["x", "-", "1-", "-1", "9" * 30 + "-1", "1-" + "9" * 30, "20269922T090000000000-1", "1-1\n", "١-١", "' OR 1=1--"]


def test_a_cursor_that_cannot_be_read_gives_the_first_page(database: Database) -> None:
    with database.writing() as session:
        fill(session, count=40)
    for sort in Sort:
        for cursor in BAD:
            with database.reading() as session:
                first = page(session, MINE, Wanted(), sort, size=5)
                assert page(session, MINE, Wanted(), sort, after=cursor, size=5) == first, cursor
                assert page(session, MINE, Wanted(), sort, before=cursor, size=5) == first, cursor


def test_a_cursor_past_the_end_gives_the_first_page(database: Database) -> None:
    with database.writing() as session:
        fill(session, count=40)
        first = page(session, MINE, Wanted(), Sort.LOWEST, size=5)
        assert page(session, MINE, Wanted(), Sort.LOWEST, after="999-999", size=5) == first


def test_what_anybody_may_type_is_only_searched_for(database: Database) -> None:
    with database.writing() as session:
        fill(session, count=40)
        for typed in ("\x00", "a\x00b", "\\", "%%%", "'; DROP TABLE lead; --", "x" * 5000, "🚀", "\ud800"[:0]):
            page(session, MINE, Wanted(text=typed))
        assert page(session, MINE, Wanted(since=date.min, until=date.max)).count > 0


def test_details_are_given_only_of_who_may_be_contacted(database: Database) -> None:
    with database.writing() as session:
        rows = {row["reference"]: row["lead"] for row in fill(session)}
        found = page(session, MINE, Wanted(), size=200).rows
        assert {bool(row.contact) for row in found} == {True, False}
        for row in found:
            assert bool(row.contact) == agreed(rows[row.reference])
            assert row.left_details == (rows[row.reference] is not None)


def test_another_tenants_assessment_is_not_found_by_its_reference(database: Database) -> None:
    with database.writing() as session:
        rows = fill(session)
        for row in rows:
            found = browsing.sitting(session, MINE, row["reference"])
            assert (found is not None) == (row["tenant_id"] == MINE and row["submitted_at"] is not None)


def test_the_sources_of_a_tenant_are_told_once_each(database: Database) -> None:
    with database.writing() as session:
        fill(session)
        session.execute(text("UPDATE assessment SET came_from = 'of-another' WHERE tenant_id = 2"))
        assert browsing.sources(session, MINE) == sorted(name for name in SOURCES if name)
        assert browsing.sources(session, 99) == []


def test_counting_ends_where_nobody_counts_any_further(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "MOST_COUNTED", 10)
    with database.writing() as session:
        fill(session)
        found = page(session, MINE, Wanted(), size=5)
    assert (found.count, found.more) == (10, True)


def test_a_page_deep_inside_is_found_by_an_index_as_the_first_is(database: Database) -> None:
    """Not timed: the plan must begin at the cursor, and sort nothing."""
    asked: list[tuple[str, Any]] = []

    def overhear(*about: Any) -> None:
        asked.append((about[2], about[3]))

    with database.writing() as session:
        fill(session, count=3000)
    with database.writing() as session:
        session.execute(text("ANALYZE"))
    event.listen(database.engine, "before_cursor_execute", overhear)
    for sort, cursor in ((Sort.NEWEST, "20261120T090000000000-99"), (Sort.LOWEST, "56-99"), (Sort.GRADE, "11-99")):
        with database.reading() as session:
            page(session, MINE, Wanted(), sort, after=cursor)
    event.remove(database.engine, "before_cursor_execute", overhear)
    deep = [(says, values) for says, values in asked if "ORDER BY assessment" in says]
    assert len(deep) >= 2 * len(Sort) - 1
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.reading() as session:
        for says, values in deep:
            rows = session.connection().exec_driver_sql(explain + says, values).all()
            plan = " ".join(str(row) for row in rows)
            assert "TEMP B-TREE" not in plan
            assert " Sort" not in plan
            if not database.is_sqlite and " = " in says.split("ORDER BY")[0].rsplit("AND", 2)[1]:
                continue  # for the few that are tied PostgreSQL may take the key of the table instead
            assert "ix_assessment_" in plan, plan
            key = "(submitted_at|score|rank)"
            begins = rf"test=\? AND {key}[<>=]" if database.is_sqlite else f"Index Cond: .*{key} [<>=]"
            assert re.search(begins, plan), plan


def test_the_columns_are_those_of_the_outcome(database: Database, questionnaire: Questionnaire) -> None:
    answers = {"profile.staff": "10-19", "access.email-mfa": "nobody", "training.payment-check": "look-closely"}
    sheet = read_sheet(questionnaire, {"depth": "quick", "answers": answers})
    outcome = assess(questionnaire, sheet.answers, sheet.depth)
    assert outcome.overall is not None
    found = standing(outcome)
    assert found == Standing(outcome.overall.score, outcome.overall.band, found.criticals, "10-19")
    assert found.criticals >= 1
    nothing = standing(assess(questionnaire, {}, Depth.QUICK))
    assert (nothing.score, nothing.band, nothing.staff) == (NO_SCORE, "", "")


GRADE = Grade("A", 1, True, ("Fit A.", "Need 1.", "They asked."))


def sent_in(session: Session, tenant: Tenant, contact: dict[str, str] | None = None, yes: bool = True) -> Assessment:
    source = {"utm_source": "spring"}
    pin = ("it-health", "1")
    assessment, token = assessments.start(session, tenant, pin, Depth.QUICK, NOW, DAY, source)
    assessments.submit(session, assessment, "{}", token, NOW, DAY, standing=Standing(31, "exposed", 2, "5-9"))
    if contact is not None:
        boxes = [(consent, yes) for consent in consents(tenant.profile)]
        leads.receive(session, assessment, contact, boxes, GRADE, NOW)
    return assessment


@pytest.fixture
def tenant_of() -> Callable[[Session], Tenant]:
    return lambda session: tenants.add(session, "north", {"name": "North"}, NOW)


def test_sending_in_and_leaving_details_fill_the_row(
    database: Database, tenant_of: Callable[[Session], Tenant]
) -> None:
    with database.writing() as session:
        tenant = tenant_of(session)
        reference = sent_in(session, tenant, PEOPLE[0]).reference
    with database.reading() as session:
        (row,) = page(session, tenant.id, Wanted(text="brown")).rows
    assert row == Listed(
        reference=reference,
        taken_at=NOW,
        score=31,
        band="exposed",
        criticals=2,
        depth="quick",
        staff="5-9",
        came_from="spring",
        grade="A1",
        left_details=True,
        contact=PEOPLE[0],
        status="new",
        assignee_id=None,
        test=False,
    )


def test_a_deeper_sitting_and_a_new_grade_rank_with_their_lead(
    database: Database, tenant_of: Callable[[Session], Tenant]
) -> None:
    with database.writing() as session:
        tenant = tenant_of(session)
        first = sent_in(session, tenant, PEOPLE[0])
        assessments.go_deeper(session, first, Depth.FULL, NOW, DAY)
        second = sent_in(session, tenant)
        leads.receive(session, second, PEOPLE[0], [], replace(GRADE, fit="C", need=3), NOW)
    with database.reading() as session:
        assert {named(rank) for (rank,) in session.execute(text("SELECT rank FROM assessment"))} == {"C3"}


def test_forgetting_one_sitting_takes_name_and_grade_from_the_others(
    database: Database, tenant_of: Callable[[Session], Tenant]
) -> None:
    with database.writing() as session:
        tenant = tenant_of(session)
        gone, stays = sent_in(session, tenant, PEOPLE[0]), sent_in(session, tenant, PEOPLE[0])
        reference, number = stays.reference, tenant.id
        link = gone.links[0]
        link.mailed_to = gone.lead.reference if gone.lead else ""
        session.flush()
        session.expire_all()
        privacy.erase_by_link(session, link, Vault("key"), NOW)
    with database.reading() as session:
        (row,) = page(session, number, Wanted()).rows
    assert (row.reference, row.grade, row.left_details, row.contact) == (reference, "", False, {})


def test_taking_consent_back_takes_the_details_from_list_and_search(
    database: Database, tenant_of: Callable[[Session], Tenant]
) -> None:
    with database.writing() as session:
        tenant = tenant_of(session)
        lead = sent_in(session, tenant, PEOPLE[0]).lead
        assert lead is not None
        session.refresh(lead)
        leads.withdraw(lead, NOW)
    with database.reading() as session:
        assert page(session, tenant.id, Wanted(text="brown")).rows == ()
        (row,) = page(session, tenant.id, Wanted(contact=False)).rows
    assert (row.left_details, row.contact) == (True, {})


def test_deliveries_are_those_of_the_sitting_and_of_its_lead_as_such(
    database: Database, tenant_of: Callable[[Session], Tenant]
) -> None:
    with database.writing() as session:
        tenant = tenant_of(session)
        one, other = sent_in(session, tenant, PEOPLE[0]), sent_in(session, tenant, PEOPLE[1])
        for event_, about, lead in (("a", one.id, None), ("b", None, one.lead_id), ("c", other.id, other.lead_id)):
            enqueue(session, Parcel(tenant.id, Channel.MAIL, event_, "{}", None, about, lead), NOW)
        assert [delivery.event for delivery in browsing.deliveries(session, one)] == ["a", "b"]


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def test_migrating_fills_the_columns_of_what_is_there(empty: Database, questionnaire: Questionnaire) -> None:
    answers = {"profile.staff": "10-19", "access.email-mfa": "nobody", "training.payment-check": "look-closely"}
    sheet = read_sheet(questionnaire, {"depth": "quick", "answers": answers})
    outcome = assess(questionnaire, sheet.answers, sheet.depth)
    migrate(empty, "0003")
    values = {"at": moment(NOW), "outcome": outcome.to_json(), "no": False, "contact": json.dumps(PEOPLE[2])}
    values["source"] = json.dumps({"embed": "inline", "host": "www.north.example"})
    values["grade"] = json.dumps({"fit": "B", "need": 2, "asked": True, "reasons": []})
    with empty.writing() as session:
        session.execute(
            text("INSERT INTO tenant (id, slug, created_at, profile_json) VALUES (1, 'n', :at, '{}')"), values
        )
        session.execute(
            text(
                "INSERT INTO lead (id, reference, tenant_id, contact, grade, test, created_at, updated_at) "
                "VALUES (5, 'l', 1, :contact, :grade, :no, :at, :at)"
            ),
            values,
        )
        row = "1, 'it-health', '1', 'quick', :at"
        columns = "tenant_id, questionnaire_id, questionnaire_version, depth, created_at"
        session.execute(
            text(
                f"INSERT INTO assessment (id, reference, lead_id, submitted_at, outcome, source, test, {columns}) "
                f"VALUES (8, 'done', 5, :at, :outcome, :source, :no, {row})"
            ),
            values,
        )
        session.execute(
            text(f"INSERT INTO assessment (id, reference, test, {columns}) VALUES (9, 'begun', :no, {row})"), values
        )
    migrate(empty)
    found = standing(outcome)
    with empty.reading() as session:
        done, begun = session.get_one(Assessment, 8), session.get_one(Assessment, 9)
        assert Standing(done.score, done.band, done.criticals, done.staff) == found
        assert (done.came_from, named(done.rank)) == ("www.north.example", "B2")
        assert (begun.score, begun.band, begun.came_from, begun.rank) == (NO_SCORE, "", "", 0)
        assert session.get_one(Lead, 5).search == searchable(PEOPLE[2])
