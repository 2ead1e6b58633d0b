"""Assessments: started, answered, submitted, continued, deleted; and the links that open them."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from assessment.engine.answers import Answer as Given
from assessment.engine.answers import Answers, as_data
from assessment.engine.questions import Depth
from assessment.storage.inserting import INSERTS
from assessment.storage.session import changed
from assessment.storage.standing import Standing, came_from
from assessment.storage.tables import HANDED_ON, Answer, Assessment, Lead, Link, Tenant

# Run for every question somebody answers, so put together once: that takes as long as running them.
_OPENED = (
    select(Link)
    .where(Link.sha256 == bindparam("sha256"), Link.kind == bindparam("kind"))
    .where(Link.revoked_at.is_(None), Link.expires_at > bindparam("now"))
    .options(joinedload(Link.assessment, innerjoin=True))
)
_ANSWERS: Any = Answer.__table__  # its columns alone: an answer is only ever read as a question and a value
_GIVEN = select(_ANSWERS.c.question, _ANSWERS.c.value).where(_ANSWERS.c.assessment_id == bindparam("assessment"))


@cache
def _keeping(dialect: str) -> Any:
    new = INSERTS[dialect](_ANSWERS)
    said = {"value": new.excluded.value, "answered_at": new.excluded.answered_at}
    return new.on_conflict_do_update(index_elements=["assessment_id", "question"], set_=said)


class LinkKind(StrEnum):
    """What a link allows: to answer; to read, delete, share and go deeper; to read alone; or to suggest answers."""

    WRITE = "write"
    REPORT = "report"
    SHARE = "share"
    ASK = "ask"


def report_token(write_token: str) -> str:
    """The report's token of an assessment: whoever can answer can always find it, never the reverse."""
    return derived(write_token, "report")


def share_token(report_token: str, number: int) -> str:
    """The token of a report's share link number so-and-so; whoever holds the report can find it, never the reverse."""
    return derived(report_token, f"share-{number}")


