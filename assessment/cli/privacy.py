"""`assessment privacy`: what is known about somebody, forgetting them, and forgetting in time."""

from datetime import UTC, datetime, timedelta

import click

from assessment.cli import fail, settings_in_force
from assessment.cli.tenants import find, migrated
from assessment.delivery import digests, outgoing
from assessment.delivery.outgoing import Postroom
from assessment.settings import secret_key
from assessment.storage import privacy as records
from assessment.storage.vault import Vault

EMAIL = click.option("--email", default="", help="The address they left.")
PHONE = click.option("--phone", default="", help="The phone number they left, if they left no address.")
TENANT = click.option("--tenant", "slug", help="Only what this tenant has.")


@click.group()
def privacy() -> None:
    """Export or erase what is known about somebody; sweep what is past its time."""


@privacy.command()
@EMAIL
@PHONE
@TENANT
def export(email: str, phone: str, slug: str | None) -> None:
    """Print everything known about somebody as JSON."""
    with migrated() as database, database.reading() as session:
        found = records.find(session, _who(email, phone), find(session, slug) if slug else None)
        click.echo(records.as_json([records.known(session, lead) for lead in found]))


@privacy.command()
@EMAIL
@PHONE
@TENANT
def erase(email: str, phone: str, slug: str | None) -> None:
    """Erase everything known about somebody, cancel what is pending, tell the endpoints."""
    settings = settings_in_force()
    vault = Vault(secret_key(settings))
    with migrated() as database:
        with database.writing() as session:
            now = datetime.now(UTC)
            room = Postroom(session, vault, now, settings.sends_mail, settings.mails_per_day)
            found = records.find(session, _who(email, phone), find(session, slug) if slug else None)
            for lead in found:
                tenant, reference = lead.tenant, lead.reference
                records.erase_lead(session, lead, vault, now)
                outgoing.erased(room, tenant, reference)
                digests.redraw(session, tenant)
        database.forget()
    if not found:
        fail("Nothing is known under this. Was it left with another spelling?")
    click.echo(f"Erased {len(found)} {'lead' if len(found) == 1 else 'leads'} with all assessments.")
    click.echo("Backups made before still hold them; they go when the backups go.")


@privacy.command()
def sweep() -> None:
    """Remove what is past its time; a worker does this every hour."""
    settings = settings_in_force()
    with migrated() as database:
        with database.writing() as session:
            swept = records.sweep(session, datetime.now(UTC), timedelta(days=settings.days_open))
        database.forget()
    click.echo(f"Removed: {swept.unfinished} unfinished, {swept.leads} leads, {swept.reports} expired links.")


def _who(email: str, phone: str) -> dict[str, str]:
    if bool(email) == bool(phone):
        fail("Say who: --email ADDRESS or --phone NUMBER.")
    return {"email": email, "phone": phone}
