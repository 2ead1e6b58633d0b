"""What another website loads: the loader, and of a tenant its colours, its logo and a sample of its report."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, abort, current_app, request

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load_scenarios
from assessment.engine.problems import Source
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.result import Outcome
from assessment.reports.writing import build
from assessment.settings import BadSetting
from assessment.storage import tenants
from assessment.storage.session import Session
from assessment.storage.tables import Tenant
from assessment.tenancy.colours import palette, stylesheet
from assessment.web import framing
from assessment.web.reading import plain_page
from assessment.web.site import Page, render, site, sponsor_of

blueprint = Blueprint("embed", __name__)

LOADER_AGE = "public, max-age=3600"
FOR_GOOD = "public, max-age=31536000, immutable"
SAMPLE = "This is a sample: an invented firm, scored by the same rules as everybody. Your own report looks like this."


@blueprint.get("/embed.js")
def loader() -> Response:
    """The script a website loads; under one address for good, so it is asked for anew every hour."""
    asset = current_app.extensions["assets"]["embed.js"]
    packs = request.accept_encodings.quality("gzip") > 0
    response = Response(asset.packed if packs else asset.plain, content_type=asset.media_type)
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = LOADER_AGE
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/q/<slug>/brand/<colour>.css")
def brand(slug: str, colour: str) -> Response:
    """A tenant's colours, light and dark."""
    with site().database.reading() as session:
        tenant = _tenant(session, slug)
    if colour != tenant.profile.accent.removeprefix("#"):
        abort(404)
    return _kept(stylesheet(palette(tenant.profile.accent)), "text/css; charset=utf-8")


@blueprint.get("/q/<slug>/logo/<name>.png")
def logo(slug: str, name: str) -> Response:
    """A tenant's logo."""
    with site().database.reading() as session:
        found = tenants.logo_of(session, _tenant(session, slug))
    if found is None or found.name != name:
        abort(404)
    return _kept(found.png, "image/png")


@blueprint.get("/q/<slug>/sample")
def sample(slug: str) -> Page:
    """The report of an invented firm, as this tenant's visitors would see theirs."""
    with site().database.reading() as session:
        tenant = _tenant(session, slug)
        questionnaire, _ = site().taken_at(session, tenant)
    report = build(_outcome(questionnaire), questionnaire, sponsor_of(tenant), site().now().date())
    frame = site().frame("A sample report", tenant)
    return render("report/report.html", plain_page(frame, report, SAMPLE))


def _outcome(questionnaire: Questionnaire) -> Outcome:
    """The outcome of an invented firm, worked out once in each process."""
    known: dict[str, Outcome] = current_app.extensions.setdefault("samples", {})
    if questionnaire.digest not in known:
        answers, depth = _invented(questionnaire)
        sheet = read_sheet(questionnaire, {"answers": answers}, Source("sample"))
        known[questionnaire.digest] = assess(questionnaire, sheet.answers, depth)
    return known[questionnaire.digest]


def _invented(questionnaire: Questionnaire) -> tuple[Mapping[str, Any], Depth]:
    """The firm of the questionnaire's first scenario; without one, a firm in the middle of every scale."""
    with suppress(BadSetting):
        scenarios, _ = load_scenarios(site().settings.question_folder(questionnaire.id))
        if scenarios:
            return scenarios[0].answers, scenarios[0].depth
    asked = (question for question in questionnaire.every_question() if question.scored)
    return {question.id: question.ladder[(len(question.ladder) - 1) // 2] for question in asked}, Depth.FULL


def _tenant(session: Session, slug: str) -> Tenant:
    tenant = tenants.by_slug(session, slug) or abort(404)
    framing.allow(tenant)
    return tenant


def _kept(content: str | bytes, media_type: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers["Cache-Control"] = FOR_GOOD
    return response
