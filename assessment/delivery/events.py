"""Events: what an endpoint is told, nested as Standard Webhooks has it, or flat for tools that map keys to fields."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assessment.reports.report import Report
from assessment.storage.leads import contact_of
from assessment.storage.tables import Assessment, Consent, Lead, Tenant

JOINT = "; "


class Event(StrEnum):
    """What can be told: an assessment was sent in; somebody left details, took consent back, was erased; a test."""

    COMPLETED = "assessment.completed"
    LEAD = "lead.received"
    WITHDRAWN = "consent.withdrawn"
    ERASED = "contact.erased"
    TEST = "endpoint.test"


USUAL = (Event.COMPLETED, Event.LEAD, Event.WITHDRAWN, Event.ERASED)
"""What an endpoint hears of unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A submitted assessment with its report, as the events about it need it."""

    assessment: Assessment
    report: Report

    @property
    def tenant(self) -> Tenant:
        return self.assessment.tenant


def completed(taken: Taken) -> dict[str, Any]:
    """What was found, and nothing about who it was."""
    assessment, report, score = taken.assessment, taken.report, taken.report.score
    return {
        "tenant": {"slug": taken.tenant.slug, "name": taken.tenant.name},
        "test": assessment.test,
        "assessment": {
            "reference": assessment.reference,
            "questionnaire": assessment.questionnaire_id,
            "version": assessment.questionnaire_version,
            "depth": assessment.depth,
            "started_at": _moment(assessment.created_at),
            "completed_at": _moment(assessment.submitted_at),
        },
        "score": {
            "overall": score.score if score else None,
            "low": score.low if score else None,
            "high": score.high if score else None,
            "band": score.band if score else None,
            "provisional": score.provisional if score else None,
            "banks": {bank.id: bank.score for bank in report.banks},
        },
        "critical": [finding.title for finding in report.criticals if not finding.possible],
        "first": [action.do for action in report.first],
        "signs": report.signs.count if report.signs else None,
        "source": json.loads(assessment.source),
    }


def lead_received(taken: Taken, lead: Lead, new: bool) -> dict[str, Any]:
    """Who it was as well: only for somebody who agreed to be contacted."""
    grade = json.loads(lead.grade)
    return {
        **completed(taken),
        "lead": {
            "reference": lead.reference,
            "new": new,
            "assessments": len(lead.sittings),
            "grade": f"{grade['fit']}{grade['need']}",
            "asked": grade["asked"],
            "reasons": grade["reasons"],
        },
        "contact": contact_of(lead),
        "consents": [_consent(consent) for consent in lead.consents],
    }


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "purpose": consent.purpose,
        "given": consent.given and consent.withdrawn_at is None,
        "says": consent.says,
        "version": consent.version,
        "language": consent.language,
        "controller": consent.controller,
        "at": _moment(consent.at),
    }


def withdrawn(tenant: Tenant, lead: Lead) -> dict[str, Any]:
    """Somebody took back what they agreed to: contact them no more."""
    return {
        "tenant": {"slug": tenant.slug, "name": tenant.name},
        "lead": {"reference": lead.reference},
        "consents": [_consent(consent) for consent in lead.consents],
    }


def erased(tenant: Tenant, lead_reference: str) -> dict[str, Any]:
    """Somebody asked to be forgotten: remove what you have under this reference."""
    return {"tenant": {"slug": tenant.slug, "name": tenant.name}, "lead": {"reference": lead_reference}}


def tried_out(tenant: Tenant) -> dict[str, Any]:
    """A message that only shows that messages arrive."""
    return {"tenant": {"slug": tenant.slug, "name": tenant.name}, "test": True}


def body(event: Event, data: Mapping[str, Any], flat: bool, now: datetime) -> str:
    """The text an endpoint is sent: written once, and signed as it is."""
    head = {"type": str(event), "timestamp": _moment(now)}
    whole = {**head, **flattened(data)} if flat else {**head, "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def flattened(data: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """One level of keys, joined by underscores; lists as one text. Of consents, the last of each purpose counts."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        if key == "consents":
            found |= {f"consent_{one['purpose']}": one["given"] for one in value}
        elif isinstance(value, Mapping):
            found |= flattened(value, f"{above}{key}_")
        else:
            found[f"{above}{key}"] = JOINT.join(map(str, value)) if isinstance(value, list) else value
    return found


def _moment(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