def derived(token: str, use: str) -> str:
    """Another token that whoever holds this one can always find, never the reverse."""
    digest = hmac.digest(token.encode("utf-8", "surrogatepass"), use.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def start(
    session: Session,
    tenant: Tenant,
    pin: tuple[str, str],
    depth: Depth,
    now: datetime,
    open_for: timedelta,
    source: Mapping[str, str] | None = None,
) -> tuple[Assessment, str]:
    """A new assessment of a questionnaire version (id, version), and the token that answers it."""
    assessment = Assessment(
        reference=secrets.token_hex(8),
        tenant=tenant,
        questionnaire_id=pin[0],
        questionnaire_version=pin[1],
        depth=depth,
        source=json.dumps(dict(source or {}), ensure_ascii=False),
        came_from=came_from(source or {}),
        test=tenant.profile.test,
        created_at=now,
    )
    token = secrets.token_urlsafe(32)
    assessment.links.append(new_link(LinkKind.WRITE, token, now, open_for))
    session.add(assessment)
    session.flush()
    return assessment, token


def new_link(kind: LinkKind, token: str, now: datetime, valid_for: timedelta) -> Link:
    """A link that is opened by this token, of which only the hash is kept."""
    return Link(kind=kind, sha256=sha256_of(token), created_at=now, expires_at=now + valid_for)


def sha256_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def link_by_token(session: Session, token: str, kind: LinkKind, now: datetime, lock: bool = False) -> Link | None:
    """The link a token belongs to, unless it is unknown, of another kind, expired or revoked.

    `lock` holds its assessment until the end of the transaction, so that two requests cannot both be the first.
    """
    found = session.scalar(_OPENED, {"sha256": sha256_of(token), "kind": kind, "now": now})
    if found is not None and lock and session.get_bind().dialect.name != "sqlite":  # alone in a writing transaction
        session.refresh(found.assessment, with_for_update={"of": Assessment})
    return found


def by_token(session: Session, token: str, kind: LinkKind, now: datetime, lock: bool = False) -> Assessment | None:
    """The assessment a token opens, unless it is unknown, of another kind, expired or revoked."""
    link = link_by_token(session, token, kind, now, lock)
    return None if link is None else link.assessment


def answers_of(session: Session, assessment: Assessment) -> Answers:
    """Every answer given, by question id, hidden ones included."""
    rows = session.execute(_GIVEN, {"assessment": assessment.id}).all()
    values = json.loads(f"[{','.join(value for _, value in rows)}]")  # one parse of all of them
    return {question: _typed(value) for (question, _), value in zip(rows, values, strict=True)}


def _typed(data: str | int | list[str]) -> Given:
    return frozenset(data) if isinstance(data, list) else data


def record(session: Session, assessment: Assessment, question: str, answer: Given, now: datetime) -> None:
    """Keep an answer, in place of an earlier one to the same question."""
    row = {
        "assessment_id": assessment.id,
        "question": question,
        "value": json.dumps(as_data(answer), ensure_ascii=False),
        "answered_at": now,
    }
    session.execute(_keeping(session.get_bind().dialect.name), row)


def submit(
    session: Session,
    assessment: Assessment,
    outcome: str,
    write_token: str,
    now: datetime,
    readable_for: timedelta,
    gated: bool = False,
    standing: Standing | None = None,
) -> bool:
    """Close an assessment with its outcome and open its report; False, and nothing done, when it is closed already."""
    if assessment.submitted_at is not None:
        return False
    assessment.submitted_at = now
    assessment.outcome = outcome
    if standing is not None:
        assessment.score, assessment.band = standing.score, standing.band
        assessment.criticals, assessment.staff = standing.criticals, standing.staff
    link = new_link(LinkKind.REPORT, report_token(write_token), now, readable_for)
    link.gated = gated
    link.assessment = assessment  # not appended to its links, which would all be read for that
    session.add(link)
    return True


def open_report(
    session: Session, assessment: Assessment, lead: Lead | None, now: datetime, readable_for: timedelta
) -> str:
    """A fresh link to the whole report; gives its token.

    With a lead it is to be mailed there: whoever has it reads that lead's mail, and may act for the lead. Without one
    staff hand it on, and whoever has it may not.
    """
    token = secrets.token_urlsafe(32)
    link = new_link(LinkKind.REPORT, token, now, readable_for)
    link.mailed_to = lead.reference if lead is not None else HANDED_ON
    assessment.links.append(link)
    session.flush()
    return token


def share(session: Session, link: Link, report_token: str, now: datetime) -> str:
    """A link for others to read a report by, as long as the report itself can be read; gives its token."""
    shared = shared_link(session, link, now)
    if shared is None:
        number = 1 + (session.scalar(select(func.max(Link.number)).where(*_shares(link))) or 0)
        shared = new_link(LinkKind.SHARE, share_token(report_token, number), now, link.expires_at - now)
        shared.number = number
        shared.of_id = link.id
        link.assessment.links.append(shared)
        session.flush()
    return share_token(report_token, shared.number)


def shared_link(session: Session, link: Link, now: datetime) -> Link | None:
    """The share link made from this report link that works now, if there is one."""
    works = (*_shares(link), Link.revoked_at.is_(None), Link.expires_at > now)
    return session.scalar(select(Link).where(*works))


def _shares(link: Link) -> tuple[ColumnElement[bool], ...]:
    about = (Link.assessment_id == link.assessment_id, Link.kind == LinkKind.SHARE)  # by its index: of_id has none
    return (*about, Link.of_id == link.id)


def stop_sharing(session: Session, link: Link, now: datetime) -> None:
    """Revoke the share links made from this report link."""
    session.execute(update(Link).where(*_shares(link), Link.revoked_at.is_(None)).values(revoked_at=now))


def links_that_work(session: Session, assessment: Assessment, now: datetime) -> Sequence[Link]:
    """Every link that opens something of an assessment now, the newest first."""
    mine = (Link.assessment_id == assessment.id, Link.revoked_at.is_(None), Link.expires_at > now)
    return session.scalars(select(Link).where(*mine).order_by(Link.created_at.desc(), Link.id.desc())).all()


def revoke(session: Session, assessment: Assessment, link_id: int, now: datetime) -> bool:
    """End one link, and those shared from it; False where this assessment has none such that works."""
    mine = (Link.assessment_id == assessment.id, Link.revoked_at.is_(None))
    which = or_(Link.id == link_id, Link.of_id == link_id)
    return bool(changed(session, update(Link).where(*mine, which).values(revoked_at=now)))


def go_deeper(
    session: Session,
    assessment: Assessment,
    depth: Depth,
    now: datetime,
    open_for: timedelta,
    named: bool = True,
    instead: Mapping[str, Given] | None = None,
) -> str:
    """A new assessment that begins with the answers of this one, but for those `instead`; gives its token.

    It is of the same lead, if `named`.
    """
    deeper, token = carry_on(session, assessment, assessment.pin, depth, now, open_for, named)
    for question, answer in {**answers_of(session, assessment), **(instead or {})}.items():
        record(session, deeper, question, answer, now)
    return token


def carry_on(
    session: Session,
    before: Assessment,
    pin: tuple[str, str],
    depth: Depth,
    now: datetime,
    open_for: timedelta,
    named: bool,
) -> tuple[Assessment, str]:
    """A new assessment without answers that continues this one, and the token that answers it."""
    after, token = start(session, before.tenant, pin, depth, now, open_for, json.loads(before.source))
    after.continues_id = before.id
    if named:
        after.lead_id, after.rank = before.lead_id, before.rank
    return after, token


def taken_before(session: Session, assessment: Assessment) -> Assessment | None:
    """The one it continues, where both asked equally deep of the same questionnaire: what it is an again of."""
    before = session.get(Assessment, assessment.continues_id) if assessment.continues_id is not None else None
    if before is None or before.submitted_at is None or before.depth != assessment.depth:
        return None
    return before if before.questionnaire_id == assessment.questionnaire_id else None


def erase(session: Session, assessment: Assessment) -> None:
    """Remove an assessment with its answers, outcome and links."""
    session.execute(delete(Assessment).where(Assessment.id == assessment.id))
