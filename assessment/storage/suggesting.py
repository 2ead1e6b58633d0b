"""Suggesting: what the person an owner asked says of open questions; it changes nothing until the owner takes it.

The rows of an assessment are the list of what was asked: about anything else nothing can be suggested.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from assessment.engine.answers import Answer, as_data
from assessment.storage.assessments import LinkKind, derived, new_link, sha256_of
from assessment.storage.inserting import insert
from assessment.storage.session import changed
from assessment.storage.tables import Assessment, Link, Table

ASKED_FOR = timedelta(days=30)
"""How long whoever is asked has time, unless the owner's own link ends before."""


class State(StrEnum):
    """How far it is. CHOSEN: to be used in the next check, as sent-in answers never change. USED and LEFT: decided."""

    ASKED = "asked"
    SUGGESTED = "suggested"
    CHOSEN = "chosen"
    USED = "used"
    LEFT = "left"


OPEN = (State.ASKED, State.SUGGESTED)


class Suggestion(Table):
    """One question somebody was asked about, and what they said of it, as JSON; it goes when the assessment goes."""

    __tablename__ = "suggestion"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(String(121), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    value: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Suggested:
    """What was suggested for one question; `stamp` tells it from what may be suggested instead."""

    state: State
    answer: Answer | None
    note: str
    stamp: str


def token_for(report_token: str, number: int) -> str:
    """The token of a link for somebody who is asked; whoever holds the report can find it, never the reverse."""
    return derived(report_token, f"ask-{number}")


def working_link(session: Session, assessment: Assessment, now: datetime) -> Link | None:
    """The link by which somebody is asked now, if there is one."""
    works = (Link.revoked_at.is_(None), Link.expires_at > now)
    return session.scalar(select(Link).where(*_links(assessment), *works).order_by(Link.number.desc()).limit(1))


def opens(link: Link, token: str) -> bool:
    """Whether this token opens this link."""
    return link.sha256 == sha256_of(token)


def _links(assessment: Assessment) -> tuple[Any, ...]:
    return (Link.assessment_id == assessment.id, Link.kind == LinkKind.ASK)


def ask(session: Session, by: Link, report_token: str, questions: Iterable[str], named: str, now: datetime) -> None:
    """Ask about these questions, by the link that works or a new one; what was asked before stays asked."""
    assessment = by.assessment
    link = working_link(session, assessment, now)
    if link is None or not opens(link, token_for(report_token, link.number)):
        stop(session, assessment, now)
        number = 1 + (session.scalar(select(func.max(Link.number)).where(*_links(assessment))) or 0)
        link = new_link(LinkKind.ASK, token_for(report_token, number), now, min(ASKED_FOR, by.expires_at - now))
        link.number = number
        assessment.links.append(link)
    link.named = named
    session.flush()
    for question in questions:
        row = {"assessment_id": assessment.id, "question": question, "state": State.ASKED, "note": "", "at": now}
        session.execute(insert(session, Suggestion).values(**row).on_conflict_do_nothing())


def stop(session: Session, assessment: Assessment, now: datetime) -> None:
    """End the link; what came by it stays, for the owner to decide."""
    session.execute(update(Link).where(*_links(assessment), Link.revoked_at.is_(None)).values(revoked_at=now))


def link_of(session: Session, token: str, lock: bool = False) -> Link | None:
    """The link somebody was asked by, also where it was stopped or has run out; `lock` as in `link_by_token`."""
    mine = (Link.sha256 == sha256_of(token), Link.kind == LinkKind.ASK)
    found = session.scalar(select(Link).where(*mine).options(joinedload(Link.assessment, innerjoin=True)))
    if found is not None and lock and session.get_bind().dialect.name != "sqlite":
        session.refresh(found.assessment, with_for_update={"of": Assessment})
        session.refresh(found)  # the owner may have stopped it while we waited
    return found


def asked(session: Session, assessment: Assessment) -> dict[str, Suggested]:
    """Everything that was asked, by question id."""
    rows = session.scalars(select(Suggestion).where(Suggestion.assessment_id == assessment.id))
    return {row.question: Suggested(State(row.state), _answer(row.value), row.note, _stamp(row)) for row in rows}


def suggest(session: Session, assessment: Assessment, question: str, answer: Answer, note: str, now: datetime) -> bool:
    """Keep what is suggested, in place of what was before; False where it was not asked, or is decided already."""
    mine = (Suggestion.assessment_id == assessment.id, Suggestion.question == question, Suggestion.state.in_(OPEN))
    row = {"value": json.dumps(as_data(answer), ensure_ascii=False), "note": note, "state": State.SUGGESTED, "at": now}
    return bool(changed(session, update(Suggestion).where(*mine).values(**row)))


def decide(session: Session, assessment: Assessment, question: str, stamp: str, state: State, now: datetime) -> bool:
    """The owner's word on a suggestion as they saw it; False where it is another one by now, or is used already."""
    row = session.get(Suggestion, (assessment.id, question), populate_existing=True)
    if row is None or row.state in (State.ASKED, State.USED) or _stamp(row) != stamp:
        return False
    row.state, row.at = state, now
    return True


def use_chosen(session: Session, assessment: Assessment) -> Mapping[str, Answer]:
    """The answers the owner has chosen to use; they count as used from now on."""
    chosen = (Suggestion.assessment_id == assessment.id, Suggestion.state == State.CHOSEN)
    rows = session.scalars(select(Suggestion).where(*chosen)).all()
    for row in rows:
        row.state = State.USED
    return {row.question: answer for row in rows if (answer := _answer(row.value)) is not None}


def known(session: Session, assessment: Assessment) -> dict[str, Any]:
    """Everything that was asked and suggested, for the person it is about."""
    return {
        question: {"state": one.state, "answer": None if one.answer is None else as_data(one.answer), "note": one.note}
        for question, one in sorted(asked(session, assessment).items())
    }


def _answer(value: str | None) -> Answer | None:
    data = None if value is None else json.loads(value)
    return frozenset(data) if isinstance(data, list) else data


def _stamp(row: Suggestion) -> str:
    return sha256_of(f"{row.value} {row.note}")[:16]
