"""Wordings: every text people have agreed to, with how many of them are still kept, and from when to when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from assessment.storage.tables import Consent, Lead

MOST = 200


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in one version: how often it was agreed to, how many took that back, the first time and the last."""

    purpose: str
    version: str
    says: str
    agreed: int
    taken_back: int
    first: datetime
    last: datetime


def agreed_to(session: Session, tenant_id: int) -> Sequence[Wording]:
    """The texts people have agreed to with a tenant, the one agreed to last first; test mode left out."""
    mine = select(Consent).join(Lead, Lead.id == Consent.lead_id)
    mine = mine.where(Lead.tenant_id == tenant_id, Lead.test.is_(False), Consent.given.is_(True))
    found = mine.with_only_columns(
        Consent.purpose,
        Consent.version,
        func.min(Consent.says),
        func.count(),
        func.sum(case((Consent.withdrawn_at.is_(None), 0), else_=1)),
        func.min(Consent.at),
        func.max(Consent.at),
    ).group_by(Consent.purpose, Consent.version)
    rows = session.execute(found.order_by(func.max(Consent.at).desc(), Consent.version).limit(MOST))
    return [Wording(*row) for row in rows]
