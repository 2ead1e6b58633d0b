"""Counting: what a sitting adds to the tallies, in the transaction in which it is begun, sent in, or left behind.

What staff lead in a meeting is not counted: the numbers are about visitors.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessment.engine.result import Outcome
from assessment.storage import tallies
from assessment.storage.session import Database
from assessment.storage.tables import Answer, Assessment, Tenant
from assessment.storage.tallies import Place, week_of
from assessment.tenancy.counting import BEFORE, ONCE, Counted, Kind, of_complete, of_lead, of_start

PATIENCE = timedelta(days=1)
"""How long somebody may take before an unfinished assessment counts as left behind."""

AT_ONCE = 500


def begun(session: Session, tenant: Tenant, source: str, now: datetime) -> None:
    """Count a sitting that is begun now by somebody who came from here, in one word."""
    tallies.add(session, tenant.id, tenant.profile.test, week_of(now), of_start(source))


def sent_in(session: Session, assessment: Assessment, outcome: Outcome) -> None:
    """Count a sitting that was closed just now; if it was counted as left behind before, it is not any more."""
    if assessment.led_by_id is not None:
        return
    assert assessment.submitted_at is not None
    place = Place(assessment.tenant_id, assessment.test, week_of(assessment.submitted_at))
    tallies.add(session, *place, of_complete(outcome, assessment.staff, assessment.came_from))
    if assessment.left_at:
        before = place._replace(week=week_of(assessment.created_at))
        tallies.take_back(session, {before: {Counted(Kind.LEFT, assessment.left_at): ONCE}})
        assessment.left_at = ""


def details_left(session: Session, assessment: Assessment, now: datetime) -> None:
    """Count a sitting whose owner leaves contact details for the first time."""
    if assessment.led_by_id is None:
        tallies.add(session, assessment.tenant_id, assessment.test, week_of(now), of_lead(assessment.came_from))


def count_left_behind(database: Database, now: datetime) -> None:
    """Count every sitting nobody went on with, some in each transaction. Raises Unavailable."""
    while True:
        with database.writing() as session:
            if left_behind(session, now) < AT_ONCE:
                return


def all_left_behind(session: Session, now: datetime) -> None:
    """The same in one transaction, for what is forgotten in it."""
    while left_behind(session, now) == AT_ONCE:
        pass


def left_behind(session: Session, now: datetime, most: int = AT_ONCE) -> int:
    """Count some sittings begun more than a day ago and not sent in, once each; gives how many."""
    waiting = (Assessment.submitted_at.is_(None), Assessment.led_by_id.is_(None), Assessment.left_at == "")
    found = select(Assessment.id, Assessment.tenant_id, Assessment.test, Assessment.created_at)
    found = found.where(*waiting, Assessment.created_at < now - PATIENCE).order_by(Assessment.id).limit(most)
    rows = session.execute(found.with_for_update(skip_locked=True)).all()  # two workers never count the same one
    last = _last_answered(session, [row.id for row in rows])
    many: dict[Place, dict[Counted, tuple[int, int]]] = {}
    for row in rows:
        counts = many.setdefault(Place(row.tenant_id, row.test, week_of(row.created_at)), {})
        counted = Counted(Kind.LEFT, last.get(row.id, BEFORE))
        counts[counted] = (counts.get(counted, (0, 0))[0] + 1, 0)
    if rows:
        session.execute(update(Assessment), [{"id": row.id, "left_at": last.get(row.id, BEFORE)} for row in rows])
    tallies.add_many(session, many)
    return len(rows)


def _last_answered(session: Session, sittings: list[int]) -> dict[int, str]:
    """The last question each of these sittings answered; answers taken over from an earlier sitting are not its own."""
    given = select(Answer.assessment_id, Answer.question).join(Assessment, Assessment.id == Answer.assessment_id)
    own = Assessment.continues_id.is_(None) | (Answer.answered_at > Assessment.created_at)
    found = given.where(Answer.assessment_id.in_(sittings), own).order_by(Answer.answered_at, Answer.question)
    return {row.assessment_id: row.question for row in session.execute(found)}
