"""What happened to one assessment, in order: its owner's steps, what was sent about it, and what staff did."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import url_for

from assessment.delivery.events import Event as Told
from assessment.delivery.outgoing import LEAD_MAIL, REPORT_MAIL
from assessment.storage import browsing, endpoints, rescoring, staff
from assessment.storage.outbox import Channel, State
from assessment.storage.session import Session
from assessment.storage.tables import NO_SCORE, Assessment, Delivery, Tenant
from assessment.web.console.assessments.pages import Event
from assessment.web.console.settings.activity import in_words

ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
SAYS = {
    REPORT_MAIL: "Mail to the owner with the link to the report",
    LEAD_MAIL: "Mail to your staff about the details",
    Told.COMPLETED: "Told that it was sent in",
    Told.LEAD: "Told of the contact details",
    Told.ERASED: "Told that somebody was erased",
}
PERSON = re.compile(r"staff (\d+)$")
"""How the audit log names one of the staff at the end of what was done."""

RESCORED = "rescore"
"""What the audit log calls it; it is told of with what came of it instead."""

STATES = {
    State.PENDING: "waiting to be sent",
    State.DONE: "arrived",
    State.DEAD: "given up",
    State.CANCELLED: "not to be sent any more",
}


def about(assessment: Assessment) -> str:
    """How the audit log names an assessment: by what is never given out twice, as a number might be."""
    return f"assessment {assessment.reference}"


def events_of(session: Session, tenant: Tenant, assessment: Assessment, may_name: bool) -> list[Event]:
    """Everything, in order. Without leave to name the owner, addresses are taken out of what mail servers said."""
    events = [
        *_owner(session, assessment),
        *_rescored(session, tenant, assessment),
        *_deliveries(session, tenant, assessment, may_name),
        *_staff(session, assessment),
    ]
    return sorted(events, key=lambda event: event.at)


def _owner(session: Session, assessment: Assessment) -> Iterator[Event]:
    lead, led = assessment.lead, staff.names(session, [assessment.led_by_id])
    if assessment.rescores_id is None:
        yield Event(assessment.created_at, f"Begun with {led[assessment.led_by_id or 0]}" if led else "Begun")
    if assessment.submitted_at is not None:
        yield Event(assessment.submitted_at, "Sent in")
    if lead is None:
        return
    left = [consent.at for consent in lead.consents if consent.assessment_reference == assessment.reference]
    if left:
        yield Event(min(left), "Details left")
    for at in sorted({consent.withdrawn_at for consent in lead.consents if consent.withdrawn_at is not None}):
        yield Event(at, "Consent taken back")


def _rescored(session: Session, tenant: Tenant, assessment: Assessment) -> Iterator[Event]:
    """That it was scored again, or is another one scored again, with the way there and back."""
    for other in rescoring.of(session, assessment):
        scores = f"{_score(assessment)} then, {_score(other)} by that version"
        says = f"Scored again by version {other.questionnaire_version}: {scores}"
        yield Event(other.created_at, says, address=_address(tenant, other), link="See what it comes to")
    first = rescoring.original(session, assessment)
    if first is not None:
        says = (
            f"Made from the same answers, scored again by version {assessment.questionnaire_version} "
            f"({_score(first)} by version {first.questionnaire_version}). It counts in no list"
        )
        yield Event(assessment.created_at, says, address=_address(tenant, first), link="See the original")


def _score(assessment: Assessment) -> str:
    return "no score" if assessment.score == NO_SCORE else f"{assessment.score} of 100"


def _address(tenant: Tenant, assessment: Assessment) -> str:
    return url_for("assessments.sitting", slug=tenant.slug, reference=assessment.reference)


def _deliveries(session: Session, tenant: Tenant, assessment: Assessment, may_name: bool) -> Iterator[Event]:
    hosts = {one.id: urlsplit(one.url).hostname or "" for one in endpoints.of_tenant(session, tenant)}
    for delivery in browsing.deliveries(session, assessment):
        host = hosts.get(delivery.endpoint_id or 0, "an endpoint that is gone")
        yield _delivery(delivery, host, may_name)


def _delivery(delivery: Delivery, host: str, may_name: bool) -> Event:
    says = SAYS.get(delivery.event, delivery.event)
    where = f" ({host})" if delivery.channel == Channel.WEBHOOK else ""
    tries = tuple((one.at, one.says if may_name else ADDRESS.sub("the address", one.says)) for one in delivery.tried)
    state = State(delivery.state)
    return Event(delivery.created_at, f"{says}{where}: {STATES[state]}", state is State.DEAD, tries)


def _staff(session: Session, assessment: Assessment) -> Iterator[Event]:
    every = staff.done_to(session, assessment.tenant_id, about(assessment))
    done = [entry for entry in every if entry.action != RESCORED]
    given = [int(found[1]) for entry in done if (found := PERSON.search(entry.action))]
    names = staff.names(session, [*given, *(entry.staff_id for entry in done)])
    for entry in done:
        says = PERSON.sub(lambda found: names.get(int(found[1]), "somebody"), in_words(entry.action))
        yield Event(entry.at, f"{names.get(entry.staff_id or 0, 'Somebody')} {says}")
