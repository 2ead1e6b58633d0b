"""Staff: who they are, which tenants they work for and as what, how they are invited, and what they did."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, Text, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from assessment.storage.session import changed
from assessment.storage.tables import Bucket, Table, Tenant

INVITED_FOR = timedelta(days=7)


class Role(StrEnum):
    """What somebody may do for a tenant, the least first."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    def covers(self, wanted: "Role") -> bool:
        """Whether this role may do what the wanted one may."""
        roles = list(Role)
        return roles.index(self) >= roles.index(wanted)


class Staff(Table):
    """Somebody who may sign in. The `fs_`, `tf_` and `mf_` columns have the names Flask-Security knows them by."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_in_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(20))
    tf_totp_secret: Mapped[str | None] = mapped_column(Text)
    tf_last_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

    memberships: Mapped[list["Membership"]] = relationship(passive_deletes=True, back_populates="staff")


class Membership(Table):
    """That somebody works for a tenant, and as what."""

    __tablename__ = "membership"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10))

    staff: Mapped[Staff] = relationship(back_populates="memberships")
    tenant: Mapped[Tenant] = relationship(lazy="joined", innerjoin=True)


class Invitation(Table):
    """A link that lets somebody in once. Without an address it is the one `assessment serve` prints at first.

    One that an owner made (`by_id`) never touches an account: whoever has one signs in as ever, and then joins.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    email: Mapped[str] = mapped_column(String(254), default="")
    by_id: Mapped[int | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    tenant: Mapped[Tenant] = relationship(lazy="joined", innerjoin=True)


class AuditEntry(Table):
    """One thing somebody did: ids only, nothing about a person. The database refuses to change or delete a row."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_tenant_id_at", "tenant_id", "at"),
        Index("ix_audit_tenant_id_object", "tenant_id", "object"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[int | None]
    tenant_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(40))
    object: Mapped[str] = mapped_column(String(80))
    request_id: Mapped[str] = mapped_column(String(32))


def audit(
    session: Session,
    now: datetime,
    action: str,
    staff_id: int | None = None,
    *,
    tenant_id: int | None = None,
    about: str = "",
    request_id: str = "command",
) -> None:
    """Write down what was done; `about` names what it was done to by its id, never by a personal value."""
    entry = {"at": now, "staff_id": staff_id, "tenant_id": tenant_id, "action": action, "object": about}
    session.add(AuditEntry(**entry, request_id=request_id))


class BadEmail(ValueError):
    """What was given is no e-mail address."""


def in_lower_case(email: str) -> str:
    """An e-mail address as it is kept and compared. Raises BadEmail."""
    cleaned = email.strip().lower()
    name, at, domain = cleaned.rpartition("@")
    if not (name and at and domain) or len(cleaned) > 254 or any(letter <= " " for letter in cleaned) or "@" in name:
        raise BadEmail(f"“{email}” is no e-mail address; write one such as kim@example.com.")
    return cleaned


def sha256(secret: str) -> str:
    """What is kept of a secret that somebody else holds."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def by_email(session: Session, email: str) -> Staff | None:
    """Who signs in with this address. Raises BadEmail."""
    return session.scalar(select(Staff).where(Staff.email == in_lower_case(email)))


def by_uniquifier(session: Session, uniquifier: str) -> Staff | None:
    """Who has this mark; a new one ends whatever was begun under the old."""
    return session.scalar(select(Staff).where(Staff.fs_uniquifier == uniquifier))


def every(session: Session) -> Sequence[Staff]:
    """Everybody, by address."""
    return session.scalars(select(Staff).order_by(Staff.email)).all()


def colleagues(session: Session, tenant_id: int) -> Sequence[Staff]:
    """Everybody who works for a tenant and may sign in, by name."""
    works_here = select(Staff).join(Membership).where(Membership.tenant_id == tenant_id, Staff.active)
    return session.scalars(works_here.order_by(Staff.name, Staff.id)).all()


def names(session: Session, staff_ids: Iterable[int | None]) -> dict[int, str]:
    """What these people are called, whether they still work here or not."""
    wanted = {one for one in staff_ids if one is not None}
    found = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    return {row.id: row.name for row in found} if wanted else {}


def done_to(session: Session, tenant_id: int, about: str) -> Sequence[AuditEntry]:
    """What was done to one thing, in order."""
    its = (AuditEntry.tenant_id == tenant_id, AuditEntry.object == about)
    return session.scalars(select(AuditEntry).where(*its).order_by(AuditEntry.at, AuditEntry.id)).all()


def invite(session: Session, tenant: Tenant, role: Role, email: str, now: datetime) -> str:
    """A new invitation by the operator; gives its token. Raises BadEmail.

    Whoever holds it may give the account of that address a new password: only the operator's commands make one.
    """
    token = add_invitation(session, tenant.id, role, email and in_lower_case(email), now)
    audit(session, now, "invite", tenant_id=tenant.id, about=f"role {role}")
    return token


def add_invitation(
    session: Session, tenant_id: int, role: Role, email: str, now: datetime, by_id: int | None = None
) -> str:
    """Write an invitation down; gives its token, which is kept as a hash only."""
    token = secrets.token_urlsafe(32)
    values = {"tenant_id": tenant_id, "role": role, "email": email, "by_id": by_id, "created_at": now}
    session.add(Invitation(sha256=sha256(token), expires_at=now + INVITED_FOR, **values))
    return token


def invite_the_first(session: Session, tenant: Tenant, now: datetime) -> str | None:
    """An invitation for whoever set this instance up, in place of any older one; none once there is somebody."""
    if session.scalar(select(Staff.id).limit(1)) is not None:
        return None
    session.execute(delete(Invitation).where(Invitation.email == "", Invitation.used_at.is_(None)))
    return invite(session, tenant, Role.OWNER, "", now)


def invitation(session: Session, token: str, now: datetime) -> Invitation | None:
    """The invitation a link leads to, while it stands."""
    return session.scalar(select(Invitation).where(Invitation.sha256 == sha256(token), *stands(now)))


def stands(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Neither used nor expired; and whoever made it is an owner still, or it was the operator."""
    owner = (Membership.tenant_id == Invitation.tenant_id, Membership.role == Role.OWNER, Staff.active)
    by = select(Membership.staff_id).join(Staff).where(Membership.staff_id == Invitation.by_id, *owner)
    return Invitation.used_at.is_(None), Invitation.expires_at > now, or_(Invitation.by_id.is_(None), by.exists())


def use_up(session: Session, found: Invitation, now: datetime, *and_: ColumnElement[bool]) -> bool:
    """Use an invitation up; False where it stands no more, which of two at once only one is told otherwise."""
    used = update(Invitation).where(Invitation.id == found.id, *stands(now), *and_).values(used_at=now)
    return changed(session, used.execution_options(synchronize_session=False)) == 1


def accept(session: Session, found: Invitation, email: str, name: str, password: str, now: datetime) -> Staff | None:
    """Take the operator's invitation up: who is new is added, who is there gets this password. None: it was just used.

    `password` is a hash already.
    """
    if not use_up(session, found, now, Invitation.by_id.is_(None)):
        return None
    person = by_email(session, email)
    if person is None:
        person = Staff(email=in_lower_case(email), created_at=now, active=True)
        session.add(person)
    person.name, person.password, person.fs_uniquifier = name, password, secrets.token_hex(32)
    session.flush()
    session.merge(Membership(staff_id=person.id, tenant_id=found.tenant_id, role=found.role))
    audit(session, now, "accept", person.id, tenant_id=found.tenant_id, about=f"invitation {found.id}")
    return person


def change(session: Session, staff_id: int, values: dict[str, Any]) -> None:
    """Change some columns of one person."""
    session.execute(update(Staff).where(Staff.id == staff_id).values(**values))


def spend_counter(session: Session, staff_id: int, counter: int) -> bool:
    """Remember the newest code somebody used; False where that one, or a newer one, was used before."""
    newer = or_(Staff.tf_last_counter.is_(None), Staff.tf_last_counter < counter)
    return changed(session, update(Staff).where(Staff.id == staff_id, newer).values(tf_last_counter=counter)) == 1


def spend_recovery_code(session: Session, staff_id: int, hashed: str) -> bool:
    """Use a recovery code up; False where there is no such code, or no longer."""
    kept = session.scalar(select(Staff.mf_recovery_codes).where(Staff.id == staff_id).with_for_update()) or ""
    codes = kept.split()
    if hashed not in codes:
        return False
    codes.remove(hashed)
    change(session, staff_id, {"mf_recovery_codes": " ".join(codes)})
    return True


def forgive(session: Session, key: str) -> None:
    """Count anew under this key: whoever was counted has shown who they are."""
    session.execute(delete(Bucket).where(Bucket.key == key))
