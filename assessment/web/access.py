"""Who may open which route: one row each, held against the app's own list of routes by a test, both ways."""

from collections.abc import Mapping
from enum import StrEnum


class Access(StrEnum):
    """What somebody must hold to open a route."""

    ANYONE = "anyone"
    WRITE_LINK = "write link"
    REPORT_LINK = "report link"
    SHARE_LINK = "share link"


ROUTES: Mapping[str, tuple[Access, str, str]] = {
    "assets.asset": (Access.ANYONE, "GET", "/static/<name>"),
    "contact.leave": (Access.REPORT_LINK, "POST", "/r/<token>/contact"),
    "contact.withdraw": (Access.REPORT_LINK, "POST", "/r/<token>/contact/withdraw"),
    "embed.brand": (Access.ANYONE, "GET", "/q/<slug>/brand/<colour>.css"),
    "embed.loader": (Access.ANYONE, "GET", "/embed.js"),
    "embed.logo": (Access.ANYONE, "GET", "/q/<slug>/logo/<name>.png"),
    "embed.sample": (Access.ANYONE, "GET", "/q/<slug>/sample"),
    "quiz.answer": (Access.WRITE_LINK, "POST", "/t/<token>/<question_id>"),
    "quiz.begin": (Access.ANYONE, "POST", "/q/<slug>/start"),
    "quiz.check": (Access.WRITE_LINK, "GET", "/t/<token>/check"),
    "quiz.home": (Access.ANYONE, "GET", "/"),
    "quiz.question": (Access.WRITE_LINK, "GET", "/t/<token>/<question_id>"),
    "quiz.resume": (Access.WRITE_LINK, "GET", "/t/<token>"),
    "quiz.start": (Access.ANYONE, "GET", "/q/<slug>"),
    "quiz.submit": (Access.WRITE_LINK, "POST", "/t/<token>/submit"),
    "report.data": (Access.REPORT_LINK, "GET", "/r/<token>/data.json"),
    "report.deepen": (Access.REPORT_LINK, "POST", "/r/<token>/deepen"),
    "report.delete": (Access.REPORT_LINK, "GET", "/r/<token>/delete"),
    "report.deleted": (Access.ANYONE, "GET", "/q/<slug>/deleted"),
    "report.erase": (Access.REPORT_LINK, "POST", "/r/<token>/delete"),
    "report.report": (Access.REPORT_LINK, "GET", "/r/<token>"),
    "report.report_pdf": (Access.REPORT_LINK, "GET", "/r/<token>/report.pdf"),
    "sharing.share": (Access.REPORT_LINK, "POST", "/r/<token>/share"),
    "sharing.shared": (Access.SHARE_LINK, "GET", "/s/<token>"),
    "sharing.shared_pdf": (Access.SHARE_LINK, "GET", "/s/<token>/report.pdf"),
    "sharing.stop": (Access.REPORT_LINK, "POST", "/r/<token>/share/stop"),
}
"""Endpoint -> who, method, address."""
