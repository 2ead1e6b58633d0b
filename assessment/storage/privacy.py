"""Privacy: what is known about somebody, forgetting it, and the sweep that forgets in time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from assessment.storage import (
    assessments,
    carrying,
    counting,
    leads,
    limits,
    outbox,
    rescoring,
    staff_sessions,
    suggesting,
)
from assessment.storage.outbox import CROSSED_OUT, State
from assessment.storage.session import changed
from assessment.storage.tables import Assessment, Attempt, Delivery, Lead, Link, Tenant
from assessment.storage.vault import Vault
from assessment.tenancy.contact import identity

REPORT_MAIL = "mail.report"
PAYLOADS_KEPT = timedelta(days=30)
"""How long what was sent can be sent again."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep removed."""

    unfinished: int
    leads: int
    reports: int


def known(session: Session, lead: Lead) -> dict[str, Any]:
    """Everything kept about a lead, as plain values, in words its owner can read."""
    return {
        "contact": leads.contact_of(lead),
        "since": lead.created_at.isoformat(),
        "grade": json.loads(lead.grade),
        "consents": [
            {
                "says": c.says,
                "given": c.given,
                "at": c.at.isoformat(),
                "withdrawn_at": c.withdrawn_at.isoformat() if c.withdrawn_at else None,
                "controller": c.controller,
                "version": c.version,
            }
            for c in lead.consents
        ],
        "assessments": [sitting(session, assessment) for assessment in lead.sittings],
    }


def sitting(session: Session, assessment: Assessment) -> dict[str, Any]:
    """Everything kept about one assessment."""
    answers = assessments.answers_of(session, assessment)
    return {
        "reference": assessment.reference,
        "taken_for": assessment.tenant.name,
        "questionnaire": {"id": assessment.questionnaire_id, "version": assessment.questionnaire_version},
        "depth": assessment.depth,
        "started_at": assessment.created_at.isoformat(),
        "submitted_at": assessment.submitted_at.isoformat() if assessment.submitted_at else None,
        "came_from": json.loads(assessment.source),
        "answers": {name: sorted(a) if isinstance(a, frozenset) else a for name, a in answers.items()},
        "said_last_time": carrying.known(session, assessment),
        "suggestions": suggesting.known(session, assessment),
        "outcome": json.loads(assessment.outcome) if assessment.outcome else None,
        "scored_again": [
            {"version": one.questionnaire_version, "at": one.created_at.isoformat(), "outcome": json.loads(one.outcome)}
            for one in rescoring.of(session, assessment)
            if one.outcome
        ],
    }


def find(session: Session, contact: Mapping[str, str], tenant: Tenant | None = None) -> Sequence[Lead]:
    """The leads with this e-mail address or, where none was left, phone number; of one tenant or of all."""
    which: list[ColumnElement[bool]] = [Lead.identity == identity(contact)]
    if tenant is not None:
        which.append(Lead.tenant_id == tenant.id)
    return session.scalars(select(Lead).where(*which).order_by(Lead.id)).all()


def erase_lead(session: Session, lead: Lead, vault: Vault, now: datetime) -> None:
    """Remove a lead with its consents and assessments, cancel what is pending, and remember not to write again."""
    mine = [assessment.id for assessment in lead.assessments]
    address = leads.contact_of(lead).get("email", "")
    _cancel(session, mine, lead, vault.address_hash(address) if address else None, now)
    if address:
        leads.suppress(session, lead.tenant_id, address, vault, now)
    _remove(session, Assessment.id.in_(mine))
    session.execute(delete(Lead).where(Lead.id == lead.id))
    session.expire_all()


def erase_by_link(session: Session, link: Link, vault: Vault, now: datetime) -> Lead | None:
    """Remove one assessment and, where its link proves whose they are, the contact details its owner left.

    Other sittings stay, without a name. Gives the lead that was removed.
    """
    assessment = link.assessment
    lead = assessment.lead if leads.proven(session, link) else None
    if lead is None:
        erase_sitting(session, assessment, now)
        return None
    others = [other.id for other in lead.assessments if other.id != assessment.id]
    session.execute(update(Assessment).where(Assessment.id.in_(others)).values(lead_id=None, rank=0))
    session.expire(lead, ["assessments"])
    erase_lead(session, lead, vault, now)
    return lead


def erase_sitting(session: Session, assessment: Assessment, now: datetime) -> None:
    """Remove one assessment and send nothing more about it; the contact details left with it stay."""
    _cancel(session, [assessment.id], None, None, now)
    _remove(session, Assessment.id == assessment.id)


def _remove(session: Session, *which: ColumnElement[bool]) -> None:
    """Delete assessments, and what was carried from them into later ones."""
    carrying.forget(session, *which)
    session.execute(delete(Assessment).where(*which))


def _cancel(session: Session, sittings: list[int], lead: Lead | None, address_hash: str | None, now: datetime) -> None:
    which: list[ColumnElement[bool]] = [Delivery.assessment_id.in_(sittings)]
    if lead is not None:
        which.append(Delivery.lead_id == lead.id)
        if address_hash is not None:
            to_them = (Delivery.tenant_id == lead.tenant_id, Delivery.address_hash == address_hash)
            which.append(and_(*to_them, Delivery.event == REPORT_MAIL))
    about = select(Delivery.id).where(or_(*which))
    session.execute(delete(Attempt).where(Attempt.delivery_id.in_(about)))
    outbox.cancel(session, or_(*which), now=now)


def sweep(session: Session, now: datetime, open_for: timedelta) -> Swept:
    """Forget what is past its time: unfinished sittings, old leads, expired links, old payloads, sessions of staff."""
    counting.all_left_behind(session, now)
    unfinished = changed(
        session, delete(Assessment).where(Assessment.submitted_at.is_(None), Assessment.created_at < now - open_for)
    )
    gone = 0
    for tenant in session.scalars(select(Tenant)).all():
        before = now - timedelta(days=tenant.profile.retention_days)
        for lead in session.scalars(select(Lead).where(Lead.tenant_id == tenant.id, Lead.updated_at < before)).all():
            mine = [assessment.id for assessment in lead.assessments]
            _cancel(session, mine, lead, None, now)
            _remove(session, Assessment.id.in_(mine))
            session.execute(delete(Lead).where(Lead.id == lead.id))
            gone += 1
        session.expire_all()
        old = (Assessment.tenant_id == tenant.id, Assessment.lead_id.is_(None), Assessment.submitted_at < before)
        _remove(session, *old)
    links = changed(session, delete(Link).where(Link.expires_at < now - PAYLOADS_KEPT))
    spent = (Delivery.state != State.PENDING, Delivery.settled_at < now - PAYLOADS_KEPT)
    session.execute(update(Delivery).where(*spent).values(payload=CROSSED_OUT, address_hash=None))
    limits.sweep(session, now)
    staff_sessions.sweep(session, now)
    return Swept(unfinished, gone, links)


def as_json(found: Sequence[Mapping[str, Any]]) -> str:
    """What is known, as text for the person it is about."""
    return json.dumps(list(found), ensure_ascii=False, indent=2)
