"""The outbox: what must be sent, written in the transaction it tells about; claimed under a lease, settled once."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session, aliased, selectinload

from assessment.storage.inserting import insert
from assessment.storage.tables import Attempt, Delivery, Endpoint

KEPT_ATTEMPTS = 20
CLAIMING = 7_031_978
"""What names the lock on claiming, for PostgreSQL."""

CROSSED_OUT = "{}"
"""What stands in place of a payload that is not needed, or not allowed, any more."""


class Channel(StrEnum):
    """How something is sent."""

    WEBHOOK = "webhook"
    MAIL = "mail"


class State(StrEnum):
    """PENDING: to be sent, now or later. DONE: it arrived. DEAD: given up. CANCELLED: not to be sent any more."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What to send: by which channel, about which event, with which text, and whom it concerns."""

    tenant_id: int
    channel: Channel
    event: str
    payload: str
    endpoint_id: int | None = None
    assessment_id: int | None = None
    lead_id: int | None = None
    address_hash: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery somebody is trying now; nobody else tries it before the lease is over."""

    id: int
    message_id: str
    tenant_id: int
    channel: Channel
    event: str
    payload: str
    endpoint_id: int | None
    address_hash: str | None
    attempts: int
    lease: str


def message_id(*occasion: str) -> str:
    """A name for one message, the same in every attempt to send it, and for the same occasion told twice."""
    made_of = hashlib.sha256("\n".join(occasion).encode()).digest() if occasion else secrets.token_bytes(16)
    return "msg_" + base64.b32encode(made_of[:16]).decode().rstrip("=").lower()


def enqueue(session: Session, parcel: Parcel, now: datetime) -> None:
    """Put something in the outbox; a message id that is there already stays as it is."""
    row = {
        "message_id": parcel.message_id or message_id(),
        "tenant_id": parcel.tenant_id,
        "lead_id": parcel.lead_id,
        "assessment_id": parcel.assessment_id,
        "endpoint_id": parcel.endpoint_id,
        "channel": parcel.channel,
        "event": parcel.event,
        "payload": parcel.payload,
        "address_hash": parcel.address_hash,
        "state": State.PENDING,
        "attempts": 0,
        "next_at": now,
        "created_at": now,
    }
    session.execute(insert(session, Delivery).values(**row).on_conflict_do_nothing(index_elements=["message_id"]))


def known(session: Session, message_id: str) -> bool:
    """Whether a message was put in before."""
    return session.scalar(select(Delivery.id).where(Delivery.message_id == message_id)) is not None


def waiting(session: Session, now: datetime) -> bool:
    """Whether anything is due; a look that blocks nobody."""
    return session.scalar(select(Delivery.id).where(*_due(now)).limit(1)) is not None


def claim(session: Session, now: datetime, lease_for: timedelta) -> Claim | None:
    """Take the delivery that has been due longest, and count the attempt; None when nothing is due."""
    _one_by_one(session)
    first = select(Delivery.id).where(*_due(now)).order_by(Delivery.next_at, Delivery.id).limit(1)
    taken = (
        update(Delivery)
        .where(Delivery.id == first.with_for_update(skip_locked=True, of=Delivery).scalar_subquery())
        .values(leased_until=now + lease_for, lease=secrets.token_hex(16), attempts=Delivery.attempts + 1)
        .returning(Delivery)
        .execution_options(synchronize_session=False)
    )
    found = session.scalars(taken).one_or_none()
    if found is None:
        return None
    return Claim(
        id=found.id,
        message_id=found.message_id,
        tenant_id=found.tenant_id,
        channel=Channel(found.channel),
        event=found.event,
        payload=found.payload,
        endpoint_id=found.endpoint_id,
        address_hash=found.address_hash,
        attempts=found.attempts,
        lease=found.lease or "",
    )


def _one_by_one(session: Session) -> None:
    """Claims wait for each other: two at once would not see one another, and could both pick the same endpoint."""
    if session.get_bind().dialect.name == "postgresql":  # on SQLite a writing transaction is alone by itself
        session.execute(select(func.pg_advisory_xact_lock(CLAIMING)))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Pending, due, not leased, and its endpoint neither switched off nor busy with another delivery.

    One at a time to each endpoint: one that hangs holds up nobody but itself.
    """
    other = aliased(Delivery)
    off = select(Endpoint.id).where(Endpoint.id == Delivery.endpoint_id, Endpoint.disabled_at.is_not(None))
    busy = select(other.id).where(
        other.endpoint_id == Delivery.endpoint_id, other.state == State.PENDING, other.leased_until > now
    )
    return (
        Delivery.state == State.PENDING,
        Delivery.next_at <= now,
        or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now),
        ~off.exists(),
        ~busy.exists(),
    )


