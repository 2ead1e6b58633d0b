"""Leads: contact details left with a tenant, once a person, with what they agreed to."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from assessment.storage.inserting import insert
from assessment.storage.standing import company_of, domain_of, searchable
from assessment.storage.tables import Assessment, Consent, Lead, Link, Suppression, Tenant
from assessment.storage.vault import Vault
from assessment.tenancy.contact import ConsentText, Purpose, identity
from assessment.tenancy.grading import Grade


def receive(
    session: Session,
    assessment: Assessment,
    contact: Mapping[str, str],
    consents: Sequence[tuple[ConsentText, bool]],
    grade: Grade,
    now: datetime,
) -> Lead:
    """Keep contact details and what was agreed to: a new lead, or more about the person who came before.

    What was left empty this time keeps what was said earlier.
    """
    lead = _lead(session, assessment, contact, now)
    lead.contact = _json({**json.loads(lead.contact), **{name: value for name, value in contact.items() if value}})
    lead.grade = _json(asdict(grade))
    known = contact_of(lead)
    lead.search, lead.company, lead.domain = searchable(known), company_of(known), domain_of(known)
    lead.updated_at = now
    before = assessment.lead
    assessment.lead = lead
    session.flush()
    session.execute(update(Assessment).where(Assessment.rescores_id == assessment.id).values(lead_id=lead.id))
    session.execute(update(Assessment).where(Assessment.lead_id == lead.id).values(rank=grade.rank))
    if before is not None and before is not lead and not _assessments(session, before):
        session.delete(before)  # the same sitting with a corrected address: the first one was nobody
    _agree(session, lead, assessment, consents, now)
    return lead


def _lead(session: Session, assessment: Assessment, contact: Mapping[str, str], now: datetime) -> Lead:
    who = identity(contact)
    if who is None and assessment.lead is not None:
        return assessment.lead
    new = {
        "reference": secrets.token_hex(8),
        "tenant_id": assessment.tenant_id,
        "identity": who,
        "contact": "{}",
        "grade": "{}",
        "test": assessment.test,
        "created_at": now,
        "updated_at": now,
    }
    added = session.execute(
        insert(session, Lead)
        .values(**new)
        .on_conflict_do_update(index_elements=["tenant_id", "test", "identity"], set_={"updated_at": now})
        .returning(Lead.id)
    ).scalar_one()
    return session.get_one(Lead, added, with_for_update={"of": Lead}, populate_existing=True)


def _assessments(session: Session, lead: Lead) -> bool:
    return session.scalar(select(Assessment.id).where(Assessment.lead_id == lead.id).limit(1)) is not None


def _agree(
    session: Session, lead: Lead, assessment: Assessment, consents: Sequence[tuple[ConsentText, bool]], now: datetime
) -> None:
    for text, given in consents:
        session.add(
            Consent(
                lead_id=lead.id,
                assessment_reference=assessment.reference,
                purpose=text.purpose,
                says=text.says,
                version=text.version,
                language=text.language,
                controller=text.controller,
                given=given,
                at=now,
            )
        )


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def contact_of(lead: Lead) -> dict[str, str]:
    """The contact details of a lead, by field."""
    return dict(json.loads(lead.contact))


def of_tenant(session: Session, tenant: Tenant, test: bool = False) -> Sequence[Lead]:
    """A tenant's leads, the newest first; those left in test mode are apart."""
    found = select(Lead).where(Lead.tenant_id == tenant.id, Lead.test.is_(test))
    return session.scalars(found.order_by(Lead.updated_at.desc(), Lead.id.desc())).all()


def agreed(lead: Lead) -> bool:
    """Whether the last thing somebody said about being contacted was yes, and was not taken back."""
    said = [c.given and c.withdrawn_at is None for c in lead.consents if c.purpose == Purpose.CONTACT]
    return bool(said and said[-1])


def agreed_to(lead: Lead) -> tuple[tuple[str, str, datetime], ...]:
    """What a lead agreed to and did not take back: for what, in which words, when."""
    return tuple((one.purpose, one.says, one.at) for one in lead.consents if one.given and one.withdrawn_at is None)


