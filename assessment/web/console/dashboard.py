"""The dashboard of a tenant: how many come, where they stop, and how their firms stand."""

from flask import Blueprint, abort, request

from assessment.storage import tenants
from assessment.web.console.drawing import draw
from assessment.web.console.numbers import asked_for, dashboard_page
from assessment.web.site import Page, site

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/<slug>/dashboard")
def dashboard(slug: str) -> Page:
    """Every chart with its table, over the weeks the address says."""
    with site().database.reading() as session:
        tenant = tenants.by_slug(session, slug) or abort(404)
        page = dashboard_page(session, tenant, asked_for(request.args))
    return draw("console/dashboard.html", page)
