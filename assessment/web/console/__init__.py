"""The console: an app of its own for staff, so that no session, cookie or hook of it ever touches a public page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response
from jinja2 import FileSystemLoader, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from assessment.web import assets
from assessment.web.console import access, account, assessments, security, trouble
from assessment.web.headers import POLICY, PRIVATE
from assessment.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BLUEPRINTS = (account.blueprint, assessments.blueprint)

LARGEST_BODY = 64 * 1024

HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": PRIVATE,
}


def create_console(site: Site, secret: str) -> Flask:
    """The console of a running instance, to be mounted at /console; `secret` is the instance's secret key."""
    app = Flask("assessment.console", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # the redirect it makes is the one link built from the Host header
    app.config.update(APPLICATION_ROOT="/console", MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY)
    app.extensions["site"] = site
    app.extensions["console_css"] = f"/static/{assets.read_assets()['console.css'].name}"
    environment = app.jinja_env
    environment.loader = FileSystemLoader(site.settings.template_folders)
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.auto_reload = site.settings.development
    access.install(app)
    security.install(app, site.settings, secret)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    trouble.install(app)
    app.after_request(add_headers)
    app.wsgi_app = open_without_slash(app.wsgi_app)  # type: ignore[assignment, method-assign]
    if site.settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=site.settings.proxy_hops, x_proto=0)  # type: ignore[method-assign]
    return app


def open_without_slash(inner: "WSGIApplication") -> "WSGIApplication":
    """Answer at /console as at /console/: the redirect Werkzeug would make is built from the Host header."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return inner({**environ, "PATH_INFO": environ.get("PATH_INFO") or "/"}, start_response)

    return answer


def add_headers(response: Response) -> Response:
    """What every answer carries. Nothing is compressed: pages hold a form token beside what a stranger may steer."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
