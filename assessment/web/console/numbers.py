"""What the dashboard page is given: the weeks an address asks for, and the charts of their tallies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app, url_for

from assessment.reports.dashboard.charts import charts
from assessment.reports.dashboard.cohort import Chart
from assessment.storage import tallies
from assessment.storage.session import Session
from assessment.storage.tables import Tenant
from assessment.web import plotly
from assessment.web.console.assessments.listing import source_says
from assessment.web.console.drawing import frame
from assessment.web.console.pages import ConsoleFrame, Entry
from assessment.web.site import site

SPANS = {"4": "4 weeks", "13": "13 weeks", "52": "A year", "all": "All"}
USUAL = "13"


@dataclass(frozen=True, slots=True)
class Span:
    """Which tallies are shown: those of how many weeks, and whether those of tests."""

    weeks: str = USUAL
    test: bool = False


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """`console/dashboard.html`: charts with their tables; none where nothing was counted in this time, or ever."""

    frame: ConsoleFrame
    about: str
    spans: tuple[Entry, ...]
    modes: tuple[Entry, ...]
    charts: tuple[Chart, ...]
    test: bool
    check: str
    website: str
    css: str
    script: str
    plotly: str


def asked_for(asked: Mapping[str, str]) -> Span:
    """What an address asks for; the usual for what cannot be read."""
    weeks = asked.get("weeks", "")
    return Span(weeks if weeks in SPANS else USUAL, asked.get("test") == "yes")


def dashboard_page(session: Session, tenant: Tenant, span: Span) -> DashboardPage:
    """A tenant's dashboard; everything on it comes from one query."""
    this_week = tallies.week_of(site().now())
    since = None if span.weeks == "all" else this_week - timedelta(weeks=int(span.weeks) - 1)
    found = tallies.sums(session, tenant.id, span.test, since)
    questionnaire, _ = site().taken_at(session, tenant)
    begins = f"since Monday, {since.day} {since:%B %Y}" if since else "since counting began"
    return DashboardPage(
        frame=frame("Dashboard"),
        about=f"{'Tests' if span.test else 'Visitors'} {begins}.",
        spans=tuple(_spans(tenant, span)),
        modes=tuple(_modes(tenant, span)),
        charts=charts(found, questionnaire, source_says, since, this_week) if found else (),
        test=span.test,
        check=f"{site().settings.base_url}/q/{tenant.slug}",
        website=url_for("settings.index", slug=tenant.slug),
        css=current_app.extensions["charts_css"],
        script=current_app.extensions["charts_js"],
        plotly=f"/static/{plotly.NAME}",
    )


def _spans(tenant: Tenant, span: Span) -> Iterator[Entry]:
    for weeks, says in SPANS.items():
        yield Entry(says, _address(tenant, Span(weeks, span.test)), weeks == span.weeks)


def _modes(tenant: Tenant, span: Span) -> Iterator[Entry]:
    for test, says in ((False, "Visitors"), (True, "Tests")):
        yield Entry(says, _address(tenant, Span(span.weeks, test)), test == span.test)


def _address(tenant: Tenant, span: Span) -> str:
    asked: dict[str, Any] = {"weeks": span.weeks} if span.weeks != USUAL else {}
    if span.test:
        asked["test"] = "yes"
    return url_for("dashboard.dashboard", slug=tenant.slug, **asked)
