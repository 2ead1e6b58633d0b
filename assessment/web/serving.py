"""Runs the app under a production server: gunicorn with threads, waitress where gunicorn does not run."""

import atexit
import logging
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from assessment import logs
from assessment.collector import loading
from assessment.delivery.channels import worker_of
from assessment.delivery.worker import Worker
from assessment.settings import Settings
from assessment.storage import staff, tenants
from assessment.storage.session import Database
from assessment.web import create_app, utc_now
from assessment.web.bodies import breaking_off
from assessment.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

THREADS = 4
SILENCE = 0.5
"""How many seconds a connection without a word may hold a thread; browsers open some ahead of time."""

SLOWEST = 10
"""How many seconds may pass between two pieces of a request."""

OWN_MACHINE = ("127.0.0.1", "localhost", "::1")
NOT_SAFE = (
    "The console is off: over plain http, passwords could be read on their way. "
    "Put https in front and set ASSESSMENT_BASE_URL to it."
)


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped. The app is made once to migrate and check, and again in each worker after the fork."""
    logs.install(settings.log_format)
    with loading():
        database = create_app(settings).extensions["site"].database
    if settings.log_format == "json":  # read by machines and kept: no place for an invitation
        log.info("serving %s", settings.base_url)
    else:
        print(f"The check is at {settings.base_url}/q/{settings.tenant}", flush=True)
        if settings.console:
            print(_way_in(settings, database), flush=True)
    database.engine.dispose()
    if sys.platform == "win32":
        _waitress(settings, host, port)
    else:
        _gunicorn(settings, host, port)


def _gunicorn(settings: Settings, host: str, port: int) -> None:
    from gunicorn import glogging  # not installed on Windows
    from gunicorn.app.base import BaseApplication
    from gunicorn.http.errors import ParseException
    from gunicorn.workers import gthread

    gthread.DEFAULT_WORKER_DATA_TIMEOUT = SILENCE

    class Logger(glogging.Logger):  # type: ignore[misc]
        """Its own would name addresses and links; this leaves speaking to ours, which crosses them out."""

        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            self.error_log.handlers.clear()
            self.error_log.propagate = True

    options: dict[str, Any] = {
        "bind": f"{host}:{port}",
        "workers": settings.workers,
        "threads": THREADS,
        "worker_class": "gthread",
        "worker_tmp_dir": "/dev/shm" if sys.platform == "linux" else None,  # noqa: S108  # a heartbeat, no data
        "limit_request_line": 2048,
        "graceful_timeout": 20,
        "loglevel": "warning",
        "logger_class": Logger,
        "control_socket_disable": True,  # a way in that nobody uses, kept in a home that may be read-only
        "when_ready": _lose_patience,
    }

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no type annotations
        def load_config(self) -> None:
            for name, value in options.items():
                if value is not None and name in self.cfg.settings:  # older ones have no control socket
                    self.cfg.set(name, value)

        def load(self) -> Callable[..., Any] | Flask:
            with loading():
                app = with_worker(settings)  # after the fork: threads do not survive one
            app.wsgi_app = breaking_off(app.wsgi_app, ParseException)  # type: ignore[assignment, method-assign]
            return app

    Server().run()


def _lose_patience(server: Any) -> None:
    """Read from nobody who pauses for too long: every connection has this from the socket that listens."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SLOWEST, 0))


def _way_in(settings: Settings, database: Database) -> str:
    """Where the console is; on an instance without staff, the one invitation that lets somebody in."""
    if not keeps_passwords_safe(settings):
        return NOT_SAFE
    with database.writing() as session:
        tenant = tenants.default_tenant(session, settings, utc_now())
        token = staff.invite_the_first(session, tenant, utc_now())
    if token is None:
        return f"The console is at {settings.base_url}/console"
    return f"To look at results, open this once within 7 days: {settings.base_url}/console/invitation/{token}"


def with_console(app: Flask) -> Flask:
    """The app, with the console at /console unless that is switched off, or a password would travel unprotected."""
    found = app.extensions["site"]
    if found.settings.console and keeps_passwords_safe(found.settings):
        mount(app, Later(lambda: console_of(found, app.config["SECRET_KEY"])))
    return app


def console_of(found: Site, secret: str) -> Flask:
    """The console of a running instance; loading it takes as long as all the rest."""
    from assessment.web.console import create_console  # without staff at work, nothing of it is loaded

    return create_console(found, secret)


class Later:
    """An app that is made when somebody first asks for it, once however many ask at that moment."""

    def __init__(self, make: Callable[[], Flask]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._made: Flask | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request with it."""
        with self._lock:
            if self._made is None:
                with loading():
                    self._made = self._make()
        return self._made(environ, start_response)


def mount(app: Flask, console: "WSGIApplication") -> None:
    """Answer at /console with the console, and everywhere else with the app as it was."""
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/console": console})  # type: ignore[method-assign]


def keeps_passwords_safe(settings: Settings) -> bool:
    """Whether a password would travel to this instance over https, or not beyond this machine."""
    parts = urlsplit(settings.base_url)
    return parts.scheme == "https" or parts.hostname in OWN_MACHINE


def with_worker(settings: Settings) -> Flask:
    """The app, with a delivery worker in threads of the same process unless `assessment worker` runs apart."""
    if settings.delivery == "apart":
        return _counting(with_console(create_app(settings)))
    working: list[Worker] = []
    app = with_console(create_app(settings, wake=lambda: working[0].wake()))
    working.append(worker_of(settings, app.extensions["site"].database.unhurried(), utc_now))
    atexit.register(working[0].finish, working[0].start())
    return _counting(app)


def _counting(app: Flask) -> Flask:
    """The app, which writes down the views it has counted before its process ends."""
    found = app.extensions["site"]
    atexit.register(found.visits.write, found.database)
    return app


def _waitress(settings: Settings, host: str, port: int) -> None:
    from waitress import serve  # only installed on Windows

    with loading():
        app = with_worker(settings)
    serve(app, host=host, port=port, threads=2 * THREADS)