def may_be_contacted(lead_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """As `agreed`, inside a query, of the lead with the id in this column."""
    said = select(func.max(Consent.id)).where(Consent.lead_id == lead_id, Consent.purpose == Purpose.CONTACT)
    last = said.correlate(lead_id.class_).scalar_subquery()
    yes = select(Consent.id).where(Consent.id == last, Consent.given, Consent.withdrawn_at.is_(None))
    return and_(lead_id.is_not(None), yes.correlate(lead_id.class_).exists())


def proven(session: Session, link: Link) -> bool:
    """Whether whoever holds a link may act for its lead, and not for this assessment alone.

    Anybody can type somebody else's address. Only a link that was mailed there, or a lead that nothing but this
    assessment knows of, shows that they are the same; never one that staff made.
    """
    lead, assessment = link.assessment.lead, link.assessment
    if lead is None or link.handed_on:
        return False
    if link.mailed_to == lead.reference:
        return True
    return {consent.assessment_reference for consent in lead.consents} <= set(_with_those_before(session, assessment))


def _with_those_before(session: Session, assessment: Assessment) -> Iterator[str]:
    """The references of an assessment and of all it goes on from, as long as no member of staff led it."""
    yield assessment.reference
    before = assessment.continues_id if assessment.led_by_id is None else None
    if before is not None and (earlier := session.get(Assessment, before)) is not None:
        yield from _with_those_before(session, earlier)


def with_staff(session: Session, link: Link) -> bool:
    """Whether staff made a link, or opened it in a meeting about somebody else's answers: it names nobody."""
    led = link.assessment.led_by_id is not None
    return link.handed_on or (led and not proven(session, link))


def withdraw(lead: Lead, now: datetime, about: str | None = None) -> bool:
    """Take back what a lead agreed to, in all or about one assessment; False when there was nothing."""
    mine = [consent for consent in lead.consents if about in (None, consent.assessment_reference)]
    standing = [consent for consent in mine if consent.given and consent.withdrawn_at is None]
    for consent in standing:
        consent.withdrawn_at = now
    return bool(standing)


def between(session: Session, tenant: Tenant, since: datetime, until: datetime) -> list[tuple[Lead, str | None]]:
    """The leads that wrote in this time and agreed to be contacted, each with its last outcome; not those of tests."""
    agreed = select(Consent.id).where(
        Consent.lead_id == Lead.id,
        Consent.purpose == Purpose.CONTACT,
        Consent.given,
        Consent.withdrawn_at.is_(None),
        Consent.at >= since,
    )
    found = select(Lead).where(
        Lead.tenant_id == tenant.id, Lead.test.is_(False), Lead.updated_at >= since, Lead.updated_at < until
    )
    leads = session.scalars(found.where(agreed.exists()).order_by(Lead.updated_at, Lead.id)).all()
    return [(lead, lead.sittings[-1].outcome if lead.sittings else None) for lead in leads]


def completed_between(session: Session, tenant: Tenant, since: datetime, until: datetime) -> int:
    """How many assessments were sent in during this time; not those of tests."""
    sent_in = (Assessment.submitted_at >= since, Assessment.submitted_at < until, Assessment.rescores_id.is_(None))
    real = (Assessment.tenant_id == tenant.id, Assessment.test.is_(False))
    counted = select(func.count()).select_from(Assessment).where(*real, *sent_in)
    return session.scalar(counted) or 0


def suppress(session: Session, tenant_id: int, address: str, vault: Vault, now: datetime) -> None:
    """Remember, unreadably, that this address asked to be forgotten."""
    row = {"tenant_id": tenant_id, "address_hash": vault.address_hash(address), "at": now}
    session.execute(insert(session, Suppression).values(**row).on_conflict_do_nothing())


def welcome(session: Session, tenant_id: int, address: str, vault: Vault) -> None:
    """Somebody who was forgotten has written their address again, and may be written to again."""
    found = session.get(Suppression, (tenant_id, vault.address_hash(address)))
    if found is not None:
        session.delete(found)


def suppressed(session: Session, tenant_id: int, address_hash: str) -> bool:
    """Whether this address asked to be forgotten."""
    return session.get(Suppression, (tenant_id, address_hash)) is not None
