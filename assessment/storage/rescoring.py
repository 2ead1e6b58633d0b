"""Rescoring: the answers of an assessment kept once more, with what they come to by another questionnaire version.

Such a one stands beside the assessment it rescores, which stays as it is: it is in no list and no count, nobody is told
of it, nobody outside holds a link to it, and it goes when the other goes.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from assessment.engine.answers import Answers
from assessment.engine.result import Outcome
from assessment.storage.standing import standing
from assessment.storage.tables import NO_SCORE, Answer, Assessment

Rescore = tuple[str, str, int | None]
"""The reference, version and score of an assessment that was scored again."""

Rescores = Sequence[Rescore]


def by_reference(session: Session, reference: str) -> Assessment | None:
    """The assessment with this reference, whoever's it is; nobody else can erase it or score it again meanwhile."""
    found = select(Assessment).where(Assessment.reference == reference.strip().lower())
    return session.scalar(found.with_for_update(key_share=True, of=Assessment))


def of(session: Session, assessment: Assessment) -> Sequence[Assessment]:
    """Those that rescore this one, in the order in which they were made."""
    mine = select(Assessment).where(Assessment.rescores_id == assessment.id)
    return session.scalars(mine.order_by(Assessment.created_at, Assessment.id)).all()


def of_all(session: Session, assessments: Sequence[int]) -> dict[int | None, Rescores]:
    """Per id of these assessments, each time it was scored again, in order; those that were not are left out."""
    columns = (Assessment.rescores_id, Assessment.reference, Assessment.questionnaire_version, Assessment.score)
    found = select(*columns).where(Assessment.rescores_id.in_(assessments))
    again: dict[int | None, list[Rescore]] = {}
    for row in session.execute(found.order_by(Assessment.created_at, Assessment.id)):
        again.setdefault(row[0], []).append((row[1], row[2], None if row[3] == NO_SCORE else row[3]))
    return {one: tuple(of) for one, of in again.items()}


def original(session: Session, assessment: Assessment) -> Assessment | None:
    """The one this one rescores, if it does."""
    return session.get(Assessment, assessment.rescores_id) if assessment.rescores_id is not None else None


def keep(
    session: Session, old: Assessment, pin: tuple[str, str], outcome: Outcome, given: Answers, now: datetime
) -> Assessment:
    """Keep what an assessment comes to by another version, with those of its answers that version takes.

    It counts as sent in when they were: that is what they tell of, and when they are forgotten.
    """
    figures = standing(outcome)
    new = Assessment(
        reference=secrets.token_hex(8),
        tenant_id=old.tenant_id,
        lead_id=old.lead_id,
        questionnaire_id=pin[0],
        questionnaire_version=pin[1],
        depth=old.depth,
        rescores_id=old.id,
        created_at=now,
        submitted_at=old.submitted_at,
        outcome=outcome.to_json(),
        source=old.source,
        test=old.test,
        score=figures.score,
        band=figures.band,
        criticals=figures.criticals,
        staff=figures.staff,
        came_from=old.came_from,
        rank=old.rank,
        led_by_id=old.led_by_id,
    )
    session.add(new)
    session.flush()
    taken = select(literal(new.id), Answer.question, Answer.value, Answer.answered_at)
    taken = taken.where(Answer.assessment_id == old.id, Answer.question.in_(list(given)))
    session.execute(insert(Answer).from_select(["assessment_id", "question", "value", "answered_at"], taken))
    return new
