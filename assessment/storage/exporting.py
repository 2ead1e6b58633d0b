"""Exporting: walks a filtered list of any length in short transactions, so that nobody waits and memory stays small.

Which assessments, and in which order, is settled first, as ids alone. So each comes once, whatever is sent in, graded
or erased meanwhile; one that is gone by its turn, or does not fit the filters any more, is left out.
"""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload, selectinload

from assessment.engine.questionnaire import Questionnaire
from assessment.storage import browsing, leads, rescoring, staff
from assessment.storage.browsing import KEYS, Sort, Wanted
from assessment.storage.questionnaires import pinned
from assessment.storage.rescoring import Rescores
from assessment.storage.session import Database
from assessment.storage.tables import Assessment, Lead
from assessment.tenancy.grading import named

BATCH = 200
FETCHED = 5_000

Ids = Sequence[int]
Versions = dict[tuple[str, str], Questionnaire]


@dataclass(frozen=True, slots=True)
class Exported:
    """One assessment with its outcome as JSON. `lead`, `contact` and `consents` are empty unless they may be contacted.

    `rescored` are the reference, version and score of each time it was scored again.
    """

    reference: str
    sent_in: datetime
    pin: tuple[str, str]
    questionnaire: Questionnaire
    depth: str
    outcome: str
    source: Mapping[str, str]
    came_from: str
    grade: str
    status: str
    assignee: str
    test: bool
    may_be_contacted: bool
    lead: str | None
    contact: Mapping[str, str]
    consents: tuple[tuple[str, str, datetime], ...]
    rescored: tuple[tuple[str, str, int | None], ...]


def chosen(session: Session, tenant_id: int, wanted: Wanted, sort: Sort = Sort.NEWEST, most: int | None = None) -> Ids:
    """The ids of what fits, in order; eight bytes each, so that a million of them are no burden."""
    column, falling = KEYS[sort]
    order = (column.desc(), Assessment.id.desc()) if falling else (column, Assessment.id)
    found = select(Assessment.id).where(*browsing.filters(session, tenant_id, wanted)).order_by(*order).limit(most)
    return array("q", session.scalars(found.execution_options(yield_per=FETCHED)))


def walk(database: Database, tenant_id: int, wanted: Wanted, ids: Ids, batch: int = BATCH) -> Iterator[Exported]:
    """Each of these assessments that still fits, in this order. Raises Unavailable."""
    versions: Versions = {}
    for start in range(0, len(ids), batch):
        some = list(ids[start : start + batch])
        with database.reading() as session:
            found = read(session, tenant_id, wanted, some, versions)
        yield from (found[one] for one in some if one in found)


def read(session: Session, tenant_id: int, wanted: Wanted, ids: list[int], versions: Versions) -> dict[int, Exported]:
    """Those of these assessments that fit, by id; `versions` are the questionnaires read so far."""
    fits = select(Assessment).where(Assessment.id.in_(ids), *browsing.filters(session, tenant_id, wanted))
    rows = session.scalars(fits.options(lazyload(Assessment.tenant), lazyload(Assessment.lead))).all()
    for pin in {row.pin for row in rows} - set(versions):
        versions[pin] = pinned(session, pin)
    people = _agreed(session, {row.lead_id for row in rows if row.lead_id is not None})
    names = staff.names(session, {row.assignee_id for row in rows})
    again = rescoring.of_all(session, [row.id for row in rows])
    return {
        row.id: _exported(row, versions[row.pin], people.get(row.lead_id), names, again.get(row.id, ())) for row in rows
    }


def _agreed(session: Session, lead_ids: set[int]) -> dict[int | None, Lead]:
    """Those of these leads that may be contacted."""
    wanted = select(Lead).where(Lead.id.in_(lead_ids)).options(lazyload(Lead.tenant), selectinload(Lead.consents))
    return {lead.id: lead for lead in session.scalars(wanted) if leads.agreed(lead)} if lead_ids else {}


def _exported(
    row: Assessment, questionnaire: Questionnaire, lead: Lead | None, names: Mapping[int, str], again: Rescores
) -> Exported:
    assert row.submitted_at is not None
    assert row.outcome is not None
    return Exported(
        reference=row.reference,
        sent_in=row.submitted_at,
        pin=row.pin,
        questionnaire=questionnaire,
        depth=row.depth,
        outcome=row.outcome,
        source=json.loads(row.source),
        came_from=row.came_from,
        grade=named(row.rank),
        status=row.status,
        assignee=names.get(row.assignee_id or 0, ""),
        test=row.test,
        may_be_contacted=lead is not None,
        lead=lead.reference if lead is not None else None,
        contact=leads.contact_of(lead) if lead is not None else {},
        consents=leads.agreed_to(lead) if lead is not None else (),
        rescored=tuple(again),
    )


def references(session: Session, ids: Ids) -> list[str]:
    """The references of these assessments, in their order."""
    found = session.execute(select(Assessment.id, Assessment.reference).where(Assessment.id.in_(list(ids))))
    by_id = {row.id: row.reference for row in found}
    return [by_id[one] for one in ids if one in by_id]  # one may be erased between two statements
