"""What a worker does besides sending: switch off endpoints that stay dead, write daily digests, sweep what is past."""

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from assessment.delivery import digests, outgoing
from assessment.delivery.attempts import Attempt, Verdict
from assessment.delivery.mails import EndpointMail
from assessment.delivery.outgoing import Postroom
from assessment.delivery.worker import Aftermath
from assessment.settings import Settings
from assessment.storage import bulk, counting, endpoints, privacy, tenants, vitals
from assessment.storage.outbox import Claim
from assessment.storage.session import Database, Session
from assessment.storage.tables import Endpoint, Tenant
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
    sign_at: datetime = LONG_AGO
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> None:
        """Do what is due. Raises Unavailable."""
        self._give_a_sign()
        with self.lock:
            now = self.now()
            if now < self.next_at:
                return
            self.next_at = now + HOUR
        with self.database.writing() as session:
            for tenant in tenants.every(session):
                if tenant.profile.notices is Notices.DAILY:
                    digests.write(room(self.settings, self.vault, session, now), tenant)
        counting.count_left_behind(self.database, now)
        with self.database.writing() as session:
            swept = privacy.sweep(session, now, timedelta(days=self.settings.days_open))
            bulk.sweep(session, now)
        self.database.forget()
        log.info("swept: %s", swept)

    def _give_a_sign(self) -> None:
        """Say twice a minute that this machine's worker is at work, whatever else it does."""
        with self.lock:
            now = self.now()
            if now < self.sign_at:
                return
            self.sign_at = now + vitals.SEEN_EVERY
        with self.database.writing() as session:
            vitals.note_sign(session, socket.gethostname(), now)
