"""Who may open which route: one row each, held against the app's own list of routes by a test, both ways."""

from collections.abc import Mapping
from enum import StrEnum


class Access(StrEnum):
    """What somebody must hold to open a route."""

    ANYONE = "anyone"
    WRITE_LINK = "write link"
    REPORT_LINK = "report link"
    SHARE_LINK = "share link"
    ASK_LINK = "ask link"
    API_TOKEN = "API token"  # noqa: S105  # what it is called, not what it is
    METRICS_TOKEN = "metrics token"  # noqa: S105  # what it is called, not what it is


ROUTES: Mapping[str, tuple[Access, str, str]] = {
    "again.again": (Access.REPORT_LINK, "POST", "/r/<token>/again"),
    "api.assessment": (Access.API_TOKEN, "GET", "/api/v1/assessments/<reference>"),
    "api.assessments": (Access.API_TOKEN, "GET", "/api/v1/assessments"),
    "api.erase_assessment": (Access.API_TOKEN, "DELETE", "/api/v1/assessments/<reference>"),
    "api.erase_lead": (Access.API_TOKEN, "DELETE", "/api/v1/leads/<reference>"),
    "api.lead": (Access.API_TOKEN, "GET", "/api/v1/leads/<reference>"),
    "api.leads": (Access.API_TOKEN, "GET", "/api/v1/leads"),
    "api.openapi": (Access.ANYONE, "GET", "/api/v1/openapi.json"),
    "asking.ask": (Access.REPORT_LINK, "POST", "/r/<token>/ask"),
    "asking.ask_now": (Access.WRITE_LINK, "POST", "/t/<token>/ask"),
    "asking.decide": (Access.REPORT_LINK, "POST", "/r/<token>/suggestions/<question_id>"),
    "asking.decide_now": (Access.WRITE_LINK, "POST", "/t/<token>/suggestions/<question_id>"),
    "asking.stop": (Access.REPORT_LINK, "POST", "/r/<token>/ask/stop"),
    "asking.stop_now": (Access.WRITE_LINK, "POST", "/t/<token>/ask/stop"),
    "asking.take_over": (Access.REPORT_LINK, "POST", "/r/<token>/suggestions"),
    "assets.asset": (Access.ANYONE, "GET", "/static/<name>"),
    "contact.leave": (Access.REPORT_LINK, "POST", "/r/<token>/contact"),
    "contact.withdraw": (Access.REPORT_LINK, "POST", "/r/<token>/contact/withdraw"),
    "embed.brand": (Access.ANYONE, "GET", "/q/<slug>/brand/<colour>.css"),
    "embed.loader": (Access.ANYONE, "GET", "/embed.js"),
    "embed.logo": (Access.ANYONE, "GET", "/q/<slug>/logo/<name>.png"),
    "embed.sample": (Access.ANYONE, "GET", "/q/<slug>/sample"),
    "explore.explore": (Access.REPORT_LINK, "GET", "/r/<token>/explore"),
    "explore.shared": (Access.SHARE_LINK, "GET", "/s/<token>/explore"),
    "operation.healthz": (Access.ANYONE, "GET", "/healthz"),
    "operation.metrics": (Access.METRICS_TOKEN, "GET", "/metrics"),
    "operation.readyz": (Access.ANYONE, "GET", "/readyz"),
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
    "report.plan_dates": (Access.REPORT_LINK, "GET", "/r/<token>/plan.ics"),
    "report.report": (Access.REPORT_LINK, "GET", "/r/<token>"),
    "report.report_pdf": (Access.REPORT_LINK, "GET", "/r/<token>/report.pdf"),
    "sharing.share": (Access.REPORT_LINK, "POST", "/r/<token>/share"),
    "sharing.shared": (Access.SHARE_LINK, "GET", "/s/<token>"),
    "sharing.shared_pdf": (Access.SHARE_LINK, "GET", "/s/<token>/report.pdf"),
    "sharing.stop": (Access.REPORT_LINK, "POST", "/r/<token>/share/stop"),
    "suggesting.listed": (Access.ASK_LINK, "GET", "/a/<token>"),
    "suggesting.question": (Access.ASK_LINK, "GET", "/a/<token>/<question_id>"),
    "suggesting.suggest": (Access.ASK_LINK, "POST", "/a/<token>/<question_id>"),
    "talk.page": (Access.REPORT_LINK, "GET", "/r/<token>/questions"),
    "talk.page_text": (Access.REPORT_LINK, "GET", "/r/<token>/questions.txt"),
    "talk.shared": (Access.SHARE_LINK, "GET", "/s/<token>/questions"),
    "talk.shared_text": (Access.SHARE_LINK, "GET", "/s/<token>/questions.txt"),
    "what_if.shared": (Access.SHARE_LINK, "GET", "/s/<token>/what-if"),
    "what_if.tried": (Access.REPORT_LINK, "GET", "/r/<token>/what-if"),
}
"""Endpoint -> who, method, address."""
