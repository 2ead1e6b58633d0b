"""`assessment staff`: let somebody into the console, see who may enter, and end or reset their access."""

import secrets
from datetime import UTC, datetime

import click

from assessment.cli import fail, failing, settings_in_force
from assessment.cli.tenants import find, migrated
from assessment.storage import staff as people
from assessment.storage import staff_sessions
from assessment.storage.session import Session
from assessment.storage.staff import BadEmail, Role, Staff

EMAIL = click.argument("email")


@click.group()
def staff() -> None:
    """Let somebody into the console, see who may enter, and end or reset their access."""


@staff.command()
@EMAIL
@click.option("--tenant", "slug", required=True, metavar="SLUG", help="The tenant they are to work for.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True, help="What they may do there.")
def invite(email: str, slug: str, role: str) -> None:
    """Print a link that lets EMAIL in once, within 7 days; who has an account already gets a new password with it."""
    with migrated() as database, database.writing() as session, failing(BadEmail):
        tenant = find(session, slug)
        token = people.invite(session, tenant, Role(role), email, _now())
        known = people.by_email(session, email) is not None
    if known:
        click.echo("They have an account already. With this link they choose a new password for it.")
    click.echo(f"{settings_in_force().base_url}/console/invitation/{token}")


@staff.command("list")
def every() -> None:
    """List everybody who may enter, and what they are to which tenant."""
    with migrated() as database, database.reading() as session:
        for person in people.every(session):
            roles = ",".join(f"{one.tenant.slug}:{one.role}" for one in person.memberships) or "no tenant"
            state = "active" if person.active else "disabled"
            second_step = "second step" if person.tf_totp_secret else "no second step yet"
            click.echo(f"{person.email}\t{state}\t{second_step}\t{roles}")


@staff.command()
@EMAIL
def disable(email: str) -> None:
    """End the access of EMAIL at once, everywhere. An invitation does not bring it back; `enable` does."""
    _change(email, "disable", {"active": False})
    click.echo("Disabled, and signed out everywhere.")


@staff.command()
@EMAIL
def enable(email: str) -> None:
    """Give EMAIL their access back."""
    _change(email, "enable", {"active": True})
    click.echo("Enabled.")


@staff.command("reset-mfa")
@EMAIL
def reset_mfa(email: str) -> None:
    """Let EMAIL set up a new second step when they sign in next: for a lost phone without recovery codes."""
    nothing = dict.fromkeys(("tf_primary_method", "tf_totp_secret", "tf_last_counter", "mf_recovery_codes"))
    _change(email, "reset second step", nothing)
    click.echo("Reset, and signed out everywhere. They set up a new second step when they sign in next.")


def _change(email: str, action: str, values: dict[str, object]) -> None:
    with migrated() as database, database.writing() as session, failing(BadEmail):
        person = _find(session, email)
        people.change(session, person.id, {**values, "fs_uniquifier": secrets.token_hex(32)})
        staff_sessions.revoke_others(session, person.id, None, _now())
        people.audit(session, _now(), action, about=f"staff {person.id}")


def _find(session: Session, email: str) -> Staff:
    found = people.by_email(session, email)
    if found is None:
        fail(f"Nobody has an account under “{email}”. `assessment staff list` shows everybody.")
    return found


def _now() -> datetime:
    return datetime.now(UTC)
