"""The pages about a tenant's assessments: the list, one of them, its report as the owner sees it, and both PDFs."""

from flask import Blueprint, Response, abort, request

from assessment.delivery.documents import Document, Opened, make
from assessment.storage import tenants
from assessment.storage.session import Session
from assessment.storage.tables import Tenant
from assessment.web.console.assessments.listing import list_page
from assessment.web.console.assessments.sitting import opened, owner_report_page, sitting_page
from assessment.web.console.drawing import draw
from assessment.web.site import Page, site

blueprint = Blueprint("assessments", __name__)


@blueprint.get("/<slug>/assessments")
def listed(slug: str) -> Page:
    """The assessments sent in to a tenant, searched, filtered and sorted as the address says."""
    with site().database.reading() as session:
        page = list_page(session, _tenant(session, slug), request.args)
    return draw("console/assessments.html", page)


@blueprint.get("/<slug>/assessments/<reference>")
def sitting(slug: str, reference: str) -> Page:
    """One assessment, with the brief for whoever talks to its owner."""
    with site().database.reading() as session:
        tenant = _tenant(session, slug)
        page = sitting_page(session, tenant, opened(session, tenant, reference))
    return draw("console/assessment.html", page)


@blueprint.get("/<slug>/assessments/<reference>/report")
def report(slug: str, reference: str) -> Page:
    """The report as its owner sees it; no link of the owner's is used or shown."""
    with site().database.reading() as session:
        tenant = _tenant(session, slug)
        page = owner_report_page(tenant, opened(session, tenant, reference))
    return draw("console/report.html", page)


@blueprint.get("/<slug>/assessments/<reference>/report.pdf")
def report_pdf(slug: str, reference: str) -> Page:
    """The report as a PDF."""
    found, logo = _with_logo(slug, reference)
    return _pdf(make(found, Document.REPORT, site().settings, logo), found.file_name("report"))


@blueprint.get("/<slug>/assessments/<reference>/brief.pdf")
def brief_pdf(slug: str, reference: str) -> Page:
    """The brief as a PDF."""
    found, logo = _with_logo(slug, reference)
    return _pdf(make(found, Document.BRIEF, site().settings, logo), found.file_name("brief"))


def _tenant(session: Session, slug: str) -> Tenant:
    return tenants.by_slug(session, slug) or abort(404)


def _with_logo(slug: str, reference: str) -> tuple[Opened, bytes | None]:
    with site().database.reading() as session:
        tenant = _tenant(session, slug)
        logo = tenants.logo_of(session, tenant)
        return opened(session, tenant, reference), logo.png if logo else None


def _pdf(made: bytes, name: str) -> Response:
    response = Response(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
