"""Work: what staff do with an assessment: its status, who looks after it, notes, and answers they looked at again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from assessment.engine.answers import Answer, Answers, as_data
from assessment.storage.inserting import insert
from assessment.storage.session import changed
from assessment.storage.tables import Assessment, Table


class Status(StrEnum):
    """How far the conversation about an assessment is."""

    NEW = "new"
    CONTACTED = "contacted"
    MEETING = "meeting"
    WON = "won"
    CLOSED = "closed"


class ReviewKind(StrEnum):
    """VERIFIED: staff saw that the answer is right. CORRECTED: staff saw that it is another one."""

    VERIFIED = "verified"
    CORRECTED = "corrected"


class Note(Table):
    """Something one of the staff wrote down about an assessment; it goes when the assessment goes."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None]
    at: Mapped[datetime]
    says: Mapped[str] = mapped_column(Text)


class Review(Table):
    """What staff saw for themselves about one answer, beside what the owner said; the owner's stays as it is."""

    __tablename__ = "review"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(String(121), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str | None] = mapped_column(Text)
    staff_id: Mapped[int | None]
    at: Mapped[datetime]
    says: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer staff looked at: what kind of look, the answer as they saw it, by whom and when, and how they know."""

    kind: ReviewKind
    answer: Answer | None
    staff_id: int | None
    at: datetime
    says: str


def add_note(session: Session, assessment: Assessment, staff_id: int, says: str, now: datetime) -> Note:
    """Write something down."""
    note = Note(assessment_id=assessment.id, staff_id=staff_id, at=now, says=says)
    session.add(note)
    session.flush()
    return note


def notes(session: Session, assessment: Assessment) -> Sequence[Note]:
    """What was written down, the newest first."""
    mine = select(Note).where(Note.assessment_id == assessment.id)
    return session.scalars(mine.order_by(Note.at.desc(), Note.id.desc())).all()


def remove_note(session: Session, assessment: Assessment, note_id: int, staff_id: int) -> bool:
    """Take a note of one's own away; False where this assessment has none such."""
    mine = (Note.id == note_id, Note.assessment_id == assessment.id, Note.staff_id == staff_id)
    return bool(changed(session, delete(Note).where(*mine)))


def review(session: Session, assessment: Assessment, question: str, seen: Seen) -> None:
    """Keep what staff saw about an answer, in place of an earlier look at it."""
    value = None if seen.answer is None else json.dumps(as_data(seen.answer), ensure_ascii=False)
    row = {"kind": seen.kind, "value": value, "staff_id": seen.staff_id, "at": seen.at, "says": seen.says}
    session.execute(
        insert(session, Review)
        .values(assessment_id=assessment.id, question=question, **row)
        .on_conflict_do_update(index_elements=[Review.assessment_id, Review.question], set_=row)
    )


def unreview(session: Session, assessment: Assessment, question: str) -> bool:
    """Take a look back; False where there was none."""
    mine = (Review.assessment_id == assessment.id, Review.question == question)
    return bool(changed(session, delete(Review).where(*mine)))


def reviews(session: Session, assessment: Assessment) -> dict[str, Seen]:
    """Every answer staff looked at, by question."""
    found = session.scalars(select(Review).where(Review.assessment_id == assessment.id))
    return {row.question: _seen(row) for row in found}


def _seen(row: Review) -> Seen:
    value = None if row.value is None else json.loads(row.value)
    answer = frozenset(value) if isinstance(value, list) else value
    return Seen(ReviewKind(row.kind), answer, row.staff_id, row.at, row.says)


def corrected(answers: Answers, seen: Mapping[str, Seen]) -> Answers:
    """The answers with what staff corrected in place of what the owner said."""
    return {**answers, **{name: one.answer for name, one in seen.items() if one.answer is not None}}
