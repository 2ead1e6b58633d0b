"""The operations of the API: assessments and leads, by the page, one, and erased."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import Response

from assessment.storage import browsing, exporting, lead_pages, privacy
from assessment.storage.exporting import Exported
from assessment.storage.lead_pages import Known
from assessment.storage.session import Session
from assessment.storage.tables import Assessment as Row
from assessment.storage.tokens import Scope
from assessment.web import sending
from assessment.web.api.bearer import Bearer, note_reading
from assessment.web.api.describing import document
from assessment.web.api.operations import blueprint, operation
from assessment.web.api.parameters import AssessmentFilters, LeadFilters
from assessment.web.api.shapes import Assessment, Assessments, AssessmentSummary, Lead, Leads
from assessment.web.api.trouble import refuse
from assessment.web.recording import consents_of, moment, record_of
from assessment.web.site import site

Summary = TypeVar("Summary", bound=AssessmentSummary)

NOT_SHOWN: Mapping[str, Any] = {"lead": None, "contact": {}, "consents": []}
"""What stands in place of a lead for a token that is not for reading leads."""


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description of this API; anyone may read it, as it says nothing about anybody."""
    return Response(document(site().settings.base_url), content_type="application/json")


@operation("GET", "/assessments", Scope.ASSESSMENTS, asks=AssessmentFilters, gives=Assessments)
def assessments(who: Bearer, asked: AssessmentFilters) -> Assessments:
    """What was sent in, by the page. Neither unfinished ones are in it, nor those scored again."""
    if asked.q:
        who.needs(Scope.LEADS)  # else it could be guessed who they are
    wanted = asked.wanted()
    with site().database.reading() as session:
        ids, after = browsing.following(session, who.tenant_id, wanted, asked.sort, asked.after or "", asked.limit)
        found = exporting.read(session, who.tenant_id, wanted, ids, {})
    if who.has(Scope.LEADS):
        note_reading(who)
    summaries = [_record(who, found[one], AssessmentSummary) for one in ids if one in found]
    return Assessments(items=summaries, after=after or None)


@operation("GET", "/assessments/<reference>", Scope.ASSESSMENTS, gives=Assessment)
def assessment(who: Bearer, reference: str) -> Assessment:
    """One assessment with its result, its plan and its answers, as exports have it."""
    with site().database.reading() as session:
        row = _sitting(session, who, reference)
        wanted = browsing.Wanted(test=row.test)
        found = exporting.read(session, who.tenant_id, wanted, [row.id], {}).get(row.id)
    return _record(who, found or refuse(404), Assessment)


@operation("DELETE", "/assessments/<reference>", Scope.ERASE)
def erase_assessment(who: Bearer, reference: str) -> None:
    """Erase one assessment for good, with its answers and links. Contact details left with it stay."""
    with site().database.writing() as session:
        row = _sitting(session, who, reference)
        privacy.erase_sitting(session, row, site().now())
        who.note(session, "erase", f"assessment {reference}")
    site().database.forget()


@operation("GET", "/leads", Scope.LEADS, asks=LeadFilters, gives=Leads)
def leads(who: Bearer, asked: LeadFilters) -> Leads:
    """Who left details, by the page, the newest first. Details are those of people who may be contacted."""
    with site().database.reading() as session:
        found, after = lead_pages.page(session, who.tenant_id, asked.wanted(), asked.after or "", asked.limit)
    note_reading(who)
    return Leads(items=[_lead(one) for one in found], after=after or None)


@operation("GET", "/leads/<reference>", Scope.LEADS, gives=Lead)
def lead(who: Bearer, reference: str) -> Lead:
    """One lead."""
    with site().database.reading() as session:
        found = lead_pages.by_reference(session, who.tenant_id, reference) or refuse(404)
        return _lead(*lead_pages.known(session, [found]))


@operation("DELETE", "/leads/<reference>", Scope.ERASE)
def erase_lead(who: Bearer, reference: str) -> None:
    """Erase somebody’s details and all their assessments for good. The endpoints are told with `contact.erased`."""
    with site().database.writing() as session:
        found = lead_pages.by_reference(session, who.tenant_id, reference, alone=True) or refuse(404)
        sending.erase(session, found)
        who.note(session, "erase", f"lead {reference}")
    site().database.forget()
    site().wake()


def _sitting(session: Session, who: Bearer, reference: str) -> Row:
    """An assessment of this tenant that its lists would show."""
    found = browsing.sitting(session, who.tenant_id, reference)
    return found if found is not None and found.rescores_id is None else refuse(404)


def _record(who: Bearer, row: Exported, shape: type[Summary]) -> Summary:
    """An assessment as exports have it, as far as this shape goes, and without its lead for who may not read leads."""
    record = {**record_of(row), **({} if who.has(Scope.LEADS) else NOT_SHOWN)}
    return shape.model_validate({name: record[name] for name in shape.model_fields})


def _lead(one: Known) -> Lead:
    return Lead.model_validate(
        {
            "reference": one.reference,
            "since": moment(one.since),
            "wrote": moment(one.wrote),
            "test": one.test,
            "grade": f"{one.grade['fit']}{one.grade['need']}",
            "asked": one.grade["asked"],
            "reasons": one.grade["reasons"],
            "may_be_contacted": one.may_be_contacted,
            "contact": one.contact,
            "consents": consents_of(one.consents),
            "assessments": one.assessments,
        }
    )
