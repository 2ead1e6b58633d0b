"""Columns and indexes a list of assessments sorts, filters and searches by, filled for what is there already."""

import json
import unicodedata
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'

NO_SCORE = 101
FILTERED = ('band', 'criticals', 'staff', 'came_from', 'lead_id')
CHUNK = 200


def upgrade() -> None:
    connection = op.get_bind()
    for column in (
        f"score INTEGER NOT NULL DEFAULT {NO_SCORE}",
        "band VARCHAR(60) NOT NULL DEFAULT ''",
        "criticals INTEGER NOT NULL DEFAULT 0",
        "staff VARCHAR(60) NOT NULL DEFAULT ''",
        "came_from VARCHAR(200) NOT NULL DEFAULT ''",
        "rank INTEGER NOT NULL DEFAULT 0",
    ):
        op.execute(f"ALTER TABLE assessment ADD COLUMN {column}")
    op.execute("ALTER TABLE lead ADD COLUMN search TEXT NOT NULL DEFAULT ''")
    _each(connection, "lead", "contact, grade", _fill_lead)
    _each(connection, "assessment", "outcome, source", _fill_assessment)
    op.create_index('ix_assessment_newest', 'assessment', ['tenant_id', 'test', 'submitted_at', 'id', *FILTERED])
    op.create_index('ix_assessment_lowest', 'assessment', ['tenant_id', 'test', 'score', 'id', 'submitted_at', *FILTERED])
    op.create_index('ix_assessment_grade', 'assessment', ['tenant_id', 'test', 'rank', 'id', 'submitted_at', *FILTERED])
    op.create_index('ix_assessment_continues_id', 'assessment', ['continues_id'])  # deleting looks for who continues
    op.create_index('ix_assessment_came_from', 'assessment', ['tenant_id', 'came_from'])


def _each(connection: sa.Connection, table: str, columns: str, fill: Callable[[sa.Connection, Any], None]) -> None:
    """Every row of a table in turn, some at a time: outcomes are long."""
    last = 0
    chunk = sa.text(f"SELECT id, {columns} FROM {table} WHERE id > :last ORDER BY id LIMIT {CHUNK}")
    while rows := connection.execute(chunk, {"last": last}).all():
        for row in rows:
            fill(connection, row)
        last = rows[-1].id


def _fill_lead(connection: sa.Connection, row: Any) -> None:
    contact, grade = json.loads(row.contact), json.loads(row.grade)
    found_by = " ".join(contact.get(name, "") for name in ("name", "company", "email"))
    found_by = "".join(letter if letter.isprintable() else " " for letter in found_by)
    rank = 10 * (3 - "ABC".index(grade["fit"])) + 4 - grade["need"] if grade else 0
    connection.execute(
        sa.text("UPDATE lead SET search = :search WHERE id = :id"),
        {"search": unicodedata.normalize("NFKC", found_by).casefold(), "id": row.id},
    )
    connection.execute(
        sa.text("UPDATE assessment SET rank = :rank WHERE lead_id = :id"), {"rank": rank, "id": row.id}
    )


def _fill_assessment(connection: sa.Connection, row: Any) -> None:
    outcome, source = json.loads(row.outcome or "{}"), json.loads(row.source)
    overall = outcome.get("overall") or {}
    staff = [
        answer["options"][0]
        for answer in outcome.get("answers", ())
        if answer["question"] == "profile.staff" and answer["state"] == "answered" and answer["options"]
    ]
    sure = [f for f in outcome.get("findings", ()) if (f["severity"], f["certainty"]) == ("critical", "confirmed")]
    by = next((source[name] for name in ("host", "utm_source", "ref", "embed") if source.get(name)), "")
    connection.execute(
        sa.text(
            "UPDATE assessment SET score = :score, band = :band, criticals = :criticals, staff = :staff, "
            "came_from = :came_from WHERE id = :id"
        ),
        {
            "score": overall.get("score", NO_SCORE),
            "band": overall.get("band", ""),
            "criticals": len(sure),
            "staff": staff[0] if staff else "",
            "came_from": by[:200],
            "id": row.id,
        },
    )
