"""A report as the answer to a request for its PDF."""

from flask import Response

from assessment.reports import pdf
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
    name = f"it-health-report-{reading.report.taken_on.isoformat()}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
