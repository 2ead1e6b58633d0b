"""Who may open which route of the console: one row each, held against its own list of routes by a test, both ways."""

import re
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlsplit

from flask import Flask, abort, g, request, url_for
from flask_wtf.csrf import CSRFProtect  # type: ignore[import-untyped]

from assessment.storage.browsing import LARGEST_ID
from assessment.storage.staff import Role
from assessment.web.console.entrance import sessions
from assessment.web.console.person import Member, someone
from assessment.web.site import Page, see, site


class Access(StrEnum):
    """What somebody must be to open a route. NOBODY closes one that a library brings along."""

    NOBODY = "nobody"
    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    VIEWER = Role.VIEWER
    EDITOR = Role.EDITOR
    OWNER = Role.OWNER


ROUTES: Mapping[str, tuple[Access, str, str]] = {
    "account.accept": (Access.ANYONE, "POST", "/invitation/<token>"),
    "account.account": (Access.SIGNED_IN, "GET", "/account"),
    "account.end": (Access.SIGNED_IN, "POST", "/account/sessions/<int:session_id>/end"),
    "account.end_others": (Access.SIGNED_IN, "POST", "/account/sessions/end-others"),
    "account.home": (Access.SIGNED_IN, "GET", "/"),
    "account.invitation": (Access.ANYONE, "GET", "/invitation/<token>"),
    "account.join": (Access.SIGNED_IN, "POST", "/invitation/<token>/join"),
    "activity.listed": (Access.OWNER, "GET", "/<slug>/settings/activity"),
    "assessments.brief_pdf": (Access.VIEWER, "GET", "/<slug>/assessments/<reference>/brief.pdf"),
    "assessments.listed": (Access.VIEWER, "GET", "/<slug>/assessments"),
    "assessments.report": (Access.VIEWER, "GET", "/<slug>/assessments/<reference>/report"),
    "assessments.report_pdf": (Access.VIEWER, "GET", "/<slug>/assessments/<reference>/report.pdf"),
    "assessments.sitting": (Access.VIEWER, "GET", "/<slug>/assessments/<reference>"),
    "colleagues.change": (Access.OWNER, "POST", "/<slug>/settings/staff/<int:staff_id>/role"),
    "colleagues.end": (Access.OWNER, "POST", "/<slug>/settings/staff/<int:staff_id>/end"),
    "colleagues.invite": (Access.OWNER, "POST", "/<slug>/settings/staff"),
    "colleagues.listed": (Access.OWNER, "GET", "/<slug>/settings/staff"),
    "colleagues.take_back": (Access.OWNER, "POST", "/<slug>/settings/staff/invitations/<int:invitation_id>/take-back"),
    "endpoints.add": (Access.OWNER, "POST", "/<slug>/settings/endpoints"),
    "endpoints.delivery": (Access.OWNER, "GET", "/<slug>/settings/endpoints/<reference>/deliveries/<message_id>"),
    "endpoints.endpoint": (Access.OWNER, "GET", "/<slug>/settings/endpoints/<reference>"),
    "endpoints.listed": (Access.OWNER, "GET", "/<slug>/settings/endpoints"),
    "endpoints.off": (Access.OWNER, "POST", "/<slug>/settings/endpoints/<reference>/off"),
    "endpoints.on": (Access.OWNER, "POST", "/<slug>/settings/endpoints/<reference>/on"),
    "endpoints.remove": (Access.OWNER, "POST", "/<slug>/settings/endpoints/<reference>/remove"),
    "endpoints.replay": (Access.OWNER, "POST", "/<slug>/settings/endpoints/<reference>/deliveries/<message_id>/replay"),
    "endpoints.replay_all": (Access.OWNER, "POST", "/<slug>/settings/endpoints/<reference>/replay"),
    "endpoints.rotate": (Access.OWNER, "POST", "/<slug>/settings/endpoints/<reference>/rotate"),
    "endpoints.test": (Access.OWNER, "POST", "/<slug>/settings/endpoints/<reference>/test"),
    "comparison.compared": (Access.VIEWER, "GET", "/<slug>/compare/<before>/<after>"),
    "comparison.compared_pdf": (Access.VIEWER, "GET", "/<slug>/compare/<before>/<after>/comparison.pdf"),
    "dashboard.dashboard": (Access.VIEWER, "GET", "/<slug>/dashboard"),
    "bulk.cancel": (Access.EDITOR, "POST", "/<slug>/bulk/<reference>/cancel"),
    "bulk.fetch": (Access.EDITOR, "GET", "/<slug>/bulk/<reference>.zip"),
    "bulk.listed": (Access.EDITOR, "GET", "/<slug>/bulk"),
    "bulk.order": (Access.EDITOR, "POST", "/<slug>/bulk"),
    "bulk.progress": (Access.EDITOR, "GET", "/<slug>/bulk/<reference>"),
    "exports.download": (Access.EDITOR, "POST", "/<slug>/export.<name>"),
    "exports.page": (Access.EDITOR, "GET", "/<slug>/export"),
    "links.end": (Access.EDITOR, "POST", "/<slug>/assessments/<reference>/links/<int:link_id>/end"),
    "links.erase": (Access.OWNER, "GET", "/<slug>/assessments/<reference>/erase"),
    "links.erase_it": (Access.OWNER, "POST", "/<slug>/assessments/<reference>/erase"),
    "links.links": (Access.EDITOR, "GET", "/<slug>/assessments/<reference>/links"),
    "links.make": (Access.OWNER, "POST", "/<slug>/assessments/<reference>/links"),
    "links.send": (Access.EDITOR, "POST", "/<slug>/assessments/<reference>/send"),
    "reviews.answers": (Access.VIEWER, "GET", "/<slug>/assessments/<reference>/answers"),
    "reviews.review": (Access.EDITOR, "POST", "/<slug>/assessments/<reference>/answers/<question>"),
    "reviews.undo": (Access.EDITOR, "POST", "/<slug>/assessments/<reference>/answers/<question>/undo"),
    "security.change_password": (Access.SIGNED_IN, "GET POST", "/change-password"),
    "security.login": (Access.ANYONE, "GET POST", "/sign-in"),
    "security.logout": (Access.SIGNED_IN, "POST", "/sign-out"),
    "security.mf_recovery": (Access.ANYONE, "GET POST", "/recovery-code"),
    "security.mf_recovery_codes": (Access.SIGNED_IN, "GET POST", "/recovery-codes"),
    "security.tf_select": (Access.NOBODY, "GET POST", "/tf-select"),
    "security.two_factor_rescue": (Access.NOBODY, "GET POST", "/tf-rescue"),
    "security.two_factor_setup": (Access.ANYONE, "GET POST", "/second-step"),
    "security.two_factor_setup_validate": (Access.SIGNED_IN, "POST", "/second-step/<token>"),
    "security.two_factor_token_validation": (Access.ANYONE, "GET POST", "/code"),
    "security.verify": (Access.SIGNED_IN, "GET POST", "/confirm"),
    "settings.brand": (Access.OWNER, "GET", "/<slug>/settings/brand"),
    "settings.colour": (Access.OWNER, "GET", "/<slug>/settings/brand/<colour>.css"),
    "settings.contact": (Access.OWNER, "GET", "/<slug>/settings/contact"),
    "settings.index": (Access.VIEWER, "GET", "/<slug>/settings"),
    "settings.keeping": (Access.OWNER, "GET", "/<slug>/settings/keeping"),
    "settings.laid_open": (Access.VIEWER, "GET", "/<slug>/questionnaire/<questionnaire_id>/<version>"),
    "settings.questionnaire": (Access.VIEWER, "GET", "/<slug>/settings/questionnaire"),
    "settings.save_brand": (Access.OWNER, "POST", "/<slug>/settings/brand"),
    "settings.save_contact": (Access.OWNER, "POST", "/<slug>/settings/contact"),
    "settings.save_keeping": (Access.OWNER, "POST", "/<slug>/settings/keeping"),
    "settings.save_questionnaire": (Access.OWNER, "POST", "/<slug>/settings/questionnaire"),
    "settings.save_website": (Access.OWNER, "POST", "/<slug>/settings/website"),
    "settings.website": (Access.OWNER, "GET", "/<slug>/settings/website"),
    "settings.wordings": (Access.OWNER, "GET", "/<slug>/settings/contact/agreed"),
    "tokens.end": (Access.OWNER, "POST", "/<slug>/settings/tokens/<reference>/end"),
    "tokens.listed": (Access.OWNER, "GET", "/<slug>/settings/tokens"),
    "tokens.make": (Access.OWNER, "POST", "/<slug>/settings/tokens"),
    "work.begin": (Access.EDITOR, "POST", "/<slug>/assessments/begin"),
    "work.note": (Access.EDITOR, "POST", "/<slug>/assessments/<reference>/notes"),
    "work.remove_note": (Access.EDITOR, "POST", "/<slug>/assessments/<reference>/notes/<int:note_id>/remove"),
    "work.save": (Access.EDITOR, "POST", "/<slug>/assessments/<reference>/work"),
    "work.together": (Access.EDITOR, "POST", "/<slug>/assessments/<reference>/together"),
}
"""Endpoint -> who, methods with a space between them, address below /console.

An address that asks for a role begins with `/<slug>/`, and the role is the one in the tenant with that slug.
"""

