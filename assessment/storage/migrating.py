"""Brings a database to the schema of this version, once, however many processes ask at the same moment."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from assessment.storage.session import Database

LOCK_ID = 7_031_977
PATIENCE = 120
"""Seconds a process waits for another one that is migrating."""

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Upgrade to the newest schema; returns at once when nothing is to be done. Raises Unavailable."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head()
    if current(database) == newest:
        return
    patient = Database(database.url.render_as_string(hide_password=False), busy_seconds=PATIENCE)
    with patient.closing(), patient.writing() as session:
        if not patient.is_sqlite:  # on SQLite a writing transaction is alone by itself
            session.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": LOCK_ID})
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")


def current(database: Database) -> str | None:
    """The revision the database is at, None for a new one."""
    with database.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()
