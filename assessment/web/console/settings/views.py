"""The settings of a tenant: an area each with its form, of which only its own settings can be changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from assessment.reports.open_book import lay_open
from assessment.storage import questionnaires, tenants
from assessment.storage.session import Session
from assessment.storage.tables import Tenant
from assessment.tenancy.colours import palette, stylesheet
from assessment.web.console.drawing import draw, frame
from assessment.web.console.settings import building as areas
from assessment.web.console.settings.branding import brand_page, uploaded
from assessment.web.console.settings.fields import BRAND, CONTACT, KEEPING, WEBSITE, Groups
from assessment.web.console.settings.forms import NOTHING, UNTYPED, Typed, Wrong, read, save, wrong_in
from assessment.web.console.settings.pages import OpenPage
from assessment.web.site import Page, see, site

blueprint = Blueprint("settings", __name__)

MOCK = ".mock"
"""Where the colours of the preview hold: the console keeps its own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the plain areas differ in: what can be set, and how their page is put together."""

    name: str
    groups: Callable[[Session, Tenant], Groups]
    page: Callable[[Session, Tenant, Typed, Wrong], Any]


WEBSITES = Shape("website", lambda session, tenant: WEBSITE, areas.website_page)
CONTACTS = Shape("contact", lambda session, tenant: CONTACT, areas.contact_page)
KEPT = Shape("keeping", lambda session, tenant: KEEPING, areas.keeping_page)
TAKEN = Shape("questionnaire", areas.taken_from, areas.questionnaire_page)


@blueprint.get("/<slug>/settings")
def index(slug: str) -> Page:
    """What can be set."""
    return draw("console/settings/index.html", areas.index_page(slug))


@blueprint.get("/<slug>/settings/brand")
def brand(slug: str) -> Page:
    """Name, logo, colour and what else makes the check a firm's own."""
    with site().database.reading() as session:
        return draw("console/settings/brand.html", brand_page(_tenant(session, slug)))


@blueprint.post("/<slug>/settings/brand")
def save_brand(slug: str) -> Page:
    """Save all of it, or nothing; or only show what it would look like."""
    typed, upload, previews = read(BRAND, request.form), uploaded(), "preview" in request.form
    with site().database.reading() as session:
        tenant = _tenant(session, slug)
    wrong = wrong_in(tenant.profile, BRAND, typed)
    if not (previews or wrong or upload.wrong):
        wrong = save(slug, BRAND, typed, upload.logo, upload.remove)
        if not wrong:
            return see(url_for(".brand", slug=slug))
    page = brand_page(tenant, typed, wrong, upload, previews)
    return draw("console/settings/brand.html", page, 422 if page.form.wrong else 200)


@blueprint.get("/<slug>/settings/brand/<colour>.css")
def colour(slug: str, colour: str) -> Response:
    """The colours of the preview."""
    try:
        found = stylesheet(palette(f"#{colour}"), MOCK)
    except ValueError:
        abort(404)
    return Response(found, content_type="text/css; charset=utf-8")


@blueprint.get("/<slug>/settings/website")
def website(slug: str) -> Page:
    """Which websites may show the check, what to paste, and whether a page could show it."""
    return _show(slug, WEBSITES)


@blueprint.post("/<slug>/settings/website")
def save_website(slug: str) -> Page:
    """Save which websites may show the check."""
    return _save(slug, WEBSITES)


@blueprint.get("/<slug>/settings/contact")
def contact(slug: str) -> Page:
    """What visitors see and may leave."""
    return _show(slug, CONTACTS)


@blueprint.post("/<slug>/settings/contact")
def save_contact(slug: str) -> Page:
    """Save what visitors see and may leave."""
    return _save(slug, CONTACTS)


@blueprint.get("/<slug>/settings/contact/agreed")
def wordings(slug: str) -> Page:
    """Every text people have agreed to, with its version."""
    with site().database.reading() as session:
        return draw("console/settings/wordings.html", areas.wordings_page(session, _tenant(session, slug)))


@blueprint.get("/<slug>/settings/keeping")
def keeping(slug: str) -> Page:
    """Who is told about leads, and how long details are kept."""
    return _show(slug, KEPT)


@blueprint.post("/<slug>/settings/keeping")
def save_keeping(slug: str) -> Page:
    """Save who is told, and how long details are kept."""
    return _save(slug, KEPT)


@blueprint.get("/<slug>/settings/questionnaire")
def questionnaire(slug: str) -> Page:
    """Which questionnaire visitors take, and every version there is."""
    return _show(slug, TAKEN)


@blueprint.post("/<slug>/settings/questionnaire")
def save_questionnaire(slug: str) -> Page:
    """Save which questionnaire visitors take: one of those there are."""
    return _save(slug, TAKEN)


@blueprint.get("/<slug>/questionnaire/<questionnaire_id>/<version>")
def laid_open(slug: str, questionnaire_id: str, version: str) -> Page:
    """One version of a questionnaire, in use or not, with everything that counts."""
    with site().database.reading() as session:
        found = questionnaires.stored(session, (questionnaire_id, version)) or abort(404)
    back = url_for(".questionnaire", slug=slug)
    page = OpenPage(frame(f"{found.title}, version {version}"), back, version, found.digest, lay_open(found))
    return draw("console/settings/open.html", page)


def _show(slug: str, shape: Shape, typed: Typed = UNTYPED, wrong: Wrong = NOTHING) -> Page:
    with site().database.reading() as session:
        page = shape.page(session, _tenant(session, slug), typed, wrong)
    return draw(f"console/settings/{shape.name}.html", page, 422 if wrong else 200)


def _save(slug: str, shape: Shape) -> Page:
    with site().database.reading() as session:
        groups = shape.groups(session, _tenant(session, slug))
    typed = read(groups, request.form)
    if wrong := save(slug, groups, typed):
        return _show(slug, shape, typed, wrong)
    return see(url_for(f".{shape.name}", slug=slug))


def _tenant(session: Session, slug: str) -> Tenant:
    return tenants.by_slug(session, slug) or abort(404)