ROOMY = {"settings.save_brand": 2 * 1024 * 1024}
"""How many bytes a form may have where a file comes with it; more than the file may have, to say so in a sentence."""

SAFE = ("GET", "HEAD", "OPTIONS")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
NEXT = re.compile(r"/console(/[A-Za-z0-9_-][A-Za-z0-9._~-]*)*/?(\?[A-Za-z0-9._~%&=+-]*)?")
"""Where somebody may be led on to after signing in: inside the console, in plain letters."""


def install(app: Flask) -> None:
    """Check each request: where it comes from, who sends it, what they may do, and that the form is ours."""
    app.before_request(make_room)
    app.before_request(refuse_strangers)
    app.before_request(refuse_detours)
    app.before_request(refuse_the_impossible)
    app.before_request(sessions.look_up)
    app.before_request(enforce)
    CSRFProtect(app)


def make_room() -> None:
    """Let a larger form in where a file comes with it."""
    if request.endpoint in ROOMY:
        request.max_content_length = ROOMY[request.endpoint]


def refuse_strangers() -> None:
    """Refuse what another website sends with a person's cookie. Browsers say so; older ones name where they are."""
    if request.method in SAFE:
        return
    said = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if said is not None:
        if said not in ("same-origin", "none"):
            abort(403)
    elif origin is not None and origin != _own_origin():
        abort(403)
    if request.content_length and request.mimetype not in FORMS:
        abort(415)


