"""Last time: what a page shows of an earlier answer while the check is taken again."""

from collections.abc import Mapping
from dataclasses import replace

from assessment.engine.answers import as_data
from assessment.engine.flow import Route
from assessment.engine.questions import Kind, Question
from assessment.storage.carrying import Earlier
from assessment.web.asking_pages import EarlierView
from assessment.web.helping import day
from assessment.web.pages import CheckPage, CheckRow, QuestionPage


def beside_question(page: QuestionPage, question: Question, earlier: Earlier | None) -> QuestionPage:
    """The page of a question that waits for its answer, with what was said last time to start from."""
    if earlier is None:
        return page
    data = () if earlier.answer is None else as_data(earlier.answer)
    values = tuple(data) if isinstance(data, list | tuple) else (str(data),)
    view = EarlierView(earlier.says, day(earlier.said_at), values)
    several = question.kind is Kind.MULTIPLE and not page.errors
    return replace(
        page,
        earlier=view,
        options=tuple(
            replace(one, before=one.id in values, chosen=several and one.id in values) for one in page.options
        ),
        extras=tuple(replace(one, before=one.id in values) for one in page.extras),
        typed=page.typed or (_typed(question, values) if not page.errors else ""),
    )


def _typed(question: Question, values: tuple[str, ...]) -> str:
    return values[0] if values and question.kind in (Kind.NUMBER, Kind.TEXT) else ""


def on_check_page(page: CheckPage, route: Route, earlier: Mapping[str, Earlier], token: str) -> CheckPage:
    """The check page of an assessment that is taken again: what is left to confirm, and what does not fit any more."""
    if not earlier:
        return page
    waits = {q.id: earlier[q.id] for q in route.open_steps if q.id in earlier}
    left = [question for question, one in waits.items() if one.answer is not None]
    asks = {f"/t/{token}/{question}": one.says for question, one in waits.items()}
    misfits = [q for q in route.open_steps if q.id in waits and waits[q.id].answer is None]
    return replace(
        page,
        groups=tuple((title, tuple(_row(row, asks) for row in rows)) for title, rows in page.groups),
        open=page.open - len(left),
        first_open=next((f"/t/{token}/{q.id}" for q in route.open_steps if q.id not in left), ""),
        none_yet=not any(step.id in route.answers for step in route.steps),
        confirm=len(left),
        first_confirm=f"/t/{token}/{left[0]}" if left else "",
        misfits=tuple((question.short, f"/t/{token}/{question.id}") for question in misfits),
        gone=sum(question not in route.questionnaire.questions for question in earlier),
    )


def _row(row: CheckRow, asks: Mapping[str, str]) -> CheckRow:
    return replace(row, earlier=asks[row.change]) if row.change in asks else row
