"""One assessment as its pages in the console show it: who, what was agreed to, what happened, brief and report."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import abort, url_for

from assessment.delivery.documents import Opened, read
from assessment.reports import charts
from assessment.reports.roadmap_picture import draw
from assessment.reports.words import JUDGEMENT, SELF_REPORTED
from assessment.storage import browsing, leads
from assessment.storage.session import Session
from assessment.storage.tables import Assessment, Lead, Tenant
from assessment.tenancy.contact import FIELDS
from assessment.web.console.assessments.comparison import comparable
from assessment.web.console.assessments.listing import level_of, source_says
from assessment.web.console.assessments.pages import Agreed, OwnerReportPage, SittingPage, WorkView
from assessment.web.console.assessments.reviewing import seen_view
from assessment.web.console.assessments.timeline import events_of
from assessment.web.console.assessments.working import work_view
from assessment.web.console.drawing import frame
from assessment.web.site import site
from assessment.web.source import source_of

LABELS = {
    "name": "Name",
    "email": "E-mail",
    "phone": "Phone",
    "staff": "People",
    "devices": "Computers",
    "message": "Message",
}
CAME = {"host": "Website", "embed": "Shown", "ref": "Referrer"}
LEFT_NONE = "They left no contact details."
REPORT_ONLY = "They asked for the report only, and may not be contacted."
TAKEN_BACK = "They took their consent back, and may not be contacted."
MAY = "They may be contacted about these results."


def opened(session: Session, tenant: Tenant, reference: str) -> Opened:
    """The assessment with this reference; 404 where this tenant has none."""
    assessment = browsing.sitting(session, tenant.id, reference) or abort(404)
    return read(session, assessment, site().questionnaire_of(session, assessment))


def sitting_page(session: Session, tenant: Tenant, found: Opened, work: WorkView | None = None) -> SittingPage:
    """Everything staff see of one assessment; `work` comes back with what was typed and is wrong."""
    assessment, lead = found.assessment, found.assessment.lead
    grade = json.loads(lead.grade) if lead is not None else {}
    at: dict[str, Any] = {"slug": tenant.slug, "reference": assessment.reference}
    score = found.report.score
    return SittingPage(
        frame=frame(found.title),
        about=found.report.depth_says,
        taken=found.taken_at,
        reference=assessment.reference,
        test=assessment.test,
        brief=found.brief,
        score_picture=charts.score_scale(score) if score else "",
        level=level_of(score.band, found.questionnaire) if score else 0,
        grade=f"{grade['fit']}{grade['need']}" if grade else "",
        grade_reasons=tuple(grade.get("reasons", ())),
        contact=tuple(_contact(found.contact)),
        standing=_standing(lead),
        agreed=tuple(Agreed(c.says, c.given, c.at, c.withdrawn_at) for c in lead.consents) if lead is not None else (),
        source=tuple(_source(assessment)),
        events=tuple(events_of(session, tenant, assessment, bool(found.contact))),
        work=work or work_view(session, tenant, assessment, found.questionnaire),
        comparable=comparable(session, tenant, assessment),
        seen=seen_view(session, found.assessment, found.questionnaire, found.outcome),
        report=url_for("assessments.report", **at),
        report_pdf=url_for("assessments.report_pdf", **at),
        brief_pdf=url_for("assessments.brief_pdf", **at),
        back=url_for("assessments.listed", slug=tenant.slug),
    )


def owner_report_page(tenant: Tenant, found: Opened) -> OwnerReportPage:
    """The report as its owner sees it."""
    at: dict[str, Any] = {"slug": tenant.slug, "reference": found.assessment.reference}
    report = found.report
    return OwnerReportPage(
        frame=frame(f"The report of {found.title}"),
        report=report,
        score_picture=charts.score_scale(report.score) if report.score else "",
        bank_pictures={bank.id: charts.bank_bar(bank) for bank in report.banks},
        plan_picture=charts.running_score(report),
        roadmap_picture=draw(report),
        self_reported=SELF_REPORTED,
        judgement=JUDGEMENT,
        back=url_for("assessments.sitting", **at),
        pdf=url_for("assessments.report_pdf", **at),
    )


def _contact(contact: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """What they left, each with what it is called and a link where one helps."""
    links, labels = {"email": "mailto:", "phone": "tel:"}, {field.name: field.label for field in FIELDS}
    for name, label in {**labels, **LABELS}.items():
        if value := contact.get(name):
            link = links.get(name, "")
            yield label, value, f"{link}{value.replace(' ', '')}" if link else ""


def _standing(lead: Lead | None) -> str:
    if lead is None:
        return LEFT_NONE
    if leads.agreed(lead):
        return MAY
    return TAKEN_BACK if any(consent.withdrawn_at for consent in lead.consents) else REPORT_ONLY


def _source(assessment: Assessment) -> Iterator[tuple[str, str]]:
    for name, value in source_of(assessment).items():
        label = CAME.get(name) or name.removeprefix("utm_").capitalize()
        yield label, source_says(value) if name == "embed" else value
