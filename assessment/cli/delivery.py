"""`assessment worker`, `endpoint` and `outbox`: send what is due, say where webhooks go, see what became of them."""

import signal
import sys
from datetime import UTC, datetime

import click

from assessment import logs
from assessment.cli import fail, failing, settings_in_force
from assessment.cli.tenants import find, migrated
from assessment.delivery import webhooks
from assessment.delivery.addresses import Refused, resolve
from assessment.delivery.channels import rule, worker_of
from assessment.delivery.endpoints import UnknownEvent, chosen_events, send_again, try_out
from assessment.delivery.events import USUAL
from assessment.settings import secret_key
from assessment.storage import endpoints
from assessment.storage import outbox as rows
from assessment.storage.outbox import State
from assessment.storage.session import Session
from assessment.storage.tables import Endpoint
from assessment.storage.vault import Vault

NOT_TRIED = {State.PENDING: "not tried yet", State.CANCELLED: "not to be sent any more"}

SLUG = click.argument("slug")
REFERENCE = click.argument("reference")


@click.command()
@click.option("--once", is_flag=True, help="Send what is due now, then stop.")
def worker(once: bool) -> None:
    """Send mail and webhooks until stopped; for an instance with ASSESSMENT_DELIVERY=apart."""
    settings = settings_in_force()
    logs.install(settings.log_format)
    with migrated() as database:
        working = worker_of(settings, database, _now)
        if once:
            working.chores()
            sent = 0
            while working.once():
                sent += 1
            while working.aside():
                pass
            click.echo(f"{sent} tried.")
            return
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: working.stop())
        click.echo("The worker is running.")
        for thread in working.start():
            thread.join()


@click.group()
def endpoint() -> None:
    """Say where a tenant wants its webhooks, try them out, switch them off and on."""


@endpoint.command()
@SLUG
@click.argument("url")
@click.option("--flat", is_flag=True, help="One level of keys, for Zapier, Make and the like.")
@click.option("--events", "wanted", default=" ".join(USUAL), show_default=True, help="What it wants to hear of.")
def add(slug: str, url: str, flat: bool, wanted: str) -> None:
    """Send webhooks of the tenant SLUG to URL. Prints the signing secret, once."""
    settings = settings_in_force()
    with failing(Refused, UnknownEvent):
        chosen = chosen_events(wanted)
        resolve(url, rule(settings))
    secret = webhooks.new_secret()
    with migrated() as database, database.writing() as session:
        vault = Vault(secret_key(settings))
        added = endpoints.add(session, find(session, slug), url, secret, vault, _now(), flat=flat, events=chosen)
        click.echo(f"Added {added.reference}. Its signing secret, shown only now:\n{secret}")


@endpoint.command("list")
@SLUG
def every(slug: str) -> None:
    """List the endpoints of the tenant SLUG."""
    with migrated() as database, database.reading() as session:
        for found in endpoints.of_tenant(session, find(session, slug)):
            state = "on" if found.disabled_at is None else f"off: {found.disabled_because}"
            click.echo(f"{found.reference}\t{'flat' if found.flat else 'nested'}\t{found.url}\t{state}")


@endpoint.command()
@SLUG
@REFERENCE
def test(slug: str, reference: str) -> None:
    """Put a test message for an endpoint into the outbox."""
    with migrated() as database, database.writing() as session:
        tenant = find(session, slug)
        found = _find(session, slug, reference)
        try_out(session, tenant, found, _now())
    click.echo("A test message is in the outbox. `assessment outbox list` says what became of it.")


@endpoint.command()
@SLUG
@REFERENCE
def rotate(slug: str, reference: str) -> None:
    """Give an endpoint a new secret; the old one signs beside it for a day."""
    secret = webhooks.new_secret()
    with migrated() as database, database.writing() as session:
        vault = Vault(secret_key(settings_in_force()))
        endpoints.rotate(_find(session, slug, reference), secret, vault, _now())
    click.echo(f"The new signing secret, shown only now:\n{secret}")


@endpoint.command()
@SLUG
@REFERENCE
def off(slug: str, reference: str) -> None:
    """Send nothing more to an endpoint; what is due waits."""
    with migrated() as database, database.writing() as session:
        endpoints.switch_off(_find(session, slug, reference), "switched off by hand", _now())
    click.echo("Off. What is due waits until it is on again.")


@endpoint.command()
@SLUG
@REFERENCE
def on(slug: str, reference: str) -> None:
    """Send to an endpoint again, what has been waiting included."""
    with migrated() as database, database.writing() as session:
        endpoints.switch_on(_find(session, slug, reference))
    click.echo("On.")


@click.group()
def outbox() -> None:
    """Look at what is to be sent, was sent and could not be sent; send it again."""


@outbox.command("list")
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only these.")
@click.option("--limit", default=50, show_default=True)
def listed(state: str | None, limit: int) -> None:
    """List deliveries, the newest first, each with what came of its last attempt."""
    with migrated() as database, database.reading() as session:
        for one in rows.listed(session, state=State(state) if state else None, limit=limit):
            says = one.tried[-1].says if one.tried else NOT_TRIED.get(State(one.state), "forgotten")
            click.echo(f"{one.message_id}\t{one.event}\t{one.state}\t{one.attempts} tried\t{says}")


@outbox.command()
@click.argument("message_id", required=False)
@click.option("--dead", is_flag=True, help="All that were given up.")
def replay(message_id: str | None, dead: bool) -> None:
    """Send a delivery again under its old message id, or with --dead all that were given up."""
    if bool(message_id) == dead:
        fail("Say which: a message id, or --dead for all that were given up.")
    with migrated() as database, database.writing() as session:
        found = rows.listed(session, state=State.DEAD if dead else None, message_id=message_id, limit=10_000)
        again = sum(send_again(session, one, _now()) for one in found)
    click.echo(f"{again} of {len(found)} are in the outbox again.")
    if again < len(found) or not found:
        click.echo("What a delivery said is kept for 30 days, and a report mail only until it was sent.", err=True)
        click.echo("Nothing about a lead is sent again once they took their consent back.", err=True)
        sys.exit(1)


def _find(session: Session, slug: str, reference: str) -> Endpoint:
    found = endpoints.by_reference(session, find(session, slug), reference)
    if found is None:
        fail(f"“{slug}” has no endpoint “{reference}”; `assessment endpoint list {slug}` shows what there is.")
    return found


def _now() -> datetime:
    return datetime.now(UTC)
