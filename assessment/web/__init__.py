"""Flask: read a request, call one function, redirect or render. create_app is where everything is put together."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from jinja2 import FileSystemLoader, StrictUndefined

from assessment.engine.loading import load
from assessment.settings import Settings, secret_key
from assessment.storage.migrating import migrate
from assessment.storage.questionnaires import publish
from assessment.storage.session import Database
from assessment.storage.tenants import default_tenant
from assessment.web import assets, errors, headers, quiz, report
from assessment.web.site import Site

LARGEST_BODY = 64 * 1024


def utc_now() -> datetime:
    """The clock of a running instance."""
    return datetime.now(UTC)


def create_app(settings: Settings, now: Callable[[], datetime] = utc_now) -> Flask:
    """The app for these settings: migrates the database, publishes the questionnaire, mounts the routes.

    Raises Refused when the questionnaire has problems, VersionTaken when its version was used for other content, and
    Unavailable when the database cannot be written to.
    """
    questionnaire = load(settings.question_folder(settings.questionnaire)).or_refuse()
    database = Database(settings.database, settings.busy_seconds)
    migrate(database)
    with database.writing() as session:
        version = publish(session, questionnaire, now(), settings.development)
        default_tenant(session, settings, now())
    app = Flask("assessment", static_folder=None, template_folder=None)
    app.config.update(
        SECRET_KEY=secret_key(settings), MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY
    )
    _prepare_templates(app, settings)
    app.extensions["assets"] = found = assets.read_assets()
    app.extensions["site"] = Site(
        settings=settings,
        database=database,
        questionnaire=questionnaire,
        version=version,
        now=now,
        css=f"/static/{found['app.css'].name}",
        script=f"/static/{found['quiz.js'].name}",
    )
    for blueprint in (assets.blueprint, quiz.blueprint, report.blueprint):
        app.register_blueprint(blueprint)
    errors.install(app)
    headers.install(app)
    return app


def _prepare_templates(app: Flask, settings: Settings) -> None:
    environment = app.jinja_env
    environment.loader = FileSystemLoader(settings.template_folders)
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.auto_reload = settings.development
