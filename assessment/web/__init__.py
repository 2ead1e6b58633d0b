"""Flask: read a request, call one function, redirect or render. create_app is where everything is put together."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from jinja2 import FileSystemLoader, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from assessment.engine.checks import check
from assessment.engine.loading import load
from assessment.engine.problems import Refused
from assessment.engine.questionnaire import Questionnaire
from assessment.settings import BadSetting, Settings, secret_key, shipped
from assessment.storage import tenants
from assessment.storage.migrating import migrate
from assessment.storage.questionnaires import VersionTaken, publish
from assessment.storage.session import Database, Session
from assessment.storage.vault import Vault
from assessment.web import (
    again,
    asking,
    assets,
    contact,
    embed,
    errors,
    explore,
    framing,
    headers,
    operation,
    quiz,
    report,
    request_log,
    sharing,
    suggesting,
    talk,
    what_if,
)
from assessment.web.api import views as api
from assessment.web.site import Site

BLUEPRINTS = (
    again,
    api,
    asking,
    assets,
    contact,
    embed,
    explore,
    operation,
    quiz,
    report,
    sharing,
    suggesting,
    talk,
    what_if,
)

LARGEST_BODY = 64 * 1024

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The clock of a running instance."""
    return datetime.now(UTC)


def create_app(
    settings: Settings, now: Callable[[], datetime] = utc_now, wake: Callable[[], None] = lambda: None
) -> Flask:
    """The app for these settings: migrates the database, publishes the questionnaires in use, mounts the routes.

    `wake` is called after something was put in the outbox, so that a worker in this process need not wait its turn.

    Raises Refused when the questionnaire has problems, VersionTaken when its version was used for other content, and
    Unavailable when the database cannot be written to.
    """
    questionnaire = _sound(settings, settings.questionnaire)
    database = Database(settings.database, settings.busy_seconds, settings.statement_seconds)
    migrate(database)
    with database.writing() as session:
        version = publish(session, questionnaire, now(), settings.development)
        tenants.default_tenant(session, settings, now())
        others = _others(session, settings, now())
    app = Flask("assessment", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # the redirect it makes is the one link built from the Host header
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
        frame_script=f"/static/{found['frame.js'].name}",
        vault=Vault(app.config["SECRET_KEY"]),
        others=others,
        wake=wake,
    )
    for module in BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    request_log.install(app, settings)
    framing.install(app)
    errors.install(app)
    headers.install(app)
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxy_hops, x_proto=0)  # type: ignore[method-assign]
    return app


def _sound(settings: Settings, name: str) -> Questionnaire:
    """A questionnaire that answers can be scored by. Raises Refused; what we ship was checked before it was shipped."""
    folder = settings.question_folder(name)
    loaded = load(folder)
    if folder.parent != shipped("questions") and (problems := check(loaded)):
        raise Refused(problems)
    return loaded.or_refuse()


def _others(session: Session, settings: Settings, now: datetime) -> dict[str, tuple[Questionnaire, str]]:
    """The questionnaires other tenants use. One that cannot be used is told of, and stops nobody else."""
    found = {}
    for name in sorted({tenant.profile.questionnaire for tenant in tenants.every(session)} - {settings.questionnaire}):
        try:
            questionnaire = _sound(settings, name)
            found[name] = (questionnaire, publish(session, questionnaire, now, settings.development))
        except (BadSetting, Refused, VersionTaken) as error:
            log.error("the questionnaire “%s” of a tenant cannot be used: %s", name, error)
    return found


def _prepare_templates(app: Flask, settings: Settings) -> None:
    environment = app.jinja_env
    environment.loader = FileSystemLoader(settings.template_folders)
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.auto_reload = settings.development
