"""Carrying: what was said last time, kept beside a new assessment; nothing of it counts until its owner says it again.

It stands in a table of its own, never among the answers, so that nothing can score it by mistake.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from assessment.engine.answers import Answer, as_data
from assessment.engine.questions import Depth
from assessment.storage import assessments
from assessment.storage.tables import Assessment, Table


class Carried(Table):
    """One earlier answer in the words of then; without a value where today's questions do not offer it."""

    __tablename__ = "carried"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(String(121), primary_key=True)
    value: Mapped[str | None] = mapped_column(Text)
    says: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was said last time, when, and the answer it was; None where it does not fit any more."""

    answer: Answer | None
    says: str
    said_at: datetime


def take_again(
    session: Session,
    before: Assessment,
    pin: tuple[str, str],
    said: Mapping[str, Earlier],
    now: datetime,
    open_for: timedelta,
    named: bool,
) -> str:
    """A new assessment, just as deep, of this questionnaire version, with what was said before; gives its token."""
    again, token = assessments.carry_on(session, before, pin, Depth(before.depth), now, open_for, named)
    for question, one in said.items():
        value = None if one.answer is None else json.dumps(as_data(one.answer), ensure_ascii=False)
        session.add(Carried(assessment_id=again.id, question=question, value=value, says=one.says, said_at=one.said_at))
    session.flush()
    return token


def carried(session: Session, assessment: Assessment) -> dict[str, Earlier]:
    """What was said last time, by question id; nothing for an assessment that is nobody's second."""
    rows = session.scalars(select(Carried).where(Carried.assessment_id == assessment.id).order_by(Carried.question))
    return {row.question: Earlier(_answer(row.value), row.says, row.said_at) for row in rows}


def forget(session: Session, *erased: ColumnElement[bool]) -> None:
    """Let go of what later assessments hold of the answers of these, which are about to be erased."""
    before = select(Assessment.id).where(*erased)
    after = select(Assessment.id).where(Assessment.continues_id.in_(before))
    session.execute(delete(Carried).where(Carried.assessment_id.in_(after)))


def known(session: Session, assessment: Assessment) -> dict[str, Any]:
    """The same, for the person it is about."""
    return {
        question: {"says": one.says, "on": one.said_at.isoformat()}
        for question, one in carried(session, assessment).items()
    }


def _answer(value: str | None) -> Answer | None:
    data = None if value is None else json.loads(value)
    return frozenset(data) if isinstance(data, list) else data
