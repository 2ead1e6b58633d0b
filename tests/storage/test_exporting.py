"""Walking a filtered list: everything that fits, once, in order, however the list changes under the walk."""

import random
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, update

from assessment.engine.questionnaire import Questionnaire
from assessment.storage import exporting, questionnaires
from assessment.storage.browsing import Sort, Wanted, page
from assessment.storage.exporting import Exported, chosen, walk
from assessment.storage.session import Database
from assessment.storage.staff import Staff
from assessment.storage.tables import Assessment, Consent
from tests.storage.conftest import NOW
from tests.storage.test_browsing import BANDS, MINE, OTHER, SOURCES, STAFF, agreed, fill, wants

DAY = timedelta(days=1)
BATCH = 7


@pytest.fixture
def full(database: Database, questionnaire: Questionnaire) -> tuple[Database, list[dict[str, Any]]]:
    """Two tenants' assessments, each with an outcome; gives what stands in the rows."""
    with database.writing() as session:
        rows = fill(session)
        pin = {"questionnaire_version": questionnaires.publish(session, questionnaire, NOW)}
        session.execute(update(Assessment).values(outcome='{"overall": null}', **pin))
    return database, rows


def exported(database: Database, wanted: Wanted, sort: Sort = Sort.NEWEST, tenant: int = MINE) -> list[Exported]:
    with database.reading() as session:
        ids = chosen(session, tenant, wanted, sort)
    return list(walk(database, tenant, wanted, ids, BATCH))


WANTED = st.builds(
    Wanted,
    text=st.sampled_from(("", "", "brown", "0")),
    band=st.sampled_from(("", *BANDS)),
    critical=st.sampled_from((None, True, False)),
    came_from=st.sampled_from((None, *SOURCES)),
    staff=st.sampled_from(("", *STAFF)),
    contact=st.sampled_from((None, True, False)),
    since=st.sampled_from((None, (NOW - 2 * DAY).date())),
    test=st.booleans(),
)


def test_everything_that_fits_comes_once_in_the_order_of_the_list(
    full: tuple[Database, list[dict[str, Any]]],
) -> None:
    database, rows = full

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(WANTED, st.sampled_from(Sort), st.sampled_from((MINE, OTHER)))
    def check(wanted: Wanted, sort: Sort, tenant: int) -> None:
        found = [one.reference for one in exported(database, wanted, sort, tenant)]
        with database.reading() as session:
            listed = [row.reference for row in page(session, tenant, wanted, sort, size=1000).rows]
        assert found == listed
        if tenant == MINE and not wanted.text:
            assert set(found) == {row["reference"] for row in rows if wants(wanted, row)}

    check()


def test_whoever_may_not_be_contacted_is_not_named(full: tuple[Database, list[dict[str, Any]]]) -> None:
    database, rows = full
    by_reference = {row["reference"]: row for row in rows}
    named = 0
    for one in exported(database, Wanted()):
        lead = by_reference[one.reference]["lead"]
        assert one.may_be_contacted is agreed(lead)
        assert bool(one.contact) is bool(one.consents) is agreed(lead)
        assert all(to in ("contact", "news") for to, _, _ in one.consents)
        named += bool(one.contact)
    assert 0 < named < len(rows)


Change = Callable[[Database, int], None]


def erase(database: Database, assessment_id: int) -> None:
    with database.writing() as session:
        session.execute(delete(Assessment).where(Assessment.id == assessment_id))


def grade(database: Database, assessment_id: int) -> None:
    with database.writing() as session:
        session.execute(update(Assessment).where(Assessment.id == assessment_id).values(rank=32))


