"""Browsing what was sent in to one tenant: searched, filtered, sorted, and paged by key, so that no page is slow."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from assessment.storage.leads import may_be_contacted
from assessment.storage.standing import folded
from assessment.storage.tables import NO_SCORE, Assessment, Delivery, Lead
from assessment.tenancy.grading import named

PAGE = 25
MOST_COUNTED = 1000
MOST_NAMED = 5000
MOST_SOURCES = 50
MOMENT = "%Y%m%dT%H%M%S%f"
REFERENCE, LAST = re.compile(r"[0-9a-z]{1,20}", re.ASCII), "z"
"""What a reference is made of, and what comes after all of that in any order of letters."""

CURSOR = re.compile(r"([0-9T]{1,21})-([0-9]{1,10})", re.ASCII)
LARGEST_ID = 2**31 - 1
"""As much as a database can ask for."""


class BadCursor(ValueError):
    """What should say where a page begins does not."""


class Sort(StrEnum):
    """Which come first."""

    NEWEST = "newest"
    LOWEST = "lowest"
    GRADE = "grade"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which are shown. None and empty text: any. Days are whole ones, the last one included. Assignee 0: nobody."""

    text: str = ""
    band: str = ""
    critical: bool | None = None
    since: date | None = None
    until: date | None = None
    came_from: str | None = None
    staff: str = ""
    contact: bool | None = None
    status: str = ""
    assignee: int | None = None
    test: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One assessment in a list. `contact` is empty unless they may be contacted; `left_details` says if they did."""

    reference: str
    taken_at: datetime
    score: int | None
    band: str
    criticals: int
    depth: str
    staff: str
    came_from: str
    grade: str
    left_details: bool
    contact: Mapping[str, str]
    status: str
    assignee_id: int | None
    test: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One page, the cursors of its neighbours (empty where there is none), and how many there are, if not very many."""

    rows: tuple[Listed, ...]
    before: str
    after: str
    count: int
    more: bool


KEYS: Mapping[Sort, tuple[InstrumentedAttribute[Any], bool]] = {
    Sort.NEWEST: (Assessment.submitted_at, True),
    Sort.LOWEST: (Assessment.score, False),
    Sort.GRADE: (Assessment.rank, True),
}
"""What each order sorts by before the id, and whether the greatest comes first."""

SHOWN = (
    Assessment.id,
    Assessment.reference,
    Assessment.submitted_at,
    Assessment.score,
    Assessment.band,
    Assessment.criticals,
    Assessment.depth,
    Assessment.staff,
    Assessment.came_from,
    Assessment.rank,
    Assessment.lead_id,
    Assessment.status,
    Assessment.assignee_id,
    Assessment.test,
)


def page(
    session: Session,
    tenant_id: int,
    wanted: Wanted,
    sort: Sort = Sort.NEWEST,
    before: str = "",
    after: str = "",
    size: int = PAGE,
) -> Found:
    """One page of a tenant's assessments; a cursor that cannot be read, or leads nowhere, gives the first page."""
    at = _read(sort, after or before)
    backward = at is not None and not after
    rows = _rows(session, tenant_id, wanted, sort, at, backward, size + 1)
    if at is not None and not rows:
        at, backward = None, False
        rows = _rows(session, tenant_id, wanted, sort, None, False, size + 1)
    further, rows = len(rows) > size, rows[:size]
    if backward:
        rows = rows[::-1]
    earlier, later = (further, True) if backward else (at is not None, further)
    count = _count(session, tenant_id, wanted)
    return Found(
        rows=tuple(_listed(rows, _contacts(session, rows))),
        before=_cursor(sort, rows[0]) if rows and earlier else "",
        after=_cursor(sort, rows[-1]) if rows and later else "",
        count=min(count, MOST_COUNTED),
        more=count > MOST_COUNTED,
    )


