"""The side of whoever was asked: the questions, one a page, and nothing else of the assessment."""

from dataclasses import dataclass

from flask import Blueprint, abort, request
from werkzeug.datastructures import MultiDict

from assessment.engine.answers import Answer
from assessment.engine.flow import Route, walk
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, Depth, Kind, Question
from assessment.storage import assessments, suggesting
from assessment.storage.session import Session
from assessment.storage.suggesting import State, Suggested
from assessment.storage.tables import Link
from assessment.web import framing, limiting
from assessment.web.asked_pages import AskedPage, AskedQuestionPage, AskedRow
from assessment.web.asking import plain
from assessment.web.forms import answer_form
from assessment.web.helping import day
from assessment.web.pages import MessagePage, OptionChoice
from assessment.web.showing import answer_says, part_name
from assessment.web.site import Page, render, see, site

blueprint = Blueprint("suggesting", __name__)

LONGEST_NOTE = 500
SAVES_PER_HOUR = 300
TITLE = "Can you answer these questions?"
OVER = "This link no longer works"
STOPPED = "Whoever asked you has stopped this link. What you sent before has reached them."
EXPIRED = "Its time is up. What you sent before has reached them."
ASK_AGAIN = "If they still need your answers, ask them for a new link."
CHOOSE = "Choose an answer, or skip this question."
TOO_LONG = f"Keep the note to {LONGEST_NOTE} characters."
NOTICES = {
    "thanks": "Thank you. Your answers are with whoever asked you. You can change them until they decide on them.",
    "settled": "This question is settled by now, so your answer was not needed. Thank you all the same.",
}


@dataclass(frozen=True, slots=True)
class Helping:
    """An opened link: what it lists, in the order it is asked."""

    link: Link
    route: Route
    asked: dict[str, Suggested]
    token: str

    def open(self, question: str) -> bool:
        """Whether something may still be said of it."""
        one = self.asked[question]
        waits = self.route.answers.get(question) in (None, NOT_SURE)
        return one.state is State.SUGGESTED or (one.state is State.ASKED and waits)

    def next(self, question: str) -> str:
        """The address of the next one without an answer after this one, else of the first, else of the list."""
        ids = list(self.asked)
        place = ids.index(question) + 1
        waiting = [one for one in ids[place:] + ids[: place - 1] if self.open(one) and self.asked[one].answer is None]
        return f"/a/{self.token}/{waiting[0]}" if waiting else f"/a/{self.token}?notice=thanks"


@blueprint.get("/a/<token>")
def listed(token: str) -> Page:
    """What was asked, and what was said of it so far."""
    with site().database.reading() as session:
        found = _open(session, token)
        if isinstance(found, Link):
            return _over(found)
        rows = tuple(_row(found, question) for question in found.asked)
        waiting = next((row.address for row in rows if row.address and not row.says), "")
        return render(
            "asked/list.html",
            AskedPage(
                frame=site().frame(TITLE, found.link.assessment.tenant),
                named=found.link.named,
                until=day(found.link.expires_at),
                rows=rows,
                first=waiting,
                notice=NOTICES.get(request.args.get("notice", ""), ""),
            ),
        )


@blueprint.get("/a/<token>/<question_id>")
def question(token: str, question_id: str) -> Page:
    """One question, with what was said of it before."""
    with site().database.reading() as session:
        found = _open(session, token)
        if isinstance(found, Link):
            return _over(found)
        asked = _asked(found, question_id)
        return _draw(found, asked) if found.open(question_id) else see(f"/a/{token}?notice=settled")


@blueprint.post("/a/<token>/<question_id>")
def suggest(token: str, question_id: str) -> Page:
    """Keep one answer with its note, then on to the next; a wrong one is shown again with what is wrong."""
    posted = request.form  # all of it, before others have to wait: somebody may send it a byte a minute
    with site().database.writing() as session:
        found = _open(session, token, lock=True)
        if isinstance(found, Link):
            return _over(found)
        asked, note = _asked(found, question_id), plain(posted.get("note", ""))
        given, wrong = _read(asked, posted, note)
        if not found.open(question_id):
            return see(f"/a/{token}?notice=settled")
        if given is None:
            return _draw(found, asked, posted, wrong)
        if not limiting.allows(session, "suggest", SAVES_PER_HOUR):
            abort(429)
        suggesting.suggest(session, found.link.assessment, question_id, given, note, site().now())
    return see(found.next(question_id))


