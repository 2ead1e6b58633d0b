"""Pages of a tenant's leads for its programs, the newest first; details only of those who may be contacted."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, lazyload, selectinload

from assessment.storage import leads
from assessment.storage.browsing import LARGEST_ID, BadCursor
from assessment.storage.tables import Assessment, Lead


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads. None: any. Days are those on which somebody last wrote: whole ones, the last one included."""

    contact: bool | None = None
    since: date | None = None
    until: date | None = None
    test: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """One lead. `contact` and `consents` are empty unless they may be contacted."""

    reference: str
    since: datetime
    wrote: datetime
    test: bool
    grade: Mapping[str, Any]
    may_be_contacted: bool
    contact: Mapping[str, str]
    consents: tuple[tuple[str, str, datetime], ...]
    assessments: tuple[str, ...]


def page(session: Session, tenant_id: int, wanted: Wanted, after: str, size: int) -> tuple[list[Known], str]:
    """A page of a tenant's leads and the cursor of the one after it, empty at the end. Raises BadCursor."""
    which = [Lead.tenant_id == tenant_id, Lead.test.is_(wanted.test), *_filters(wanted)]
    if after:
        which.append(Lead.id < _read(after))
    rows = _rows(session, which, size + 1)
    return list(known(session, rows[:size])), str(rows[size - 1].id) if len(rows) > size else ""


def by_reference(session: Session, tenant_id: int, reference: str, *, alone: bool = False) -> Lead | None:
    """One lead of this tenant; `alone` until the end of the transaction, where it is to be erased."""
    found = select(Lead).where(Lead.tenant_id == tenant_id, Lead.reference == reference)
    return session.scalar(found.with_for_update(of=Lead) if alone else found)


def known(session: Session, rows: Sequence[Lead]) -> Iterator[Known]:
    """What a program may know of these leads."""
    sent_in = (Assessment.submitted_at.is_not(None), Assessment.rescores_id.is_(None))
    mine = select(Assessment.lead_id, Assessment.reference).where(Assessment.lead_id.in_([row.id for row in rows]))
    taken: dict[int | None, list[str]] = {}
    for lead_id, reference in session.execute(mine.where(*sent_in).order_by(Assessment.id)):
        taken.setdefault(lead_id, []).append(reference)
    for row in rows:
        agreed = leads.agreed(row)
        yield Known(
            reference=row.reference,
            since=row.created_at,
            wrote=row.updated_at,
            test=row.test,
            grade=json.loads(row.grade),
            may_be_contacted=agreed,
            contact=leads.contact_of(row) if agreed else {},
            consents=leads.agreed_to(row) if agreed else (),
            assessments=tuple(taken.get(row.id, ())),
        )


def _rows(session: Session, which: Sequence[ColumnElement[bool]], size: int) -> Sequence[Lead]:
    found = select(Lead).where(*which).order_by(Lead.id.desc()).limit(size)
    return session.scalars(found.options(lazyload(Lead.tenant), selectinload(Lead.consents))).all()


def _filters(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.contact is not None:
        yield leads.may_be_contacted(Lead.id) if wanted.contact else ~leads.may_be_contacted(Lead.id)
    if wanted.since is not None:
        yield Lead.updated_at >= datetime.combine(wanted.since, time(), UTC)
    if wanted.until is not None and wanted.until < date.max:
        yield Lead.updated_at < datetime.combine(wanted.until + timedelta(days=1), time(), UTC)


def _read(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 10) or int(cursor) > LARGEST_ID:
        raise BadCursor
    return int(cursor)
