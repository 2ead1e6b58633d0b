"""Invitations that owners make: whoever has an account signs in as ever, others make one, and both join after that.

An owner who opens a link of their own learns nothing here: page and answer are the same whether or not there is an
account, and an account that is there stays as it is. Only signing in afterwards, with the password they chose, would
tell them; so invitations are few a day, and each answer to one is written down.
"""

from flask import flash, session, url_for
from flask_security import hash_password

from assessment.storage import members, staff
from assessment.storage.session import Session
from assessment.storage.staff import Invitation, Staff
from assessment.web.console.drawing import frame
from assessment.web.console.entrance import sessions
from assessment.web.console.entrance.screens import NEW_HINT
from assessment.web.console.pages import Entry, Field, FormPage
from assessment.web.console.person import Person, someone
from assessment.web.site import Page, see, site

INVITED = "invited"
"""Where the cookie keeps the link of whoever signs in to take it up."""

SIGN_IN = (
    "If there was no account for this address, there is one now. Sign in to take the invitation up: "
    "with the password you have just chosen or, if you had an account before, with the one you have always used."
)
JOINED = "Welcome. You work for {tenant} now."


def page(token: str, found: Invitation, name: str = "", wrong: dict[str, str] | None = None) -> FormPage:
    """What somebody is invited to, and what is needed of whoever is asking."""
    who = someone()
    says = f"You are invited to the console of {found.tenant.name} as its {found.role}."
    if who is None:
        session[INVITED] = token
        return _registering(token, says, found.email, name, wrong or {})
    if who.email != found.email:
        return _leaving(token, says, found.email, who)
    return FormPage(frame("Welcome"), (says,), url_for("account.join", token=token), f"Join {found.tenant.name}")


def _registering(token: str, says: str, email: str, name: str, wrong: dict[str, str]) -> FormPage:
    errors = {key: (error,) for key, error in wrong.items()}
    known = f"It is for {email}. If you have an account under this address, sign in with it. If not, make one here."
    return FormPage(
        frame=frame("Welcome"),
        says=(says, known),
        action=url_for("account.accept", token=token),
        button="Make my account",
        fields=(
            Field("name", "Your name", "text", name, "name", errors=errors.get("name", ())),
            Field(
                "password",
                "Choose a password",
                "password",
                "",
                "new-password",
                NEW_HINT,
                errors.get("password", ()),
            ),
        ),
        links=(Entry("I have an account: sign in", url_for("security.login")),),
    )


def _leaving(token: str, says: str, email: str, who: Person) -> FormPage:
    here = url_for("account.invitation", token=token)
    other = f"It is for {email}, but you are signed in as {who.email}. Sign out here to go on with it."
    return FormPage(frame("Welcome"), (says, other), url_for("security.logout"), "Sign out", hidden=(("next", here),))


def register(token: str, found: Invitation, name: str, password: str) -> Page:
    """Make an account where there is none, and have whoever it is sign in; the answer is one and the same."""
    hashed, now = hash_password(password), site().now()
    with site().database.writing() as writing:
        members.register(writing, found, name, hashed, now)
        sessions.note(writing, "answer an invitation", None, f"invitation {found.id}", found.tenant_id)
    if someone() is not None:
        sessions.leave()
    session[INVITED] = token
    flash(SIGN_IN)
    return see(url_for("security.login"))


def join(writing: Session, found: Invitation, who: Person) -> bool:
    """Whoever is signed in takes the invitation up; False where it is not for them or stands no more."""
    if not members.join(writing, found, writing.get_one(Staff, who.staff_id), site().now()):
        return False
    session.pop(INVITED, None)
    sessions.note(writing, "accept", who.staff_id, f"invitation {found.id}", found.tenant_id)
    flash(JOINED.format(tenant=found.tenant.name))
    return True


def waiting() -> str:
    """The link somebody came by before they signed in, once, while it still stands."""
    token = str(session.pop(INVITED, ""))
    with site().database.reading() as reading:
        return token if token and staff.invitation(reading, token, site().now()) else ""
