"""Endpoints as the command and the console set them up: what they may hear of, a message to try, sending once more."""

from datetime import datetime

from assessment.delivery import events
from assessment.delivery.events import Event
from assessment.delivery.outgoing import LEAD_MAIL
from assessment.storage import leads, outbox
from assessment.storage.outbox import Channel, Parcel
from assessment.storage.session import Session
from assessment.storage.tables import Delivery, Endpoint, Lead, Tenant


class UnknownEvent(ValueError):
    """An endpoint cannot hear of this; the message says of what it can."""


def chosen_events(wanted: str) -> str:
    """The events somebody wrote, as they are kept. Raises UnknownEvent."""
    chosen = wanted.replace(",", " ").split()
    if unknown := set(chosen) - set(Event):
        raise UnknownEvent(f"There is no event {', '.join(sorted(unknown))}; there are {', '.join(Event)}.")
    return " ".join(chosen)


def try_out(session: Session, tenant: Tenant, endpoint: Endpoint, now: datetime) -> str:
    """Put a test message for an endpoint into the outbox; gives its message id."""
    payload = events.body(Event.TEST, events.tried_out(tenant), endpoint.flat, now)
    name = outbox.message_id()
    parcel = Parcel(tenant.id, Channel.WEBHOOK, Event.TEST, payload, endpoint_id=endpoint.id, message_id=name)
    outbox.enqueue(session, parcel, now)
    return name


def send_again(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Send once more; False when what it said is not kept, or was about a lead who may not be contacted any more."""
    if delivery.event in (Event.LEAD, LEAD_MAIL):
        lead = session.get(Lead, delivery.lead_id) if delivery.lead_id else None
        if lead is None or not leads.agreed(lead):
            return False
    return outbox.replay(session, delivery, now)
