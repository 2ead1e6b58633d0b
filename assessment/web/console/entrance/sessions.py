"""Sessions of the console: the cookie names one, the database says whether it still stands, on every request."""

import re
import secrets
import time
from datetime import timedelta

from flask import Flask, flash, g, request, session
from flask_security.signals import password_changed, tf_code_confirmed, tf_profile_changed, user_authenticated

from assessment.storage import staff, staff_sessions
from assessment.storage.session import Session, Unavailable
from assessment.storage.staff import Role
from assessment.web.console.entrance.store import User, user_of
from assessment.web.console.person import Member, Person, someone
from assessment.web.site import site

KEY = "key"
HALFWAY = "halfway"
HALFWAY_FOR = timedelta(minutes=15)
"""How long somebody who gave their password may take over the second step."""

FRESH_FOR = timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)
ENDED = "You were signed out: half an hour went by, or this session was ended elsewhere. Please sign in again."

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


def install(app: Flask) -> None:
    """Listen to Flask-Security: a session begins where somebody signs in, and others end where a secret changes."""
    user_authenticated.connect_via(app)(on_signed_in)
    password_changed.connect_via(app)(on_password_changed)
    tf_profile_changed.connect_via(app)(on_second_step_changed)
    tf_code_confirmed.connect_via(app)(on_code_confirmed)
    app.login_manager.user_loader(load_user)  # type: ignore[attr-defined]
    app.login_manager.request_loader(lambda request: None)  # type: ignore[attr-defined]  # no token signs anybody in


def look_up() -> None:
    """Find out who is asking. A cookie whose session does not stand any more is emptied."""
    g.request_id = secrets.token_hex(8)
    _forget_halfway()
    if "_user_id" not in session:
        return
    now = site().now()
    with site().database.reading() as reading:
        row = staff_sessions.by_key(reading, session.get(KEY, ""), now)
        if row is None or row.staff.fs_uniquifier != session["_user_id"]:
            session.clear()
            flash(ENDED)
            return
        g.user, g.session_id, g.fresh = user_of(row.staff), row.id, now - row.fresh_at < FRESH_FOR
        g.memberships = _memberships(row.staff)
        stale = now - row.seen_at >= SEEN_EVERY
    g.person = g.memberships[0].person if g.memberships else Person(g.user.id, g.user.name, g.user.email, ())
    if stale:
        _see()


def _memberships(row: staff.Staff) -> tuple[Member, ...]:
    found = sorted(row.memberships, key=lambda one: one.tenant.slug)
    tenants = tuple((one.tenant.slug, one.tenant.name, Role(one.role)) for one in found)
    person = Person(row.id, row.name, row.email, tenants)
    return tuple(
        Member(person, one.tenant_id, slug, name, role) for one, (slug, name, role) in zip(found, tenants, strict=True)
    )


def _see() -> None:
    try:
        with site().database.writing() as writing:
            staff_sessions.see(writing, g.session_id, site().now())
    except Unavailable:
        return  # a page that can be read is worth more than a moment written down


def _forget_halfway() -> None:
    if site().now().timestamp() - session.get(HALFWAY, 0) > HALFWAY_FOR.total_seconds():
        for name in (HALFWAY, *(name for name in session if name.startswith("tf_"))):
            session.pop(name, None)


def begin_halfway() -> None:
    """Somebody gave their password: the second step is open for a while."""
    session[HALFWAY] = int(site().now().timestamp())


def load_user(uniquifier: str) -> User | None:
    """Who Flask-Security takes for signed in: the person whose session stands, and nobody else."""
    user: User | None = g.get("user")
    if user is None or user.fs_uniquifier != uniquifier:
        return None
    g.fs_authn_via = "session"
    g.fs_paa = time.time() if g.fresh else 0
    return user


def on_signed_in(app: Flask, user: User, **more: object) -> None:
    """A new session under a new key; whatever the cookie held before is worth nothing now."""
    now = site().now()
    with site().database.writing() as writing:
        if someone() is not None:
            staff_sessions.revoke(writing, user.id, g.session_id, now)
        begun = staff_sessions.begin(writing, user.id, family(request.user_agent.string), now)
        note(writing, "sign in", user.id, f"session {begun.id}")
    session[KEY], g.session_id = begun.key, begun.id
    for name in (HALFWAY, "csrf_token"):
        session.pop(name, None)
    g.pop("csrf_token", None)


def on_password_changed(app: Flask, user: User, **more: object) -> None:
    """Everywhere else, whoever is signed in with the old password is signed out."""
    _end_others(user, "change password")


def on_second_step_changed(app: Flask, user: User, **more: object) -> None:
    """Everywhere else, whoever is signed in with the old second step is signed out."""
    _end_others(user, "change second step")


def on_code_confirmed(app: Flask, user: User, **more: object) -> None:
    """The first second step of somebody ends whatever was begun without one."""
    if not user.read["tf_totp_secret"]:
        _end_others(user, "set up second step")


def _end_others(user: User, action: str) -> None:
    with site().database.writing() as writing:
        staff_sessions.revoke_others(writing, user.id, g.get("session_id"), site().now())
        note(writing, action, user.id)


def end_this() -> None:
    """Sign out: the session ends in the database too, so that no copy of the cookie outlives it."""
    found = someone()
    if found is None:
        return
    with site().database.writing() as writing:
        staff_sessions.revoke(writing, found.staff_id, g.session_id, site().now())
        note(writing, "sign out", found.staff_id, f"session {g.session_id}")


def leave() -> None:
    """Whoever is signed in at this browser makes room for somebody else."""
    end_this()
    session.clear()


def freshen() -> None:
    """Whoever is asking has just shown again who they are."""
    with site().database.writing() as writing:
        staff_sessions.freshen(writing, g.session_id, site().now())


def note(writing: Session, action: str, staff_id: int | None, about: str = "", tenant_id: int | None = None) -> None:
    """Write down what somebody did in this request."""
    more = {"about": about, "request_id": g.request_id}
    staff.audit(writing, site().now(), action, staff_id, tenant_id=tenant_id, **more)


def family(agent: str) -> str:
    """A browser and its system, as much as tells a person which of theirs it is."""
    browser = next((says for mark, says in BROWSERS if mark in agent), "A browser")
    system = next((says for mark, says in SYSTEMS if re.search(mark, agent)), "")
    return f"{browser} on {system}" if system else browser
