"""Tallies: what happened in each week, as numbers only, so that a year of a million assessments is read at once.

A tally says nothing about anybody, and stays when an assessment is erased.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from assessment.storage.inserting import insert
from assessment.storage.tables import Table


class Tally(Table):
    """How often something happened in the week that begins on this Monday, and the sum of its figures, if any."""

    __tablename__ = "tally"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True)
    test: Mapped[bool] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    part: Mapped[str] = mapped_column(String(60), primary_key=True)
    count: Mapped[int]
    total: Mapped[int] = mapped_column(default=0)


class Counted(NamedTuple):
    """What is counted: of which kind, under which name, and of which part of it."""

    kind: str
    name: str = ""
    part: str = ""


def week_of(at: datetime) -> date:
    """The Monday of the week a moment is in, in UTC."""
    return at.date() - timedelta(days=at.weekday())


def add(session: Session, tenant_id: int, test: bool, week: date, counts: Mapping[Counted, tuple[int, int]]) -> None:
    """Add to the tallies of a week: how often, and the sum of the figures. In one order, so that nobody deadlocks."""
    rows = [
        {"tenant_id": tenant_id, "test": test, "week": week, **key._asdict(), "count": count, "total": total}
        for key, (count, total) in sorted(counts.items())
    ]
    if not rows:
        return
    new = insert(session, Tally).values(rows)
    grown = {"count": Tally.count + new.excluded.count, "total": Tally.total + new.excluded.total}
    keys = ["tenant_id", "test", "week", "kind", "name", "part"]
    session.execute(new.on_conflict_do_update(index_elements=keys, set_=grown))
