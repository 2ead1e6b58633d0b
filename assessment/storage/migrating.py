"""Brings a database to the schema of this version, once, however many processes ask at the same moment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event, inspect, text

from assessment.storage.session import Database, Session, Unavailable

LOCK_ID = 7_031_977
PATIENCE = 120
"""Seconds a process waits for another one that is migrating."""

MIGRATIONS = Path(__file__).parent / "migrations"


class UnknownRevision(Unavailable):
    """The database is at a revision that this version of the app does not have."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"It is at revision {revision}, which this version of the app does not know: a newer version has migrated "
            "it. Install that version again, or restore a backup that was made before."
        )


class DanglingRows(Unavailable):
    """A migration would have left rows that belong to rows that are not there; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Migration:
    """The revision a database was at, None for a new one, and the one it is at now."""

    before: str | None
    after: str


def migrate(database: Database, to: str | None = None) -> Migration:
    """Upgrade to the newest schema, or to a revision; returns at once when nothing is to be done. Raises Unavailable.

    All of it is one transaction: a process that dies on the way leaves the schema as it was.
    """
    goal = to or newest()
    before = current(database)
    if before == goal:
        return Migration(before, goal)
    if before and before not in revisions():
        raise UnknownRevision(before)
    patient = Database(database.url.render_as_string(hide_password=False), busy_seconds=PATIENCE)
    if patient.is_sqlite:
        event.listen(patient.engine, "connect", _let_tables_be_copied)
    with patient.closing(), patient.writing() as session:
        _wait_for_the_others(patient, session)
        before = _current(session)  # another process may have been quicker
        _upgrade(session, goal)
        if dangling := dangling_rows(patient, session):
            raise DanglingRows(dangling[0])
    return Migration(before, goal)


def _upgrade(session: Session, goal: str) -> None:
    from alembic import command  # a tenth of a start, and of the memory; only a new version has something to migrate
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = session.connection()
    command.upgrade(config, goal)


def _let_tables_be_copied(connection: Any, record: Any) -> None:
    """Foreign keys rest meanwhile: else dropping the old copy of a table would delete what belongs to its rows."""
    connection.execute("PRAGMA foreign_keys=OFF")


def _wait_for_the_others(patient: Database, session: Session) -> None:
    if not patient.is_sqlite:  # on SQLite a writing transaction is alone by itself
        session.execute(text("SELECT set_config('lock_timeout', :most, true)"), {"most": f"{PATIENCE}s"})
        session.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": LOCK_ID})


def dangling_rows(database: Database, session: Session) -> tuple[str, ...]:
    """A sentence for each table of a SQLite database with rows that belong to rows that are not there."""
    if not database.is_sqlite:  # PostgreSQL never lets it come to that
        return ()
    rows = session.execute(text("PRAGMA foreign_key_check")).all()
    return tuple(
        f"Rows of “{table}” belong to rows of “{parent}” that are not there."
        for table, parent in sorted({(row[0], row[2]) for row in rows})
    )


def current(database: Database) -> str | None:
    """The revision the database is at, None for a new one."""
    with database.reading() as session:
        return _current(session)


def _current(session: Session) -> str | None:
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    revision: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def newest() -> str:
    """The revision this version of the app works with."""
    return revisions()[-1]


def revisions() -> tuple[str, ...]:
    """Every revision this version of the app knows, oldest first."""
    return tuple(sorted(file.stem.partition("_")[0] for file in MIGRATIONS.glob("versions/*.py")))
