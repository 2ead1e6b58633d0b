"""Vital signs: what tells an operator whether an instance is well, as numbers about nobody."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import String, delete, func, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from assessment.storage.inserting import insert
from assessment.storage.outbox import State
from assessment.storage.session import Database, Session
from assessment.storage.tables import Assessment, Delivery, Endpoint, Table
from assessment.storage.tallies import Tally
from assessment.tenancy.counting import Kind

SEEN_EVERY = timedelta(seconds=30)
ALIVE_FOR = timedelta(minutes=2)
FORGOTTEN_AFTER = timedelta(days=7)
"""A machine that was replaced is not missed for ever."""

COUNTED = (Kind.VIEW, Kind.START, Kind.COMPLETE, Kind.LEAD)

ROOM = 32 * 1024**2
"""Bytes a disk must have free for SQLite to write with confidence: its log alone may take some."""


class SignOfLife(Table):
    """When a worker on the machine of this name was last at work."""

    __tablename__ = "sign_of_life"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Backlog:
    """The outbox at a glance. What waits for an endpoint that is switched off is not in it."""

    waiting: Mapping[str, int]
    given_up: Mapping[str, int]
    overdue: timedelta


@dataclass(frozen=True, slots=True)
class Vitals:
    """Everything that is worth watching."""

    backlog: Backlog
    counted: Mapping[str, int]
    endpoints_off: int
    workers: int
    last_sign: datetime | None
    database_bytes: int


def note_sign(session: Session, name: str, now: datetime) -> None:
    """Write down that a worker on this machine is at work."""
    new = insert(session, SignOfLife).values(name=name[:120], at=now)
    session.execute(new.on_conflict_do_update(index_elements=["name"], set_={"at": now}))
    session.execute(delete(SignOfLife).where(SignOfLife.at < now - FORGOTTEN_AFTER))


def last_sign(session: Session) -> datetime | None:
    """When any worker was last at work."""
    return session.scalar(select(SignOfLife.at).order_by(SignOfLife.at.desc()).limit(1))


def backlog(session: Session, now: datetime) -> Backlog:
    """What is yet to be sent and what was given up, by channel, and since when the longest waiting has been due."""
    on = or_(Delivery.endpoint_id.is_(None), Endpoint.disabled_at.is_(None))
    counts = select(Delivery.state, Delivery.channel, func.count()).outerjoin(Endpoint).where(on)
    counts = counts.where(Delivery.state.in_((State.PENDING, State.DEAD))).group_by(Delivery.state, Delivery.channel)
    found: dict[str, dict[str, int]] = {State.PENDING: {}, State.DEAD: {}}
    for state, channel, count in session.execute(counts):
        found[state][channel] = count
    due = select(Delivery.next_at).outerjoin(Endpoint).where(on, Delivery.state == State.PENDING)
    first = session.scalar(due.order_by(Delivery.next_at).limit(1))
    overdue = max(now - first, timedelta(0)) if first else timedelta(0)
    return Backlog(found[State.PENDING], found[State.DEAD], overdue)


def vitals(database: Database, now: datetime) -> Vitals:
    """Look at everything once, in a transaction that only reads. Raises Unavailable."""
    with database.reading() as session:
        counts = select(Tally.kind, func.sum(Tally.count)).where(Tally.kind.in_(COUNTED), Tally.test.is_(False))
        counted = {kind: int(count) for kind, count in session.execute(counts.group_by(Tally.kind))}
        off = select(func.count()).select_from(Endpoint).where(Endpoint.disabled_at.is_not(None))
        alive = select(func.count()).select_from(SignOfLife).where(SignOfLife.at >= now - ALIVE_FOR)
        return Vitals(
            backlog=backlog(session, now),
            counted={kind: counted.get(kind, 0) for kind in COUNTED},
            endpoints_off=session.scalar(off) or 0,
            workers=session.scalar(alive) or 0,
            last_sign=last_sign(session),
            database_bytes=_size(session, sqlite=database.is_sqlite),
        )


def _size(session: Session, *, sqlite: bool) -> int:
    if not sqlite:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages, size = (session.scalar(text(f"PRAGMA {name}")) or 0 for name in ("page_count", "page_size"))
    return int(pages) * int(size)


def journal(session: Session) -> str:
    """How a SQLite database keeps what it is about to write: `wal`, as we ask for, unless it cannot."""
    return str(session.scalar(text("PRAGMA journal_mode")))


def last_moment(session: Session) -> datetime | None:
    """When the newest assessment was begun."""
    return session.scalar(select(Assessment.created_at).order_by(Assessment.id.desc()).limit(1))


def disk_free(database: Database) -> int | None:
    """The bytes free where a SQLite file stands; None where there is no such place, or nobody can say."""
    name = database.url.database
    if not database.is_sqlite or not name or name == ":memory:":
        return None
    try:
        return shutil.disk_usage(Path(name).parent).free
    except OSError:
        return None


def has_room(database: Database) -> bool:
    """Whether there is room to write; PostgreSQL watches its own disk."""
    free = disk_free(database)
    return free is None or free >= ROOM
