"""The owner's side of asking somebody who knows: make and stop the link, and take or leave what came back by it."""

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from assessment.engine.answers import Answer
from assessment.engine.flow import walk
from assessment.engine.questions import Depth
from assessment.engine.result import Outcome
from assessment.storage import assessments, counting, leads, suggesting
from assessment.storage.assessments import LinkKind
from assessment.storage.session import Session
from assessment.storage.suggesting import State
from assessment.storage.tables import Link
from assessment.web import framing, limiting
from assessment.web.helping import Asker, from_report, while_answering
from assessment.web.reading import find
from assessment.web.site import Page, see, site

blueprint = Blueprint("asking", __name__)

LONGEST_NAME = 80


@blueprint.post("/t/<token>/ask")
def ask_now(token: str) -> Page:
    """While answering: make the link, or ask about more by the one that works."""
    with site().database.writing() as session:
        link = _answering(session, token)
        if link.assessment.submitted_at is not None:
            return _closed(token)
        _ask(session, link, _asker(session, link, token))
    return see(f"/t/{token}/check#ask")


@blueprint.post("/r/<token>/ask")
def ask(token: str) -> Page:
    """The same from the report."""
    with site().database.writing() as session:
        link = _owned(session, token)
        _ask(session, link, _reporter(session, link, token))
    return see(f"/r/{token}#ask")


@blueprint.post("/t/<token>/ask/stop")
def stop_now(token: str) -> Page:
    """While answering: make the link open nothing any more."""
    with site().database.writing() as session:
        link = _answering(session, token)
        suggesting.stop(session, link.assessment, site().now())
    return see(f"/t/{token}/check#ask") if link.assessment.submitted_at is None else _closed(token)


@blueprint.post("/r/<token>/ask/stop")
def stop(token: str) -> Page:
    """The same from the report."""
    with site().database.writing() as session:
        suggesting.stop(session, _owned(session, token).assessment, site().now())
    return see(f"/r/{token}#ask")


@blueprint.post("/t/<token>/suggestions/<question_id>")
def decide_now(token: str, question_id: str) -> Page:
    """While answering: take what was suggested as the answer, or leave one's own."""
    with site().database.writing() as session:
        link = _answering(session, token)
        if link.assessment.submitted_at is not None:
            return _closed(token)
        found = _decided(session, link, question_id, State.USED)
        if found is State.USED:
            answer = _suggested(session, link, question_id)
            assessments.record(session, link.assessment, question_id, answer, site().now())
    return see(f"/t/{token}/check?notice={found or 'moved'}")


@blueprint.post("/r/<token>/suggestions/<question_id>")
def decide(token: str, question_id: str) -> Page:
    """From the report, whose answers never change: choose it for the next check, or leave one's own."""
    with site().database.writing() as session:
        found = _decided(session, _owned(session, token), question_id, State.CHOSEN)
    return see(f"/r/{token}?notice={found}#suggestions" if found else f"/r/{token}?notice=moved")


@blueprint.post("/r/<token>/suggestions")
def take_over(token: str) -> Page:
    """A new assessment with the same answers, but for those the owner has chosen to use."""
    with site().database.writing() as session:
        link = _owned(session, token)
        before = link.assessment
        chosen = suggesting.use_chosen(session, before)
        if not chosen:
            return see(f"/r/{token}?notice=moved")
        if not limiting.allows(session, "start", site().settings.starts_per_hour):
            abort(429)
        now, named = site().now(), leads.proven(session, link)
        write_token = assessments.go_deeper(session, before, Depth(before.depth), now, site().open_for, named, chosen)
        counting.begun(session, before.tenant, before.came_from, now)
    return see(f"/t/{write_token}")


def _answering(session: Session, token: str) -> Link:
    """The link of somebody who answers; 404 where it opens nothing, or where staff sit with them."""
    link = assessments.link_by_token(session, token, LinkKind.WRITE, site().now(), lock=True) or abort(404)
    framing.allow(link.assessment.tenant)
    return link if link.assessment.led_by_id is None else abort(404)


def _owned(session: Session, token: str) -> Link:
    """The link of a report's owner; 404 where staff may hold it."""
    link = find(session, token, lock=True)
    return link if not leads.with_staff(session, link) else abort(404)


def _closed(token: str) -> Response:
    return see(f"/r/{assessments.report_token(token)}?notice=closed")


def _asker(session: Session, link: Link, token: str) -> Asker:
    assessment = link.assessment
    answers = assessments.answers_of(session, assessment)
    route = walk(site().questionnaire_of(session, assessment), answers, Depth(assessment.depth))
    return while_answering(assessment, route, assessments.report_token(token), f"/t/{token}")


def _reporter(session: Session, link: Link, token: str) -> Asker:
    outcome = Outcome.model_validate_json(link.assessment.outcome or "")
    return from_report(link.assessment, site().questionnaire_of(session, link.assessment), outcome, token)


def _ask(session: Session, link: Link, asker: Asker) -> None:
    """Ask about what the owner is not sure of and, if they want that or there is nothing else, what is unanswered."""
    more = asker.unanswered if request.form.get("unanswered") or not asker.unsure else ()
    questions = (*asker.unsure, *more)
    if not questions:
        return
    if not limiting.allows(session, "ask", site().settings.contacts_per_hour):
        abort(429)
    named = plain(request.form.get("named", "")).replace("\n", " ")[:LONGEST_NAME].strip()
    suggesting.ask(session, link, asker.token, questions, named, site().now())


def plain(text: str) -> str:
    """What somebody typed, without what cannot be seen or stored."""
    return "".join(letter for letter in text.replace("\r\n", "\n") if letter == "\n" or letter.isprintable()).strip()


def _decided(session: Session, link: Link, question_id: str, use: State) -> State | None:
    """Keep what the owner decided; None where it was decided before, or they have not seen what is suggested now."""
    state = {"use": use, "leave": State.LEFT}.get(request.form.get("do", "")) or abort(400)
    if question_id not in suggesting.asked(session, link.assessment):
        abort(404)
    stamp = request.form.get("stamp", "")
    return state if suggesting.decide(session, link.assessment, question_id, stamp, state, site().now()) else None


def _suggested(session: Session, link: Link, question_id: str) -> Answer:
    answer = suggesting.asked(session, link.assessment)[question_id].answer
    assert answer is not None
    return answer
