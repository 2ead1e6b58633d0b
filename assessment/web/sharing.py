"""Sharing a report: a link that reads and does nothing else, made and revoked by whoever holds the report."""

from flask import Blueprint, Response, request

from assessment.storage import assessments
from assessment.storage.assessments import LinkKind
from assessment.web.pdfs import pdf_response
from assessment.web.reading import find, plain_page, read, with_more, with_standstill
from assessment.web.site import Page, render, see, site
from assessment.web.standstill import read_standstill

blueprint = Blueprint("sharing", __name__)

SHARED = "Somebody has shared this report with you. You can read it and keep the PDF; you cannot change anything."


@blueprint.post("/r/<token>/share")
def share(token: str) -> Page:
    """Make the link for others, or find the one that works."""
    with site().database.writing() as session:
        link = find(session, token, lock=True)
        if not (link.gated and site().settings.sends_mail):
            assessments.share(session, link, token, site().now())
    return see(f"/r/{token}#share")


@blueprint.post("/r/<token>/share/stop")
def stop(token: str) -> Page:
    """Make the link for others open nothing any more."""
    with site().database.writing() as session:
        assessments.stop_sharing(session, find(session, token), site().now())
    return see(f"/r/{token}#share")


@blueprint.get("/s/<token>")
def shared(token: str) -> Page:
    """The report for somebody it was shared with."""
    figures, form = read_standstill(request.args)
    with site().database.reading() as session:
        reading = read(session, find(session, token, LinkKind.SHARE), token, figures)
        frame = site().frame(f"Report: {reading.report.title}", reading.assessment.tenant)
        page = plain_page(frame, reading.report, SHARED, f"/s/{token}/report.pdf")
        return render("report/report.html", with_standstill(with_more(page, reading, f"/s/{token}"), form))


@blueprint.get("/s/<token>/report.pdf")
def shared_pdf(token: str) -> Response:
    """The same as a PDF."""
    with site().database.reading() as session:
        figures, _ = read_standstill(request.args)
        return pdf_response(session, read(session, find(session, token, LinkKind.SHARE), token, figures))