def settle(session: Session, claim: Claim, state: State, attempt: Attempt, next_at: datetime | None) -> bool:
    """Write down what came of a claim; False, and nothing is written, when its lease has passed to somebody else."""
    values: dict[str, object] = {"state": state, "leased_until": None, "lease": None}
    if state is State.PENDING:
        values["next_at"] = next_at
    else:
        values["settled_at"] = attempt.at
    if state is State.DONE and claim.channel is Channel.MAIL:
        values["payload"] = CROSSED_OUT  # it held the only copy of a link
    ours = (Delivery.id == claim.id, Delivery.lease == claim.lease, Delivery.state == State.PENDING)
    settled = session.scalar(update(Delivery).where(*ours).values(**values).returning(Delivery.id))
    if settled is None:
        return False
    attempt.delivery_id = claim.id
    session.add(attempt)
    session.flush()
    kept = select(Attempt.id).where(Attempt.delivery_id == claim.id).order_by(Attempt.id.desc()).limit(KEPT_ATTEMPTS)
    session.execute(delete(Attempt).where(Attempt.delivery_id == claim.id, Attempt.id.not_in(kept)))
    return True


def still_wanted(session: Session, claim: Claim) -> bool:
    """Whether a claimed delivery is still to be sent; erasing may have cancelled it a moment ago."""
    return session.scalar(select(Delivery.state).where(Delivery.id == claim.id)) == State.PENDING


def cancel(session: Session, *which: ColumnElement[bool], now: datetime) -> None:
    """Send these no more, and keep nothing of what they said."""
    session.execute(
        update(Delivery)
        .where(Delivery.state == State.PENDING, *which)
        .values(state=State.CANCELLED, settled_at=now, leased_until=None, lease=None)
    )
    session.execute(update(Delivery).where(*which).values(payload=CROSSED_OUT, address_hash=None))


def kept(session: Session, tenant_id: int, event: str) -> Sequence[Delivery]:
    """What is still kept of this kind for a tenant, sent or not."""
    which = (Delivery.tenant_id == tenant_id, Delivery.event == event, Delivery.payload != CROSSED_OUT)
    return session.scalars(select(Delivery).where(*which)).all()


def cancel_told(session: Session, lead_id: int, events: Sequence[str], now: datetime) -> None:
    """Send no more of these about a lead; what was sent before stays as it is."""
    pending = (Delivery.lead_id == lead_id, Delivery.event.in_(events), Delivery.state == State.PENDING)
    cancel(session, Delivery.id.in_(session.scalars(select(Delivery.id).where(*pending)).all()), now=now)


def listed(
    session: Session, state: State | None = None, message_id: str | None = None, limit: int = 100
) -> Sequence[Delivery]:
    """Deliveries, the newest first."""
    found = select(Delivery).order_by(Delivery.id.desc()).limit(limit)
    if state is not None:
        found = found.where(Delivery.state == state)
    if message_id is not None:
        found = found.where(Delivery.message_id == message_id)
    return session.scalars(found).all()


def of_endpoint(
    session: Session, endpoint_id: int, limit: int, *, state: State | None = None, message_id: str | None = None
) -> Sequence[Delivery]:
    """Deliveries to one endpoint, the newest first."""
    found = select(Delivery).where(Delivery.endpoint_id == endpoint_id).order_by(Delivery.id.desc()).limit(limit)
    if state is not None:
        found = found.where(Delivery.state == state)
    if message_id is not None:
        found = found.where(Delivery.message_id == message_id)
    return session.scalars(found.options(selectinload(Delivery.tried))).all()


def dead(session: Session, endpoint_id: int) -> int:
    """How many deliveries to an endpoint were given up."""
    given_up = (Delivery.endpoint_id == endpoint_id, Delivery.state == State.DEAD)
    return session.scalar(select(func.count()).select_from(Delivery).where(*given_up)) or 0


def replay(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Send once more, under the same message id; False when what it said is not kept any more."""
    if delivery.payload == CROSSED_OUT:
        return False
    delivery.state, delivery.next_at, delivery.attempts = State.PENDING, now, 0
    delivery.leased_until = delivery.lease = delivery.settled_at = None
    return True
