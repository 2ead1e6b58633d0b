"""The pages where staff keep what they saw of an answer: verified, or corrected, beside what the owner said."""

from flask import Blueprint, abort, flash, request, url_for

from assessment.engine.answers import Answer, BadAnswer, parse_answer
from assessment.engine.questions import Kind, Question
from assessment.storage import assessments, work
from assessment.storage.session import Session
from assessment.storage.work import ReviewKind, Seen
from assessment.web.console.assessments.pages import AnswersPage
from assessment.web.console.assessments.reviewing import Refused, answers_page
from assessment.web.console.assessments.sitting import opened
from assessment.web.console.assessments.work import find, note_down
from assessment.web.console.drawing import draw
from assessment.web.console.person import member
from assessment.web.console.settings.forms import visible
from assessment.web.site import Page, see, site

blueprint = Blueprint("reviews", __name__)

LONGEST = 500


class BadReview(ValueError):
    """What was sent cannot be kept; the message says why and what to do."""


@blueprint.get("/<slug>/assessments/<reference>/answers")
def answers(slug: str, reference: str) -> Page:
    """Every answer, and what staff saw of it."""
    with site().database.reading() as session:
        return draw("console/answers.html", _page(session, slug, reference))


@blueprint.post("/<slug>/assessments/<reference>/answers/<question>")
def review(slug: str, reference: str, question: str) -> Page:
    """Keep what staff saw of one answer; the owner's own stays as it is."""
    kind, how = request.form.get("kind", ""), visible(request.form.get("how", "")).strip()
    picked = tuple(value for value in request.form.getlist("answer") if value)
    with site().database.writing() as session:
        _, assessment = find(session, slug, reference)
        asked = site().questionnaire_of(session, assessment).questions.get(question) or abort(404)
        given = assessments.answers_of(session, assessment).get(question)
        try:
            seen = Seen(*_seen(asked, given, kind, picked, how), member().person.staff_id, site().now(), how)
        except (BadAnswer, BadReview) as error:
            refused = Refused(question, picked, how, (str(error),))
            return draw("console/answers.html", _page(session, slug, reference, refused), 422)
        work.review(session, assessment, question, seen)
        note_down(session, f"look at {asked.code or 'an answer'} again", assessment)
    flash("Saved. The owner’s own answer stays as it is.")
    return see(f"{url_for('reviews.answers', slug=slug, reference=reference)}#{question.replace('.', '-')}")


def _seen(
    question: Question, given: Answer | None, kind: str, picked: tuple[str, ...], how: str
) -> tuple[ReviewKind, Answer | None]:
    """Which kind of look it was, and the answer where it is another one. Raises BadAnswer, BadReview."""
    if len(how) > LONGEST:
        raise BadReview(f"How you know it may have at most {LONGEST} characters. The rest fits into a note.")
    if kind == ReviewKind.VERIFIED and given is not None:
        return ReviewKind.VERIFIED, None
    if kind != ReviewKind.CORRECTED:
        raise BadReview("Say whether the answer is right, or another one.")
    if not picked:
        raise BadReview("Choose the answer that is right.")
    several = question.kind is Kind.MULTIPLE and (len(picked) > 1 or _is_option(question, picked[0]))
    answer = parse_answer(question, list(picked) if several else picked[0])
    if answer == given:
        raise BadReview("That is what the owner said. Choose “It is right” instead.")
    return ReviewKind.CORRECTED, answer


def _is_option(question: Question, raw: str) -> bool:
    return raw in {option.id for option in question.options}


@blueprint.post("/<slug>/assessments/<reference>/answers/<question>/undo")
def undo(slug: str, reference: str, question: str) -> Page:
    """Forget that staff looked at an answer."""
    with site().database.writing() as session:
        _, assessment = find(session, slug, reference)
        if not work.unreview(session, assessment, question):
            abort(404)
        note_down(session, "take a look at an answer back", assessment)
    flash("Taken back. The owner’s own answer counts.")
    return see(f"{url_for('reviews.answers', slug=slug, reference=reference)}#{question.replace('.', '-')}")


def _page(session: Session, slug: str, reference: str, refused: Refused | None = None) -> AnswersPage:
    tenant, assessment = find(session, slug, reference)
    found = opened(session, tenant, reference)
    return answers_page(session, tenant, assessment, found.questionnaire, found.outcome, refused)
