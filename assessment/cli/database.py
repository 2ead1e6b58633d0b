"""`assessment db`: upgrade, check, back up and restore the database."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from assessment.cli import failing, open_database
from assessment.storage.backups import BackupRefused, back_up, health
from assessment.storage.backups import restore as restore_backup
from assessment.storage.migrating import migrate

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def db() -> None:
    """Upgrade, check, back up and restore the database."""


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
