"""How often something may be done from one place: counted in the database, so that restarts and workers all agree."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.orm import Session

from assessment.storage.inserting import insert
from assessment.storage.tables import Bucket


def take(session: Session, key: str, limit: int, span: timedelta, now: datetime) -> bool:
    """Count one more under this key; False when there were `limit` within the span already."""
    fresh = Bucket.until <= now
    counted = session.execute(
        insert(session, Bucket)
        .values(key=key, count=1, until=now + span)
        .on_conflict_do_update(
            index_elements=[Bucket.key],
            set_={
                "count": case((fresh, 1), else_=Bucket.count + 1),
                "until": case((fresh, now + span), else_=Bucket.until),
            },
        )
        .returning(Bucket.count)
    ).scalar_one()
    return bool(counted <= limit)


def used(session: Session, key: str, now: datetime) -> int:
    """How many were counted under this key."""
    return session.scalar(select(Bucket.count).where(Bucket.key == key, Bucket.until > now)) or 0


def wait(session: Session, key: str, now: datetime) -> timedelta:
    """How long until counting under this key begins anew."""
    until = session.scalar(select(Bucket.until).where(Bucket.key == key))
    return max(until - now, timedelta()) if until else timedelta()


def sweep(session: Session, now: datetime) -> None:
    """Forget what no longer counts."""
    session.execute(delete(Bucket).where(Bucket.until <= now))
