"""The report page, its PDF and data, going deeper, and deleting. A report link never changes an answer."""

from flask import Blueprint, Response, abort, request

from assessment.delivery import digests, outgoing
from assessment.engine.questions import Depth
from assessment.storage import assessments, counting, leads, privacy, tenants
from assessment.web import framing, limiting, sending
from assessment.web.forms import DepthForm
from assessment.web.pages import DeletePage, MessagePage
from assessment.web.pdfs import calendar_response, pdf_response
from assessment.web.reading import find, owner_page, read, with_standstill
from assessment.web.showing import framed
from assessment.web.site import Page, render, see, site
from assessment.web.source import read_source, source_of, where
from assessment.web.standstill import read_standstill

blueprint = Blueprint("report", __name__)


@blueprint.get("/r/<token>")
def report(token: str) -> Page:
    """The report on one page; where the tenant holds the rest back, the free part of it."""
    figures, form = read_standstill(request.args)
    with site().database.reading() as session:
        reading = read(session, find(session, token), token, figures)
        page = owner_page(session, reading, request.args.get("notice", ""))
        return render("report/report.html", with_standstill(page, form))


@blueprint.get("/r/<token>/report.pdf")
def report_pdf(token: str) -> Page:
    """The same report as a PDF."""
    with site().database.reading() as session:
        reading = read(session, find(session, token), token, read_standstill(request.args)[0])
        return see(f"/r/{token}#contact") if reading.gated else pdf_response(session, reading)


@blueprint.get("/r/<token>/plan.ics")
def plan_dates(token: str) -> Page:
    """The dates of the plan for a calendar."""
    with site().database.reading() as session:
        reading = read(session, find(session, token), token)
        return see(f"/r/{token}#contact") if reading.gated else calendar_response(reading)


@blueprint.get("/r/<token>/data.json")
def data(token: str) -> Page:
    """Everything kept about this assessment and whoever left their details with it."""
    with site().database.reading() as session:
        link = find(session, token)
        lead = link.assessment.lead if leads.proven(session, link) else None
        known = privacy.known(session, lead) if lead is not None else privacy.sitting(session, link.assessment)
        if leads.with_staff(session, link):
            del known["suggestions"]  # nobody but the owner sees them before they are taken
    response = Response(privacy.as_json([known]), content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@blueprint.post("/r/<token>/deepen")
def deepen(token: str) -> Page:
    """Carry on with the same answers at another depth."""
    form = DepthForm(request.form)
    with site().database.writing() as session:
        link = find(session, token)
        assessment, named = link.assessment, not leads.with_staff(session, link)
        if not form.validate():
            return see(f"/r/{token}")
        if not limiting.allows(session, "start", site().settings.starts_per_hour):
            abort(429)
        depth = Depth(form.depth.data)
        write_token = assessments.go_deeper(session, assessment, depth, site().now(), site().open_for, named)
        counting.begun(session, assessment.tenant, assessment.came_from, site().now())
    return see(f"/t/{write_token}")


@blueprint.get("/r/<token>/delete")
def delete(token: str) -> Page:
    """What deleting does, and the button that does it."""
    with site().database.reading() as session:
        link = find(session, token)
        assessment, partly = link.assessment, link.assessment.lead is not None and not leads.proven(session, link)
        around = framed(assessment.tenant, source_of(assessment), "delete", place=f"/r/{token}")
        frame = site().frame("Delete your answers and this report", assessment.tenant, around)
    return render("report/delete.html", DeletePage(frame, f"/r/{token}/delete", f"/r/{token}", partly))


@blueprint.post("/r/<token>/delete")
def erase(token: str) -> Page:
    """Remove the assessment with everything that hangs on it, and tell those who were told of it."""
    with site().database.writing() as session:
        link = find(session, token, lock=True)
        tenant, source = link.assessment.tenant, source_of(link.assessment)
        lead = privacy.erase_by_link(session, link, site().vault, site().now())
        if lead is not None:
            outgoing.erased(sending.room(session), tenant, lead.reference)
            digests.redraw(session, tenant)
    site().database.forget()
    site().wake()
    return see(f"/q/{tenant.slug}/deleted{where(source)}")


@blueprint.get("/q/<slug>/deleted")
def deleted(slug: str) -> Page:
    """Says that it is done."""
    with site().database.reading() as session:
        tenant = tenants.by_slug(session, slug) or abort(404)
        framing.allow(tenant)
        around = framed(tenant, read_source(tenant, request.args), "done")
        frame = site().frame("Your answers and your report are deleted", tenant, around)
    says = ("Nothing of this assessment is left here, and its links open nothing any more.",)
    return render("errors/message.html", MessagePage(frame, 200, says, (("Start again", frame.home),)))
