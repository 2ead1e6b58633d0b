"""What every view needs, put together once by create_app: settings, database, questionnaires, clock, templates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, make_response, redirect
from werkzeug.wrappers import Response as BaseResponse

from assessment.engine.questionnaire import Questionnaire
from assessment.reports.report import Sponsor, sponsor
from assessment.settings import Settings
from assessment.storage.questionnaires import newest, pinned
from assessment.storage.session import Database, Session
from assessment.storage.tables import Assessment, Tenant
from assessment.storage.vault import Vault
from assessment.tenancy.profile import Gate, Profile
from assessment.web.pages import Frame, Framed, Picture
from assessment.web.visits import Visits

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
    frame_script: str
    vault: Vault
    others: Mapping[str, tuple[Questionnaire, str]]
    wake: Callable[[], None]
    visits: Visits = field(default_factory=Visits)

    @property
    def pin(self) -> tuple[str, str]:
        return self.questionnaire.id, self.version

    def taken_at(self, session: Session, tenant: Tenant) -> tuple[Questionnaire, str]:
        """The questionnaire a tenant's visitors take now, and the version it is kept under."""
        wanted = tenant.profile.questionnaire
        if wanted == self.questionnaire.id:
            return self.questionnaire, self.version
        found = self.others.get(wanted) or newest(session, wanted)
        return found or (self.questionnaire, self.version)

    def holds_back(self, tenant: Tenant) -> bool:
        """Whether the rest of a report goes by mail; never where no mail can be sent."""
        return tenant.profile.gate is Gate.SOFT and self.settings.sends_mail

    def questionnaire_of(self, session: Session, assessment: Assessment) -> Questionnaire:
        """The questionnaire version an assessment is pinned to; the one in use where it is the same."""
        return self.questionnaire if assessment.pin == self.pin else pinned(session, assessment.pin)

    @property
    def open_for(self) -> timedelta:
        return timedelta(days=self.settings.days_open)

    @property
    def readable_for(self) -> timedelta:
        return timedelta(days=self.settings.days_report)

    def frame(
        self, title: str, tenant: Tenant | None = None, framed: Framed | None = None, around: "Around | None" = None
    ) -> Frame:
        """What stands around a page of a tenant; around a page that belongs to none stands nobody's name."""
        around = around or (around_of(tenant) if tenant else NOBODY)
        return Frame(
            tenant=around.sponsor,
            title=title,
            css=self.css,
            script=self.script,
            home=framed.home if framed else around.home,
            brand=around.brand,
            logo=around.logo,
            frame_script=self.frame_script if framed else "",
            framed=framed,
        )


def site() -> Site:
    """The running instance."""
    found: Site = current_app.extensions["site"]
    return found


@dataclass(frozen=True, slots=True)
class Around:
    """What of a tenant stands around its pages, as plain values that outlive a transaction."""

    sponsor: Sponsor
    home: str = ""
    brand: str = ""
    logo: Picture | None = None


NOBODY = Around(Sponsor("Self-assessment"))
"""Around a page that belongs to no tenant: a wrong address, for example."""

STANDARD_ACCENT = Profile().accent


def around_of(tenant: Tenant) -> Around:
    """What of this tenant stands around its pages."""
    return Around(sponsor_of(tenant), f"/q/{tenant.slug}", _brand(tenant), _logo(tenant))


def sponsor_of(tenant: Tenant) -> Sponsor:
    """A tenant as pages and the report name it."""
    return sponsor(tenant.profile)


def _logo(tenant: Tenant) -> Picture | None:
    """A tenant's logo at half its size in dots, so that it is sharp on good screens. Its name holds its size."""
    if not tenant.logo_name:
        return None
    width, height, _ = tenant.logo_name.split("-")
    return Picture(f"/q/{tenant.slug}/logo/{tenant.logo_name}.png", int(width) // 2, int(height) // 2)


def _brand(tenant: Tenant) -> str:
    """The address of a tenant's colours; none for the standard ones."""
    accent = tenant.profile.accent
    return "" if accent == STANDARD_ACCENT else f"/q/{tenant.slug}/brand/{accent.removeprefix('#')}.css"


def render(template: str, page: Any, status: int = 200) -> Response:
    """A page from its template, which sees nothing but `page`: no request, no session, so no cookie is ever read."""
    html = current_app.jinja_env.get_template(template).render(page=page)
    return make_response(html, status)


def see(path: str) -> BaseResponse:
    """Go on to another page with GET, whatever the method was."""
    return redirect(path, 303)
