"""A report as it is about to be shown: found by its link, written from its stored outcome, never scored again."""

from dataclasses import dataclass, replace

from flask import abort

from assessment.delivery.documents import with_then
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.result import ENGINE, Outcome
from assessment.engine.trying import counts
from assessment.reports import charts
from assessment.reports.comparison.comparison import Taken
from assessment.reports.report import Report
from assessment.reports.roadmap_picture import draw
from assessment.reports.standstill import Standstill
from assessment.reports.words import JUDGEMENT, SELF_REPORTED
from assessment.reports.writing import build
from assessment.storage import assessments
from assessment.storage.assessments import LinkKind
from assessment.storage.leads import with_staff
from assessment.storage.session import Session
from assessment.storage.tables import Assessment, Link
from assessment.web import framing
from assessment.web.contacting import contact_view
from assessment.web.forms import ContactForm
from assessment.web.helping import MOVED, ask_view, from_report, suggested_view
from assessment.web.pages import Frame, ReportPage, ShareView, StandstillView
from assessment.web.showing import depth_choices, framed
from assessment.web.site import site, sponsor_of
from assessment.web.source import source_of

FREE_STEPS = 3
"""How many steps everybody sees, whatever a tenant sets."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One opened link with everything behind it."""

    token: str
    link: Link
    assessment: Assessment
    questionnaire: Questionnaire
    outcome: Outcome
    report: Report

    @property
    def path(self) -> str:
        return f"/r/{self.token}"

    @property
    def gated(self) -> bool:
        """Whether only the free part is shown; if mail is switched off meanwhile, nothing is held back."""
        return self.link.gated and site().settings.sends_mail


def find(session: Session, token: str, kind: LinkKind = LinkKind.REPORT, lock: bool = False) -> Link:
    """The link of a token; 404 where it opens nothing."""
    link = assessments.link_by_token(session, token, kind, site().now(), lock) or abort(404)
    framing.allow(link.assessment.tenant)
    return link


def read(session: Session, link: Link, token: str, standstill: Standstill | None = None) -> Reading:
    """The stored outcome in the words of its own questionnaire version."""
    assessment = link.assessment
    assert assessment.outcome is not None
    assert assessment.submitted_at is not None
    questionnaire = site().questionnaire_of(session, assessment)
    outcome = Outcome.model_validate_json(assessment.outcome)
    sponsor, taken_on = sponsor_of(assessment.tenant), assessment.submitted_at.date()
    report = build(outcome, questionnaire, sponsor, taken_on, standstill)
    report = with_then(session, assessment, Taken(outcome, questionnaire, taken_on), report)
    return Reading(token, link, assessment, questionnaire, outcome, report)


NOTICES = {
    "closed": "You have sent these answers in, so they can no longer change. You can go deeper from here.",
    "chosen": "What they said is kept for your next check. This report stays as it is.",
    "left": "Your answer stays as it was.",
    "moved": MOVED,
    "received": "Thank you. Your details are kept, and what you asked for is on its way.",
}


def owner_page(session: Session, reading: Reading, notice: str = "", form: ContactForm | None = None) -> ReportPage:
    """The report for its owner, with everything they can do with it."""
    asked, depth = reading.questionnaire.asked, reading.report.depth
    deeper = tuple(one for one in Depth if one.order > depth.order and asked[one] > asked[depth])
    tenant, path = reading.assessment.tenant, reading.path
    place = {"done": "complete", "received": "lead"}
    around = framed(tenant, source_of(reading.assessment), "report", place=path, news=place.get(notice, ""))
    page = replace(
        plain_page(site().frame("Your report", tenant, around), reading.report),
        notice=NOTICES.get(notice, ""),
        gated=reading.gated,
        later=max(0, len(reading.report.actions) - FREE_STEPS),
        pdf="" if reading.gated else f"{path}/report.pdf",
        calendar="" if reading.gated or not reading.report.roadmap else f"{path}/plan.ics",
        delete=f"{path}/delete",
        data=f"{path}/data.json",
        deepen=f"{path}/deepen",
        deeper=depth_choices(reading.questionnaire, deeper),
        contact=contact_view(session, reading.link, path, reading.gated, form),
        share=None if reading.gated else share_view(session, reading),
        again=f"{path}/again",
    )
    if not with_staff(session, reading.link):
        asker = from_report(reading.assessment, reading.questionnaire, reading.outcome, reading.token)
        page = replace(page, suggested=suggested_view(session, asker), ask=ask_view(session, asker))
    return page if reading.gated else with_more(page, reading, path)


def with_more(page: ReportPage, reading: Reading, path: str) -> ReportPage:
    """The same with the pages beside a report, where they have something to say."""
    tries = reading.outcome.engine == ENGINE and any(map(counts, reading.outcome.plan))
    explores = reading.report.score is not None
    return replace(
        page,
        what_if=f"{path}/what-if" if tries else "",
        explore=f"{path}/explore" if explores else "",
        talk=f"{path}/questions" if reading.report.talk else "",
    )


def with_standstill(page: ReportPage, form: StandstillView) -> ReportPage:
    """The same with the form for what a standstill costs; sound figures go along into the PDF."""
    return replace(page, standstill=form, pdf=page.pdf + form.query if page.pdf else "")


def owner_frame(reading: Reading, title: str) -> Frame:
    """What stands around a page beside a report, for its owner."""
    tenant = reading.assessment.tenant
    return site().frame(title, tenant, framed(tenant, source_of(reading.assessment), "beside", place=reading.path))


def share_view(session: Session, reading: Reading) -> ShareView:
    """The link for others, where there is one."""
    shared = assessments.shared_link(session, reading.link, site().now())
    address = until = ""
    if shared is not None:
        address = f"{site().settings.base_url}/s/{assessments.share_token(reading.token, shared.number)}"
        until = f"{shared.expires_at.day} {shared.expires_at:%B %Y}"
    return ShareView(action=f"{reading.path}/share", stop=f"{reading.path}/share/stop", address=address, until=until)


def plain_page(frame: Frame, report: Report, note: str = "", pdf: str = "") -> ReportPage:
    """The report for somebody who may only read it, with its pictures and its fixed sentences."""
    return ReportPage(
        frame=frame,
        report=report,
        score_picture=charts.score_scale(report.score) if report.score else "",
        bank_pictures={bank.id: charts.bank_bar(bank) for bank in report.banks},
        plan_picture=charts.running_score(report),
        roadmap_picture=draw(report),
        self_reported=SELF_REPORTED,
        judgement=JUDGEMENT,
        note=note,
        pdf=pdf,
    )
