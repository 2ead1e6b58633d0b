"""Asking somebody who knows: what an owner's pages show of the link, and of what came back by it.

An owner sends the link on in their own mail, so nothing is sent from here. Staff never see what came back before the
owner has taken it: not on a link they made, and not in a meeting.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from assessment.engine.flow import Route, State
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import NOT_SURE
from assessment.engine.result import Outcome
from assessment.reports.quoting import answer_says as told
from assessment.storage import suggesting
from assessment.storage.session import Session
from assessment.storage.suggesting import State as Decision
from assessment.storage.suggesting import Suggested
from assessment.storage.tables import Assessment
from assessment.web.asking_pages import AskView, SuggestedView, SuggestionView
from assessment.web.showing import answer_says
from assessment.web.site import site

SUBJECT = "A few questions from “{check}”"
MOVED = "This was decided already, or they have changed their answer meanwhile. Please look once more."
LETTER = (
    "Hello,\n\nI am answering the questions of “{check}”, and was not sure about some. Could you answer what you know? "
    "It takes a few minutes and needs no account:\n\n{address}\n\nThe link works until {until}. Thank you."
)


@dataclass(frozen=True, slots=True)
class Asker:
    """An owner's place: the assessment, what they said of each question in words, and what they left open.

    `token` is that of the report, from which the links for others are derived; `path` where the owner is.
    """

    assessment: Assessment
    questionnaire: Questionnaire
    said: Mapping[str, str]
    unsure: tuple[str, ...]
    unanswered: tuple[str, ...]
    token: str
    path: str


def while_answering(assessment: Assessment, route: Route, token: str, path: str) -> Asker:
    """An owner who is still answering."""
    given = route.answers
    return Asker(
        assessment=assessment,
        questionnaire=route.questionnaire,
        said={question.id: answer_says(question, given.get(question.id)) for question in route.steps},
        unsure=tuple(question.id for question in route.steps if given.get(question.id) == NOT_SURE),
        unanswered=tuple(question.id for question in route.open_steps),
        token=token,
        path=path,
    )


def from_report(assessment: Assessment, questionnaire: Questionnaire, outcome: Outcome, token: str) -> Asker:
    """An owner who has sent the answers in."""

    def left(state: State) -> tuple[str, ...]:
        return tuple(answer.question for answer in outcome.answers if answer.state == state)

    said = {answer.question: told(questionnaire.questions[answer.question], answer) for answer in outcome.answers}
    return Asker(
        assessment, questionnaire, said, left(State.NOT_SURE), left(State.UNANSWERED), token, path=f"/r/{token}"
    )


def ask_view(session: Session, asker: Asker) -> AskView | None:
    """The form that makes the link, or the link; nothing where there is nothing to ask."""
    link = suggesting.working_link(session, asker.assessment, site().now())
    if link is None and not (asker.unsure or asker.unanswered):
        return None
    check, helper = asker.questionnaire.title, asker.questionnaire.words.helper
    form = AskView(f"{asker.path}/ask", f"{asker.path}/ask/stop", len(asker.unsure), len(asker.unanswered), helper)
    if link is None:
        return form
    token, until = suggesting.token_for(asker.token, link.number), day(link.expires_at)
    address = f"{site().settings.base_url}/a/{token}" if suggesting.opens(link, token) else ""
    letter = LETTER.format(check=check, address=address, until=until)
    letter += f"\n\n{link.named}" if link.named else ""
    subject, body = quote(SUBJECT.format(check=check)), quote(letter.replace("\n", "\r\n"))
    return AskView(
        action=form.action,
        stop=form.stop,
        unsure=form.unsure,
        unanswered=form.unanswered,
        helper=helper,
        address=address,
        elsewhere=not address,
        until=until,
        named=link.named,
        letter=letter,
        mail=f"mailto:?subject={subject}&body={body}",
    )


def day(at: datetime) -> str:
    """A day in words: 3 May 2026."""
    return f"{at.day} {at:%B %Y}"


def suggested_view(session: Session, asker: Asker) -> SuggestedView | None:
    """What came back, for the owner to decide on; nothing where nothing did."""
    found = suggesting.asked(session, asker.assessment)
    waiting, chosen, left = (
        tuple(_suggestions(asker, found, state)) for state in (Decision.SUGGESTED, Decision.CHOSEN, Decision.LEFT)
    )
    return SuggestedView(waiting, chosen, left, f"{asker.path}/suggestions") if waiting or chosen or left else None


def _suggestions(asker: Asker, found: Mapping[str, Suggested], state: Decision) -> Iterator[SuggestionView]:
    for question_id, yours in asker.said.items():
        one = found.get(question_id)
        if one is None or one.state is not state or one.answer is None:
            continue
        question = asker.questionnaire.questions[question_id]
        yield SuggestionView(
            id=question_id.replace(".", "-"),
            ask=question.ask,
            yours=yours,
            theirs=answer_says(question, one.answer),
            note=one.note,
            stamp=one.stamp,
            action=f"{asker.path}/suggestions/{question_id}",
        )
