"""Who can open an assessment without signing in: links made, mailed again and ended; and erasing it altogether."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, abort, flash, request, url_for

from assessment.delivery import outgoing
from assessment.delivery.documents import Opened
from assessment.storage import assessments, leads, privacy
from assessment.storage.assessments import LinkKind
from assessment.storage.session import Session
from assessment.storage.staff import Role
from assessment.storage.tables import Assessment, Link, Tenant
from assessment.web import sending
from assessment.web.console.assessments.pages import ErasePage, LinkRow, LinksPage
from assessment.web.console.assessments.sitting import opened
from assessment.web.console.assessments.timeline import about
from assessment.web.console.assessments.work import find, note_down
from assessment.web.console.drawing import draw, frame
from assessment.web.console.entrance import sessions
from assessment.web.console.freshness import confirm_first, fresh
from assessment.web.console.person import member
from assessment.web.site import Page, see, site

blueprint = Blueprint("links", __name__)

OPENS = {
    LinkKind.WRITE: "The link of the check itself, which leads on to the report",
    LinkKind.REPORT: "The report, to read, share, go deeper and delete",
    LinkKind.SHARE: "The report, to read only",
    LinkKind.ASK: "The questions they were not sure about, for somebody they asked",
}
MAILED = "The report, mailed to them"
ENOUGH = "Nothing was sent: this address has had enough reports for one day. Try again tomorrow."
SENT = (
    "The mail with a new link to the report is in the outbox. What became of it stands on the page of the assessment."
)


@blueprint.get("/<slug>/assessments/<reference>/links")
def links(slug: str, reference: str) -> Page:
    """The links that work now."""
    with site().database.reading() as session:
        return draw("console/links.html", _page(session, slug, reference))


@blueprint.post("/<slug>/assessments/<reference>/links")
@fresh("links.links")
def make(slug: str, reference: str) -> Page:
    """A new link to the report, shown this once. Whoever holds it can delete the report: so only owners make one."""
    with site().database.writing() as session:
        _, assessment = find(session, slug, reference)
        token = assessments.open_report(session, assessment, None, site().now(), site().readable_for)
        note_down(session, "make a link", assessment)
        page = _page(session, slug, reference, f"{site().settings.base_url}/r/{token}")
    return draw("console/links.html", page)


@blueprint.post("/<slug>/assessments/<reference>/links/<int:link_id>/end")
def end(slug: str, reference: str, link_id: int) -> Page:
    """End a link: whoever has it opens nothing any more."""
    with site().database.writing() as session:
        _, assessment = find(session, slug, reference)
        if not assessments.revoke(session, assessment, link_id, site().now()):
            abort(404)
        note_down(session, "end a link", assessment)
    flash("That link opens nothing any more.")
    return see(url_for("links.links", slug=slug, reference=reference))


@blueprint.post("/<slug>/assessments/<reference>/send")
def send(slug: str, reference: str) -> Page:
    """Mail the owner a new link to the report."""
    with site().database.writing() as session:
        tenant, assessment = find(session, slug, reference)
        found = opened(session, tenant, reference)
        if assessment.lead is None or not _address(found):
            abort(404)
        flash(SENT if _send(session, tenant, found) else ENOUGH)
    site().wake()
    return see(url_for("links.links", slug=slug, reference=reference))


def _send(session: Session, tenant: Tenant, found: Opened) -> bool:
    """Put the mail in the outbox, unless this address has had its share for today."""
    assessment, lead, post = found.assessment, found.assessment.lead, sending.room(session)
    assert lead is not None
    if not outgoing.may_mail(post, _address(found)):
        return False
    token = assessments.open_report(session, assessment, lead, site().now(), site().readable_for)
    mail = sending.report_mail(found.report, leads.contact_of(lead), tenant.profile.reply_to, token)
    outgoing.report_mail(post, assessment, lead, mail, f"again {token}")
    note_down(session, "send the report again", assessment)
    return True


def _address(found: Opened) -> str:
    """Where the report can be sent: only where mail can be sent, and only to somebody who may be named here."""
    return found.contact.get("email", "") if site().settings.sends_mail else ""


def _page(session: Session, slug: str, reference: str, made: str = "") -> LinksPage:
    tenant, assessment = find(session, slug, reference)
    found = opened(session, tenant, reference)
    at: dict[str, Any] = {"slug": slug, "reference": reference}
    return LinksPage(
        frame=frame("Links to the report"),
        links=tuple(_rows(session, assessment, at)),
        made=made,
        make=url_for("links.make", **at) if member().role.covers(Role.OWNER) else "",
        confirm=confirm_first("links.links") if member().role.covers(Role.OWNER) else "",
        send=url_for("links.send", **at) if _address(found) else "",
        send_to=_address(found),
        back=url_for("assessments.sitting", **at),
    )


def _rows(session: Session, assessment: Assessment, at: dict[str, Any]) -> Iterator[LinkRow]:
    for link in assessments.links_that_work(session, assessment, site().now()):
        yield LinkRow(_opens(link), link.created_at, link.expires_at, url_for("links.end", link_id=link.id, **at))


def _opens(link: Link) -> str:
    return MAILED if link.mailed_to else OPENS[LinkKind(link.kind)]


@blueprint.get("/<slug>/assessments/<reference>/erase")
def erase(slug: str, reference: str) -> Page:
    """What erasing does, and the buttons that do it."""
    with site().database.reading() as session:
        tenant, assessment = find(session, slug, reference)
        found = opened(session, tenant, reference)
        at: dict[str, Any] = {"slug": slug, "reference": reference}
        lead = assessment.lead
        page = ErasePage(
            frame=frame("Erase"),
            who=found.title if found.contact else "whoever left their details" if lead is not None else "",
            others=sum(other.id != assessment.id for other in lead.sittings) if lead is not None else 0,
            erase=url_for("links.erase_it", **at),
            confirm=confirm_first("links.erase"),
            back=url_for("assessments.sitting", **at),
        )
    return draw("console/erase.html", page)


@blueprint.post("/<slug>/assessments/<reference>/erase")
@fresh("links.erase")
def erase_it(slug: str, reference: str) -> Page:
    """Erase one assessment, or somebody's contact details with every assessment of theirs."""
    with site().database.writing() as session:
        _, assessment = find(session, slug, reference)
        lead = assessment.lead if request.form.get("what") == "person" else None
        if lead is not None:
            sending.erase(session, lead)
        else:
            privacy.erase_sitting(session, assessment, site().now())
        who, what = member(), f"lead {lead.reference}" if lead is not None else about(assessment)
        sessions.note(session, "erase", who.person.staff_id, what, tenant_id=who.tenant_id)
    site().database.forget()
    site().wake()
    flash("It is erased, and its links open nothing any more.")
    return see(url_for("assessments.listed", slug=slug))
