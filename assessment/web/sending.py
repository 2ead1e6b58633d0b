"""What is kept and put in the outbox when an assessment is sent in, or contact details are left."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessment.delivery import digests, outgoing
from assessment.delivery.events import Taken
from assessment.delivery.mails import ReportMail
from assessment.delivery.outgoing import Postroom
from assessment.engine.assess import assess
from assessment.engine.flow import Route
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Outcome
from assessment.reports.report import Report
from assessment.reports.writing import build
from assessment.storage import assessments, counting, leads, privacy
from assessment.storage.session import Session
from assessment.storage.standing import STAFF, standing
from assessment.storage.tables import Assessment, Lead
from assessment.tenancy.contact import ConsentText, Purpose
from assessment.tenancy.grading import Facts, Grade, grade
from assessment.web.site import site, sponsor_of


def room(session: Session) -> Postroom:
    """What putting something in the outbox needs, in this request."""
    settings = site().settings
    return Postroom(session, site().vault, site().now(), settings.sends_mail, settings.mails_per_day)


@dataclass(frozen=True, slots=True)
class Scored:
    """An outcome with the report it makes."""

    outcome: Outcome
    report: Report


def score(assessment: Assessment, questionnaire: Questionnaire, route: Route) -> Scored:
    """The outcome of the answers of a route, and its report as of today."""
    outcome = assess(questionnaire, route.answers, route.depth)
    return Scored(outcome, build(outcome, questionnaire, sponsor_of(assessment.tenant), site().now().date()))


def submit(session: Session, assessment: Assessment, scored: Scored, write_token: str) -> None:
    """Close an assessment and tell of it. Who left details, or sits with staff, gets the whole report at once."""
    gated = site().holds_back(assessment.tenant) and assessment.lead is None and assessment.led_by_id is None
    now, outcome = site().now(), scored.outcome.to_json()
    figures = standing(scored.outcome)
    if not assessments.submit(session, assessment, outcome, write_token, now, site().readable_for, gated, figures):
        return
    session.flush()
    counting.sent_in(session, assessment, scored.outcome)
    taken, post = Taken(assessment, scored.report), room(session)
    outgoing.completed(post, taken)
    if assessment.lead is not None and leads.agreed(assessment.lead):
        outgoing.lead_received(post, taken, assessment.lead, new=False, occasion=assessment.reference)


def receive(
    session: Session,
    assessment: Assessment,
    outcome: Outcome,
    report: Report,
    contact: Mapping[str, str],
    consents: Sequence[tuple[ConsentText, bool]],
    occasion: str,
) -> None:
    """Keep contact details and send what was asked for; the same form sent twice is one occasion."""
    tenant, now, post = assessment.tenant, site().now(), room(session)
    asked = any(text.purpose is Purpose.CONTACT and given for text, given in consents)
    if assessment.lead is None:
        counting.details_left(session, assessment, now)
    lead = leads.receive(session, assessment, contact, consents, graded(assessment, outcome, contact, asked), now)
    if contact.get("email"):
        leads.welcome(session, tenant.id, contact["email"], site().vault)
        token = assessments.open_report(session, assessment, lead, now, site().readable_for)
        outgoing.report_mail(
            post, assessment, lead, report_mail(report, contact, tenant.profile.reply_to, token), occasion
        )
    if asked:
        session.refresh(lead)
        outgoing.lead_received(post, Taken(assessment, report), lead, lead.created_at == now, occasion)


def erase(session: Session, lead: Lead) -> None:
    """Forget somebody and every assessment of theirs, and tell those who were told of them."""
    tenant, reference = lead.tenant, lead.reference
    privacy.erase_lead(session, lead, site().vault, site().now())
    outgoing.erased(room(session), tenant, reference)
    digests.redraw(session, tenant)


def graded(assessment: Assessment, outcome: Outcome, contact: Mapping[str, str], asked: bool) -> Grade:
    """The grade of a lead by what is known now."""
    typed = contact.get("staff")
    return grade(
        assessment.tenant.profile,
        Facts(
            people=(int(typed), int(typed)) if typed else people_of(outcome),
            score=outcome.overall.score if outcome.overall else None,
            criticals=sum(f.severity == "critical" and f.certainty == "confirmed" for f in outcome.findings),
            signs=outcome.signs.count if outcome.signs else 0,
            asked=asked,
        ),
    )


def people_of(outcome: Outcome) -> tuple[int, int] | None:
    """How many people an owner said work there, as a range; the last option has no end, so its start is taken."""
    for answer in outcome.answers:
        if answer.question == STAFF and answer.state == "answered" and answer.options:
            numbers = [int(number) for number in re.findall(r"\d+", answer.options[0])]
            return (numbers[0], numbers[-1]) if numbers else None
    return None


def report_mail(report: Report, contact: Mapping[str, str], reply_to: str, token: str) -> ReportMail:
    """The mail with the link to the whole report."""
    base, score = site().settings.base_url, report.score
    return ReportMail(
        to=contact["email"],
        name=contact.get("name", ""),
        sponsor_name=report.sponsor.name,
        reply_to=reply_to,
        title=report.title,
        taken_on=report.taken_on,
        score=score.score if score else None,
        band=score.band_name if score else "",
        headline=report.verdict,
        criticals=tuple(finding.title for finding in report.criticals),
        first=tuple(action.do for action in report.first),
        report_url=f"{base}/r/{token}",
        pdf_url=f"{base}/r/{token}/report.pdf",
        expires_on=(site().now() + site().readable_for).date(),
        delete_url=f"{base}/r/{token}/delete",
        privacy_url=report.sponsor.privacy_link,
    )
