"""Coming in by an invitation, going on to a tenant, and looking after one's own account."""

from flask import Blueprint, abort, current_app, flash, g, request, url_for
from flask_security import hash_password

from assessment.storage import staff, staff_sessions
from assessment.storage.session import Session
from assessment.storage.staff import BadEmail, Invitation
from assessment.storage.staff_sessions import StaffSession
from assessment.web.console.drawing import draw, frame, tenant_address
from assessment.web.console.entrance import joining, sessions
from assessment.web.console.entrance.passwords import normal, wrong_with
from assessment.web.console.entrance.screens import NEW_HINT
from assessment.web.console.entrance.store import user_of
from assessment.web.console.pages import AccountPage, Field, FormPage, HomePage, SessionRow
from assessment.web.console.person import person
from assessment.web.console.settings.forms import visible
from assessment.web.site import Page, see, site

blueprint = Blueprint("account", __name__)

KNOWN = "Somebody has an account under this address already. Ask for an invitation that names it."


@blueprint.get("/")
def home() -> Page:
    """On to the one tenant somebody works for, or a choice of them; recovery codes first where there are none."""
    if g.user.mf_recovery_codes is None:
        return see(url_for("security.mf_recovery_codes"))
    if token := joining.waiting():
        return see(url_for("account.invitation", token=token))
    tenants = tuple((name, tenant_address(slug), str(role)) for slug, name, role in person().tenants)
    if len(tenants) == 1 and tenants[0][1] != url_for("account.home"):
        return see(tenants[0][1])
    return draw("console/home.html", HomePage(frame(f"Hello, {person().name}"), tenants))


@blueprint.get("/account")
def account() -> Page:
    """How somebody signs in, and where they are signed in now."""
    with site().database.reading() as session:
        rows = tuple(map(_row, staff_sessions.of(session, person().staff_id, site().now())))
    page = AccountPage(
        frame=frame("Your account"),
        email=person().email,
        codes_left=len((g.user.mf_recovery_codes or "").split()),
        change_password=url_for("security.change_password"),
        change_second_step=url_for("security.two_factor_setup"),
        recovery_codes=url_for("security.mf_recovery_codes"),
        sessions=rows,
        end_others=url_for("account.end_others"),
    )
    return draw("console/account.html", page)


def _row(row: StaffSession) -> SessionRow:
    this = row.id == g.session_id
    return SessionRow(row.agent, row.created_at, row.seen_at, this, url_for(".end", session_id=row.id))


@blueprint.post("/account/sessions/<int:session_id>/end")
def end(session_id: int) -> Page:
    """Sign out one browser."""
    with site().database.writing() as session:
        if not staff_sessions.revoke(session, person().staff_id, session_id, site().now()):
            abort(404)
        sessions.note(session, "end a session", person().staff_id, f"session {session_id}")
    flash("That browser is signed out.")
    return see(url_for("account.account"))


@blueprint.post("/account/sessions/end-others")
def end_others() -> Page:
    """Sign out every browser but this one."""
    with site().database.writing() as session:
        staff_sessions.revoke_others(session, person().staff_id, g.session_id, site().now())
        sessions.note(session, "end all other sessions", person().staff_id)
    flash("Every other browser is signed out.")
    return see(url_for("account.account"))


@blueprint.get("/invitation/<token>")
def invitation(token: str) -> Page:
    """What somebody is invited to, and what is needed of them."""
    with site().database.reading() as session:
        found = _found(session, token)
        return draw("console/form.html", joining.page(token, found) if found.by_id else _invited(token, found))


@blueprint.post("/invitation/<token>")
def accept(token: str) -> Page:
    """Take an invitation up, and go on to the second step; nobody is signed in before that.

    With one that an owner made, this only makes an account, if there is none.
    """
    email, name, password = (request.form.get(key, "").strip() for key in ("email", "name", "password"))
    password = normal(request.form.get("password", ""))
    with site().database.reading() as session:
        found = _found(session, token)
        wrong = _wrong(session, found, email, name, password)
        if wrong:
            again = (
                joining.page(token, found, name, wrong) if found.by_id else _invited(token, found, email, name, wrong)
            )
            return draw("console/form.html", again, 422)
    if found.by_id:
        return joining.register(token, found, name, password)
    hashed = hash_password(password)
    with site().database.writing() as session:
        joined = staff.accept(session, found, found.email or email, name, hashed, site().now()) or abort(404)
        staff_sessions.revoke_others(session, joined.id, None, site().now())
        user = user_of(joined)
    sessions.leave()
    sessions.begin_halfway()
    plugins = current_app.extensions["security"].two_factor_plugins
    response: Page = plugins.tf_enter(user, False, "password", next_loc=None)
    return response


@blueprint.post("/invitation/<token>/join")
def join(token: str) -> Page:
    """Take up what an owner invited to; only for the person it names, who has signed in."""
    with site().database.writing() as session:
        found = _found(session, token)
        if not joining.join(session, found, person()):
            abort(404)
        slug = found.tenant.slug
    return see(tenant_address(slug))


def _found(session: Session, token: str) -> Invitation:
    return staff.invitation(session, token, site().now()) or abort(404)


def _wrong(session: Session, found: Invitation, email: str, name: str, password: str) -> dict[str, str]:
    """What is wrong with what was typed, by field."""
    wrong = {}
    if not found.email:
        try:
            if staff.by_email(session, email) is not None:
                wrong["email"] = KNOWN
        except BadEmail as error:
            wrong["email"] = str(error)
    if not name or len(name) > 100 or visible(name) != name:
        wrong["name"] = "Type in your name, as your colleagues know you, in at most 100 letters."
    if reason := wrong_with(password, name, found.email or email):
        wrong["password"] = reason
    return wrong


def _invited(
    token: str, found: Invitation, email: str = "", name: str = "", wrong: dict[str, str] | None = None
) -> FormPage:
    errors = {key: (error,) for key, error in (wrong or {}).items()}
    address = Field("email", "E-mail address", "email", email, "username", errors=errors.get("email", ()))
    known = () if found.email else (address,)
    new = Field("password", "Choose a password", "password", "", "new-password", NEW_HINT, errors.get("password", ()))
    says = f"You are invited to the console of {found.tenant.name} as its {found.role}."
    return FormPage(
        frame=frame("Welcome"),
        says=(says, *((f"You will sign in as {found.email}.",) if found.email else ())),
        action=url_for("account.accept", token=token),
        button="Continue",
        fields=(
            *known,
            Field("name", "Your name", "text", name, "name", errors=errors.get("name", ())),
            new,
        ),
    )
