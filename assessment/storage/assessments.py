"""Assessments: started, answered, submitted, continued, deleted; and the links that open them."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assessment.engine.answers import Answer as Given
from assessment.engine.answers import Answers, as_data
from assessment.engine.questions import Depth
from assessment.storage.tables import Answer, Assessment, Link, Tenant

INSERTS: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""How each database inserts or, where the row exists, updates."""


class LinkKind(StrEnum):
    """What a link allows: to answer, or to read, delete and go deeper."""

    WRITE = "write"
    REPORT = "report"


def report_token(write_token: str) -> str:
    """The report's token of an assessment: whoever can answer can always find it, never the reverse."""
    digest = hmac.digest(write_token.encode(), b"report", "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def start(
    session: Session, tenant: Tenant, pin: tuple[str, str], depth: Depth, now: datetime, open_for: timedelta
) -> tuple[Assessment, str]:
    """A new assessment of a questionnaire version (id, version), and the token that answers it."""
    assessment = Assessment(
        tenant=tenant, questionnaire_id=pin[0], questionnaire_version=pin[1], depth=depth, created_at=now
    )
    token = secrets.token_urlsafe(32)
    assessment.links.append(_link(LinkKind.WRITE, token, now, open_for))
    session.add(assessment)
    session.flush()
    return assessment, token


def _link(kind: LinkKind, token: str, now: datetime, valid_for: timedelta) -> Link:
    return Link(kind=kind, sha256=_sha256(token), created_at=now, expires_at=now + valid_for)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def by_token(session: Session, token: str, kind: LinkKind, now: datetime) -> Assessment | None:
    """The assessment a token opens, unless it is unknown, of another kind, expired or revoked."""
    valid = (Link.sha256 == _sha256(token), Link.kind == kind, Link.revoked_at.is_(None), Link.expires_at > now)
    return session.scalar(select(Assessment).join(Assessment.links).where(*valid))


def answers_of(session: Session, assessment: Assessment) -> Answers:
    """Every answer given, by question id, hidden ones included."""
    found = select(Answer.question, Answer.value).where(Answer.assessment_id == assessment.id)
    rows = session.execute(found).all()
    values = json.loads(f"[{','.join(value for _, value in rows)}]")  # one parse of all of them
    return {question: _typed(value) for (question, _), value in zip(rows, values, strict=True)}


def _typed(data: str | int | list[str]) -> Given:
    return frozenset(data) if isinstance(data, list) else data


def record(session: Session, assessment: Assessment, question: str, answer: Given, now: datetime) -> None:
    """Keep an answer, in place of an earlier one to the same question."""
    row = {"value": json.dumps(as_data(answer), ensure_ascii=False), "answered_at": now}
    insert = INSERTS[session.get_bind().dialect.name](Answer)
    session.execute(
        insert.values(assessment_id=assessment.id, question=question, **row).on_conflict_do_update(
            index_elements=[Answer.assessment_id, Answer.question], set_=row
        )
    )


def submit(
    session: Session, assessment: Assessment, outcome: str, write_token: str, now: datetime, readable_for: timedelta
) -> None:
    """Close an assessment with its outcome and open its report; does nothing when it is closed already."""
    if assessment.submitted_at is None:
        assessment.submitted_at = now
        assessment.outcome = outcome
        assessment.links.append(_link(LinkKind.REPORT, report_token(write_token), now, readable_for))


def go_deeper(session: Session, assessment: Assessment, depth: Depth, now: datetime, open_for: timedelta) -> str:
    """A new assessment at another depth that begins with the answers of this one; gives its token."""
    deeper, token = start(session, assessment.tenant, assessment.pin, depth, now, open_for)
    deeper.continues_id = assessment.id
    for question, answer in answers_of(session, assessment).items():
        record(session, deeper, question, answer, now)
    return token


def erase(session: Session, assessment: Assessment) -> None:
    """Remove an assessment with its answers, outcome and links."""
    session.execute(delete(Assessment).where(Assessment.id == assessment.id))
