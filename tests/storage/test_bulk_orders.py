"""Orders of documents in the database: one document to one pair of hands, on SQLite and on PostgreSQL."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from assessment.engine.questions import Depth
from assessment.storage import assessments, bulk, tenants
from assessment.storage.bulk import Bulk, BulkPart, State
from assessment.storage.session import Database
from assessment.storage.tables import Assessment
from tests.storage.conftest import NOW

DAY = timedelta(days=1)
COUNT = 12


@pytest.fixture
def ordered(database: Database) -> Database:
    """An order for a dozen documents."""
    with database.writing() as session:
        tenant = tenants.add(session, "north", {"name": "North"}, NOW)
        sittings = [
            assessments.start(session, tenant, ("it-health", "1"), Depth.QUICK, NOW, DAY)[0] for _ in range(COUNT)
        ]
        bulk.order(session, tenant.id, 1, [], ["report"], [one.reference for one in sittings], NOW)
    return database


def work(database: Database) -> None:
    """What a worker does, with nothing to make."""
    while True:
        with database.reading() as session:
            if session.scalars(select(Bulk.state)).one() != State.PENDING:
                return
        with database.writing() as session:
            claim = bulk.claim(session, NOW, DAY)
        if claim is None:
            continue
        with database.reading() as session:
            found = session.scalar(select(Assessment.id).where(Assessment.reference == claim.reference))
        with database.writing() as session:
            bulk.settle(session, claim, None if found is None else (found, b"%PDF"), NOW)


def numbers(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(BulkPart.number).order_by(BulkPart.number)))


def test_hands_beside_each_other_make_each_document_once(ordered: Database) -> None:
    threads = [threading.Thread(target=work, args=(ordered,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert numbers(ordered) == list(range(COUNT))


def test_a_claim_keeps_others_away_until_it_is_settled_or_its_time_is_over(ordered: Database) -> None:
    with ordered.writing() as session:
        first = bulk.claim(session, NOW, DAY)
        assert first is not None
    with ordered.writing() as session:
        assert bulk.claim(session, NOW, DAY) is None
        assert not bulk.waiting(session, NOW)
        assert bulk.waiting(session, NOW + DAY)
        second = bulk.claim(session, NOW + DAY, DAY)
        assert second is not None
    assert (second.number, second.given_up) == (first.number, False)
    with ordered.writing() as session:
        assert not bulk.settle(session, first, (1, b"late"), NOW)
        assert bulk.settle(session, second, None, NOW)
        third = bulk.claim(session, NOW, DAY)
        assert third is not None
    assert third.number == 1
    assert numbers(ordered) == []


def test_documents_go_with_their_assessment_and_with_their_order(ordered: Database) -> None:
    work(ordered)
    with ordered.writing() as session:
        session.execute(delete(Assessment).where(Assessment.id.in_([1, 5])))
    assert numbers(ordered) == [number for number in range(COUNT) if number not in (0, 4)]
    with ordered.writing() as session:
        bulk.sweep(session, NOW + DAY)
    assert len(numbers(ordered)) == COUNT - 2
    with ordered.writing() as session:
        bulk.sweep(session, NOW + DAY + timedelta(seconds=1))
    assert numbers(ordered) == []
    with ordered.reading() as session:
        assert session.scalars(select(Bulk)).all() == []


def test_two_orders_of_one_tenant_at_the_same_moment_are_one(database: Database) -> None:
    with database.writing() as session:
        tenants.add(session, "north", {"name": "North"}, NOW)
    made, gate = [], threading.Barrier(4)

    def order() -> None:
        gate.wait(30)
        with database.writing() as session:
            made.append(bulk.order(session, 1, 1, [], ["report"], ["x"], NOW) is not None)

    threads = [threading.Thread(target=order) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(made) == [False, False, False, True]
