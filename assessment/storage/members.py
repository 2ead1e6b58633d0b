"""Members: who works for a tenant and as what, as its owners see and change it, and how somebody joins them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from assessment.storage.inserting import insert
from assessment.storage.session import changed
from assessment.storage.staff import (
    Invitation,
    Membership,
    Role,
    Staff,
    add_invitation,
    by_email,
    in_lower_case,
    stands,
    use_up,
)
from assessment.storage.staff_sessions import StaffSession


class LastOwner(Exception):
    """Nobody would be left who may change anything for this tenant."""


class WorksHere(Exception):
    """Who is invited works for this tenant already."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works for a tenant, and when they were last seen in the console."""

    staff_id: int
    name: str
    email: str
    role: Role
    active: bool
    second_step: bool
    seen_at: datetime | None


def of_tenant(session: Session, tenant_id: int) -> list[Colleague]:
    """Everybody who works for a tenant, by name."""
    seen = select(func.max(StaffSession.seen_at)).where(StaffSession.staff_id == Staff.id).scalar_subquery()
    found = select(Staff, Membership.role, seen).join(Membership).where(Membership.tenant_id == tenant_id)
    return [
        Colleague(one.id, one.name, one.email, Role(role), one.active, bool(one.tf_totp_secret), seen_at)
        for one, role, seen_at in session.execute(found.order_by(func.lower(Staff.name), Staff.id))
    ]


def change_role(session: Session, tenant_id: int, staff_id: int, role: Role) -> bool:
    """Give somebody another role; False where they do not work here. Raises LastOwner."""
    if role is not Role.OWNER:
        _leave_an_owner(session, tenant_id, staff_id)
    theirs = (Membership.tenant_id == tenant_id, Membership.staff_id == staff_id)
    return bool(changed(session, update(Membership).where(*theirs).values(role=role)))


def end(session: Session, tenant_id: int, staff_id: int) -> bool:
    """Somebody works here no more; False where they did not. Their account stays. Raises LastOwner."""
    _leave_an_owner(session, tenant_id, staff_id)
    theirs = (Membership.tenant_id == tenant_id, Membership.staff_id == staff_id)
    return bool(changed(session, delete(Membership).where(*theirs)))


def _leave_an_owner(session: Session, tenant_id: int, but: int) -> None:
    """Whoever does the same at the same time waits for these rows, and then finds one owner fewer."""
    owners = select(Membership.staff_id).where(Membership.tenant_id == tenant_id, Membership.role == Role.OWNER)
    found = session.scalars(owners.order_by(Membership.staff_id).with_for_update()).all()
    active = set(session.scalars(select(Staff.id).where(Staff.id.in_(found), Staff.active)))
    if but in found and not active - {but}:
        raise LastOwner


def invite(session: Session, tenant_id: int, role: Role, email: str, by_id: int, now: datetime) -> str:
    """An owner's invitation, in place of an older one to the same address. Raises BadEmail, WorksHere."""
    person = by_email(session, email)
    if person is not None and session.get(Membership, (person.id, tenant_id)) is not None:
        raise WorksHere
    address = in_lower_case(email)
    older = (Invitation.tenant_id == tenant_id, Invitation.email == address, Invitation.by_id.is_not(None))
    session.execute(delete(Invitation).where(*older, Invitation.used_at.is_(None)))
    return add_invitation(session, tenant_id, role, address, now, by_id)


def invited(session: Session, tenant_id: int, now: datetime) -> Sequence[Invitation]:
    """The invitations of a tenant that stand, the newest first."""
    found = select(Invitation).where(Invitation.tenant_id == tenant_id, *stands(now))
    return session.scalars(found.order_by(Invitation.id.desc())).all()


def take_back(session: Session, tenant_id: int, invitation_id: int) -> bool:
    """Put an invitation out of use; False where this tenant has none like that, or it was used."""
    which = (Invitation.tenant_id == tenant_id, Invitation.id == invitation_id, Invitation.used_at.is_(None))
    return bool(changed(session, delete(Invitation).where(*which)))


def register(session: Session, found: Invitation, name: str, password: str, now: datetime) -> None:
    """Make an account for who is invited, or leave the one there is as it was; nothing tells which of the two.

    `password` is a hash already. An account that opens nothing, with neither a second step nor a tenant, begins anew.
    """
    new = {"name": name, "password": password, "fs_uniquifier": secrets.token_hex(32)}
    idle = Staff.tf_totp_secret.is_(None) & Staff.active & Staff.id.not_in(select(Membership.staff_id))
    session.execute(
        insert(session, Staff)
        .values(email=found.email, created_at=now, active=True, **new)
        .on_conflict_do_update(index_elements=[Staff.email], set_=new, where=idle)
    )


def join(session: Session, found: Invitation, person: Staff, now: datetime) -> bool:
    """Who is invited, and has shown who they are, works for the tenant now, and never as less than before.

    False where the invitation is for somebody else, or stands no more.
    """
    if person.email != found.email or not use_up(session, found, now, Invitation.by_id.is_not(None)):
        return False
    key = {"staff_id": person.id, "tenant_id": found.tenant_id}
    session.execute(insert(session, Membership).values(**key, role=found.role).on_conflict_do_nothing())
    held = session.get_one(Membership, (person.id, found.tenant_id), with_for_update=True)
    if not Role(held.role).covers(Role(found.role)):
        held.role = found.role
    return True
