"""Tenants: the firm a questionnaire is taken for. One default tenant follows the settings."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessment.settings import Settings
from assessment.storage.tables import Tenant


def default_tenant(session: Session, settings: Settings, now: datetime) -> Tenant:
    """The tenant the settings describe, made or brought up to date."""
    tenant = by_slug(session, settings.tenant)
    if tenant is None:
        tenant = Tenant(slug=settings.tenant, name=settings.tenant_name, created_at=now)
        session.add(tenant)
    tenant.name = settings.tenant_name
    tenant.contact = settings.tenant_contact
    tenant.link = settings.tenant_link
    tenant.currency = settings.currency
    return tenant


def by_slug(session: Session, slug: str) -> Tenant | None:
    """The tenant with this slug, if there is one."""
    return session.scalar(select(Tenant).where(Tenant.slug == slug))
