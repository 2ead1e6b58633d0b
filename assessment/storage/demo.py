"""Made-up assessments: put in by the thousand, known by their reference, and taken out again as one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from assessment.engine.answers import Answers, as_data
from assessment.storage import tallies
from assessment.storage.demo_counts import Seen, counts_of
from assessment.storage.standing import Standing, came_from, company_of, domain_of, searchable
from assessment.storage.tables import Answer, Assessment, Consent, Lead, Tenant
from assessment.tenancy.contact import ConsentText, identity
from assessment.tenancy.grading import Grade

MARK = "demo"
"""How the reference of everything made up begins; one that was drawn is hexadecimal, and cannot."""

COUNTED = (
    Assessment.reference,
    Assessment.test,
    Assessment.created_at,
    Assessment.submitted_at,
    Assessment.outcome,
    Assessment.staff,
    Assessment.came_from,
)
"""What tells what an assessment added to the tallies."""


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One made-up assessment; one with contact details has a grade and consents as well."""

    reference: str
    begun_at: datetime
    sent_in_at: datetime
    depth: str
    answers: Answers
    outcome: str
    standing: Standing
    source: Mapping[str, str]
    contact: Mapping[str, str]
    grade: Grade | None
    consents: Sequence[tuple[ConsentText, bool]]


def put_in(session: Session, tenant: Tenant, pin: tuple[str, str], sittings: Sequence[MadeUp]) -> None:
    """Keep these made-up assessments, with their answers and leads."""
    with_lead = [one for one in sittings if one.grade is not None]
    if with_lead:
        session.execute(insert(Lead), [_lead(tenant, one) for one in with_lead])
    leads = _ids(session, Lead, with_lead)
    session.execute(insert(Assessment), [_assessment(tenant, pin, one, leads.get(one.reference)) for one in sittings])
    ids = _ids(session, Assessment, sittings)
    session.execute(insert(Answer), [row for one in sittings for row in _answers(ids[one.reference], one)])
    agreed = [row for one in with_lead for row in _consents(leads[one.reference], one)]
    if agreed:
        session.execute(insert(Consent), agreed)
    tallies.add_many(session, counts_of(tenant.id, map(partial(_seen, tenant), sittings)))


def _seen(tenant: Tenant, one: MadeUp) -> Seen:
    outcome, people, source = one.outcome, one.standing.staff, came_from(one.source)
    when = (one.begun_at, one.sent_in_at)
    return Seen(one.reference, tenant.profile.test, *when, outcome, people, source, one.grade is not None)


def _ids(session: Session, table: type[Lead] | type[Assessment], sittings: Sequence[MadeUp]) -> dict[str, int]:
    references = [one.reference for one in sittings]
    found = session.execute(select(table.reference, table.id).where(table.reference.in_(references)))
    return {row.reference: row.id for row in found}


def _lead(tenant: Tenant, one: MadeUp) -> dict[str, Any]:
    assert one.grade is not None
    return {
        "reference": one.reference,
        "tenant_id": tenant.id,
        "identity": identity(one.contact),
        "contact": json.dumps(dict(one.contact), ensure_ascii=False, sort_keys=True),
        "grade": json.dumps(asdict(one.grade), ensure_ascii=False, sort_keys=True),
        "search": searchable(one.contact),
        "company": company_of(one.contact),
        "domain": domain_of(one.contact),
        "test": tenant.profile.test,
        "created_at": one.sent_in_at,
        "updated_at": one.sent_in_at,
    }


def _assessment(tenant: Tenant, pin: tuple[str, str], one: MadeUp, lead_id: int | None) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "tenant_id": tenant.id,
        "lead_id": lead_id,
        "questionnaire_id": pin[0],
        "questionnaire_version": pin[1],
        "depth": one.depth,
        "created_at": one.begun_at,
        "submitted_at": one.sent_in_at,
        "outcome": one.outcome,
        "source": json.dumps(dict(one.source), ensure_ascii=False),
        "came_from": came_from(one.source),
        "test": tenant.profile.test,
        "rank": one.grade.rank if one.grade else 0,
        **asdict(one.standing),
    }


def _answers(assessment_id: int, one: MadeUp) -> list[dict[str, Any]]:
    return [
        {
            "assessment_id": assessment_id,
            "question": question,
            "value": json.dumps(as_data(answer), ensure_ascii=False),
            "answered_at": one.sent_in_at,
        }
        for question, answer in one.answers.items()
    ]


def _consents(lead_id: int, one: MadeUp) -> list[dict[str, Any]]:
    return [
        {
            "lead_id": lead_id,
            "assessment_reference": one.reference,
            "purpose": text.purpose,
            "says": text.says,
            "version": text.version,
            "language": text.language,
            "controller": text.controller,
            "given": given,
            "at": one.sent_in_at,
        }
        for text, given in one.consents
    ]


def _as_seen(row: Any) -> Seen:
    """A row with the columns named in `COUNTED`."""
    outcome = (row.outcome, row.staff, row.came_from)
    return Seen(row.reference, row.test, row.created_at, row.submitted_at, *outcome, row.lead_id is not None)


def is_there(session: Session, reference: str) -> bool:
    """Whether something with this reference was put in before."""
    return session.scalar(select(Assessment.id).where(Assessment.reference == reference)) is not None


def take_out(session: Session, tenant: Tenant, most: int) -> int:
    """Remove some of what was made up for a tenant, with its leads; gives how many assessments that were."""
    made_up = (Assessment.tenant_id == tenant.id, Assessment.reference.startswith(MARK))
    some = session.execute(select(Assessment.id, Assessment.lead_id, *COUNTED).where(*made_up).limit(most)).all()
    counted = (_as_seen(row) for row in some)
    tallies.take_back(session, counts_of(tenant.id, counted))
    session.execute(delete(Assessment).where(Assessment.id.in_([row.id for row in some])))
    leads = [row.lead_id for row in some if row.lead_id is not None]
    session.execute(delete(Lead).where(Lead.id.in_(leads), Lead.reference.startswith(MARK)))
    return len(some)
