"""What is put in the outbox when something happened: a row for each endpoint and each mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from assessment.delivery import events
from assessment.delivery.events import Event, Taken
from assessment.delivery.mails import LeadMail, ReportMail
from assessment.storage import endpoints, limits, outbox, privacy
from assessment.storage.leads import contact_of
from assessment.storage.outbox import Channel, Parcel
from assessment.storage.session import Session
from assessment.storage.tables import Assessment, Lead, Tenant
from assessment.storage.vault import Vault
from assessment.tenancy.contact import FIELDS, Purpose
from assessment.tenancy.profile import Notices

DAY = timedelta(days=1)
REPORT_MAIL = privacy.REPORT_MAIL
LEAD_MAIL, DIGEST_MAIL, ENDPOINT_MAIL = "mail.lead", "mail.digest", "mail.endpoint"
MAILS_TO_ONE_ADDRESS = 3
"""How many reports one address is sent in a day: more would be somebody else's mischief."""


@dataclass(frozen=True, slots=True)
class Postroom:
    """What putting something in the outbox needs: the caller's transaction, keys, clock, and what is allowed."""

    session: Session
    vault: Vault
    now: datetime
    sends_mail: bool
    mails_per_day: int


def completed(room: Postroom, taken: Taken) -> None:
    """Tell the endpoints that an assessment was sent in."""
    _tell(room, Event.COMPLETED, taken.tenant, events.completed(taken), taken.assessment.reference, taken.assessment)


def lead_received(room: Postroom, taken: Taken, lead: Lead, new: bool, occasion: str) -> None:
    """Tell endpoints and staff about a lead that agreed to be contacted; the same occasion is told once."""
    data = events.lead_received(taken, lead, new)
    _tell(room, Event.LEAD, taken.tenant, data, occasion, taken.assessment, lead)
    if taken.tenant.profile.notices is Notices.EACH:
        for address in taken.tenant.profile.staff_mail:
            mail = _lead_mail(taken, lead, address)
            payload = TypeAdapter(LeadMail).dump_json(mail)
            post(room, LEAD_MAIL, taken.tenant, address, payload, occasion, lead, taken.assessment)


def report_mail(room: Postroom, assessment: Assessment, lead: Lead, mail: ReportMail, occasion: str) -> None:
    """Send the owner the link to the whole report."""
    payload = TypeAdapter(ReportMail).dump_json(mail)
    post(room, REPORT_MAIL, assessment.tenant, mail.to, payload, occasion, lead, assessment)


def may_mail(room: Postroom, address: str) -> bool:
    """Count one more report to this address today; False when it has had enough."""
    return limits.take(room.session, room.vault.address_hash(f"mail|{address}"), MAILS_TO_ONE_ADDRESS, DAY, room.now)


def withdrawn(room: Postroom, tenant: Tenant, lead: Lead) -> None:
    """Tell the endpoints that somebody took their consent back, and send nothing about them that still waits."""
    outbox.cancel_told(room.session, lead.id, (Event.LEAD, LEAD_MAIL), room.now)
    occasion = f"withdrawn {lead.reference} {room.now.isoformat()}"
    _tell(room, Event.WITHDRAWN, tenant, events.withdrawn(tenant, lead), occasion, lead=lead)


def erased(room: Postroom, tenant: Tenant, lead_reference: str) -> None:
    """Tell the endpoints that somebody asked to be forgotten."""
    _tell(room, Event.ERASED, tenant, events.erased(tenant, lead_reference), f"erased {lead_reference}")


def _tell(
    room: Postroom,
    event: Event,
    tenant: Tenant,
    data: Mapping[str, Any],
    occasion: str,
    assessment: Assessment | None = None,
    lead: Lead | None = None,
) -> None:
    for endpoint in endpoints.wanting(room.session, tenant.id, event):
        parcel = Parcel(
            tenant_id=tenant.id,
            channel=Channel.WEBHOOK,
            event=event,
            payload=events.body(event, data, endpoint.flat, room.now),
            endpoint_id=endpoint.id,
            assessment_id=assessment.id if assessment else None,
            lead_id=lead.id if lead else None,
            message_id=outbox.message_id(event, occasion, endpoint.reference),
        )
        outbox.enqueue(room.session, parcel, room.now)


def post(
    room: Postroom,
    kind: str,
    tenant: Tenant,
    to: str,
    payload: bytes,
    occasion: str,
    lead: Lead | None = None,
    assessment: Assessment | None = None,
) -> None:
    """Put a mail in the outbox; past the tenant's number for a day it goes a day later."""
    name = outbox.message_id(kind, occasion, to)
    if not room.sends_mail or outbox.known(room.session, name):
        return
    parcel = Parcel(
        tenant_id=tenant.id,
        channel=Channel.MAIL,
        event=kind,
        payload=payload.decode(),
        assessment_id=assessment.id if assessment else None,
        lead_id=lead.id if lead else None,
        address_hash=room.vault.address_hash(to),
        message_id=name,
    )
    today = room.vault.address_hash(f"mails of {tenant.slug}")
    within = not room.mails_per_day or limits.take(room.session, today, room.mails_per_day, DAY, room.now)
    outbox.enqueue(room.session, parcel, room.now if within else room.now + DAY)


def _lead_mail(taken: Taken, lead: Lead, to: str) -> LeadMail:
    data = events.lead_received(taken, lead, new=True)
    score = taken.report.score
    labels = {field.name: field.label for field in FIELDS}
    given = {consent.purpose: consent.given for consent in lead.consents}
    wording = {consent.purpose: consent.says for consent in lead.consents}
    return LeadMail(
        to=to,
        sponsor_name=taken.tenant.name,
        lead=tuple((labels[name], value) for name, value in contact_of(lead).items() if name in labels),
        grade=data["lead"]["grade"],
        grade_reasons=tuple(data["lead"]["reasons"]),
        score=score.score if score else None,
        band=score.band_name if score else "",
        criticals=tuple(data["critical"]),
        first=tuple(data["first"]),
        consents=tuple((wording[purpose], given[purpose]) for purpose in Purpose if purpose in given),
        source=", ".join(f"{key} {value}" for key, value in data["source"].items()),
        test=taken.assessment.test,
    )
