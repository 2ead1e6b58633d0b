"""Tallies on both databases: they add up, whoever adds at once; what was added can be taken back; all read at once."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from assessment.engine.answers import Answers, read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load_scenarios
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.result import Outcome
from assessment.storage import assessments, counting, privacy, tallies, tenants
from assessment.storage.demo_counts import Seen, counts_of
from assessment.storage.session import Database, Session
from assessment.storage.standing import standing
from assessment.storage.tables import Assessment, Tenant
from assessment.storage.tallies import Place, Tally, week_of
from assessment.tenancy.counting import Counted, Kind
from tests.reports.conftest import FOLDER
from tests.storage.conftest import NOW

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 16)
STARTED, SCORED = Counted(Kind.START), Counted(Kind.SCORE, "gaps")


@pytest.fixture
def tenant(database: Database) -> Tenant:
    with database.writing() as session:
        return tenants.add(session, "north", {"name": "North"}, NOW)


@pytest.fixture(scope="session")
def outcome(questionnaire: Questionnaire) -> Outcome:
    scenario = next(one for one in load_scenarios(FOLDER)[0] if one.id == "c1-dental-practice")
    sheet = read_sheet(questionnaire, {"depth": scenario.depth, "answers": dict(scenario.answers)})
    return assess(questionnaire, sheet.answers, sheet.depth)


def kept(database: Database, **which: Any) -> dict[tuple[date, str, str, str], tuple[int, int]]:
    with database.reading() as session:
        rows = session.scalars(select(Tally).filter_by(**which)).all()
    return {(row.week, row.kind, row.name, row.part): (row.count, row.total) for row in rows}


def sitting(session: Session, tenant: Tenant, at: Any = NOW, answers: Answers | None = None) -> tuple[Assessment, str]:
    begun, token = assessments.start(session, tenant, ("it-health", "1"), Depth.QUICK, at, DAY, {"ref": "fair"})
    for minutes, (question, answer) in enumerate((answers or {}).items(), 1):
        assessments.record(session, begun, question, answer, at + timedelta(minutes=minutes))
    counting.begun(session, tenant, begun.came_from, at)
    return begun, token


def send_in(session: Session, begun: Assessment, token: str, outcome: Outcome, at: Any = NOW) -> None:
    if assessments.submit(session, begun, outcome.to_json(), token, at, DAY, standing=standing(outcome)):
        session.flush()
        counting.sent_in(session, begun, outcome)


def test_a_week_begins_on_monday_in_utc() -> None:
    assert [week_of(NOW + days * DAY).isoformat() for days in (-6, 0, 1)] == ["2026-11-16", "2026-11-16", "2026-11-23"]


def test_what_is_added_twice_adds_up_by_tenant_mode_and_week(database: Database, tenant: Tenant) -> None:
    with database.writing() as session:
        other = tenants.add(session, "south", {"name": "South"}, NOW)
        for test in (False, False, True):
            tallies.add(session, tenant.id, test, MONDAY, {SCORED: (1, 41), STARTED: (2, 0)})
        tallies.add(session, other.id, False, MONDAY, {STARTED: (7, 0)})
        tallies.add(session, tenant.id, False, MONDAY, {})
    assert kept(database, tenant_id=tenant.id, test=False) == {
        (MONDAY, "score", "gaps", ""): (2, 82),
        (MONDAY, "start", "", ""): (4, 0),
    }
    assert kept(database, tenant_id=tenant.id, test=True)[MONDAY, "score", "gaps", ""] == (1, 41)
    assert kept(database, tenant_id=other.id) == {(MONDAY, "start", "", ""): (7, 0)}


def test_many_who_add_at_once_lose_nothing_and_never_wait_for_each_other_forever(
    database: Database, tenant: Tenant
) -> None:
    names = [Counted(Kind.BANK, f"bank-{number}", "5-9") for number in range(9)]
    failed: list[BaseException] = []

    def add(turn: int) -> None:
        order = names if turn % 2 else names[::-1]
        weeks = [MONDAY, MONDAY - 7 * DAY]
        many = {Place(tenant.id, False, week): dict.fromkeys(order, (1, turn)) for week in weeks[:: 1 - 2 * (turn % 2)]}
        try:
            for _ in range(10):
                with database.writing() as session:
                    tallies.add_many(session, many)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=add, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert set(kept(database).values()) == {(40, 10 * (0 + 1 + 2 + 3))}
    assert len(kept(database)) == 18


def test_what_is_taken_back_never_goes_below_nothing(database: Database, tenant: Tenant) -> None:
    here = Place(tenant.id, False, MONDAY)
    with database.writing() as session:
        tallies.add(session, *here, {SCORED: (3, 100), STARTED: (1, 0)})
        tallies.take_back(session, {here: {SCORED: (1, 30), STARTED: (5, 0), Counted(Kind.LEAD): (1, 0)}})
    assert kept(database) == {(MONDAY, "score", "gaps", ""): (2, 70)}


def test_all_a_dashboard_shows_is_read_at_once(database: Database, tenant: Tenant) -> None:
    last = MONDAY - 7 * DAY
    bank = Counted(Kind.BANK, "backups", "5-9")
    with database.writing() as session:
        tallies.add(session, tenant.id, False, MONDAY, {SCORED: (1, 50), bank: (1, 20)})
        tallies.add(session, tenant.id, False, last, {SCORED: (1, 60), bank: (2, 70)})
        tallies.add(session, tenant.id, True, MONDAY, {bank: (9, 9)})
    with database.reading() as session:
        every = {tuple(row) for row in tallies.sums(session, tenant.id, False)}
        recent = {tuple(row) for row in tallies.sums(session, tenant.id, False, MONDAY)}
    assert every == {
        (None, "bank", "backups", "5-9", 3, 90),
        (MONDAY, "score", "gaps", "", 1, 50),
        (last, "score", "gaps", "", 1, 60),
    }
    assert recent == {(None, "bank", "backups", "5-9", 1, 20), (MONDAY, "score", "gaps", "", 1, 50)}


def test_what_is_sent_in_is_counted_from_its_outcome_once(database: Database, tenant: Tenant, outcome: Outcome) -> None:
    with database.writing() as session:
        begun, token = sitting(session, tenant)
        for _ in range(2):
            send_in(session, begun, token, outcome)
    found = {row[1:]: figures for row, figures in kept(database).items()}
    assert outcome.overall is not None
    assert found["score", outcome.overall.band, ""] == (1, outcome.overall.score)
    assert found["complete", outcome.depth, ""] == (1, 0)
    assert {part for (kind, _, part) in found if kind == "source"} == {"start", "complete"}
    banks = {name: figures for (kind, name, _), figures in found.items() if kind == "bank"}
    assert banks == {bank.id: (1, bank.score) for bank in outcome.banks}
    assert {part for (kind, _, part) in found if kind == "bank"} == {standing(outcome).staff}
    criticals = {name for (kind, name, _) in found if kind == "critical"}
    assert len(criticals) == standing(outcome).criticals > 0
    assert {name for (kind, name, _) in found if kind == "action"} == {action.id for action in outcome.plan[:3]}


def test_what_staff_lead_is_not_counted(database: Database, tenant: Tenant, outcome: Outcome) -> None:
    with database.writing() as session:
        led, token = assessments.start(session, tenant, ("it-health", "1"), Depth.QUICK, NOW - 2 * DAY, 9 * DAY)
        left, _ = assessments.start(session, tenant, ("it-health", "1"), Depth.QUICK, NOW - 2 * DAY, 9 * DAY)
        led.led_by_id = left.led_by_id = 1
        session.flush()
        send_in(session, led, token, outcome)
        counting.details_left(session, led, NOW)
    counting.count_left_behind(database, NOW)
    assert kept(database) == {}


def test_who_does_not_come_back_for_a_day_left_at_what_they_answered_last(
    database: Database, tenant: Tenant, outcome: Outcome
) -> None:
    answers: Answers = {"profile.staff": "5-9", "backups.schedule": "never"}
    with database.writing() as session:
        begun, token = sitting(session, tenant, NOW - 8 * DAY, answers)
        sitting(session, tenant, NOW - 8 * DAY)
        sitting(session, tenant, NOW - 0.5 * DAY, answers)
    for _ in range(2):
        counting.count_left_behind(database, NOW)
    before = MONDAY - 7 * DAY
    assert {key: figures for key, figures in kept(database).items() if key[1] == "left"} == {
        (before, "left", "backups.schedule", ""): (1, 0),
        (before, "left", "start", ""): (1, 0),
    }
    with database.writing() as session:
        send_in(session, session.get_one(Assessment, begun.id), token, outcome)
    assert {key[2] for key in kept(database) if key[1] == "left"} == {"start"}


def test_answers_taken_over_from_an_earlier_sitting_are_not_where_somebody_left(
    database: Database, tenant: Tenant, outcome: Outcome
) -> None:
    with database.writing() as session:
        begun, token = sitting(session, tenant, NOW - 3 * DAY, {"profile.staff": "5-9"})
        send_in(session, begun, token, outcome, NOW - 3 * DAY)
        assessments.go_deeper(session, begun, Depth.FULL, NOW - 2 * DAY, DAY)
    counting.count_left_behind(database, NOW)
    assert {key[2] for key in kept(database) if key[1] == "left"} == {"start"}


def test_what_is_forgotten_unfinished_is_counted_first(database: Database, tenant: Tenant) -> None:
    with database.writing() as session:
        sitting(session, tenant, NOW - 20 * DAY, {"profile.staff": "5-9"})
    with database.writing() as session:
        assert privacy.sweep(session, NOW, 14 * DAY).unfinished == 1
    assert [key[2] for key in kept(database) if key[1] == "left"] == ["profile.staff"]


def test_what_is_made_up_adds_the_same_each_time_it_is_asked(tenant: Tenant, outcome: Outcome) -> None:
    seen = [
        Seen(f"demo{number}", False, NOW - DAY, NOW, outcome.to_json(), "5-9", "fair", number % 3 == 0)
        for number in range(60)
    ]
    first = counts_of(tenant.id, seen)
    (place,) = first
    assert counts_of(tenant.id, seen[::-1]) == first
    total = {kind: sum(n for key, (n, _) in first[place].items() if key.kind == kind) for kind in Kind}
    assert (total[Kind.COMPLETE], total[Kind.LEAD], total[Kind.SCORE]) == (60, 20, 60)
    assert total[Kind.START] == 60 + total[Kind.LEFT]
    assert 0 < total[Kind.LEFT] < 60 < total[Kind.START] < total[Kind.VIEW]
