"""Endpoints: where tenants want their webhooks, with secrets that can be rotated, switched off and on."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, object_session

from assessment.storage import outbox
from assessment.storage.tables import Delivery, Endpoint, Tenant
from assessment.storage.vault import Vault

OVERLAP = timedelta(days=1)
"""How long an old secret still signs beside a new one."""

PATIENCE = timedelta(days=5)
"""How long an endpoint may fail without one success before it is switched off."""


def add(
    session: Session, tenant: Tenant, url: str, secret: str, vault: Vault, now: datetime, *, flat: bool, events: str
) -> Endpoint:
    """A new endpoint; its secret is shown to nobody after this."""
    endpoint = Endpoint(
        reference=f"ep_{secrets.token_hex(6)}",
        tenant_id=tenant.id,
        url=url,
        secret=vault.seal(secret),
        flat=flat,
        events=events,
        created_at=now,
    )
    session.add(endpoint)
    session.flush()
    return endpoint


def of_tenant(session: Session, tenant: Tenant) -> Sequence[Endpoint]:
    """Every endpoint of a tenant, switched off or not."""
    return session.scalars(select(Endpoint).where(Endpoint.tenant_id == tenant.id).order_by(Endpoint.id)).all()


def wanting(session: Session, tenant_id: int, event: str) -> list[Endpoint]:
    """The endpoints of a tenant that want to hear of an event; one that is switched off hears of it when it is on."""
    found = session.scalars(select(Endpoint).where(Endpoint.tenant_id == tenant_id).order_by(Endpoint.id))
    return [endpoint for endpoint in found if event in endpoint.events.split()]


def by_reference(session: Session, tenant: Tenant, reference: str, *, alone: bool = False) -> Endpoint | None:
    """One endpoint of this tenant; `alone` until the end of the transaction, where it is to be changed."""
    found = select(Endpoint).where(Endpoint.tenant_id == tenant.id, Endpoint.reference == reference)
    return session.scalar(found.with_for_update() if alone else found)


def remove(session: Session, endpoint: Endpoint, now: datetime) -> None:
    """Forget an endpoint with its secrets; what was to be sent there is not sent any more."""
    outbox.cancel(session, Delivery.endpoint_id == endpoint.id, now=now)
    session.execute(delete(Endpoint).where(Endpoint.id == endpoint.id))


def rotate(endpoint: Endpoint, secret: str, vault: Vault, now: datetime) -> None:
    """Give an endpoint a new secret; for a day both sign, so that the other side can change over without a gap."""
    endpoint.old_secret, endpoint.old_until = endpoint.secret, now + OVERLAP
    endpoint.secret = vault.seal(secret)


def signing_secrets(endpoint: Endpoint, vault: Vault, now: datetime) -> tuple[str, ...]:
    """The secrets a message is signed with now, the newest first. Raises Sealed."""
    found = [vault.open(endpoint.secret)]
    if endpoint.old_secret and endpoint.old_until and now < endpoint.old_until:
        found.append(vault.open(endpoint.old_secret))
    return tuple(found)


def switch_off(endpoint: Endpoint, because: str, now: datetime) -> None:
    """Send nothing more there; what is waiting waits on."""
    endpoint.disabled_at, endpoint.disabled_because = now, because


def switch_on(endpoint: Endpoint) -> None:
    """Send there again: all that has been waiting, at once, in the order it came to be."""
    endpoint.disabled_at = endpoint.disabled_because = endpoint.failing_since = None
    session = object_session(endpoint)
    assert session is not None
    waiting = (Delivery.endpoint_id == endpoint.id, Delivery.state == "pending")
    session.execute(update(Delivery).where(*waiting).values(next_at=Delivery.created_at))
