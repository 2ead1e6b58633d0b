"""What is past its time: sessions and invitations are forgotten a month after their end, and not a day before."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from assessment.storage import members, privacy, staff, staff_sessions, tenants
from assessment.storage.session import Database
from assessment.storage.staff import AuditEntry, Invitation, Role, Staff
from assessment.storage.staff_sessions import StaffSession
from tests.console.conftest import Worker
from tests.web.conftest import Clock

OPEN = timedelta(days=30)


def sweep(database: Database, now: datetime) -> None:
    with database.writing() as session:
        privacy.sweep(session, now, OPEN)


@pytest.fixture
def staffed(database: Database, clock: Clock) -> Database:
    """Somebody with three sessions, one of them ended; three invitations, one of them used."""
    with database.writing() as session:
        tenant = tenants.add(session, "firm", {"name": "Firm"}, clock())
        session.add(Staff(email="a@b.example", name="A", password="x", fs_uniquifier="x", created_at=clock()))
        session.flush()
        for agent in ("ended", "idle", "in use"):
            staff_sessions.begin(session, 1, agent, clock())
        staff_sessions.revoke(session, 1, 1, clock())
        for email in ("used@b.example", "open@b.example"):
            staff.invite(session, tenant, Role.VIEWER, email, clock())
        session.execute(update(Invitation).where(Invitation.email == "used@b.example").values(used_at=clock()))
        session.add(staff.Membership(staff_id=1, tenant_id=tenant.id, role=Role.OWNER))
        session.flush()
        members.invite(session, tenant.id, Role.VIEWER, "by-owner@b.example", 1, clock())
    return database


def left(database: Database) -> tuple[list[str], list[str]]:
    with database.reading() as session:
        sessions = session.scalars(select(StaffSession.agent).order_by(StaffSession.id)).all()
        return list(sessions), list(session.scalars(select(Invitation.email).order_by(Invitation.id)))


def test_sessions_and_invitations_are_forgotten_a_month_after_their_end(staffed: Database, clock: Clock) -> None:
    everything = left(staffed)
    clock.passes(days=30)
    with staffed.writing() as session:
        staff_sessions.see(session, 3, clock())
    sweep(staffed, clock())
    assert left(staffed) == everything
    clock.passes(minutes=1)
    sweep(staffed, clock())
    assert left(staffed) == (["in use"], ["open@b.example", "by-owner@b.example"])
    clock.passes(days=7)
    sweep(staffed, clock())
    assert left(staffed) == (["in use"], [])


def test_what_was_written_down_stays_whatever_is_swept(staffed: Database, clock: Clock) -> None:
    clock.passes(days=4000)
    sweep(staffed, clock())
    with staffed.reading() as session:
        assert [entry.action for entry in session.scalars(select(AuditEntry))] == ["invite", "invite"]


def test_nobody_is_signed_out_by_sweeping(kim: Worker) -> None:
    sweep(kim.app.extensions["site"].database, kim.clock())
    assert kim.is_in()