def send_in(database: Database, number: int) -> None:
    with database.writing() as session:
        first = session.get_one(Assessment, number)
        kept = {c.key: getattr(first, c.key) for c in Assessment.__table__.columns if c.key not in ("id", "reference")}
        session.execute(
            insert(Assessment).values(
                **{**kept, "reference": f"new{number}", "submitted_at": NOW + DAY, "id": 10_000 + number}
            )
        )


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("change", [grade, send_in], ids=["graded", "sent in"])
def test_nothing_comes_twice_or_is_missed_while_others_are_sent_in_or_graded(
    full: tuple[Database, list[dict[str, Any]]], sort: Sort, change: Change
) -> None:
    database, rows = full
    before = [one.reference for one in exported(database, Wanted(), sort)]
    mine = [row["id"] for row in rows if row["tenant_id"] == MINE and row["submitted_at"] and not row["test"]]
    with database.reading() as session:
        ids = chosen(session, MINE, Wanted(), sort)
    seen = []
    for number, one in enumerate(walk(database, MINE, Wanted(), ids, BATCH)):
        seen.append(one.reference)
        if number % 5 == 0:
            change(database, mine[number])
    assert seen == before


def test_what_is_erased_before_its_turn_does_not_come(full: tuple[Database, list[dict[str, Any]]]) -> None:
    database, rows = full
    names = {row["id"]: row["reference"] for row in rows}
    with database.reading() as session:
        ids = list(chosen(session, MINE, Wanted()))
    gone = set(random.Random(3).sample(ids[BATCH:], 10))
    seen = []
    for number, one in enumerate(walk(database, MINE, Wanted(), ids, BATCH)):
        seen.append(one.reference)
        if number == 0:
            for each in gone:
                erase(database, each)
    assert seen == [names[one] for one in ids if one not in gone]


def test_who_takes_a_consent_back_meanwhile_is_not_named_any_more(full: tuple[Database, list[dict[str, Any]]]) -> None:
    database, _ = full
    wanted = Wanted(contact=True)
    with database.reading() as session:
        ids = chosen(session, MINE, wanted)
    assert len(ids) > BATCH
    found = walk(database, MINE, wanted, ids, BATCH)
    next(found)
    with database.writing() as session:
        session.execute(update(Consent).values(withdrawn_at=NOW))
    assert len(list(found)) == BATCH - 1, "the batch that was read before, and no other"


def test_a_walk_reads_in_short_transactions_and_in_few_queries(full: tuple[Database, list[dict[str, Any]]]) -> None:
    database, _ = full
    with database.reading() as session:
        ids = chosen(session, MINE, Wanted())
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda c, cursor, sql, *_: asked.append(sql))
    for number, _ in enumerate(walk(database, MINE, Wanted(), ids, BATCH)):
        assert database.engine.pool.checkedout() == 0, "no transaction is open between two rows"  # type: ignore[attr-defined]
        if number == 3 * BATCH:
            break
    assert len([sql for sql in asked if sql.startswith("SELECT")]) <= 5 * 4 + 1


def test_rows_are_plain_and_name_who_looks_after_them(
    full: tuple[Database, list[dict[str, Any]]], questionnaire: Questionnaire
) -> None:
    database, _ = full
    with database.writing() as session:
        kim = Staff(email="k@x.example", name="Kim Lee", password="", fs_uniquifier="x", created_at=NOW)
        session.add(kim)
        session.flush()
        session.execute(update(Assessment).values(assignee_id=kim.id, status="won", source='{"ref": "a"}'))
    one = exported(database, Wanted())[0]
    assert (one.assignee, one.status, one.source) == ("Kim Lee", "won", {"ref": "a"})
    assert one.questionnaire == questionnaire
    assert one.sent_in.tzinfo is not None
    plain = (str, bool, dict, tuple, type(NOW), Questionnaire, type(None))
    assert all(isinstance(getattr(one, field.name), plain) for field in fields(one))


def test_no_more_are_chosen_than_wanted_and_references_keep_their_order(
    full: tuple[Database, list[dict[str, Any]]],
) -> None:
    database, _ = full
    with database.reading() as session:
        ids = chosen(session, MINE, Wanted(), Sort.LOWEST)
        assert list(chosen(session, MINE, Wanted(), Sort.LOWEST, 9)) == list(ids[:9])
        wanted = [one.reference for one in exported(database, Wanted(), Sort.LOWEST)]
        assert exporting.references(session, ids) == wanted
        assert exporting.references(session, []) == []