def following(
    session: Session, tenant_id: int, wanted: Wanted, sort: Sort, after: str, size: int
) -> tuple[list[int], str]:
    """The ids of a page for a program, and the cursor of the one after it, empty at the end. Raises BadCursor."""
    at = _read(sort, after)
    if after and at is None:
        raise BadCursor
    rows = _rows(session, tenant_id, wanted, sort, at, False, size + 1)
    return [row.id for row in rows[:size]], _cursor(sort, rows[size - 1]) if len(rows) > size else ""


def _rows(
    session: Session, tenant_id: int, wanted: Wanted, sort: Sort, at: tuple[Any, int] | None, backward: bool, size: int
) -> Sequence[Any]:
    column, falling = KEYS[sort]
    falling ^= backward
    order = (column.desc(), Assessment.id.desc()) if falling else (column, Assessment.id)
    found = select(*SHOWN).where(*filters(session, tenant_id, wanted)).order_by(*order)
    if at is None:
        return session.execute(found.limit(size)).all()
    key, last = at  # asked for apart, as SQLite would look through all that are tied for a comparison of pairs
    tied = (column == key, Assessment.id < last if falling else Assessment.id > last)
    rows: list[Any] = list(session.execute(found.where(*tied).limit(size)))
    if len(rows) < size:
        beyond = column < key if falling else column > key
        rows += session.execute(found.where(beyond).limit(size - len(rows)))
    return rows


