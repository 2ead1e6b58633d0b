"""Each request has an id, shared by its error page and every log line; in JSON logs it gets a line of its own too."""

import logging
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.wsgi import ClosingIterator

from assessment.logs import MORE, REQUEST
from assessment.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NOTE = "assessment.note"
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,42}")
"""What an id may look like that a proxy gives; shorter than any link, so that no link can pass for one."""

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
ASKED_ALL_THE_TIME = ("/healthz", "/readyz")
"""Not worth a line as long as all is well."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Note:
    """What becomes known of one request: never its address, only the rule that address fits."""

    method: str
    rule: str = ""
    status: int = 0
    size: int = 0


def install(app: Flask, settings: Settings) -> None:
    """Give every request of this app an id; before anything else looks at it."""
    app.before_request(_note_rule)
    wrapped = RequestLog(app.wsgi_app, behind_proxy=settings.proxy_hops > 0, lines=settings.log_format == "json")
    app.wsgi_app = wrapped  # type: ignore[method-assign]


def told() -> tuple[str, ...]:
    """The sentence of an error page that names the request, for whoever looks into the log."""
    asked = REQUEST.get()
    return (f"If it happens again, tell whoever runs this, with this reference: {asked}",) if asked else ()


def _note_rule() -> None:
    if request.url_rule is not None:
        request.environ[NOTE].rule = f"{request.script_root}{request.url_rule.rule}"


@dataclass(frozen=True, slots=True)
class RequestLog:
    """Around an app: gives the id, and writes the line when the last byte is on its way."""

    inner: "WSGIApplication"
    behind_proxy: bool
    lines: bool

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        begun, method = perf_counter(), environ.get("REQUEST_METHOD", "")
        note = environ[NOTE] = Note(method if method in METHODS else "other")
        REQUEST.set(self._id(environ))

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            note.status = int(status[:3])
            return start_response(status, headers, *more)

        def finish() -> None:
            if self.lines:
                _write(note, perf_counter() - begun)
            REQUEST.set("")

        body = self.inner(environ, start)
        return ClosingIterator(_counted(note, body), [getattr(body, "close", lambda: None), finish])

    def _id(self, environ: "WSGIEnvironment") -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self.behind_proxy else ""
        return given if GIVEN.fullmatch(given) else secrets.token_hex(8)


def _counted(note: Note, body: Iterable[bytes]) -> Iterator[bytes]:
    for piece in body:
        note.size += len(piece)
        yield piece


def _write(note: Note, seconds: float) -> None:
    if note.rule in ASKED_ALL_THE_TIME and note.status == 200:
        return
    more = {"method": note.method, "rule": note.rule, "status": note.status}
    log.info("answered", extra={MORE: {**more, "ms": round(1000 * seconds, 1), "bytes": note.size}})
