"""Several websites with TLS in one process, so that a browser sees a check inside somebody else's page."""

import json
import logging
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import trustme
from flask import Flask
from playwright.sync_api import BrowserContext, BrowserType
from werkzeug.serving import BaseWSGIServer, make_server

from assessment.settings import read_settings
from assessment.storage import tenants
from assessment.web import create_app
from assessment.web.serving import with_console

CHECK, FIRM, SISTER, STRANGER = "check.test", "firm.test", "sister.test", "stranger.test"
ADS, JAR = "ads.test", "jar.test"
SLUG = "northgate"
TITLE = "Northgate Computers"


@dataclass(frozen=True, slots=True)
class Seen:
    """One request one of the hosts has answered."""

    host: str
    method: str
    path: str
    query: str
    status: str
    sent: Mapping[str, str]
    cookie: str


@dataclass(slots=True)
class Hosts:
    """The websites by name. `pages` are those of every host but the check's, by path."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    app: Flask | None = None

    def origin(self, host: str) -> str:
        """The origin of a host, such as https://firm.test:4433."""
        return f"https://{host}:{self.port}"

    def answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """The host's own app, watched."""
        host = environ["HTTP_HOST"].split(":")[0]

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            sent = {name.lower(): value for name, value in headers}
            path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
            cookie = environ.get("HTTP_COOKIE", "")
            self.seen.append(Seen(host, environ["REQUEST_METHOD"], path, query, status, sent, cookie))
            return start(status, headers, *more)

        if host == CHECK:
            assert self.app is not None
            return self.app.wsgi_app(environ, started)
        return self._page(environ, started)

    def _page(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/jar":
            start("303 See Other", [("Location", "/jar/look"), ("Set-Cookie", "a=1; SameSite=None; Secure")])
            return [b""]
        body = environ.get("HTTP_COOKIE", "no cookie") if path == "/jar/look" else self.pages.get(path, "")
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [body.encode()]


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """An app on a port of its own until the block ends; gives its address."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with _in_background(server):
        yield f"http://127.0.0.1:{server.server_port}"
    server.server_close()
    app.extensions["site"].database.engine.dispose()


@contextmanager
def _in_background(server: BaseWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def running(folder: Path, now: Callable[[], datetime], console: bool = False, **more: str) -> Iterator[Hosts]:
    """The hosts on one port, with an instance that has a tenant whose list holds two websites; perhaps a console."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(CHECK, FIRM, SISTER, STRANGER, ADS, JAR).configure_cert(context)
    hosts = Hosts(0)
    server = make_server("127.0.0.1", 0, hosts.answer, threaded=True)
    # A browser connects ahead of need; the handshake belongs to the thread that reads, not to the one that accepts.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.ssl_context = context
    hosts.port = server.server_port
    given = {
        "ASSESSMENT_INSTANCE": str(folder),
        "ASSESSMENT_BASE_URL": hosts.origin(CHECK),
        "ASSESSMENT_STARTS_PER_HOUR": "0",
        **more,
    }
    with closing(server.socket):
        app = create_app(read_settings(given), now)
        if console:
            with_console(app)
        database = app.extensions["site"].database
        with database.writing() as session:
            listed = [hosts.origin(FIRM), hosts.origin(SISTER)]
            tenants.add(session, SLUG, {"name": TITLE, "origins": listed}, now())
        hosts.app = app
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        with _in_background(server):
            yield hosts
        database.engine.dispose()


def profile(
    browser_type: BrowserType,
    folder: Path,
    executable: str | None,
    flags: list[str],
    *,
    blocked: bool,
    javascript: bool,
) -> BrowserContext:
    """A browser profile with third-party cookies allowed or blocked, scripts on or off, and real scroll bars."""
    (folder / "Default").mkdir(parents=True)
    cookies = {"block_third_party_cookies": blocked, "cookie_controls_mode": 1 if blocked else 0}
    (folder / "Default" / "Preferences").write_text(json.dumps({"profile": cookies}))
    return browser_type.launch_persistent_context(
        str(folder),
        executable_path=executable,
        headless=True,
        args=[*flags, "--host-resolver-rules=MAP *.test 127.0.0.1", "--ignore-certificate-errors"],
        ignore_default_args=["--hide-scrollbars"],
        java_script_enabled=javascript,
        viewport={"width": 1280, "height": 800},
    )
