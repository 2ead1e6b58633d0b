"""One assessment as its pages in the console show it: who, what was agreed to, what happened, brief and report."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import abort, url_for

from assessment.delivery.events import Event as Told
from assessment.delivery.outgoing import LEAD_MAIL, REPORT_MAIL
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Outcome
from assessment.reports import charts
from assessment.reports.brief import Brief, build_brief
from assessment.reports.report import Report
from assessment.reports.words import JUDGEMENT, SELF_REPORTED
from assessment.reports.writing import build
from assessment.storage import browsing, endpoints, leads
from assessment.storage.outbox import Channel, State
from assessment.storage.session import Session
from assessment.storage.tables import Assessment, Consent, Delivery, Lead, Tenant
from assessment.tenancy.contact import FIELDS
from assessment.web.console.assessment_pages import Agreed, Event, OwnerReportPage, SittingPage
from assessment.web.console.drawing import frame
from assessment.web.console.listing import level_of, moment, short_moment, source_says
from assessment.web.site import site, sponsor_of
from assessment.web.source import source_of

ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
SAYS = {
    REPORT_MAIL: "Mail to the owner with the link to the report",
    LEAD_MAIL: "Mail to your staff about the details",
    Told.COMPLETED: "Told that it was sent in",
    Told.LEAD: "Told of the contact details",
    Told.ERASED: "Told that somebody was erased",
}
STATES = {
    State.PENDING: "waiting to be sent",
    State.DONE: "arrived",
    State.DEAD: "given up",
    State.CANCELLED: "not to be sent any more",
}
LABELS = {
    "name": "Name",
    "email": "E-mail",
    "phone": "Phone",
    "staff": "People",
    "devices": "Computers",
    "message": "Says",
}
CAME = {"host": "Website", "embed": "Shown", "ref": "Referrer"}
LEFT_NONE = "They left no contact details."
REPORT_ONLY = "They asked for the report only, and may not be contacted."
TAKEN_BACK = "They took their consent back, and may not be contacted."
MAY = "They may be contacted about these results."


@dataclass(frozen=True, slots=True)
class Opened:
    """One assessment with everything behind it. `contact` is empty unless they may be contacted."""

    assessment: Assessment
    questionnaire: Questionnaire
    outcome: Outcome
    report: Report
    contact: Mapping[str, str]
    taken_at: datetime

    @property
    def brief(self) -> Brief:
        return build_brief(self.report, self.outcome, self.questionnaire)

    @property
    def title(self) -> str:
        known = [self.contact[name] for name in ("company", "name", "email", "phone") if self.contact.get(name)]
        return known[0] if known else f"Assessment {self.assessment.reference[:8]}"

    def file_name(self, kind: str) -> str:
        """Such as 2026-11-22-brown-co-report.pdf: plain letters, and no name unless they may be contacted."""
        named = unicodedata.normalize("NFKD", self.contact.get("company") or self.contact.get("name", ""))
        plain = re.sub(r"[^a-z0-9]+", "-", named.encode("ascii", "ignore").decode().lower()).strip("-")[:40].strip("-")
        return f"{self.taken_at.date().isoformat()}-{plain or self.assessment.reference}-{kind}.pdf"


def opened(session: Session, tenant: Tenant, reference: str) -> Opened:
    """The assessment with this reference; 404 where this tenant has none."""
    assessment = browsing.sitting(session, tenant.id, reference) or abort(404)
    assert assessment.outcome is not None
    assert assessment.submitted_at is not None
    questionnaire = site().questionnaire_of(session, assessment)
    outcome = Outcome.model_validate_json(assessment.outcome)
    lead, taken_at = assessment.lead, assessment.submitted_at
    return Opened(
        assessment=assessment,
        questionnaire=questionnaire,
        outcome=outcome,
        report=build(outcome, questionnaire, sponsor_of(tenant), taken_at.date()),
        contact=leads.contact_of(lead) if lead is not None and leads.agreed(lead) else {},
        taken_at=taken_at,
    )


def sitting_page(session: Session, tenant: Tenant, found: Opened) -> SittingPage:
    """Everything staff see of one assessment."""
    assessment, lead = found.assessment, found.assessment.lead
    grade = json.loads(lead.grade) if lead is not None else {}
    at: dict[str, Any] = {"slug": tenant.slug, "reference": assessment.reference}
    score = found.report.score
    return SittingPage(
        frame=frame(found.title),
        about=f"{found.report.depth_says}, sent in on {moment(found.taken_at)}",
        reference=assessment.reference,
        test=assessment.test,
        brief=found.brief,
        score_picture=charts.score_scale(score) if score else "",
        level=level_of(score.band, found.questionnaire) if score else 0,
        grade=f"{grade['fit']}{grade['need']}" if grade else "",
        grade_reasons=tuple(grade.get("reasons", ())),
        contact=tuple(_contact(found.contact)),
        standing=_standing(lead),
        agreed=tuple(map(_agreed, lead.consents)) if lead is not None else (),
        others=tuple(_others(tenant, assessment)),
        source=tuple(_source(assessment)),
        events=tuple(_events(session, tenant, found)),
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


def _agreed(consent: Consent) -> Agreed:
    if consent.withdrawn_at is not None:
        return Agreed(consent.says, f"Agreed on {moment(consent.at)}; taken back on {moment(consent.withdrawn_at)}")
    return Agreed(consent.says, f"{'Agreed' if consent.given else 'Did not agree'} on {moment(consent.at)}")


def _others(tenant: Tenant, assessment: Assessment) -> Iterator[tuple[str, str]]:
    """The other assessments of the same person, as links."""
    for other in assessment.lead.assessments if assessment.lead is not None else ():
        if other.id != assessment.id and other.submitted_at is not None:
            address = url_for("assessments.sitting", slug=tenant.slug, reference=other.reference)
            yield address, moment(other.submitted_at)


def _source(assessment: Assessment) -> Iterator[tuple[str, str]]:
    for name, value in source_of(assessment).items():
        label = CAME.get(name) or name.removeprefix("utm_").capitalize()
        yield label, source_says(value) if name == "embed" else value


def _events(session: Session, tenant: Tenant, found: Opened) -> Iterator[Event]:
    """What happened, in order."""
    assessment, lead = found.assessment, found.assessment.lead
    happened = [(assessment.created_at, Event(short_moment(assessment.created_at), "Begun"))]
    happened.append((found.taken_at, Event(short_moment(found.taken_at), "Sent in")))
    if lead is not None:
        left = min((c.at for c in lead.consents if c.assessment_reference == assessment.reference), default=None)
        if left is not None:
            happened.append((left, Event(short_moment(left), "Details left")))
        for at in sorted({c.withdrawn_at for c in lead.consents if c.withdrawn_at is not None}):
            happened.append((at, Event(short_moment(at), "Consent taken back")))
    hosts = {one.id: urlsplit(one.url).hostname or "" for one in endpoints.of_tenant(session, tenant)}
    for delivery in browsing.deliveries(session, assessment):
        host = hosts.get(delivery.endpoint_id or 0, "an endpoint that is gone")
        happened.append((delivery.created_at, _delivery(delivery, host, bool(found.contact))))
    return iter(event for _, event in sorted(happened, key=lambda pair: pair[0]))


def _delivery(delivery: Delivery, host: str, may_name: bool) -> Event:
    says = SAYS.get(delivery.event, delivery.event)
    where = f" ({host})" if delivery.channel == Channel.WEBHOOK else ""
    tries = tuple(
        (short_moment(one.at), one.says if may_name else ADDRESS.sub("the address", one.says)) for one in delivery.tried
    )
    state = State(delivery.state)
    return Event(short_moment(delivery.created_at), f"{says}{where}: {STATES[state]}", state is State.DEAD, tries)