def _own_origin() -> str:
    parts = urlsplit(site().settings.base_url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def refuse_detours() -> None:
    """Refuse to lead on to anywhere but a page of the console."""
    for wanted in (*request.args.getlist("next"), *request.form.getlist("next")):
        if wanted and not NEXT.fullmatch(wanted):
            abort(400)


def refuse_the_impossible() -> None:
    """Refuse what no database could be asked for: there is nothing of that number, or with such a sign in its name."""
    for part in (request.view_args or {}).values():
        if (part > LARGEST_ID) if isinstance(part, int) else "\x00" in part:
            abort(404)


def enforce() -> Page | None:
    """Let through who may open this route; send who is not signed in to do so; for all others there is nothing."""
    if request.endpoint is None:
        return None  # there is no such address, and Flask says so
    wanted = ROUTES.get(request.endpoint, (Access.NOBODY, "", ""))[0]
    if wanted is Access.NOBODY:
        abort(404)
    if wanted is Access.ANYONE:
        return None
    if someone() is None:
        return _sign_in()
    if wanted is not Access.SIGNED_IN:
        g.member = _member(Role(wanted.value)) or abort(404)
    return None


def _member(wanted: Role) -> Member | None:
    slug = (request.view_args or {}).get("slug")
    for found in g.memberships:
        if found.slug == slug and found.role.covers(wanted):
            return found  # type: ignore[no-any-return]
    return None


def _sign_in() -> Page:
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    following = f"{request.script_root}{back}"
    plain = back not in ("", "/") and NEXT.fullmatch(following)
    return see(url_for("security.login", next=following) if plain else url_for("security.login"))
