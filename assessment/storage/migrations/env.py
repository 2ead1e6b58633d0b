"""Alembic's entry: runs the migrations on the connection it is handed, inside its transaction."""

from alembic import context

from assessment.storage import bulk, staff_sessions, tallies, tokens, work  # noqa: F401  # their tables are metadata
from assessment.storage.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
)
context.run_migrations()
