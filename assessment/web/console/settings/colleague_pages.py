"""What the page about who works for a tenant is given, and how it is put together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from assessment.storage import members
from assessment.storage.members import Colleague
from assessment.storage.session import Session
from assessment.storage.staff import Invitation, Role
from assessment.storage.tables import Tenant
from assessment.web.console.drawing import frame
from assessment.web.console.freshness import confirm_first
from assessment.web.console.pages import ConsoleFrame
from assessment.web.console.person import member
from assessment.web.site import site


@dataclass(frozen=True, slots=True)
class Choice:
    """A role that may be given."""

    value: str
    says: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ColleagueRow:
    """Somebody who works here. Without `roles`, theirs cannot be changed: there must be an owner."""

    name: str
    email: str
    role: str
    about: str
    seen_at: datetime | None
    this: bool
    roles: tuple[Choice, ...]
    change: str
    end: str
    mark: str


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that stands."""

    email: str
    role: str
    by: str
    until: datetime
    take_back: str


@dataclass(frozen=True, slots=True)
class ColleaguesPage:
    """`console/colleagues.html`: who works for a tenant, who is invited to, and the form to invite somebody."""

    frame: ConsoleFrame
    rows: tuple[ColleagueRow, ...]
    invitations: tuple[InvitationRow, ...]
    confirm: str
    action: str
    email: str
    roles: tuple[Choice, ...]
    wrong: tuple[tuple[str, str], ...]
    back: str


def colleagues_page(
    session: Session, tenant: Tenant, email: str = "", role: Role = Role.VIEWER, wrong: str = ""
) -> ColleaguesPage:
    """Everybody who works for a tenant; with what was typed and what is wrong with it where nobody could be invited."""
    found = members.of_tenant(session, tenant.id)
    owners = [one.staff_id for one in found if one.role is Role.OWNER and one.active]
    names = {one.staff_id: one.name for one in found}
    return ColleaguesPage(
        frame=frame("Staff"),
        rows=tuple(_row(tenant, one, owners == [one.staff_id]) for one in found),
        invitations=tuple(_invited(tenant, one, names) for one in members.invited(session, tenant.id, site().now())),
        confirm=confirm_first("colleagues.listed"),
        action=url_for("colleagues.invite", slug=tenant.slug),
        email=email,
        roles=_choices(role),
        wrong=(("email", wrong),) if wrong else (),
        back=url_for("settings.index", slug=tenant.slug),
    )


def _row(tenant: Tenant, one: Colleague, last_owner: bool) -> ColleagueRow:
    at: dict[str, Any] = {"slug": tenant.slug, "staff_id": one.staff_id}
    says = "with a second step" if one.second_step else "no second step yet"
    return ColleagueRow(
        name=one.name,
        email=one.email,
        role=one.role.capitalize(),
        about=says if one.active else "disabled by the operator",
        seen_at=one.seen_at,
        this=one.staff_id == member().person.staff_id,
        roles=() if last_owner else _choices(one.role),
        change=url_for("colleagues.change", **at),
        end=url_for("colleagues.end", **at),
        mark=f"role-{one.staff_id}",
    )


def _invited(tenant: Tenant, one: Invitation, names: dict[int, str]) -> InvitationRow:
    return InvitationRow(
        email=one.email or "Whoever opens the link first",
        role=one.role.capitalize(),
        by="the operator" if one.by_id is None else names.get(one.by_id, "an owner"),
        until=one.expires_at,
        take_back=url_for("colleagues.take_back", slug=tenant.slug, invitation_id=one.id),
    )


def _choices(chosen: Role) -> tuple[Choice, ...]:
    return tuple(Choice(role, role.capitalize(), role is chosen) for role in Role)
