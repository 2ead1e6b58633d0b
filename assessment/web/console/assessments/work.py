"""What staff do with assessments: status, who looks after one, notes, and a check taken together in a meeting."""

from flask import Blueprint, abort, flash, request, url_for

from assessment.engine.flow import walk
from assessment.engine.questions import Depth
from assessment.storage import assessments, browsing, staff, tenants, work
from assessment.storage.session import Session
from assessment.storage.tables import Assessment, Tenant
from assessment.storage.work import Status
from assessment.web.console.assessments.sitting import opened, sitting_page
from assessment.web.console.assessments.timeline import about
from assessment.web.console.assessments.working import work_view
from assessment.web.console.drawing import draw
from assessment.web.console.entrance import sessions
from assessment.web.console.person import member
from assessment.web.console.settings.forms import visible
from assessment.web.recording import STATUSES
from assessment.web.site import Page, see, site

blueprint = Blueprint("work", __name__)

LONGEST_NOTE = 4000
TOO_LONG = f"A note may have at most {LONGEST_NOTE:,} characters. Shorten it, or make two of it."
EMPTY = "Write something first."
IN_A_MEETING = {"ref": "meeting"}
"""Where an assessment came from that staff began together with its owner."""


def find(session: Session, slug: str, reference: str) -> tuple[Tenant, Assessment]:
    """An assessment of this tenant that was sent in; 404 where it has none such."""
    tenant = tenants.by_slug(session, slug) or abort(404)
    return tenant, browsing.sitting(session, tenant.id, reference) or abort(404)


def note_down(session: Session, action: str, assessment: Assessment) -> None:
    """Write into the audit log what whoever is asking did to an assessment."""
    who = member()
    sessions.note(session, action, who.person.staff_id, about(assessment), tenant_id=who.tenant_id)


@blueprint.post("/<slug>/assessments/<reference>/work")
def save(slug: str, reference: str) -> Page:
    """Keep status and assignee, as far as they changed."""
    with site().database.writing() as session:
        _, assessment = find(session, slug, reference)
        _keep_status(session, assessment, request.form.get("status", ""))
        _keep_assignee(session, assessment, request.form.get("assignee", ""))
    flash("Status and person are saved.")
    return see(f"{url_for('assessments.sitting', slug=slug, reference=reference)}#work")


def _keep_status(session: Session, assessment: Assessment, wanted: str) -> None:
    if wanted not in list(Status):
        abort(400)
    if wanted != assessment.status:
        assessment.status = wanted
        note_down(session, f"set status to {STATUSES[Status(wanted)].lower()}", assessment)


def _keep_assignee(session: Session, assessment: Assessment, wanted: str) -> None:
    """Somebody who works here, nobody, or whoever it is already, even where they have left since."""
    now = str(assessment.assignee_id or "")
    people = {str(one.id): one.name for one in staff.colleagues(session, assessment.tenant_id)}
    if wanted not in ("", now, *people):
        abort(400)
    if wanted != now:
        assessment.assignee_id = int(wanted) if wanted else None
        note_down(session, f"hand it to staff {wanted}" if wanted else "hand it back", assessment)


@blueprint.post("/<slug>/assessments/<reference>/notes")
def note(slug: str, reference: str) -> Page:
    """Write a note; one that is too long comes back as it was typed."""
    says = visible(request.form.get("says", "").replace("\r\n", "\n").replace("\t", " ")).strip()
    wrong = EMPTY if not says else TOO_LONG if len(says) > LONGEST_NOTE else ""
    if wrong:
        with site().database.reading() as session:
            tenant, assessment = find(session, slug, reference)
            found = opened(session, tenant, reference)
            again = work_view(session, tenant, assessment, found.questionnaire, says, wrong)
            return draw("console/assessment.html", sitting_page(session, tenant, found, again), 422)
    with site().database.writing() as session:
        _, assessment = find(session, slug, reference)
        work.add_note(session, assessment, member().person.staff_id, says, site().now())
        note_down(session, "write a note", assessment)
    flash("The note is added.")
    return see(f"{url_for('assessments.sitting', slug=slug, reference=reference)}#notes")


@blueprint.post("/<slug>/assessments/<reference>/notes/<int:note_id>/remove")
def remove_note(slug: str, reference: str, note_id: int) -> Page:
    """Take away a note of one's own."""
    with site().database.writing() as session:
        _, assessment = find(session, slug, reference)
        if not work.remove_note(session, assessment, note_id, member().person.staff_id):
            abort(404)
        note_down(session, "remove a note", assessment)
    flash("The note is removed.")
    return see(f"{url_for('assessments.sitting', slug=slug, reference=reference)}#notes")


@blueprint.post("/<slug>/assessments/begin")
def begin(slug: str) -> Page:
    """Begin an assessment to be answered together in a meeting."""
    depth = _depth()
    with site().database.writing() as session:
        tenant = tenants.by_slug(session, slug) or abort(404)
        questionnaire, version = site().taken_at(session, tenant)
        pin, now, open_for = (questionnaire.id, version), site().now(), site().open_for
        begun, token = assessments.start(session, tenant, pin, depth, now, open_for, IN_A_MEETING)
        begun.led_by_id = member().person.staff_id
        note_down(session, "begin it in a meeting", begun)
    return _go_to(f"/t/{token}/{walk(questionnaire, {}, depth).steps[0].id}")


@blueprint.post("/<slug>/assessments/<reference>/together")
def together(slug: str, reference: str) -> Page:
    """Go through an assessment once more in a meeting, from its answers: a new one that continues it."""
    depth = _depth()
    with site().database.writing() as session:
        _, assessment = find(session, slug, reference)
        token = assessments.go_deeper(session, assessment, depth, site().now(), site().open_for)
        link = assessments.link_by_token(session, token, assessments.LinkKind.WRITE, site().now())
        assert link is not None
        link.assessment.led_by_id = member().person.staff_id
        note_down(session, "go through it in a meeting", assessment)
    return _go_to(f"/t/{token}/check")


def _depth() -> Depth:
    wanted = request.form.get("depth", "")
    if wanted not in list(Depth):
        abort(400)
    return Depth(wanted)


def _go_to(path: str) -> Page:
    """Out of the console, onto the pages of the check, which know nothing of who is signed in."""
    return see(f"{site().settings.base_url}{path}")
