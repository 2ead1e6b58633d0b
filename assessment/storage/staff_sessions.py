"""Sessions of staff: kept in the database, so that every worker sees at once when one is ended."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from assessment.storage.session import changed
from assessment.storage.staff import Invitation, Staff, sha256
from assessment.storage.tables import Table

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
KEPT = timedelta(days=30)
"""How long after their end sessions and invitations can be looked at by the operator."""


class StaffSession(Table):
    """One browser somebody signed in with. The key is in its cookie; only the key's hash is here."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    fresh_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)

    def stands(self, now: datetime) -> bool:
        """Whether it still counts: not ended, used within 30 minutes, begun within 12 hours, and its person active."""
        ended = self.revoked_at is not None or not self.staff.active
        return not ended and now - self.seen_at < IDLE and now - self.created_at < ABSOLUTE


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session: its row, and the key that goes into the cookie."""

    id: int
    key: str


def begin(session: Session, staff_id: int, agent: str, now: datetime) -> Begun:
    """A new session."""
    key = secrets.token_urlsafe(32)
    moments = {"created_at": now, "seen_at": now, "fresh_at": now}
    row = StaffSession(sha256=sha256(key), staff_id=staff_id, agent=agent[:60], **moments)
    session.add(row)
    session.flush()
    return Begun(row.id, key)


def by_key(session: Session, key: str, now: datetime) -> StaffSession | None:
    """The session a cookie names, while it stands."""
    found = session.scalar(select(StaffSession).where(StaffSession.sha256 == sha256(key)))
    return found if found is not None and found.stands(now) else None


def of(session: Session, staff_id: int, now: datetime) -> Sequence[StaffSession]:
    """The sessions of somebody that stand, the one used last first."""
    wanted = select(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.revoked_at.is_(None))
    found = session.scalars(wanted.order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())).all()
    return [row for row in found if row.stands(now)]


def see(session: Session, session_id: int, now: datetime) -> None:
    """It was used just now."""
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))


def freshen(session: Session, session_id: int, now: datetime) -> None:
    """Whoever uses it has just shown again who they are."""
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(fresh_at=now))


def revoke(session: Session, staff_id: int, session_id: int, now: datetime) -> bool:
    """End one session of somebody; False where it is not theirs or was ended before."""
    theirs = (StaffSession.staff_id == staff_id, StaffSession.id == session_id, StaffSession.revoked_at.is_(None))
    return bool(changed(session, update(StaffSession).where(*theirs).values(revoked_at=now)))


def revoke_others(session: Session, staff_id: int, but: int | None, now: datetime) -> None:
    """End every session of somebody, but perhaps one."""
    theirs = (StaffSession.staff_id == staff_id, StaffSession.id != (but or 0), StaffSession.revoked_at.is_(None))
    session.execute(update(StaffSession).where(*theirs).values(revoked_at=now))


def sweep(session: Session, now: datetime) -> None:
    """Forget sessions and invitations that came to their end long ago."""
    before = now - KEPT
    session.execute(delete(StaffSession).where(or_(StaffSession.revoked_at < before, StaffSession.seen_at < before)))
    session.execute(delete(Invitation).where(or_(Invitation.used_at < before, Invitation.expires_at < before)))
