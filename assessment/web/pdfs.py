"""A report as the answer to a request for its PDF, or for its dates."""

from flask import Response, abort

from assessment.reports import pdf
from assessment.reports.ics import as_calendar
from assessment.storage.session import Session
from assessment.storage.tenants import logo_of
from assessment.web.reading import Reading
from assessment.web.site import site


def pdf_response(session: Session, reading: Reading) -> Response:
    """The PDF, under a name that says what it is and nothing of who it is about."""
    logo = logo_of(session, reading.assessment.tenant)
    template = site().settings.template("report/report.typ")
    made = pdf.render(reading.report, template, logo.png if logo else None)
    response = Response(made, content_type="application/pdf")
    name = f"{reading.questionnaire.id}-report-{reading.report.taken_on.isoformat()}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def calendar_response(reading: Reading) -> Response:
    """The dates of the plan as a calendar file; 404 where there are none."""
    report, submitted = reading.report, reading.assessment.submitted_at
    if submitted is None or report.roadmap is None:
        abort(404)
    made = as_calendar(report, f"{site().settings.base_url}{reading.path}", submitted)
    response = Response(made, content_type="text/calendar; charset=utf-8")
    name = f"{reading.questionnaire.id}-plan-{report.taken_on.isoformat()}.ics"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
