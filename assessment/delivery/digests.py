"""The daily digest: yesterday in one mail to each of a tenant's staff, written once and without whoever was erased."""

import json
from datetime import UTC, date, datetime, time, timedelta

from pydantic import TypeAdapter

from assessment.delivery import outgoing
from assessment.delivery.mails import DigestLine, DigestMail
from assessment.delivery.outgoing import DIGEST_MAIL, Postroom
from assessment.storage import leads, outbox
from assessment.storage.session import Session
from assessment.storage.tables import Lead, Tenant

MAIL = TypeAdapter(DigestMail)
DAY = timedelta(days=1)


def write(room: Postroom, tenant: Tenant) -> None:
    """Put yesterday's digest in the outbox, if there was anything; the same day is written about once."""
    yesterday = room.now.astimezone(UTC).date() - DAY
    for address in tenant.profile.staff_mail:
        mail = _mail(room.session, tenant, address, yesterday)
        if mail.leads or mail.completed:
            occasion = f"digest {tenant.slug} {yesterday}"
            outgoing.post(room, DIGEST_MAIL, tenant, address, MAIL.dump_json(mail), occasion)


def redraw(session: Session, tenant: Tenant) -> None:
    """Write anew what is still kept of a tenant's digests: somebody in them may have been erased."""
    for row in outbox.kept(session, tenant.id, DIGEST_MAIL):
        mail = MAIL.validate_json(row.payload)
        row.payload = MAIL.dump_json(_mail(session, tenant, mail.to, mail.day)).decode()


def _mail(session: Session, tenant: Tenant, to: str, day: date) -> DigestMail:
    since = datetime.combine(day, time(), UTC)
    new = leads.between(session, tenant, since, since + DAY)
    return DigestMail(
        to=to,
        sponsor_name=tenant.name,
        day=day,
        leads=tuple(_line(lead, outcome) for lead, outcome in new),
        completed=leads.completed_between(session, tenant, since, since + DAY),
    )


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
