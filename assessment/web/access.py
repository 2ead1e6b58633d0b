"""Who may open which route: one row each, held against the app's own list of routes by a test, both ways."""

from collections.abc import Mapping
from enum import StrEnum


class Access(StrEnum):
    """What somebody must hold to open a route."""

    ANYONE = "anyone"
    WRITE_LINK = "write link"
    REPORT_LINK = "report link"


ROUTES: Mapping[str, tuple[Access, str, str]] = {
    "assets.asset": (Access.ANYONE, "GET", "/static/<name>"),
    "quiz.answer": (Access.WRITE_LINK, "POST", "/t/<token>/<question_id>"),
    "quiz.begin": (Access.ANYONE, "POST", "/q/<slug>/start"),
    "quiz.check": (Access.WRITE_LINK, "GET", "/t/<token>/check"),
    "quiz.home": (Access.ANYONE, "GET", "/"),
    "quiz.question": (Access.WRITE_LINK, "GET", "/t/<token>/<question_id>"),
    "quiz.resume": (Access.WRITE_LINK, "GET", "/t/<token>"),
    "quiz.start": (Access.ANYONE, "GET", "/q/<slug>"),
    "quiz.submit": (Access.WRITE_LINK, "POST", "/t/<token>/submit"),
    "report.deepen": (Access.REPORT_LINK, "POST", "/r/<token>/deepen"),
    "report.delete": (Access.REPORT_LINK, "GET", "/r/<token>/delete"),
    "report.deleted": (Access.ANYONE, "GET", "/deleted"),
    "report.erase": (Access.REPORT_LINK, "POST", "/r/<token>/delete"),
    "report.report": (Access.REPORT_LINK, "GET", "/r/<token>"),
    "report.report_pdf": (Access.REPORT_LINK, "GET", "/r/<token>/report.pdf"),
}
"""Endpoint -> who, method, address."""