def _count(session: Session, tenant_id: int, wanted: Wanted) -> int:
    """How many there are, counted no further than is told."""
    some = select(Assessment.id).where(*filters(session, tenant_id, wanted)).limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def filters(session: Session, tenant_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What a row must be like to be shown to this tenant."""
    which: list[ColumnElement[bool]] = [Assessment.submitted_at.is_not(None), Assessment.rescores_id.is_(None)]
    if words := folded(wanted.text).split():
        which.append(Assessment.id.in_(_named(session, tenant_id, wanted.test, tuple(words))))
        which.append(Assessment.tenant_id + 0 == tenant_id)  # so written that few ids are not looked for among all rows
    else:
        which += [Assessment.tenant_id == tenant_id, Assessment.test == wanted.test]
    if wanted.band:
        which.append(Assessment.band == wanted.band)
    if wanted.critical is not None:
        which.append(Assessment.criticals > 0 if wanted.critical else Assessment.criticals == 0)
    if wanted.since is not None:
        which.append(Assessment.submitted_at >= datetime.combine(wanted.since, time(), UTC))
    if wanted.until is not None and wanted.until < date.max:
        which.append(Assessment.submitted_at < datetime.combine(wanted.until + timedelta(days=1), time(), UTC))
    if wanted.came_from is not None:
        which.append(Assessment.came_from == wanted.came_from)
    if wanted.staff:
        which.append(Assessment.staff == wanted.staff)
    if wanted.status:
        which.append(Assessment.status == wanted.status)
    if wanted.assignee is not None:
        which.append(Assessment.assignee_id == wanted.assignee if wanted.assignee else Assessment.assignee_id.is_(None))
    if wanted.contact is not None:
        which.append(may_be_contacted(Assessment.lead_id) if wanted.contact else ~may_be_contacted(Assessment.lead_id))
    return which


def _named(session: Session, tenant_id: int, test: bool, words: tuple[str, ...]) -> Sequence[int]:
    """The ids a search finds, looked for once a transaction: the newest MOST_NAMED where there are more.

    Every word stands in what a lead that may be contacted is found by; or the one word begins the reference.
    """
    asked = ("named", tenant_id, test, words)
    if asked not in session.info:
        mine = (Lead.tenant_id == tenant_id, Lead.test == test)
        named_so = (Lead.search.contains(word, autoescape=True) for word in words)
        leads = select(Lead.id).where(*mine, *named_so).order_by(Lead.id.desc()).limit(MOST_NAMED)
        known = select(Lead.id).where(Lead.id.in_(session.scalars(leads).all()), may_be_contacted(Lead.id))
        found = list(session.scalars(select(Assessment.id).where(Assessment.lead_id.in_(session.scalars(known).all()))))
        if len(words) == 1 and REFERENCE.fullmatch(words[0]):
            begins = Assessment.reference.between(words[0], words[0] + LAST)
            some = select(Assessment.id, Assessment.tenant_id, Assessment.test).where(begins).limit(MOST_NAMED)
            found += [row.id for row in session.execute(some) if (row.tenant_id, row.test) == (tenant_id, test)]
        session.info[asked] = found
    ids: Sequence[int] = session.info[asked]
    return ids


def _contacts(session: Session, rows: Sequence[Any]) -> dict[int, Mapping[str, str]]:
    """The contact details of those rows whose lead may be contacted, by lead."""
    leads = {row.lead_id for row in rows if row.lead_id is not None}
    found = select(Lead.id, Lead.contact).where(Lead.id.in_(leads), may_be_contacted(Lead.id))
    return {lead: json.loads(contact) for lead, contact in session.execute(found)} if leads else {}


def _listed(rows: Sequence[Any], contacts: Mapping[int, Mapping[str, str]]) -> list[Listed]:
    return [
        Listed(
            reference=row.reference,
            taken_at=row.submitted_at,
            score=None if row.score == NO_SCORE else row.score,
            band=row.band,
            criticals=row.criticals,
            depth=row.depth,
            staff=row.staff,
            came_from=row.came_from,
            grade=named(row.rank),
            left_details=row.lead_id is not None,
            contact=contacts.get(row.lead_id, {}),
            status=row.status,
            assignee_id=row.assignee_id,
            test=row.test,
        )
        for row in rows
    ]


def _cursor(sort: Sort, row: Any) -> str:
    key = getattr(row, KEYS[sort][0].key)
    return f"{f'{key.astimezone(UTC):{MOMENT}}' if isinstance(key, datetime) else key}-{row.id}"


def _read(sort: Sort, cursor: str) -> tuple[Any, int] | None:
    """The key and id of a cursor; None for one that cannot be read."""
    found = CURSOR.fullmatch(cursor)
    if found is None or int(found[2]) > LARGEST_ID:
        return None
    try:
        if sort is Sort.NEWEST:
            return datetime.strptime(found[1], MOMENT).replace(tzinfo=UTC), int(found[2])
        return int(found[1][:9]), int(found[2])
    except ValueError:
        return None


def sources(session: Session, tenant_id: int) -> list[str]:
    """Where a tenant's visitors came from, by name; leaps from one to the next, however many visitors there were."""
    first = select(func.min(Assessment.came_from).label("name")).where(Assessment.tenant_id == tenant_id)
    names = first.cte("names", recursive=True)
    greater = (Assessment.tenant_id == tenant_id, Assessment.came_from > names.c.name)
    following = select(func.min(Assessment.came_from)).where(*greater).correlate(names).scalar_subquery()
    names = names.union_all(select(following).where(names.c.name.is_not(None)))
    found = session.scalars(select(names.c.name).where(names.c.name.is_not(None)).limit(MOST_SOURCES))
    return [name for name in found if name]


def sitting(session: Session, tenant_id: int, reference: str) -> Assessment | None:
    """The assessment with this reference, if it was sent in to this tenant."""
    mine = (Assessment.reference == reference, Assessment.tenant_id == tenant_id, Assessment.submitted_at.is_not(None))
    return session.scalar(select(Assessment).where(*mine))


def deliveries(session: Session, assessment: Assessment) -> Sequence[Delivery]:
    """What was put in the outbox about an assessment, or about its lead as such, in order."""
    about = [Delivery.assessment_id == assessment.id]
    if assessment.lead_id is not None:
        about.append(and_(Delivery.lead_id == assessment.lead_id, Delivery.assessment_id.is_(None)))
    mine = select(Delivery).where(Delivery.tenant_id == assessment.tenant_id, or_(*about))
    return session.scalars(mine.order_by(Delivery.created_at, Delivery.id)).all()
