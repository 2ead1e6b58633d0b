"""The channels put together: what a worker needs to send by webhook and by mail, from settings and database."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from assessment.delivery import mail, webhooks
from assessment.delivery.addresses import Rule
from assessment.delivery.attempts import Attempt, Verdict
from assessment.delivery.bulk import Maker
from assessment.delivery.chores import Chores, conclude
from assessment.delivery.letters import Letter, digest_letter, endpoint_letter, lead_letter, report_letter
from assessment.delivery.mails import DigestMail, EndpointMail, LeadMail, ReportMail
from assessment.delivery.outgoing import DIGEST_MAIL, ENDPOINT_MAIL, LEAD_MAIL
from assessment.delivery.worker import Send, Worker
from assessment.settings import Settings, secret_key
from assessment.storage import endpoints, leads, outbox
from assessment.storage.outbox import Channel, Claim
from assessment.storage.privacy import REPORT_MAIL
from assessment.storage.session import Database
from assessment.storage.tables import Endpoint, Tenant
from assessment.storage.vault import Sealed, Vault

UNWANTED = Attempt(Verdict.DEAD, "Not sent: it was cancelled.")


def worker_of(settings: Settings, database: Database, now: Callable[[], datetime]) -> Worker:
    """A worker with every channel."""
    vault = Vault(secret_key(settings))
    senders: Mapping[Channel, Send] = {
        Channel.WEBHOOK: webhook_sender(database, vault, rule(settings), now),
        Channel.MAIL: mail_sender(database, settings),
    }
    chores, aside = Chores(database, settings, vault, now), Maker(database, settings, now)
    return Worker(database, senders, now, random.random, conclude(settings, vault), chores, aside)


def rule(settings: Settings) -> Rule:
    """Where webhooks may go on this instance."""
    return Rule(settings.webhook_http, settings.webhook_networks, settings.webhook_ports)


def webhook_sender(
    database: Database, vault: Vault, allowed: Rule, now: Callable[[], datetime], ca_certs: str | None = None
) -> Send:
    """Sends a delivery to its endpoint, signed with the secrets in force at this moment."""

    def send(claim: Claim) -> Attempt:
        with database.reading() as session:
            endpoint = session.get(Endpoint, claim.endpoint_id) if claim.endpoint_id else None
            if endpoint is None or not outbox.still_wanted(session, claim):
                return UNWANTED
            try:
                secrets = endpoints.signing_secrets(endpoint, vault, now())
            except Sealed as error:
                return Attempt(Verdict.AGAIN, f"Not sent: {error}.")
        body = claim.payload.encode()
        return webhooks.post(endpoint.url, secrets, claim.message_id, body, now(), allowed, ca_certs=ca_certs)

    return send


LETTERS: Mapping[str, Callable[[bytes, tuple[Path, ...]], Letter]] = {
    REPORT_MAIL: lambda payload, folders: report_letter(folders, TypeAdapter(ReportMail).validate_json(payload)),
    LEAD_MAIL: lambda payload, folders: lead_letter(folders, TypeAdapter(LeadMail).validate_json(payload)),
    DIGEST_MAIL: lambda payload, folders: digest_letter(folders, TypeAdapter(DigestMail).validate_json(payload)),
    ENDPOINT_MAIL: lambda payload, folders: endpoint_letter(folders, TypeAdapter(EndpointMail).validate_json(payload)),
}
"""What each kind of mail says, from what was written when it was put in the outbox."""


def mail_sender(database: Database, settings: Settings) -> Send:
    """Sends a delivery as a mail: by the mail server, or into a folder for trying out."""

    def send(claim: Claim) -> Attempt:
        with database.reading() as session:
            owner = claim.address_hash if claim.event == REPORT_MAIL else None  # staff are told as long as they want
            forgotten = owner and leads.suppressed(session, claim.tenant_id, owner)
            if forgotten or not outbox.still_wanted(session, claim):
                return UNWANTED
            profile = session.get_one(Tenant, claim.tenant_id).profile
        letter = LETTERS[claim.event](claim.payload.encode(), settings.template_folders)
        letter = replace(letter, sender_name=profile.sender or profile.name)
        message = mail.compose(letter, settings.mail_from or "check@localhost.localdomain")
        if settings.smtp_host:
            return mail.send(mailer(settings), message, claim.message_id)
        if settings.mail_folder:
            return mail.keep(Path(settings.mail_folder), message, claim.message_id)
        return Attempt(Verdict.AGAIN, "No mail server is set: ASSESSMENT_SMTP_HOST names one.")

    return send


def mailer(settings: Settings) -> mail.Mailer:
    """The mail server the settings name."""
    return mail.Mailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=settings.smtp_password,
        security=settings.smtp_security,  # type: ignore[arg-type]  # read_settings allows nothing else
        sender=settings.mail_from,
    )
