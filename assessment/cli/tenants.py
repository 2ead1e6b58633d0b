"""`assessment tenant`: add a tenant, change and show what it has set, and what to paste into its website."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from assessment.cli import fail, failing, open_database, settings_in_force
from assessment.settings import BadSetting
from assessment.storage import tenants
from assessment.storage.migrating import migrate
from assessment.storage.questionnaires import newest
from assessment.storage.session import Database, Session
from assessment.storage.tables import Tenant
from assessment.tenancy.logos import BadLogo, Logo, read_logo
from assessment.tenancy.origins import allows as may_frame
from assessment.tenancy.profile import BadProfile, Gate, Profile
from assessment.tenancy.snippets import snippets

CHANGES = click.argument("changes", nargs=-1, metavar="SETTING=VALUE…")


@click.group()
def tenant() -> None:
    """Add tenants, change and show what they have set, and print what to paste into a website."""


@tenant.command()
@click.argument("slug")
@CHANGES
def add(slug: str, changes: tuple[str, ...]) -> None:
    """Add the tenant SLUG, such as: northgate name="Northgate Computers" origins=https://www.northgate.example."""
    values, logo = _read(changes)
    with _writing() as session, failing(BadProfile):
        _look_for_questionnaire(session, values)
        added = tenants.add(session, slug, values, datetime.now(UTC))
        if logo is not None:
            tenants.set_logo(session, added, logo)
    click.echo(f"Added. The check of “{slug}” is at {settings_in_force().base_url}/q/{slug}")
    _warn(values)


@tenant.command("set")
@click.argument("slug")
@CHANGES
def change(slug: str, changes: tuple[str, ...]) -> None:
    """Change settings of the tenant SLUG; `logo=FILE` sets its logo, `logo=` removes it. See `tenant show`."""
    values, logo = _read(changes)
    with _writing() as session, failing(BadProfile):
        found = find(session, slug)
        _look_for_questionnaire(session, values)
        tenants.change(found, values)
        if logo is not None or "logo=" in changes:
            tenants.set_logo(session, found, logo)
    click.echo(f"Changed {', '.join(name.partition('=')[0] for name in changes) or 'nothing'}.")
    _warn(values)


@tenant.command()
@click.argument("slug")
def show(slug: str) -> None:
    """Show every setting of the tenant SLUG, what it is now and what it means."""
    with _reading() as session:
        found = find(session, slug)
        profile, has_logo = found.profile, bool(found.logo_name)
    stored = profile.model_dump(mode="json")
    for name, field in Profile.model_fields.items():
        value = stored[name]
        shown = ",".join(value) if isinstance(value, list) else {True: "yes", False: "no"}.get(value, value)
        click.echo(f"{name}={shown}\n    {field.description}")
    click.echo(f"logo={'set' if has_logo else ''}\n    A PNG, JPEG or WebP file; it is scaled to at most 480 by 160.")


@tenant.command("list")
def every() -> None:
    """List the tenants."""
    with _reading() as session:
        for found in tenants.every(session):
            state = "test" if found.profile.test else found.profile.state
            click.echo(f"{found.slug}\t{state}\t{found.name}")


@tenant.command()
@click.argument("slug")
@click.argument("page")
def allows(slug: str, page: str) -> None:
    """Say whether the web page at the address PAGE may show the check of SLUG in a frame. Nothing is fetched."""
    with _reading() as session:
        origins = find(session, slug).profile.origins
    if may_frame(origins, page):
        click.echo("Yes: this page may show the check.")
    else:
        listed = ", ".join(origins) or "none"
        fail(f"No: browsers would leave the frame empty. Listed: {listed}. Add it: tenant set {slug} origins=…")


@tenant.command()
@click.argument("slug")
def snippet(slug: str) -> None:
    """Print what to paste into a website: inline, popup, without script, and as a link."""
    with _reading() as session:
        taken = newest(session, find(session, slug).profile.questionnaire)
    base, title = settings_in_force().base_url, taken[0].title if taken else "Self-assessment"
    click.echo("\n\n".join(f"{one.title}:\n{one.html}" for one in snippets(base, slug, title)))


def _read(changes: tuple[str, ...]) -> tuple[dict[str, str], Logo | None]:
    """Settings by name, and the logo apart."""
    values = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            fail(f"“{change}” is no change: write SETTING=VALUE, such as name=Northgate.")
        values[name] = value
    path = values.pop("logo", "")
    with failing(BadLogo, OSError):
        return values, read_logo(Path(path).read_bytes()) if path else None


def _look_for_questionnaire(session: Session, values: dict[str, str]) -> None:
    """End the command where a questionnaire is named that neither was published nor stands in a folder."""
    name = values.get("questionnaire")
    if name and newest(session, name) is None:
        with failing(BadSetting):
            settings_in_force().question_folder(name)


def _warn(values: dict[str, str]) -> None:
    if values.get("gate") == Gate.SOFT and not settings_in_force().sends_mail:
        click.echo("Nothing is held back yet: without a mail server (ASSESSMENT_SMTP_HOST) no report can be sent.")
    if "questionnaire" in values:
        click.echo("A questionnaire that was not in use before is taken up when the server starts next.")


def find(session: Session, slug: str) -> Tenant:
    """The tenant with this slug; without one the command ends with a sentence."""
    found = tenants.by_slug(session, slug)
    if found is None:
        known = ", ".join(tenant.slug for tenant in tenants.every(session)) or "none yet"
        fail(f"There is no tenant “{slug}”. There are: {known}.")
    return found


@contextmanager
def migrated() -> Iterator[Database]:
    """The database of the settings, at the schema of this version."""
    with open_database() as database:
        migrate(database)
        yield database


@contextmanager
def _reading() -> Iterator[Session]:
    with migrated() as database, database.reading() as session:
        yield session


@contextmanager
def _writing() -> Iterator[Session]:
    with migrated() as database, database.writing() as session:
        yield session
