"""Pages for when something is wrong: each says what happened, what was kept, and what to do now."""

import logging
from contextlib import suppress

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from assessment.storage.session import Unavailable
from assessment.web import framing, request_log
from assessment.web.api import trouble
from assessment.web.pages import MessagePage, SentForm
from assessment.web.site import Page, render, site

log = logging.getLogger(__name__)

MESSAGES = {
    400: ("We could not read that", ("Something in the request was garbled. Go back and try once more.",)),
    404: (
        "There is nothing at this address",
        (
            "The link may be incomplete, or it has expired or been deleted.",
            "If you copied it from a message, check that the whole link came along.",
        ),
    ),
    405: ("That does not work here", ("Go back to the page you came from, and use the buttons there.",)),
    413: ("That was too much at once", ("What was sent is larger than any answer can be. Nothing of it was kept.",)),
    429: (
        "Too many at once",
        (
            "This was done too often from your network in the last hour. Please try again later.",
            "What you have answered so far is kept.",
        ),
    ),
    500: (
        "Something went wrong on our side",
        ("It is not your fault. The answers you gave before are kept. Go back and try once more in a minute.",),
    ),
    503: (
        "This answer was not saved",
        (
            "Our database could not take it just now. The answers you gave before are kept.",
            "Go back, wait a minute, and answer this question once more.",
        ),
    ),
}

NOT_SAVED = (
    MESSAGES[503][0],
    (
        "Our database could not take it just now. The answers you gave before are kept.",
        "What you sent now stands ready here: wait a minute, then send it once more.",
    ),
)
READING_FAILED = (
    "We cannot show this page just now",
    ("Our database does not answer at the moment. Everything you gave us before is kept. Try again in a minute.",),
)


def install(app: Flask) -> None:
    """Turn every error into a page that looks like the product."""
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Unavailable, on_unavailable)
    app.register_error_handler(Exception, on_mistake)


def on_http_error(error: HTTPException) -> Page:
    """A page for what the visitor asked for and cannot have."""
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    if status < 400:
        return Response(status=status, headers=error.get_headers())
    title, says = MESSAGES.get(status, MESSAGES[400 if status < 500 else 500])
    page = _page(title, says, status)
    if status == 405:
        page.headers["Allow"] = ", ".join(error.valid_methods or ())  # type: ignore[attr-defined]  # only on 405
    return page


def on_unavailable(error: Unavailable) -> Page:
    """A page for when the database does not do its part; says plainly what was and was not kept."""
    log.error("database unavailable at %s: %s", request.url_rule, error)
    title, says = NOT_SAVED if request.method == "POST" else READING_FAILED
    page = _page(title, says + request_log.told(), 503, sent=_sent())
    page.headers["Retry-After"] = "30"
    return page


def _sent() -> SentForm | None:
    """What somebody sent, to be sent once more."""
    if request.method != "POST":
        return None
    fields: tuple[tuple[str, str], ...] = ()
    with suppress(HTTPException):  # it may be too large, and nobody has read it yet
        fields = tuple(request.form.items(multi=True))
    return SentForm(request.full_path.rstrip("?"), fields)


def on_mistake(error: Exception) -> Page:
    """A page for our own mistakes; the log has the rule and the trace, never the token in the path."""
    log.exception("a mistake of ours at %s", request.url_rule)
    title, says = MESSAGES[500]
    return _page(title, says + request_log.told(), 500)


def _page(title: str, says: tuple[str, ...], status: int, sent: SentForm | None = None) -> Response:
    """The page; where no person looks, the same for a program."""
    if trouble.is_here():
        return trouble.problem(status)
    whose = framing.whose()
    frame = site().frame(title, around=whose.around if whose else None)
    links = (("To the first page", frame.home),) if frame.home else ()
    return render("errors/message.html", MessagePage(frame, status, says, links, sent), status)
