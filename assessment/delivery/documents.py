"""Documents about one assessment: read from the database, named and made, for the console and for the worker alike."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Outcome
from assessment.reports import pdf
from assessment.reports.brief import Brief, build_brief
from assessment.reports.comparison.comparison import Taken
from assessment.reports.comparison.since import with_earlier
from assessment.reports.report import Report, sponsor
from assessment.reports.writing import build
from assessment.settings import Settings
from assessment.storage import assessments, leads
from assessment.storage.questionnaires import pinned
from assessment.storage.session import Session
from assessment.storage.tables import Assessment, Lead


class Document(StrEnum):
    """What can be made of one assessment: the report its owner has, and the brief for staff."""

    REPORT = "report"
    BRIEF = "brief"


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
        return file_name(self.taken_at, self.assessment.reference, self.contact, kind)


def file_name(taken_at: datetime, reference: str, contact: Mapping[str, str], kind: str) -> str:
    """What a document about this assessment is called; `contact` is empty unless they may be contacted."""
    named = unicodedata.normalize("NFKD", contact.get("company") or contact.get("name", ""))
    plain = re.sub(r"[^a-z0-9]+", "-", named.encode("ascii", "ignore").decode().lower()).strip("-")[:40].strip("-")
    return f"{taken_at.date().isoformat()}-{plain or reference}-{kind}.pdf"


def contact_shown(lead: Lead | None) -> Mapping[str, str]:
    """The contact details of a lead; none unless they may be contacted."""
    return leads.contact_of(lead) if lead is not None and leads.agreed(lead) else {}


def read(session: Session, assessment: Assessment, questionnaire: Questionnaire) -> Opened:
    """An assessment that was sent in, with its outcome in the words of the questionnaire version it is pinned to."""
    assert assessment.outcome is not None
    assert assessment.submitted_at is not None
    outcome, taken_at = Outcome.model_validate_json(assessment.outcome), assessment.submitted_at
    report = build(outcome, questionnaire, sponsor(assessment.tenant.profile), taken_at.date())
    return Opened(
        assessment=assessment,
        questionnaire=questionnaire,
        outcome=outcome,
        report=with_then(session, assessment, Taken(outcome, questionnaire, taken_at.date()), report),
        contact=contact_shown(assessment.lead),
        taken_at=taken_at,
    )


def with_then(session: Session, assessment: Assessment, now: Taken, report: Report) -> Report:
    """A report with what became of the one before, where the assessment is taken again and that one is still there."""
    before = assessments.taken_before(session, assessment)
    if before is None or before.outcome is None or before.submitted_at is None:
        return report
    outcome, questionnaire = Outcome.model_validate_json(before.outcome), pinned(session, before.pin)
    return with_earlier(report, Taken(outcome, questionnaire, before.submitted_at.date()), now)


def make(found: Opened, document: Document, settings: Settings, logo: bytes | None) -> bytes:
    """One document as PDF, with the tenant's logo."""
    if document is Document.BRIEF:
        return pdf.render_brief(found.brief, settings.template("report/brief.typ"), logo)
    return pdf.render(found.report, settings.template("report/report.typ"), logo)
