"""Two assessments compared: the page, its PDF, and the way to it from one of them."""

from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from assessment.delivery.documents import Opened, file_name, read
from assessment.engine.questions import Depth
from assessment.reports import charts, pdf
from assessment.reports.comparison.comparing import compare
from assessment.reports.comparison.comparison import Comparison, Taken
from assessment.reports.report import sponsor
from assessment.reports.words import DEPTHS
from assessment.storage import browsing, companies, tenants
from assessment.storage.companies import Tie
from assessment.storage.session import Session
from assessment.storage.tables import Assessment, Tenant
from assessment.web.console.assessments.comparison_pages import Comparable, ComparisonPage, Half
from assessment.web.console.drawing import draw, frame
from assessment.web.site import Page, see, site

blueprint = Blueprint("comparison", __name__)

TIES = {
    Tie.RESCORED: "the same answers, scored by another version",
    Tie.CARRIED_ON: "carried on from the same check",
    Tie.PERSON: "by the same person",
    Tie.COMPANY: "by somebody at the same company",
}


@blueprint.get("/<slug>/compare/<before>/<after>")
def compared(slug: str, before: str, after: str) -> Page:
    """What changed between two assessments of one firm, the earlier one first."""
    with site().database.reading() as session:
        tenant, pair = _pair(session, slug, before, after)
        if pair[0].assessment.reference != before:
            return _in_order(pair)
        page = comparison_page(session, tenant, *pair)
    return draw("console/comparison.html", page)


@blueprint.get("/<slug>/compare/<before>/<after>/comparison.pdf")
def compared_pdf(slug: str, before: str, after: str) -> Page:
    """The same as a PDF."""
    with site().database.reading() as session:
        tenant, pair = _pair(session, slug, before, after)
        if pair[0].assessment.reference != before:
            return _in_order(pair)
        logo = tenants.logo_of(session, tenant)
        made, name = _compared(tenant, *pair), _file_name(session, *pair)
    template = site().settings.template("report/comparison.typ")
    response = Response(pdf.render_comparison(made, template, logo.png if logo else None))
    response.content_type = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _pair(session: Session, slug: str, one: str, other: str) -> tuple[Tenant, tuple[Opened, Opened]]:
    """Both, the earlier one first; 404 unless this tenant has both, of one questionnaire, tests only with tests."""
    tenant = tenants.by_slug(session, slug) or abort(404)
    found = [browsing.sitting(session, tenant.id, reference) or abort(404) for reference in (one, other)]
    first, second = companies.earlier_first(*found)
    if first is second or first.test != second.test or first.questionnaire_id != second.questionnaire_id:
        abort(404)
    return tenant, (_read(session, first), _read(session, second))


def _read(session: Session, assessment: Assessment) -> Opened:
    return read(session, assessment, site().questionnaire_of(session, assessment))


def _in_order(pair: tuple[Opened, Opened]) -> Page:
    before, after = (one.assessment.reference for one in pair)
    slug = (request.view_args or {})["slug"]
    return see(url_for(str(request.endpoint), slug=slug, before=before, after=after))


def _compared(tenant: Tenant, before: Opened, after: Opened) -> Comparison:
    return compare(_taken(before), _taken(after), sponsor(tenant.profile))


def _taken(opened: Opened) -> Taken:
    return Taken(opened.outcome, opened.questionnaire, opened.taken_at.date())


def _file_name(session: Session, before: Opened, after: Opened) -> str:
    """Named after the firm only where both are taken to be of it, and it may be contacted."""
    sitting, one_firm = after.assessment, companies.one_firm(session, before.assessment, after.assessment)
    return file_name(after.taken_at, sitting.reference, after.contact if one_firm else {}, "comparison")


def comparison_page(session: Session, tenant: Tenant, before: Opened, after: Opened) -> ComparisonPage:
    """Everything there is to see of two assessments side by side."""
    made = _compared(tenant, before, after)
    one_firm = companies.one_firm(session, before.assessment, after.assessment)
    at: dict[str, Any] = {"before": before.assessment.reference, "after": after.assessment.reference}
    halves = [_half(tenant, opened) for opened in (before, after)]
    return ComparisonPage(
        frame=frame(f"{after.title}: then and now" if one_firm else "Two assessments compared"),
        comparison=made,
        before=halves[0],
        after=halves[1],
        one_firm=one_firm,
        test=after.assessment.test,
        picture=charts.two_scores(made.before, made.after),
        bank_pictures={bank.id: charts.bank_pair(bank) for bank in made.banks},
        pdf=url_for("comparison.compared_pdf", slug=tenant.slug, **at),
        back=url_for("assessments.sitting", slug=tenant.slug, reference=after.assessment.reference),
    )


def _half(tenant: Tenant, opened: Opened) -> Half:
    address = url_for("assessments.sitting", slug=tenant.slug, reference=opened.assessment.reference)
    return Half(address, opened.title, opened.taken_at)


def comparable(session: Session, tenant: Tenant, assessment: Assessment) -> tuple[Comparable, ...]:
    """The other assessments of the same firm, the newest first, each with the way to the comparison."""
    mine = (assessment.submitted_at, assessment.id)
    found = []
    for other in companies.related(session, assessment):
        earlier = (other.taken_at, other.id) < mine
        pair = (other.reference, assessment.reference) if earlier else (assessment.reference, other.reference)
        found.append(
            Comparable(
                taken=other.taken_at,
                earlier=earlier,
                score="no score" if other.score is None else f"{other.score} of 100",
                depth=DEPTHS[Depth(other.depth)],
                tie=TIES[other.tie],
                compare=url_for("comparison.compared", slug=tenant.slug, before=pair[0], after=pair[1]),
                open=url_for("assessments.sitting", slug=tenant.slug, reference=other.reference),
            )
        )
    return tuple(found)
