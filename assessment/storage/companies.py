"""Companies: which assessments of a tenant are of one firm, so that it can be seen what changed between two of them.

They are one where one carries the other on or scores it again, where they are of the same lead, or where two leads who
both agreed to be contacted named the same company or write from the same domain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CompoundSelect, Select, select, union
from sqlalchemy.orm import Session, aliased

from assessment.storage.leads import agreed, may_be_contacted
from assessment.storage.tables import NO_SCORE, Assessment, Lead

MOST, MOST_PEOPLE = 20, 50
"""How many are told of, and how many people of one company, the latest, are looked at for it."""


class Tie(StrEnum):
    """Why two assessments are taken to be of one firm, the surest first."""

    RESCORED = "rescored"
    CARRIED_ON = "carried-on"
    PERSON = "person"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Related:
    """Another assessment of the same firm."""

    id: int
    reference: str
    taken_at: datetime
    score: int | None
    depth: str
    tie: Tie


def related(session: Session, assessment: Assessment, most: int = MOST) -> tuple[Related, ...]:
    """The other assessments of the same firm that can be compared with this one, the newest first."""
    found = _others(session, assessment).order_by(Assessment.submitted_at.desc(), Assessment.id.desc()).limit(most)
    carried, again = set(session.scalars(_carried(assessment))), set(session.scalars(_rescored(assessment)))
    return tuple(
        Related(
            id=row.id,
            reference=row.reference,
            taken_at=row.submitted_at,
            score=None if row.score == NO_SCORE else row.score,
            depth=row.depth,
            tie=Tie.RESCORED if row.id in again else _tie(assessment, row, carried),
        )
        for row in session.execute(found)
    )


def one_firm(session: Session, one: Assessment, other: Assessment) -> bool:
    """Whether these two are taken to be of one firm."""
    return session.execute(_others(session, one).where(Assessment.id == other.id)).first() is not None


def _tie(assessment: Assessment, row: Any, carried: set[int]) -> Tie:
    if row.id in carried:
        return Tie.CARRIED_ON
    return Tie.PERSON if row.lead_id is not None and row.lead_id == assessment.lead_id else Tie.COMPANY


def _others(session: Session, assessment: Assessment) -> Select[int, str, datetime | None, int, str, int | None]:
    """Those sent in to the same tenant, of the same questionnaire, and in test mode only where this one is too."""
    shown = (
        Assessment.id,
        Assessment.reference,
        Assessment.submitted_at,
        Assessment.score,
        Assessment.depth,
        Assessment.lead_id,
    )
    again = select(_rescored(assessment).subquery().c.id)
    ties = union(_carried(assessment), again, *_of_leads(assessment))
    tied = session.scalars(ties).all()  # first, lest all rows be sorted
    return select(*shown).where(
        Assessment.id.in_(tied),
        Assessment.id != assessment.id,
        Assessment.tenant_id + 0 == assessment.tenant_id,
        Assessment.test == assessment.test,
        Assessment.questionnaire_id == assessment.questionnaire_id,
        Assessment.submitted_at.is_not(None),
    )


def _carried(assessment: Assessment) -> Select[int]:
    """Everything that was carried on from the same beginning: up to where it began, then down every branch."""
    up = select(Assessment.id, Assessment.continues_id).where(Assessment.id == assessment.id).cte("up", recursive=True)
    before = aliased(Assessment)
    up = up.union(select(before.id, before.continues_id).join(up, before.id == up.c.continues_id))
    down = select(up.c.id).cte("down", recursive=True)
    after = aliased(Assessment)
    down = down.union(select(after.id).join(down, after.continues_id == down.c.id))
    return select(down.c.id)


def _rescored(assessment: Assessment) -> CompoundSelect[int]:
    """The same answers by another version: those that rescore this one, or what it rescores and its other ones."""
    first = assessment.rescores_id or assessment.id
    every = select(Assessment.id)
    return union(every.where(Assessment.id == first), every.where(Assessment.rescores_id == first))


def _of_leads(assessment: Assessment) -> list[Select[int]]:
    """The assessments of the same lead, and of leads of the same company."""
    lead = assessment.lead
    if lead is None:
        return []
    found = [select(Assessment.id).where(Assessment.lead_id == lead.id)]
    if agreed(lead) and (leads := _colleagues(lead)) is not None:
        found.append(select(Assessment.id).where(Assessment.lead_id.in_(select(leads.subquery().c.id))))
    return found


def _colleagues(lead: Lead) -> CompoundSelect[int] | Select[int] | None:
    """The leads of the same company that may be contacted; each way to tell has an index of its own."""
    own = (Lead.tenant_id == lead.tenant_id, Lead.test == lead.test, may_be_contacted(Lead.id))
    ways = [(Lead.company, lead.company), (Lead.domain, lead.domain)]
    latest = select(Lead.id).where(*own).order_by(Lead.id.desc()).limit(MOST_PEOPLE)
    some = [latest.where(column == said).subquery() for column, said in ways if said]
    found = [select(one.c.id) for one in some]
    return union(*found) if len(found) > 1 else found[0] if found else None


def earlier_first(one: Assessment, other: Assessment) -> Sequence[Assessment]:
    """Two that were sent in, in the order in which they were."""
    return sorted((one, other), key=lambda sitting: (sitting.submitted_at, sitting.id))
