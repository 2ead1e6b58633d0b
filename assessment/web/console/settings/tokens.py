"""Keys for a tenant's own programs: made, shown this one time, and ended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, flash, request, url_for

from assessment.storage import tenants, tokens
from assessment.storage.session import Session
from assessment.storage.tables import Tenant
from assessment.storage.tokens import LONGEST_NAME, NotMade, Scope, Token
from assessment.web.api.operations import ROOT
from assessment.web.console.assessments.pages import Choice
from assessment.web.console.drawing import draw, frame
from assessment.web.console.entrance import sessions
from assessment.web.console.freshness import confirm_first, fresh
from assessment.web.console.pages import ConsoleFrame
from assessment.web.console.person import member
from assessment.web.console.settings.endpoint_pages import OncePage, Tick
from assessment.web.site import Page, see, site

blueprint = Blueprint("tokens", __name__)

FOR = {
    Scope.ASSESSMENTS: "read assessments, without who they are of",
    Scope.LEADS: "read leads: the details of those who may be contacted",
    Scope.ERASE: "erase assessments and leads",
}
DAYS = {"30": "30 days", "90": "90 days", "365": "a year", "": "until it is ended"}
ONCE = (
    "Put this token into the program now. It is shown this one time; what we keep of it, nobody can read.",
    "Whoever has it can do what it is for. If somebody else may have seen it, end it and make another.",
)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token; `end` is empty where it does not work any more, and `over` says since when."""

    name: str
    begins: str
    scopes: tuple[str, ...]
    made: datetime
    until: datetime | None
    over: datetime | None
    last_used: date | None
    end: str


@dataclass(frozen=True, slots=True)
class TokensPage:
    """`console/tokens.html`: every token of a tenant, and the form to make one."""

    frame: ConsoleFrame
    rows: tuple[TokenRow, ...]
    confirm: str
    action: str
    name: str
    longest: int
    scopes: tuple[Tick, ...]
    days: tuple[Choice, ...]
    wrong: str
    root: str
    document: str
    back: str


@blueprint.get("/<slug>/settings/tokens")
def listed(slug: str) -> Page:
    """Every token, and a form to make one."""
    with site().database.reading() as session:
        return draw("console/tokens.html", _page(session))


@blueprint.post("/<slug>/settings/tokens")
@fresh("tokens.listed")
def make(slug: str) -> Page:
    """Make a token and show it, this one time."""
    scopes = [scope for scope in Scope if scope in request.form.getlist("scopes")]
    days = request.form.get("days", "")
    works_for = timedelta(days=int(days)) if days in DAYS and days else None
    try:
        with site().database.writing() as session:
            name = request.form.get("name", "")
            made, text = tokens.make(session, _tenant(session), name, scopes, site().now(), works_for)
            _note(session, "make a token", made)
    except NotMade as error:
        with site().database.reading() as session:
            return draw("console/tokens.html", _page(session, str(error)), 422)
    page = OncePage(frame("The token"), f"Token “{made.name}”", text, ONCE, _here(), "I have put it in")
    return draw("console/once.html", page)


@blueprint.post("/<slug>/settings/tokens/<reference>/end")
def end(slug: str, reference: str) -> Page:
    """End a token: it opens nothing any more."""
    with site().database.writing() as session:
        ended = tokens.end(session, member().tenant_id, reference, site().now()) or abort(404)
        _note(session, "end a token", ended)
    flash("That token opens nothing any more.")
    return see(_here())


def _page(session: Session, wrong: str = "") -> TokensPage:
    typed = request.form
    return TokensPage(
        frame=frame("API tokens"),
        rows=tuple(_row(one) for one in tokens.of_tenant(session, member().tenant_id)),
        confirm=confirm_first("tokens.listed"),
        action=_here(),
        name="".join(letter for letter in typed.get("name", "") if letter.isprintable())[:LONGEST_NAME],
        longest=LONGEST_NAME,
        scopes=tuple(Tick(scope, says, scope in typed.getlist("scopes")) for scope, says in FOR.items()),
        days=tuple(Choice(value, says, value == typed.get("days", "90")) for value, says in DAYS.items()),
        wrong=wrong,
        root=f"{site().settings.base_url}{ROOT}",
        document=f"{site().settings.base_url}{ROOT}/openapi.json",
        back=url_for("settings.index", slug=member().slug),
    )


def _row(one: Token) -> TokenRow:
    works = one.works(site().now())
    return TokenRow(
        name=one.name,
        begins=one.begins,
        scopes=tuple(FOR[Scope(scope)] for scope in one.scopes.split()),
        made=one.created_at,
        until=one.expires_at,
        over=None if works else one.ended_at or one.expires_at,
        last_used=one.last_used,
        end=url_for("tokens.end", slug=member().slug, reference=one.reference) if works else "",
    )


def _tenant(session: Session) -> Tenant:
    return tenants.by_slug(session, member().slug) or abort(404)


def _here() -> str:
    return url_for("tokens.listed", slug=member().slug)


def _note(session: Session, action: str, about: Token) -> None:
    at = member()
    sessions.note(session, action, at.person.staff_id, f"token {about.reference}", at.tenant_id)
