"""The console: an app of its own for staff, so that no session, cookie or hook of it ever touches a public page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from jinja2 import FileSystemLoader, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from assessment.web import assets, request_log
from assessment.web.console import access, dashboard, trouble
from assessment.web.console.assessments import comparison, links, reviews, work
from assessment.web.console.assessments import views as assessments
from assessment.web.console.entrance import account, security
from assessment.web.console.files import bulk, exports
from assessment.web.console.settings import activity, colleagues, endpoints, tokens
from assessment.web.console.settings import views as settings
from assessment.web.headers import POLICY, PRIVATE
from assessment.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BLUEPRINTS = (
    account.blueprint,
    activity.blueprint,
    assessments.blueprint,
    bulk.blueprint,
    colleagues.blueprint,
    comparison.blueprint,
    dashboard.blueprint,
    endpoints.blueprint,
    exports.blueprint,
    links.blueprint,
    reviews.blueprint,
    settings.blueprint,
    tokens.blueprint,
    work.blueprint,
)

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


SHOWING_THE_CHECK = ("settings.website", "settings.save_website")
"""Where a page holds a frame with the tenant's first page, which lets its own origin frame it: from there comes nothing
that the console's address could not serve itself, and the frame is a sandbox without scripts and forms."""


def create_console(site: Site, secret: str) -> Flask:
    """The console of a running instance, to be mounted at /console; `secret` is the instance's secret key."""
    app = Flask("assessment.console", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # the redirect it makes is the one link built from the Host header
    app.config.update(APPLICATION_ROOT="/console", MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY)
    app.extensions["site"] = site
    app.extensions["settings_script"] = f"/static/{assets.read_assets()['settings.js'].name}"
    app.extensions["charts_css"] = f"/static/{assets.read_assets()['charts.css'].name}"
    app.extensions["charts_js"] = f"/static/{assets.read_assets()['charts.js'].name}"
    app.extensions["console_css"] = f"/static/{assets.read_assets()['console.css'].name}"
    app.extensions["console_js"] = f"/static/{assets.read_assets()['console.js'].name}"
    environment = app.jinja_env
    environment.loader = FileSystemLoader(site.settings.template_folders)
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.auto_reload = site.settings.development
    request_log.install(app, site.settings)
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
    if request.endpoint in SHOWING_THE_CHECK:
        response.headers["Content-Security-Policy"] += "; frame-src 'self'"
    return response
