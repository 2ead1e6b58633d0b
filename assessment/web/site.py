"""What every view needs, put together once by create_app: settings, database, questionnaire, clock, templates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, make_response, redirect
from werkzeug.wrappers import Response as BaseResponse

from assessment.engine.questionnaire import Questionnaire
from assessment.reports.report import Sponsor
from assessment.settings import Settings
from assessment.storage.questionnaires import pinned
from assessment.storage.session import Database, Session
from assessment.storage.tables import Assessment, Tenant
from assessment.web.pages import Frame

Page = Response | BaseResponse


@dataclass(frozen=True, slots=True)
class Site:
    """One running instance."""

    settings: Settings
    database: Database
    questionnaire: Questionnaire
    version: str
    now: Callable[[], datetime]
    css: str
    script: str

    @property
    def pin(self) -> tuple[str, str]:
        return self.questionnaire.id, self.version

    def questionnaire_of(self, session: Session, assessment: Assessment) -> Questionnaire:
        """The questionnaire version an assessment is pinned to; the one in use where it is the same."""
        return self.questionnaire if assessment.pin == self.pin else pinned(session, assessment.pin)

    @property
    def open_for(self) -> timedelta:
        return timedelta(days=self.settings.days_open)

    @property
    def readable_for(self) -> timedelta:
        return timedelta(days=self.settings.days_report)

    def frame(self, title: str, tenant: Tenant | None = None) -> Frame:
        """What stands around a page for a tenant; the default tenant's where none is known."""
        sponsor = sponsor_of(tenant) if tenant else self.default_sponsor
        slug = tenant.slug if tenant else self.settings.tenant
        return Frame(tenant=sponsor, title=title, css=self.css, script=self.script, home=f"/q/{slug}")

    @property
    def default_sponsor(self) -> Sponsor:
        settings = self.settings
        return Sponsor(settings.tenant_name, settings.tenant_contact, settings.tenant_link, settings.currency)


def site() -> Site:
    """The running instance."""
    found: Site = current_app.extensions["site"]
    return found


def sponsor_of(tenant: Tenant) -> Sponsor:
    """A tenant as the report names it."""
    return Sponsor(tenant.name, tenant.contact, tenant.link, tenant.currency)


def render(template: str, page: Any, status: int = 200) -> Response:
    """A page from its template, which sees nothing but `page`: no request, no session, so no cookie is ever read."""
    html = current_app.jinja_env.get_template(template).render(page=page)
    return make_response(html, status)


def see(path: str) -> BaseResponse:
    """Go on to another page with GET, whatever the method was."""
    return redirect(path, 303)
