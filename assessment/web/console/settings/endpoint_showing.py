"""Endpoints in words: their state, what was sent to them, and what became of it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import url_for

from assessment.delivery.events import USUAL, Event
from assessment.storage import endpoints, outbox
from assessment.storage.outbox import State
from assessment.storage.session import Session
from assessment.storage.tables import Delivery, Endpoint, Tenant
from assessment.web.console.drawing import frame
from assessment.web.console.freshness import confirm_first
from assessment.web.console.settings.endpoint_pages import (
    DeliveryPage,
    EndpointPage,
    EndpointRow,
    EndpointsPage,
    Sent,
    Tick,
    Tried,
)
from assessment.web.site import site

MOST = 20
"""How many endpoints one tenant may have: each of them is one more message about every event."""

NOTHING = "Tick at least one thing it should hear of."
SHOWN = 50
MOST_AGAIN = 10_000

EVENTS: Mapping[str, str] = {
    Event.COMPLETED: "An assessment was sent in",
    Event.LEAD: "Somebody left details and agreed to be contacted",
    Event.WITHDRAWN: "Somebody took that back",
    Event.ERASED: "Somebody’s details were erased",
    Event.TEST: "A test message",
}
STATES = {
    State.PENDING: "waiting to be sent",
    State.DONE: "arrived",
    State.DEAD: "given up",
    State.CANCELLED: "not to be sent any more",
}
TRIED_AGAIN = "to be tried again"
BECAME = {
    State.PENDING: "It has not arrived yet. Each time it fails, it is tried again a while later, for up to three days.",
    State.DONE: "It arrived.",
    State.DEAD: "It did not arrive, and is not tried again by itself.",
    State.CANCELLED: "It was cancelled, because somebody took their consent back or was erased.",
}


def list_page(
    session: Session, tenant: Tenant, typed: tuple[str, bool, str] = ("", False, " ".join(USUAL)), wrong: str = ""
) -> EndpointsPage:
    """A tenant's endpoints; with what was typed and what is wrong with it where one could not be added."""
    found = endpoints.of_tenant(session, tenant)
    url, flat, events = typed
    return EndpointsPage(
        frame=frame("Endpoints"),
        rows=tuple(_row(session, tenant, one) for one in found),
        confirm=confirm_first("endpoints.listed"),
        action=url_for("endpoints.add", slug=tenant.slug),
        url="".join(letter for letter in url if letter.isprintable()),
        flat=flat,
        events=tuple(Tick(event, EVENTS[event], event in events.split()) for event in USUAL),
        wrong=(("events" if wrong == NOTHING else "url", wrong),) if wrong else (),
        full=len(found) >= MOST and not wrong,
        back=url_for("settings.index", slug=tenant.slug),
    )


def endpoint_page(session: Session, tenant: Tenant, endpoint: Endpoint) -> EndpointPage:
    """One endpoint with what was sent to it lately."""
    at: dict[str, Any] = {"slug": tenant.slug, "reference": endpoint.reference}
    on = endpoint.disabled_at is None
    until = endpoint.old_until if endpoint.old_until and endpoint.old_until > site().now() else None
    names = [EVENTS.get(name, name) for name in endpoint.events.split()]
    return EndpointPage(
        frame=frame("Endpoint"),
        row=_row(session, tenant, endpoint),
        about=f"{'Flat' if endpoint.flat else 'Full'} messages. It is told when: {'; '.join(names)}.",
        on=on,
        old_until=until,
        confirm=confirm_first("endpoints.endpoint"),
        seal=seal_of(endpoint),
        test=url_for("endpoints.test", **at),
        switch=url_for("endpoints.off" if on else "endpoints.on", **at),
        rotate=url_for("endpoints.rotate", **at),
        remove=url_for("endpoints.remove", **at),
        replay=url_for("endpoints.replay_all", **at),
        dead=outbox.dead(session, endpoint.id),
        sent=tuple(_sent(tenant, endpoint, one) for one in outbox.of_endpoint(session, endpoint.id, SHOWN)),
        back=url_for("endpoints.listed", slug=tenant.slug),
    )


def delivery_page(tenant: Tenant, endpoint: Endpoint, delivery: Delivery) -> DeliveryPage:
    """What became of one message."""
    sent, state = _sent(tenant, endpoint, delivery), State(delivery.state)
    off = state is State.PENDING and endpoint.disabled_at is not None
    return DeliveryPage(
        frame=frame(sent.says),
        sent=sent,
        says="It waits: the endpoint is switched off." if off else BECAME[state],
        waits=state is State.PENDING,
        here=sent.address,
        back=url_for("endpoints.endpoint", slug=tenant.slug, reference=endpoint.reference),
    )


def seal_of(endpoint: Endpoint) -> str:
    """What tells the secret of this moment from the next one, so that a form sent twice changes it once."""
    return hashlib.sha256(endpoint.secret.encode()).hexdigest()[:16]


def _row(session: Session, tenant: Tenant, endpoint: Endpoint) -> EndpointRow:
    tried = [one for delivery in outbox.of_endpoint(session, endpoint.id, SHOWN) for one in delivery.tried]
    last = max(tried, key=lambda one: one.id, default=None)
    off = endpoint.disabled_at is not None
    failing = "failing" if endpoint.failing_since else "on"
    return EndpointRow(
        address=url_for("endpoints.endpoint", slug=tenant.slug, reference=endpoint.reference),
        url=endpoint.url,
        state="off" if off else failing,
        trouble=off or endpoint.failing_since is not None,
        because=endpoint.disabled_because or "" if off else "",
        since=endpoint.failing_since,
        last=Tried(last.at, last.says) if last else None,
    )


def _sent(tenant: Tenant, endpoint: Endpoint, delivery: Delivery) -> Sent:
    at: dict[str, Any] = {"slug": tenant.slug, "reference": endpoint.reference, "message_id": delivery.message_id}
    state = State(delivery.state)
    kept = delivery.payload != outbox.CROSSED_OUT
    return Sent(
        address=url_for("endpoints.delivery", **at),
        says=EVENTS.get(delivery.event, delivery.event),
        at=delivery.created_at,
        state=TRIED_AGAIN if state is State.PENDING and delivery.tried else STATES[state],
        trouble=state is State.DEAD,
        tries=tuple(Tried(one.at, one.says) for one in delivery.tried),
        again=url_for("endpoints.replay", **at) if state is State.DEAD and kept else "",
    )
