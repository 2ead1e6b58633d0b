"""`assessment db`: upgrade, check, back up, restore and move the database."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from assessment.cli import failing, open_database
from assessment.storage.backups import BackupRefused, back_up, health
from assessment.storage.backups import restore as restore_backup
from assessment.storage.migrating import migrate
from assessment.storage.moving import MoveRefused
from assessment.storage.moving import move as move_everything
from assessment.storage.session import Database

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def db() -> None:
    """Upgrade, check, back up, restore and move the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the schema of this version; makes it where it is missing."""
    with open_database() as database:
        done = migrate(database)
    if done.before == done.after:
        click.echo(f"The database is at revision {done.after} already; there was nothing to do.")
    else:
        click.echo(f"The database went from {done.before or 'nothing'} to revision {done.after}.")


@db.command()
def check() -> None:
    """Say whether the database can be reached, is whole and has the schema of this version; exit status 1 if not."""
    with open_database() as database, failing(BackupRefused):
        found = health(database)
    for sentence in found.sentences:
        click.echo(sentence, err=not found.sound)
    sys.exit(0 if found.sound else 1)


@db.command()
@FILE
def backup(file: Path) -> None:
    """Copy everything into a new FILE, readable by you alone, while the app runs (SQLite)."""
    with open_database() as database, failing(BackupRefused):
        revision = back_up(database, file)
    click.echo(f"{file} holds everything, at revision {revision}. Keep it on another machine.")


@db.command()
@FILE
@click.option("--yes", is_flag=True, help="Replace the database that is there; it is kept beside.")
def restore(file: Path, yes: bool) -> None:
    """Put the backup FILE in the place of the database, migrated to this version (SQLite). Stop the app first."""
    with open_database() as database, failing(BackupRefused):
        done = restore_backup(database, file, datetime.now(UTC), replace=yes)
    click.echo(f"The database is that of {file} now, at revision {done.migration.after}.")
    if done.kept:
        click.echo(f"The one that was replaced is kept as {done.kept}.")


@db.command()
@click.option(
    "--to", "address", metavar="URL", required=True, help="The empty database, such as postgresql://app@host/app"
)
def move(address: str) -> None:
    """Copy everything into the empty database at URL, SQLite into PostgreSQL or back. Stop the app first.

    All of it or nothing is copied, both sides are compared row by row, and the old database stays as it is. A password
    need not stand in the URL: PostgreSQL finds it in ~/.pgpass or PGPASSWORD.
    """
    with open_database() as source, failing(BackupRefused, MoveRefused):
        target = Database(address)
        with target.closing():
            done = move_everything(source, target)
    click.echo(
        f"Moved {done.rows:,} rows in {done.tables} tables. Both databases hold the same, by this digest of every row:"
    )
    click.echo(done.digest)
    click.echo(
        "Now set ASSESSMENT_DATABASE_URL to the address you gave, for server, worker and commands, and start the app."
    )
    click.echo("Keep the secret key. The old database is as it was: it answers nobody any more, so erase it in time.")
