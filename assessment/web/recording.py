"""One assessment as every export and the API give it: the same names for the same things, whatever way it leaves."""

import json
from datetime import datetime
from typing import Any

from assessment.reports import records
from assessment.reports.formats import Record
from assessment.storage.exporting import Exported
from assessment.storage.work import Status

STATUSES = {
    Status.NEW: "New",
    Status.CONTACTED: "Contacted",
    Status.MEETING: "Meeting agreed",
    Status.WON: "Customer",
    Status.CLOSED: "Closed",
}


def record_of(row: Exported) -> Record:
    """Everything about one assessment, as plain values."""
    facts: dict[str, Any] = {
        "reference": row.reference,
        "sent_in": moment(row.sent_in),
        "questionnaire": {"id": row.pin[0], "version": row.pin[1]},
        "depth": row.depth,
        "grade": row.grade,
        "status": STATUSES[Status(row.status)],
        "assignee": row.assignee,
        "came_from": row.came_from,
        "source": row.source,
        "rescored": [{"reference": one, "version": by, "score": score} for one, by, score in row.rescored],
        "test": row.test,
        "may_be_contacted": row.may_be_contacted,
        "lead": row.lead,
        "contact": row.contact,
        "consents": consents_of(row.consents),
    }
    return records.record(facts, json.loads(row.outcome), row.questionnaire)


def consents_of(agreed: tuple[tuple[str, str, datetime], ...]) -> list[dict[str, str]]:
    """What somebody agreed to, as plain values."""
    return [{"purpose": purpose, "says": says, "at": moment(at)} for purpose, says, at in agreed]


def moment(at: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
