"""One report to look into: a page of its own with interactive charts, so that the report itself never loads them."""

from flask import Blueprint, current_app

from assessment.reports.explore import charts
from assessment.reports.quoting import Quoting
from assessment.storage.assessments import LinkKind
from assessment.web import plotly
from assessment.web.pages import ExplorePage, Frame
from assessment.web.reading import Reading, find, owner_frame, read
from assessment.web.site import Page, render, see, site

blueprint = Blueprint("explore", __name__)

TITLE = "Look into your report"


@blueprint.get("/r/<token>/explore")
def explore(token: str) -> Page:
    """The charts of a report, for its owner."""
    with site().database.reading() as session:
        reading = read(session, find(session, token), token)
        return (
            see(f"/r/{token}#contact") if reading.gated else _page(reading, owner_frame(reading, TITLE), f"/r/{token}")
        )


@blueprint.get("/s/<token>/explore")
def shared(token: str) -> Page:
    """The same for somebody the report was shared with."""
    with site().database.reading() as session:
        reading = read(session, find(session, token, LinkKind.SHARE), token)
        return _page(reading, site().frame(TITLE, reading.assessment.tenant), f"/s/{token}")


def _page(reading: Reading, frame: Frame, report: str) -> Page:
    """The page; back to a report that has no score, and so no charts."""
    if reading.report.score is None:
        return see(report)
    assets = current_app.extensions["assets"]
    page = ExplorePage(
        frame=frame,
        report=report,
        charts=charts(reading.report, Quoting(reading.outcome, reading.questionnaire)),
        css=f"/static/{assets['charts.css'].name}",
        script=f"/static/{assets['charts.js'].name}",
        plotly=f"/static/{plotly.NAME}",
    )
    return render("report/explore.html", page)
