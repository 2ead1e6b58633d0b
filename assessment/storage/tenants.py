"""Tenants: added, changed, found. The default one is made from the settings when there is none yet."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessment.settings import Settings
from assessment.storage.tables import Logo, Tenant
from assessment.tenancy.profile import BadProfile, Profile, check_slug

if TYPE_CHECKING:  # the command and the console read pictures; without those nothing loads what can
    from assessment.tenancy import logos


def default_tenant(session: Session, settings: Settings, now: datetime) -> Tenant:
    """The tenant of the start page without a name; made from the settings once, and changed like any other later."""
    found = by_slug(session, settings.tenant)
    if found is not None:
        return found
    first = {
        "name": settings.tenant_name,
        "contact": settings.tenant_contact,
        "link": settings.tenant_link,
        "currency": settings.currency,
        "questionnaire": settings.questionnaire,
    }
    return add(session, settings.tenant, first, now)


def add(session: Session, slug: str, changes: Mapping[str, Any], now: datetime) -> Tenant:
    """A new tenant. Raises BadProfile."""
    if by_slug(session, check_slug(slug)) is not None:
        raise BadProfile((f"There is a tenant “{slug}” already; change it with `assessment tenant set {slug} …`.",))
    profile = Profile().changed(changes)
    tenant = Tenant(slug=slug, profile_json=profile.to_json(), created_at=now)
    session.add(tenant)
    session.flush()
    return tenant


def change(tenant: Tenant, changes: Mapping[str, Any]) -> Profile:
    """Change what a tenant has set. Raises BadProfile, and then nothing is changed."""
    profile = tenant.profile.changed(changes)
    tenant.profile_json = profile.to_json()
    return profile


def by_slug(session: Session, slug: str) -> Tenant | None:
    """The tenant with this slug, if there is one."""
    return session.scalar(select(Tenant).where(Tenant.slug == slug))


def for_change(session: Session, slug: str) -> Tenant | None:
    """The same, held until the transaction ends: of two changes at once, the second begins with what the first left."""
    return session.scalar(select(Tenant).where(Tenant.slug == slug).with_for_update())


def every(session: Session) -> Sequence[Tenant]:
    """All tenants, by slug."""
    return session.scalars(select(Tenant).order_by(Tenant.slug)).all()


def set_logo(session: Session, tenant: Tenant, logo: "logos.Logo | None") -> None:
    """Keep a logo, or none; its name holds its size and changes with its content, so browsers may keep it for good."""
    found = session.get(Logo, tenant.id)
    if logo is None:
        tenant.logo_name = None
        if found is not None:
            session.delete(found)
        return
    tenant.logo_name = f"{logo.width}-{logo.height}-{hashlib.sha256(logo.png).hexdigest()[:16]}"
    kept = {"name": tenant.logo_name, "png": logo.png, "width": logo.width, "height": logo.height}
    session.merge(Logo(tenant_id=tenant.id, **kept))


def logo_of(session: Session, tenant: Tenant) -> Logo | None:
    """The tenant's logo, if it has one."""
    return session.get(Logo, tenant.id) if tenant.logo_name else None
