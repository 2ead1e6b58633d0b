"""Who works for a tenant, as its owners arrange it: roles, an end to somebody's access, invitations."""

from datetime import timedelta

from flask import Blueprint, abort, flash, request, url_for

from assessment.storage import limits, members, tenants
from assessment.storage.members import LastOwner, WorksHere
from assessment.storage.session import Session
from assessment.storage.staff import BadEmail, Role, in_lower_case
from assessment.storage.tables import Tenant
from assessment.web.console.drawing import draw, frame
from assessment.web.console.entrance import sessions
from assessment.web.console.freshness import fresh
from assessment.web.console.person import member
from assessment.web.console.settings.colleague_pages import colleagues_page
from assessment.web.console.settings.endpoint_pages import OncePage
from assessment.web.site import Page, see, site

blueprint = Blueprint("colleagues", __name__)

INVITATIONS = (20, timedelta(days=1))
"""How many one tenant may make: whoever makes many is after something else than colleagues."""

TOO_MANY = "That is enough for today: at most 20 invitations can be made in a day. Try again tomorrow."
HERE = "Whoever has this address works here already. You can change their role above."
KEEP_ONE = "There must be an owner. Make somebody else an owner first."
PASS_IT_ON = (
    "Send this link to {email} and to nobody else: it lets them in once, within seven days. It is shown only now.",
    "Whoever has an account already signs in with it. Everybody else chooses a password and sets up a second step.",
)


@blueprint.get("/<slug>/settings/staff")
def listed(slug: str) -> Page:
    """Who works here, who is invited, and a form to invite somebody."""
    with site().database.reading() as session:
        return draw("console/colleagues.html", colleagues_page(session, _tenant(session)))


@blueprint.post("/<slug>/settings/staff")
@fresh("colleagues.listed")
def invite(slug: str) -> Page:
    """Make an invitation and show its link, this one time; nothing tells whether there is an account."""
    email = "".join(letter for letter in request.form.get("email", "").strip() if letter.isprintable())
    role = _role() or Role.VIEWER
    try:
        token = _invite(in_lower_case(email), role)
    except (BadEmail, WorksHere) as error:
        wrong = HERE if isinstance(error, WorksHere) else str(error)
    else:
        if token:
            return draw("console/once.html", _link(email, token))
        wrong = TOO_MANY
    with site().database.reading() as session:
        page = colleagues_page(session, _tenant(session), email, role, wrong)
    return draw("console/colleagues.html", page, 429 if wrong == TOO_MANY else 422)


@blueprint.post("/<slug>/settings/staff/<int:staff_id>/role")
@fresh("colleagues.listed")
def change(slug: str, staff_id: int) -> Page:
    """Give somebody another role; the last owner stays one."""
    role = _role() or abort(400)
    try:
        with site().database.writing() as session:
            if not members.change_role(session, member().tenant_id, staff_id, role):
                abort(404)
            _note(session, "change a role", f"staff {staff_id} {role}")
        flash("The role is changed.")
    except LastOwner:
        flash(KEEP_ONE)
    return _on(staff_id)


@blueprint.post("/<slug>/settings/staff/<int:staff_id>/end")
@fresh("colleagues.listed")
def end(slug: str, staff_id: int) -> Page:
    """End what somebody may do here, at once; the last owner stays."""
    try:
        with site().database.writing() as session:
            if not members.end(session, member().tenant_id, staff_id):
                abort(404)
            _note(session, "end a membership", f"staff {staff_id}")
        flash("They have no access here any more.")
    except LastOwner:
        flash(KEEP_ONE)
    return _on(staff_id)


@blueprint.post("/<slug>/settings/staff/invitations/<int:invitation_id>/take-back")
def take_back(slug: str, invitation_id: int) -> Page:
    """Put an invitation out of use."""
    with site().database.writing() as session:
        if not members.take_back(session, member().tenant_id, invitation_id):
            abort(404)
        _note(session, "take an invitation back", f"invitation {invitation_id}")
    flash("That invitation opens nothing any more.")
    return see(url_for("colleagues.listed", slug=slug))


def _tenant(session: Session) -> Tenant:
    return tenants.by_slug(session, member().slug) or abort(404)


def _role() -> Role | None:
    asked = request.form.get("role", "")
    return Role(asked) if asked in list(Role) else None


def _invite(email: str, role: Role) -> str:
    """The token of a new invitation; empty after too many. Raises BadEmail, WorksHere."""
    at, now = member(), site().now()
    with site().database.writing() as session:
        if not limits.take(session, site().vault.address_hash(f"invitations of {at.tenant_id}"), *INVITATIONS, now):
            return ""
        token = members.invite(session, at.tenant_id, role, email, at.person.staff_id, now)
        _note(session, "invite", f"role {role}")
    return token


def _link(email: str, token: str) -> OncePage:
    address = f"{site().settings.base_url}{url_for('account.invitation', token=token)}"
    says = tuple(sentence.format(email=email) for sentence in PASS_IT_ON)
    back = url_for("colleagues.listed", slug=member().slug)
    return OncePage(frame("The invitation"), f"Link for {email}", address, says, back, "I have sent it")


def _note(session: Session, action: str, about: str) -> None:
    sessions.note(session, action, member().person.staff_id, about, member().tenant_id)


def _on(staff_id: int) -> Page:
    """Back to the list; whoever has just changed their own role may not open it any more."""
    own = staff_id == member().person.staff_id
    return see(url_for("account.home") if own else url_for("colleagues.listed", slug=member().slug))
