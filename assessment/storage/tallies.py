"""Tallies: what happened in each week, as numbers only, so that a year of a million assessments is read at once.

A tally says nothing about anybody, and stays when an assessment is erased.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, String, bindparam, case, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from assessment.storage.inserting import insert
from assessment.storage.tables import Table
from assessment.tenancy.counting import BY_WEEK, Counts, Sum


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


class Place(NamedTuple):
    """Whose tallies, real ones or those of tests, in the week that begins on this Monday."""

    tenant_id: int
    test: bool
    week: date


KEYS = ("tenant_id", "test", "week", "kind", "name", "part")

Many = Mapping[Place, Counts]


def week_of(at: datetime) -> date:
    """The Monday of the week a moment is in, in UTC."""
    return at.date() - timedelta(days=at.weekday())


def add(session: Session, tenant_id: int, test: bool, week: date, counts: Counts) -> None:
    """Add to the tallies of one week: how often, and the sum of the figures."""
    add_many(session, {Place(tenant_id, test, week): counts})


def add_many(session: Session, many: Many) -> None:
    """Add to the tallies of several weeks. Always in one order, so that nobody deadlocks."""
    rows = _rows(many)
    if not rows:
        return
    new = insert(session, Tally)
    grown = {"count": Tally.count + new.excluded.count, "total": Tally.total + new.excluded.total}
    session.execute(new.on_conflict_do_update(index_elements=KEYS, set_=grown), rows)


def take_back(session: Session, many: Many) -> None:
    """Take from the tallies what was added; never below nothing, and what comes to nothing is gone."""
    rows = [{f"{name}_": value for name, value in row.items()} for row in _rows(many)]
    if not rows:
        return
    table: Any = Tally.__table__
    these = [table.c[name] == bindparam(f"{name}_") for name in KEYS]
    left = {
        name: case((table.c[name] > bindparam(f"{name}_"), table.c[name] - bindparam(f"{name}_")), else_=0)
        for name in ("count", "total")
    }
    session.connection().execute(update(table).where(*these).values(left), rows)
    whose = {place.tenant_id for place in many}
    session.execute(delete(Tally).where(Tally.tenant_id.in_(whose), Tally.week.in_(_weeks(many)), Tally.count == 0))


def _weeks(many: Many) -> set[date]:
    return {place.week for place in many}


def _rows(many: Many) -> list[dict[str, Any]]:
    return [
        {**place._asdict(), **key._asdict(), "count": count, "total": total}
        for place, counts in sorted(many.items(), key=lambda one: one[0])
        for key, (count, total) in sorted(counts.items())
    ]


def sums(session: Session, tenant_id: int, test: bool, since: date | None = None) -> Sequence[Sum]:
    """Everything a tenant's dashboard shows, in one query: the tallies since that week, summed up."""
    during = case((Tally.kind.in_(BY_WEEK), Tally.week), else_=None).label("during")
    names = (Tally.kind, Tally.name, Tally.part)
    mine = [Tally.tenant_id == tenant_id, Tally.test.is_(test)]
    if since is not None:
        mine.append(Tally.week >= since)
    found = select(during, *names, func.sum(Tally.count), func.sum(Tally.total)).where(*mine)
    return [Sum._make(row) for row in session.execute(found.group_by("during", *names))]
