"""What was done for a tenant, by whom and when: its audit trail in plain words, the newest first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, request, url_for

from assessment.storage import activity
from assessment.storage.staff import AuditEntry
from assessment.web.console.drawing import draw, frame
from assessment.web.console.pages import ConsoleFrame
from assessment.web.console.person import Member, member
from assessment.web.site import Page, site

blueprint = Blueprint("activity", __name__)

DONE: Mapping[str, str] = {
    "accept": "accepted an invitation",
    "add an endpoint": "added an endpoint",
    "answer an invitation": "opened an invitation and went on to sign in",
    "change a role": "changed a role",
    "end a membership": "ended somebody’s access",
    "give an endpoint a new secret": "gave an endpoint a new secret",
    "invite": "invited somebody",
    "change settings": "changed settings",
    "cancel bulk": "stopped making PDFs",
    "order bulk": "had PDFs made in bulk",
    "fetch bulk": "fetched PDFs made in bulk",
    "erase": "erased an assessment",
    "export": "exported assessments",
    "end a token": "ended an API token",
    "make a token": "made an API token",
    "read leads": "read leads",
    "remove an endpoint": "removed an endpoint",
    "rescore": "scored an assessment again by another version",
    "send again": "sent again what was given up",
    "switch an endpoint off": "switched an endpoint off",
    "switch an endpoint on": "switched an endpoint on",
    "take an invitation back": "took an invitation back",
    "test an endpoint": "sent a test message",
    "write a note": "wrote a note",
    "remove a note": "removed a note",
    "hand it back": "handed it back",
    "begin it in a meeting": "began it in a meeting",
    "go through it in a meeting": "went through it in a meeting",
    "make a link": "made a link to the report",
    "end a link": "ended a link",
    "send the report again": "sent the report again",
    "take a look at an answer back": "took back what they had seen of an answer",
}
"""What each action is called here; one that has no row is shown as it was written down."""

PATTERNS = (
    (re.compile(r"set status to (.+)"), r"set the status to “\1”"),
    (re.compile(r"look at (.+) again"), r"looked at \1 again"),
    (re.compile(r"hand it to (staff \d+)"), r"handed it to \1"),
)
"""The same for those that say a little more."""

OPERATOR, SOMEBODY = "The operator", "Somebody not signed in"
GONE = "Somebody whose account is gone"
SITTING = re.compile(r"assessment (\w+)")
ENDPOINT = re.compile(r"endpoint (\w+)")
TOKEN = re.compile(r"token (\w+)")


def in_words(action: str) -> str:
    """What somebody did, as a sentence goes on after their name."""
    for pattern, says in PATTERNS:
        if pattern.fullmatch(action):
            return pattern.sub(says, action)
    return DONE.get(action, action)


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done; `address` is where what it was done to can be seen."""

    who: str
    did: str
    about: str
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """`console/activity.html`: one page of what was done for a tenant."""

    frame: ConsoleFrame
    rows: tuple[Done, ...]
    first: str
    after: str
    back: str


@blueprint.get("/<slug>/settings/activity")
def listed(slug: str) -> Page:
    """One page of what was done, from the newest or after what the address names."""
    at, asked = member(), request.args.get("after", "")
    after = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 0
    with site().database.reading() as session:
        found = activity.page(session, at.tenant_id, after)
    here = url_for(".listed", slug=slug)
    page = ActivityPage(
        frame=frame("Activity"),
        rows=tuple(_done(at, entry, name) for entry, name in found.entries),
        first=here if after else "",
        after=f"{here}?after={found.after}" if found.after else "",
        back=url_for("settings.index", slug=slug),
    )
    return draw("console/activity.html", page)


def _done(at: Member, entry: AuditEntry, name: str | None) -> Done:
    return Done(_who(entry, name), in_words(entry.action), entry.object, _address(at, entry), entry.at)


def _who(entry: AuditEntry, name: str | None) -> str:
    if entry.staff_id is None:
        return OPERATOR if entry.request_id == "command" else _program(entry.request_id) or SOMEBODY
    return name or GONE


def _program(request_id: str) -> str:
    """The token a program showed, as the trail names it; empty for what no program did."""
    found = TOKEN.fullmatch(request_id)
    return f"A program with the API token {found[1]}" if found else ""


def _address(at: Member, entry: AuditEntry) -> str:
    """Where to look at what it was done to; it may be gone, which its page will say."""
    if found := SITTING.fullmatch(entry.object):
        return url_for("assessments.sitting", slug=at.slug, reference=found[1])
    if found := ENDPOINT.fullmatch(entry.object):
        return url_for("endpoints.endpoint", slug=at.slug, reference=found[1])
    return ""
