"""What a worker does besides sending: switch off endpoints that stay dead, write daily digests, sweep what is past."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from pydantic import TypeAdapter

from assessment.delivery import outgoing
from assessment.delivery.attempts import Attempt, Verdict
from assessment.delivery.mails import DigestLine, DigestMail, EndpointMail
from assessment.delivery.outgoing import DAY, Postroom
from assessment.delivery.worker import Aftermath
from assessment.settings import Settings
from assessment.storage import endpoints, leads, privacy, tenants
from assessment.storage.outbox import Claim
from assessment.storage.session import Database, Session
from assessment.storage.tables import Endpoint, Lead, Tenant
from assessment.storage.vault import Vault
from assessment.tenancy.profile import Notices

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
HOW = (
    "Put the receiving side right, then run: assessment endpoint on {slug} {reference}. "
    "Everything that waited is sent then."
)


def room(settings: Settings, vault: Vault, session: Session, now: datetime) -> Postroom:
    """What putting something in the outbox needs, in this transaction."""
    return Postroom(session, vault, now, settings.sends_mail, settings.mails_per_day)


def conclude(settings: Settings, vault: Vault) -> Aftermath:
    """Draws conclusions about an endpoint from each attempt, in the transaction that settles it."""

    def after(session: Session, claim: Claim, attempt: Attempt, now: datetime) -> None:
        endpoint = session.get(Endpoint, claim.endpoint_id) if claim.endpoint_id else None
        if endpoint is None or endpoint.disabled_at is not None:
            return
        if attempt.verdict is Verdict.DONE:
            endpoint.failing_since = None
            return
        endpoint.failing_since = endpoint.failing_since or now
        if attempt.verdict is Verdict.GONE or now - endpoint.failing_since >= endpoints.PATIENCE:
            endpoints.switch_off(endpoint, attempt.says, now)
            _tell_staff(room(settings, vault, session, now), endpoint)

    return after


def _tell_staff(room: Postroom, endpoint: Endpoint) -> None:
    tenant = room.session.get_one(Tenant, endpoint.tenant_id)
    assert endpoint.failing_since
    for address in tenant.profile.staff_mail:
        mail = EndpointMail(
            to=address,
            sponsor_name=tenant.name,
            endpoint=endpoint.url,
            since=endpoint.failing_since.date(),
            says=endpoint.disabled_because or "",
            how=HOW.format(slug=tenant.slug, reference=endpoint.reference),
        )
        occasion = f"{endpoint.reference} off {room.now.isoformat()}"
        outgoing.post(
            room, outgoing.ENDPOINT_MAIL, tenant, address, TypeAdapter(EndpointMail).dump_json(mail), occasion
        )


@dataclass
class Chores:
    """Done by whichever lane comes by first, once an hour in each process; every chore may be done twice unharmed."""

    database: Database
    settings: Settings
    vault: Vault
    now: Callable[[], datetime]
    next_at: datetime = LONG_AGO
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> None:
        """Do what is due. Raises Unavailable."""
        with self.lock:
            now = self.now()
            if now < self.next_at:
                return
            self.next_at = now + HOUR
        with self.database.writing() as session:
            for tenant in tenants.every(session):
                if tenant.profile.notices is Notices.DAILY:
                    digest(room(self.settings, self.vault, session, now), tenant)
        with self.database.writing() as session:
            swept = privacy.sweep(session, now, timedelta(days=self.settings.days_open))
        if any((swept.unfinished, swept.leads, swept.reports)):
            self.database.forget()
            log.info("swept: %s", swept)


def digest(room: Postroom, tenant: Tenant) -> None:
    """Yesterday in one mail, if there was anything; the same day is written about once."""
    until = datetime.combine(room.now.astimezone(UTC).date(), time(), UTC)
    new = leads.between(room.session, tenant, until - DAY, until)
    taken = leads.completed_between(room.session, tenant, until - DAY, until)
    if not new and not taken:
        return
    yesterday = (until - DAY).date()
    for address in tenant.profile.staff_mail:
        lines = tuple(_line(lead, score) for lead, score in new)
        mail = DigestMail(to=address, sponsor_name=tenant.name, day=yesterday, leads=lines, completed=taken)
        payload = TypeAdapter(DigestMail).dump_json(mail)
        outgoing.post(room, outgoing.DIGEST_MAIL, tenant, address, payload, f"digest {tenant.slug} {yesterday}")


def _line(lead: Lead, outcome: str | None) -> DigestLine:
    contact, grade = leads.contact_of(lead), json.loads(lead.grade)
    overall = json.loads(outcome)["overall"] if outcome else None
    return DigestLine(
        name=contact.get("name") or contact.get("email") or contact.get("phone") or "No name left",
        company=contact.get("company", ""),
        grade=f"{grade['fit']}{grade['need']}",
        score=overall["score"] if overall else None,
        when=lead.updated_at,
    )
