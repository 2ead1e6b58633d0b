"""Answers looked at again: what the owner said, what staff saw, and the score with the one and with the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from assessment.engine.answers import Answer, Answers
from assessment.engine.assess import assess
from assessment.engine.flow import walk
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth, Kind, Question
from assessment.engine.result import Certainty, Outcome
from assessment.storage import assessments, staff, work
from assessment.storage.session import Session
from assessment.storage.staff import Role
from assessment.storage.tables import Assessment, Tenant
from assessment.storage.work import ReviewKind, Seen, corrected
from assessment.web.console.assessments.listing import level_of
from assessment.web.console.assessments.pages import AnswerRow, AnswersPage, Choice, SeenView
from assessment.web.console.drawing import frame
from assessment.web.console.person import member
from assessment.web.forms import choices
from assessment.web.showing import answer_says, part_name

NOT_ASKED = "Not asked of the owner"
SAID = {ReviewKind.VERIFIED: "verified", ReviewKind.CORRECTED: "corrected"}


@dataclass(frozen=True, slots=True)
class Refused:
    """What was sent about one question and cannot be kept: what was picked or typed, how they know, what is wrong."""

    question: str
    picked: tuple[str, ...]
    how: str
    wrong: tuple[str, ...]


def seen_view(
    session: Session, assessment: Assessment, questionnaire: Questionnaire, outcome: Outcome
) -> SeenView | None:
    """The score as staff saw it beside the owner's; None where staff looked at nothing. The result stays as it is."""
    seen = work.reviews(session, assessment)
    if not seen:
        return None
    changed = [name for name, one in seen.items() if one.answer is not None]
    answers = corrected(assessments.answers_of(session, assessment), seen)
    found = assess(questionnaire, answers, Depth(assessment.depth)) if changed else outcome
    band = found.overall.band if found.overall else ""
    critical = [f for f in found.findings if f.severity == "critical" and f.certainty is Certainty.CONFIRMED]
    return SeenView(
        verified=len(seen) - len(changed),
        corrected=len(changed),
        score=found.overall.score if found.overall else None,
        band=next((one.name for one in questionnaire.bands if one.id == band), ""),
        level=level_of(band, questionnaire),
        owner_score=outcome.overall.score if outcome.overall else None,
        criticals=len(critical),
    )


def answers_page(
    session: Session,
    tenant: Tenant,
    assessment: Assessment,
    questionnaire: Questionnaire,
    outcome: Outcome,
    refused: Refused | None = None,
) -> AnswersPage:
    """Every question asked, or opened by what staff corrected, in order."""
    answers, seen = assessments.answers_of(session, assessment), work.reviews(session, assessment)
    names = staff.names(session, {one.staff_id for one in seen.values()})
    at: dict[str, Any] = {"slug": tenant.slug, "reference": assessment.reference}
    groups: dict[str, list[AnswerRow]] = {}
    for question in walk(questionnaire, corrected(answers, seen), Depth(assessment.depth)).steps:
        row = _row(question, answers, seen, names, at, refused)
        groups.setdefault(part_name(questionnaire, question), []).append(row)
    return AnswersPage(
        frame=frame("The answers"),
        groups=tuple((title, tuple(rows)) for title, rows in groups.items()),
        seen=seen_view(session, assessment, questionnaire, outcome),
        may_change=member().role.covers(Role.EDITOR),
        wrong=tuple((row.anchor, says) for rows in groups.values() for row in rows for says in row.wrong),
        back=url_for("assessments.sitting", **at),
    )


def _row(
    question: Question,
    answers: Answers,
    seen: Mapping[str, Seen],
    names: Mapping[int, str],
    at: dict[str, Any],
    refused: Refused | None,
) -> AnswerRow:
    given, one = answers.get(question.id), seen.get(question.id)
    again = refused if refused is not None and refused.question == question.id else None
    picked = again.picked if again else _picked(one.answer if one else None)
    free = question.kind in (Kind.NUMBER, Kind.TEXT)
    return AnswerRow(
        anchor=question.id.replace(".", "-"),
        code=question.code or "",
        ask=question.ask,
        kind=question.kind,
        owner=NOT_ASKED if given is None else answer_says(question, given),
        seen=answer_says(question, one.answer) if one and one.answer is not None else "",
        state=SAID[one.kind] if one else "",
        by=names.get(one.staff_id or 0, "somebody") if one else "",
        at=one.at if one else None,
        how=again.how if again else one.says if one else "",
        options=tuple(_options(question, picked)),
        typed=" ".join(picked) if free else "",
        save=url_for("reviews.review", question=question.id, **at),
        undo=url_for("reviews.undo", question=question.id, **at) if one else "",
        wrong=again.wrong if again else (),
    )


def _options(question: Question, picked: tuple[str, ...]) -> Iterator[Choice]:
    return (Choice(one.value, one.label, one.value in picked) for one in choices(question))


def _picked(answer: Answer | None) -> tuple[str, ...]:
    if answer is None:
        return ()
    return tuple(sorted(answer)) if isinstance(answer, frozenset) else (str(answer),)
