"""Bulk: the PDFs of many assessments, made one by one in the background and kept for a day, to be fetched as a ZIP."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, String, Text, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from assessment.storage.session import changed
from assessment.storage.tables import Assessment, Lead, Table, Tenant

KEPT_FOR = timedelta(days=1)
DIED = "A worker ended while it made document {number}."


class State(StrEnum):
    """PENDING: being made, or waiting its turn. DONE: ready to be fetched. CANCELLED: not wanted any more."""

    PENDING = "pending"
    DONE = "done"
    CANCELLED = "cancelled"


class Bulk(Table):
    """One order for many PDFs: whose, what the list was filtered by, the references wanted, and how far it is."""

    __tablename__ = "bulk"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int]
    asked: Mapped[str] = mapped_column(Text)
    documents: Mapped[str] = mapped_column(String(30))
    wanted: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10))
    says: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(40))
    settled_at: Mapped[datetime | None]


class BulkPart(Table):
    """One PDF of an order; it goes when its assessment is erased."""

    __tablename__ = "bulk_part"

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Claim:
    """One document somebody makes now. `given_up`: two workers ended while they made it, so nobody tries again."""

    bulk_id: int
    tenant_id: int
    number: int
    reference: str
    document: str
    lease: str
    given_up: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One document of an order, with the assessment it is about and who may be named in what it is called."""

    number: int
    document: str
    content: bytes
    assessment: Assessment
    lead: Lead | None


def order(
    session: Session,
    tenant_id: int,
    staff_id: int,
    asked: Sequence[str],
    documents: Sequence[str],
    references: Sequence[str],
    now: datetime,
) -> Bulk | None:
    """Order these documents of these assessments; None while another order of this tenant is being made.

    `asked` are the names of the filters, without what was typed into them.
    """
    session.get_one(Tenant, tenant_id, with_for_update={"of": Tenant})  # two at once take turns
    if session.scalar(select(Bulk.id).where(Bulk.tenant_id == tenant_id, Bulk.state == State.PENDING)) is not None:
        return None
    row = Bulk(
        reference=secrets.token_hex(8),
        tenant_id=tenant_id,
        staff_id=staff_id,
        asked=" ".join(asked),
        documents=" ".join(documents),
        wanted=json.dumps(list(references)),
        total=len(references) * len(documents),
        state=State.PENDING,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def of_tenant(session: Session, tenant_id: int) -> Sequence[Bulk]:
    """What a tenant has ordered, the newest first."""
    return session.scalars(select(Bulk).where(Bulk.tenant_id == tenant_id).order_by(Bulk.id.desc())).all()


def by_reference(session: Session, tenant_id: int, reference: str) -> Bulk | None:
    """The order with this reference, if it is this tenant's."""
    return session.scalar(select(Bulk).where(Bulk.tenant_id == tenant_id, Bulk.reference == reference))


def kept(session: Session, bulk: Bulk) -> int:
    """How many documents of an order there are; less than were made where assessments were erased since."""
    return session.scalar(select(func.count()).select_from(BulkPart).where(BulkPart.bulk_id == bulk.id)) or 0


def waiting(session: Session, now: datetime) -> bool:
    """Whether there is a document to make that nobody makes now; a look that blocks nobody."""
    return session.scalar(select(Bulk.id).where(*_due(now)).limit(1)) is not None


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Bulk.state == State.PENDING, or_(Bulk.leased_until.is_(None), Bulk.leased_until <= now)


def claim(session: Session, now: datetime, lease_for: timedelta) -> Claim | None:
    """Take the next document of the oldest order that nobody works on; None where there is none."""
    first = select(Bulk).where(*_due(now)).order_by(Bulk.id).limit(1)
    row = session.scalar(first.with_for_update(skip_locked=True, of=Bulk))
    if row is None:
        return None
    died = DIED.format(number=row.done + 1)
    given_up = row.leased_until is not None and row.says == died
    row.says = died if row.leased_until is not None else row.says
    row.leased_until, row.lease = now + lease_for, secrets.token_hex(16)
    documents = row.documents.split()
    reference = json.loads(row.wanted)[row.done // len(documents)]
    document = documents[row.done % len(documents)]
    return Claim(row.id, row.tenant_id, row.done, reference, document, row.lease, given_up)


def settle(session: Session, claim: Claim, made: tuple[int, bytes] | None, now: datetime) -> bool:
    """Keep what was made (of which assessment, and the document), or that nothing can be, and let go of the order.

    False, and nothing is kept, when the order was cancelled or its lease has passed to somebody else.
    """
    ours = (Bulk.id == claim.bulk_id, Bulk.lease == claim.lease, Bulk.state == State.PENDING)
    row = session.scalar(select(Bulk).where(*ours).with_for_update(of=Bulk))
    if row is None:
        return False
    row.done, row.leased_until, row.lease = claim.number + 1, None, None
    if row.done == row.total:
        row.state, row.settled_at = State.DONE, now
    if made is not None and _is_there(session, made[0]):
        part = {"number": claim.number, "assessment_id": made[0], "name": claim.document, "content": made[1]}
        session.add(BulkPart(bulk_id=claim.bulk_id, **part))
    return True


def _is_there(session: Session, assessment_id: int) -> bool:
    """Whether it was not erased meanwhile, and will not be before the end of this transaction."""
    wanted = select(Assessment.id).where(Assessment.id == assessment_id)
    return session.scalar(wanted.with_for_update(read=True, key_share=True, of=Assessment)) is not None


def numbers(session: Session, bulk: Bulk) -> Sequence[int]:
    """Which documents of an order there are."""
    return session.scalars(select(BulkPart.number).where(BulkPart.bulk_id == bulk.id).order_by(BulkPart.number)).all()


def part(session: Session, bulk_id: int, number: int) -> Part | None:
    """One document of an order; None where its assessment was erased since."""
    wanted = select(BulkPart, Assessment).join(Assessment, Assessment.id == BulkPart.assessment_id)
    found = session.execute(wanted.where(BulkPart.bulk_id == bulk_id, BulkPart.number == number)).one_or_none()
    if found is None:
        return None
    row, assessment = found
    return Part(row.number, row.name, row.content, assessment, assessment.lead)


def cancel(session: Session, bulk: Bulk, now: datetime) -> bool:
    """Make no more of an order, and keep nothing of it; False where it was done or cancelled before."""
    pending = (Bulk.id == bulk.id, Bulk.state == State.PENDING)
    values = {"state": State.CANCELLED, "settled_at": now, "leased_until": None, "lease": None}
    if not changed(session, update(Bulk).where(*pending).values(**values)):
        return False
    session.execute(delete(BulkPart).where(BulkPart.bulk_id == bulk.id))
    return True


def sweep(session: Session, now: datetime) -> None:
    """Forget orders a day after."""
    session.execute(delete(Bulk).where(Bulk.created_at < now - KEPT_FOR))
