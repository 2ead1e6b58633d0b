"""What staff do with one assessment, as its page shows it: status, who looks after it, notes, and where to go on."""

from collections.abc import Iterator
from typing import Any

from flask import url_for

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.storage import staff, work
from assessment.storage.session import Session
from assessment.storage.staff import Role
from assessment.storage.tables import Assessment, Tenant
from assessment.web.console.assessments.pages import Choice, NoteView, WorkView
from assessment.web.console.person import member
from assessment.web.recording import STATUSES
from assessment.web.showing import depth_choices

SOMEBODY = "Somebody"


def work_view(
    session: Session,
    tenant: Tenant,
    assessment: Assessment,
    questionnaire: Questionnaire,
    typed: str = "",
    wrong: str = "",
) -> WorkView:
    """Everything about the work on an assessment; a note that was refused comes back as it was typed."""
    at: dict[str, Any] = {"slug": tenant.slug, "reference": assessment.reference}
    edits, owns = member().role.covers(Role.EDITOR), member().role.covers(Role.OWNER)
    people = {one.id: one.name for one in staff.colleagues(session, tenant.id)}
    people |= staff.names(session, {assessment.assignee_id} - set(people))
    return WorkView(
        statuses=tuple(Choice(one, says, one == assessment.status) for one, says in STATUSES.items()),
        people=(
            Choice("", "Nobody yet", assessment.assignee_id is None),
            *(Choice(str(one), name, one == assessment.assignee_id) for one, name in people.items()),
        ),
        notes=tuple(_notes(session, assessment, at, people)),
        save=url_for("work.save", **at) if edits else "",
        note=url_for("work.note", **at) if edits else "",
        answers=url_for("reviews.answers", **at),
        links=url_for("links.links", **at) if edits else "",
        erase=url_for("links.erase", **at) if owns else "",
        depths=depth_choices(questionnaire, tuple(Depth)) if edits else (),
        together=url_for("work.together", **at) if edits else "",
        typed=typed,
        wrong=wrong,
    )


def _notes(session: Session, assessment: Assessment, at: dict[str, Any], people: dict[int, str]) -> Iterator[NoteView]:
    found = work.notes(session, assessment)
    names = people | staff.names(session, {note.staff_id for note in found} - set(people))
    for note in found:
        mine = note.staff_id == member().person.staff_id and member().role.covers(Role.EDITOR)
        remove = url_for("work.remove_note", note_id=note.id, **at) if mine else ""
        yield NoteView(note.says, names.get(note.staff_id or 0, SOMEBODY), note.at, remove)
