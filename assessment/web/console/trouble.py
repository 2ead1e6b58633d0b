"""Pages of the console for when something is wrong: what happened, and what to do now."""

import logging

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from assessment.storage.session import Unavailable
from assessment.web.console.drawing import draw, frame
from assessment.web.console.pages import TroublePage
from assessment.web.request_log import told
from assessment.web.site import Page

log = logging.getLogger(__name__)

MESSAGES = {
    400: ("We could not read that", ("Something in the request was garbled. Go back and try once more.",)),
    403: (
        "This was not done",
        (
            "The form was not sent from a page of this console, or the page was open too long.",
            "Open the page anew, and try once more.",
        ),
    ),
    404: (
        "There is nothing at this address",
        ("It may be gone, the link may be used up or too old, or it belongs to a firm you do not work for.",),
    ),
    405: ("That does not work here", ("Go back to the page you came from, and use the buttons there.",)),
    413: ("That was too much at once", ("What was sent is larger than any form here can be. Nothing was kept.",)),
    500: ("Something went wrong on our side", ("It is not your fault. Go back and try once more in a minute.",)),
    503: (
        "The database does not answer just now",
        ("Nothing of what you sent was kept. Wait a minute, and try once more.",),
    ),
}


def install(app: Flask) -> None:
    """Turn every error into a page of the console."""
    app.register_error_handler(CSRFError, on_forged)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Unavailable, on_unavailable)
    app.register_error_handler(Exception, on_mistake)


def on_forged(error: Exception) -> Page:
    """A page for a form that is not one of ours."""
    return _page(403)


def on_http_error(error: HTTPException) -> Page:
    """A page for what somebody asked for and cannot have."""
    status = error.code or 500
    if status < 400:
        return Response(status=status, headers=error.get_headers())
    page = _page(status)
    if status == 405:
        page.headers["Allow"] = ", ".join(error.valid_methods or ())  # type: ignore[attr-defined]  # only on 405
    return page


def on_unavailable(error: Unavailable) -> Page:
    """A page for when the database does not do its part."""
    log.error("database unavailable at %s: %s", request.url_rule, error)
    page = _page(503)
    page.headers["Retry-After"] = "30"
    return page


def on_mistake(error: Exception) -> Page:
    """A page for our own mistakes; the log has the rule and the trace, never the address."""
    log.exception("a mistake of ours at %s", request.url_rule)
    return _page(500)


def _page(status: int) -> Response:
    title, says = MESSAGES.get(status, MESSAGES[400 if status < 500 else 500])
    says += told() if status >= 500 else ()
    return draw("console/trouble.html", TroublePage(frame(title), says), status)