def _open(session: Session, token: str, lock: bool = False) -> Helping | Link:
    """What a link lists; the link alone where it is stopped or has run out; 404 where there is none."""
    link = suggesting.link_of(session, token, lock) or abort(404)
    assessment = link.assessment
    framing.allow(assessment.tenant)
    if link.revoked_at is not None or link.expires_at <= site().now():
        return link
    answers = assessments.answers_of(session, assessment)
    route = walk(site().questionnaire_of(session, assessment), answers, Depth(assessment.depth))
    found = suggesting.asked(session, assessment)
    return Helping(link, route, {step.id: found[step.id] for step in route.steps if step.id in found}, token)


def _over(link: Link) -> Page:
    says = (STOPPED if link.revoked_at is not None else EXPIRED, ASK_AGAIN)
    return render("errors/message.html", MessagePage(site().frame(OVER, link.assessment.tenant), 410, says, ()), 410)


def _asked(found: Helping, question_id: str) -> Question:
    """A question of the list; 404 for any other, so that nobody learns of more than they were asked."""
    return found.route.questionnaire.questions[question_id] if question_id in found.asked else abort(404)


def _read(asked: Question, posted: MultiDict[str, str], note: str) -> tuple[Answer | None, tuple[str, ...]]:
    """What was said, or what is wrong with it; “not sure” is what the owner said already."""
    form = answer_form(asked, posted)
    if not any(value.strip() for value in posted.getlist("answer")) or posted.get("answer") == NOT_SURE:
        return None, (CHOOSE,)
    wrong = () if form.validate() else form.problems
    wrong = wrong if len(note) <= LONGEST_NOTE else (*wrong, TOO_LONG)
    return (None, wrong) if wrong else (form.given, ())


def _row(found: Helping, question: str) -> AskedRow:
    asked, one = found.route.questionnaire.questions[question], found.asked[question]
    says = answer_says(asked, one.answer) if one.answer is not None else ""
    address = f"/a/{found.token}/{question}" if found.open(question) else ""
    return AskedRow(part_name(found.route.questionnaire, asked), asked.ask, says, one.note, address)


def _draw(
    found: Helping, asked: Question, posted: MultiDict[str, str] | None = None, wrong: tuple[str, ...] = ()
) -> Page:
    one = found.asked[asked.id]
    said = _values(one.answer) if posted is None else posted.getlist("answer")
    ids = list(found.asked)
    page = AskedQuestionPage(
        frame=site().frame(asked.ask, found.link.assessment.tenant),
        kind=asked.kind,
        part=part_name(found.route.questionnaire, asked),
        ask=asked.ask,
        help=asked.help or "",
        options=tuple(_choices(asked, said)),
        typed=(said[0] if said else "")[:2000] if asked.kind in (Kind.NUMBER, Kind.TEXT) else "",
        unit=asked.unit or "",
        note=one.note if posted is None else posted.get("note", "")[: 4 * LONGEST_NOTE],
        longest=LONGEST_NOTE,
        errors=wrong,
        number=ids.index(asked.id) + 1,
        of=len(ids),
        action=f"/a/{found.token}/{asked.id}",
        skip=found.next(asked.id).partition("?")[0],
        back=f"/a/{found.token}",
    )
    return render("asked/question.html", page, 422 if wrong else 200)


def _values(answer: Answer | None) -> list[str]:
    return sorted(answer) if isinstance(answer, frozenset) else [] if answer is None else [str(answer)]


def _choices(asked: Question, said: list[str]) -> list[OptionChoice]:
    offered = [OptionChoice(one.id, one.says, one.id in said, one.exclusive) for one in asked.options]
    if asked.does_not_apply is not None and offered:
        offered.append(OptionChoice(DOES_NOT_APPLY, asked.does_not_apply.says, DOES_NOT_APPLY in said, True))
    return offered
