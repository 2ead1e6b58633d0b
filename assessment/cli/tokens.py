"""`assessment token`: keys for a tenant's own programs, made, listed and ended."""

from datetime import UTC, datetime, timedelta

import click

from assessment.cli import fail, failing
from assessment.cli.tenants import find, migrated
from assessment.storage import staff, tokens
from assessment.storage.tokens import NotMade, Scope, Token

SLUG = click.argument("slug")
SCOPES = click.Choice([str(scope) for scope in Scope])


@click.group()
def token() -> None:
    """Give programs of a tenant a key to the API, see which there are, and end them."""


@token.command()
@SLUG
@click.argument("name")
@click.option("--scope", "scopes", type=SCOPES, multiple=True, required=True, help="What it is for; may be repeated.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it works; without it, until it is ended.")
def add(slug: str, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token of the tenant SLUG for the program NAME. Prints it, once."""
    works_for = timedelta(days=days) if days else None
    with migrated() as database, database.writing() as session, failing(NotMade):
        tenant = find(session, slug)
        made, text = tokens.make(session, tenant, name, [Scope(scope) for scope in scopes], _now(), works_for)
        staff.audit(session, _now(), "make a token", tenant_id=tenant.id, about=f"token {made.reference}")
    click.echo(f"Made {made.reference}. The token, shown only now:\n{text}")


@token.command("list")
@SLUG
def every(slug: str) -> None:
    """List the tokens of the tenant SLUG, the newest first."""
    with migrated() as database, database.reading() as session:
        for one in tokens.of_tenant(session, find(session, slug).id):
            used = f"last used on {one.last_used}" if one.last_used else "never used"
            scopes = one.scopes.replace(" ", ",")
            click.echo(f"{one.reference}\t{one.begins}…\t{one.name}\t{scopes}\t{_state(one)}\t{used}")


@token.command()
@SLUG
@click.argument("reference")
def end(slug: str, reference: str) -> None:
    """End a token of the tenant SLUG: it opens nothing any more."""
    with migrated() as database, database.writing() as session:
        tenant = find(session, slug)
        if tokens.end(session, tenant.id, reference, _now()) is None:
            fail(f"“{slug}” has no token “{reference}” that works; `assessment token list {slug}` shows what there is.")
        staff.audit(session, _now(), "end a token", tenant_id=tenant.id, about=f"token {reference}")
    click.echo("Ended. It opens nothing any more.")


def _state(one: Token) -> str:
    if not one.works(_now()):
        return "ended" if one.ended_at else "its time is over"
    return f"works until {one.expires_at:%Y-%m-%d}" if one.expires_at else "works"


def _now() -> datetime:
    return datetime.now(UTC)
