"""Where a tenant's webhooks go: endpoints added, tried, switched, given new secrets; what was sent, and once more."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, abort, flash, request, url_for

from assessment.delivery import webhooks
from assessment.delivery.addresses import Refused, resolve
from assessment.delivery.channels import rule
from assessment.delivery.endpoints import send_again, try_out
from assessment.delivery.events import USUAL
from assessment.storage import endpoints as rows
from assessment.storage import outbox, tenants
from assessment.storage.outbox import State
from assessment.storage.session import Session
from assessment.storage.tables import Endpoint, Tenant
from assessment.web.console.drawing import draw, frame
from assessment.web.console.entrance import sessions
from assessment.web.console.freshness import fresh
from assessment.web.console.person import member
from assessment.web.console.settings.endpoint_pages import OncePage
from assessment.web.console.settings.endpoint_showing import (
    MOST,
    MOST_AGAIN,
    NOTHING,
    delivery_page,
    endpoint_page,
    list_page,
    seal_of,
)
from assessment.web.site import Page, see, site

blueprint = Blueprint("endpoints", __name__)

LONGEST = 2000
TOO_LONG = "That address is longer than 2,000 characters, which is more than we can keep."
THERE = "There is an endpoint with this address already. Open it below to give it a new secret."
FULL = f"There are {MOST} endpoints, which is as many as one tenant can have. Remove one first."
ROTATED = "That was done before: this endpoint has a new secret since you opened the page."
SECRET = (
    "Put this into the receiving side now. It is shown this one time; what we keep of it, nobody can read here.",
    "With it the receiver checks that a message is from us and was not changed on its way.",
)
STILL = "Until this time tomorrow the secret from before signs beside it, so nothing is lost while you change over."


@blueprint.get("/<slug>/settings/endpoints")
def listed(slug: str) -> Page:
    """Every endpoint, and a form to add one."""
    with site().database.reading() as session:
        return draw("console/endpoints.html", list_page(session, _tenant(session)))


@blueprint.post("/<slug>/settings/endpoints")
@fresh("endpoints.listed")
def add(slug: str) -> Page:
    """Add an endpoint and show its secret, this one time."""
    url, flat = request.form.get("url", "").strip(), request.form.get("flat") == "yes"
    events = " ".join(event for event in USUAL if event in request.form.getlist("events"))
    wrong = _wrong(url, events)
    if not wrong:
        added = _add(url, flat, events, webhooks.new_secret())
        if isinstance(added, Response):
            return added
        wrong = added
    with site().database.reading() as session:
        return draw("console/endpoints.html", list_page(session, _tenant(session), (url, flat, events), wrong), 422)


@blueprint.get("/<slug>/settings/endpoints/<reference>")
def endpoint(slug: str, reference: str) -> Page:
    """One endpoint, and what was sent to it lately."""
    with site().database.reading() as session:
        tenant = _tenant(session)
        return draw("console/endpoint.html", endpoint_page(session, tenant, _found(session, tenant, reference)))


@blueprint.post("/<slug>/settings/endpoints/<reference>/rotate")
@fresh("endpoints.endpoint")
def rotate(slug: str, reference: str) -> Page:
    """Give it a new secret, shown this one time."""
    secret = webhooks.new_secret()
    with _changing(reference) as (session, _, found):
        if request.form.get("seal") != seal_of(found):
            flash(ROTATED)
            return _back(reference)
        rows.rotate(found, secret, site().vault, site().now())
        _note(session, "give an endpoint a new secret", found)
    return _once(found, secret, (*SECRET, STILL))


@blueprint.post("/<slug>/settings/endpoints/<reference>/test")
def test(slug: str, reference: str) -> Page:
    """Send a test message, and go on to what becomes of it."""
    with _changing(reference) as (session, tenant, found):
        name = try_out(session, tenant, found, site().now())
        _note(session, "test an endpoint", found)
    site().wake()
    return see(url_for("endpoints.delivery", slug=slug, reference=reference, message_id=name))


@blueprint.post("/<slug>/settings/endpoints/<reference>/off")
def off(slug: str, reference: str) -> Page:
    """Send nothing more there; what is due waits."""
    with _changing(reference) as (session, _, found):
        rows.switch_off(found, "switched off by hand", site().now())
        _note(session, "switch an endpoint off", found)
    flash("It is switched off. What is due waits until it is on again.")
    return _back(reference)


@blueprint.post("/<slug>/settings/endpoints/<reference>/on")
def on(slug: str, reference: str) -> Page:
    """Send there again, what has been waiting included."""
    with _changing(reference) as (session, _, found):
        rows.switch_on(found)
        _note(session, "switch an endpoint on", found)
    site().wake()
    flash("It is on. What has been waiting is sent now.")
    return _back(reference)


@blueprint.post("/<slug>/settings/endpoints/<reference>/remove")
def remove(slug: str, reference: str) -> Page:
    """Forget it for good."""
    with _changing(reference) as (session, _, found):
        rows.remove(session, found, site().now())
        _note(session, "remove an endpoint", found)
    flash("The endpoint is removed. Nothing is sent there any more.")
    return see(url_for("endpoints.listed", slug=slug))


@blueprint.post("/<slug>/settings/endpoints/<reference>/replay")
def replay_all(slug: str, reference: str) -> Page:
    """Send once more whatever was given up."""
    with _changing(reference) as (session, _, found):
        dead = outbox.of_endpoint(session, found.id, MOST_AGAIN, state=State.DEAD)
        again = sum(send_again(session, one, site().now()) for one in dead)
        _note(session, "send again", found)
    site().wake()
    left = " The others are not kept any more, or are about somebody who took their consent back."
    flash(f"{again} of {len(dead)} are sent once more.{left if again < len(dead) else ''}")
    return _back(reference)


@blueprint.get("/<slug>/settings/endpoints/<reference>/deliveries/<message_id>")
def delivery(slug: str, reference: str, message_id: str) -> Page:
    """What became of one message."""
    with site().database.reading() as session:
        tenant = _tenant(session)
        found = _found(session, tenant, reference)
        sent = outbox.of_endpoint(session, found.id, 1, message_id=message_id) or abort(404)
        return draw("console/delivery.html", delivery_page(tenant, found, sent[0]))


@blueprint.post("/<slug>/settings/endpoints/<reference>/deliveries/<message_id>/replay")
def replay(slug: str, reference: str, message_id: str) -> Page:
    """Send one message that was given up once more."""
    with _changing(reference) as (session, _, found):
        dead = outbox.of_endpoint(session, found.id, 1, state=State.DEAD, message_id=message_id)
        if not dead:
            abort(404)
        if send_again(session, dead[0], site().now()):
            _note(session, "send again", found)
            flash("It is sent once more, under the same message id.")
        else:
            flash("It cannot be sent again: it is not kept any more, or somebody took their consent back.")
    site().wake()
    return see(url_for("endpoints.delivery", slug=slug, reference=reference, message_id=message_id))


def _tenant(session: Session) -> Tenant:
    return tenants.by_slug(session, member().slug) or abort(404)


def _found(session: Session, tenant: Tenant, reference: str, *, alone: bool = False) -> Endpoint:
    return rows.by_reference(session, tenant, reference, alone=alone) or abort(404)


@contextmanager
def _changing(reference: str) -> Iterator[tuple[Session, Tenant, Endpoint]]:
    """A writing transaction with the endpoint of this address, which nobody else changes meanwhile."""
    with site().database.writing() as session:
        tenant = _tenant(session)
        yield session, tenant, _found(session, tenant, reference, alone=True)


def _wrong(url: str, events: str) -> str:
    """What is wrong with a new endpoint. Its name is looked up here, outside any transaction."""
    if len(url) > LONGEST:
        return TOO_LONG
    try:
        resolve(url, rule(site().settings))
    except Refused as error:
        return str(error)
    return "" if events else NOTHING


def _add(url: str, flat: bool, events: str, secret: str) -> Response | str:
    """The page with the secret of a new endpoint, or what is in its way."""
    with site().database.writing() as session:
        tenant = _tenant(session)
        if wrong := _no_room(session, tenant, url):
            return wrong
        how = (site().vault, site().now())
        added = rows.add(session, tenant, url, secret, *how, flat=flat, events=events)
        _note(session, "add an endpoint", added)
    return _once(added, secret, SECRET)


def _no_room(session: Session, tenant: Tenant, url: str) -> str:
    found = rows.of_tenant(session, tenant)
    if len(found) >= MOST:
        return FULL
    return THERE if url in {one.url for one in found} else ""


def _note(session: Session, action: str, about: Endpoint) -> None:
    at = member()
    sessions.note(session, action, at.person.staff_id, f"endpoint {about.reference}", at.tenant_id)


def _back(reference: str) -> Page:
    return see(url_for("endpoints.endpoint", slug=member().slug, reference=reference))


def _once(about: Endpoint, secret: str, says: tuple[str, ...]) -> Response:
    onward = url_for("endpoints.endpoint", slug=member().slug, reference=about.reference)
    page = OncePage(
        frame("The signing secret"), f"Signing secret of {about.url}", secret, says, onward, "I have put it in"
    )
    return draw("console/once.html", page)
