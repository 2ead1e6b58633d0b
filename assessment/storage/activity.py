"""The audit trail as it is read: a tenant's own by pages, an instance's from the beginning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from assessment.storage.staff import AuditEntry, Staff
from assessment.storage.tables import Tenant

PAGE = 50


@dataclass(frozen=True, slots=True)
class Activity:
    """One page of a tenant's trail, the newest first, and the entry the next one begins after; 0 where it ends."""

    entries: Sequence[tuple[AuditEntry, str | None]]
    after: int


def page(session: Session, tenant_id: int, after: int = 0) -> Activity:
    """What was done for a tenant, with the name of who did it, earlier than this entry; from the newest without one."""
    found = select(AuditEntry, Staff.name).outerjoin(Staff, Staff.id == AuditEntry.staff_id)
    found = found.where(AuditEntry.tenant_id == tenant_id)
    last = session.get(AuditEntry, after)
    if last is not None and last.tenant_id == tenant_id:
        found = found.where(tuple_(AuditEntry.at, AuditEntry.id) < (last.at, last.id))
    found = found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(PAGE + 1)
    rows = [(entry, name) for entry, name in session.execute(found)]
    return Activity(rows[:PAGE], rows[PAGE - 1][0].id if len(rows) > PAGE else 0)


def every(
    session: Session, tenant_id: int | None = None, since: datetime | None = None
) -> Iterator[tuple[AuditEntry, str | None]]:
    """What was done on this instance, the oldest first, each with the slug of the tenant it was about."""
    found = select(AuditEntry, Tenant.slug).outerjoin(Tenant, Tenant.id == AuditEntry.tenant_id)
    if tenant_id is not None:
        found = found.where(AuditEntry.tenant_id == tenant_id)
    if since is not None:
        found = found.where(AuditEntry.at >= since)
    for row in session.execute(found.order_by(AuditEntry.id).execution_options(yield_per=500)):
        yield row[0], row[1]
