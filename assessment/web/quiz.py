"""The owner's way through: start, one question a page, check answers, submit. No cookie, no session, 303 after POST."""

from dataclasses import dataclass, replace
from functools import cached_property

from flask import Blueprint, abort, request

from assessment.engine.answers import Answers
from assessment.engine.flow import Route, walk
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth, Question
from assessment.storage import assessments, carrying, counting, tenants
from assessment.storage.assessments import LinkKind
from assessment.storage.session import Session
from assessment.storage.tables import Assessment, Tenant
from assessment.web import framing, limiting, sending, visits
from assessment.web.forms import AnswerForm, DepthForm, answer_form
from assessment.web.helping import MOVED, ask_view, suggested_view, while_answering
from assessment.web.last_time import beside_question, on_check_page
from assessment.web.pages import CheckPage, QuestionPage
from assessment.web.showing import check_page, chosen_depth, paused_page, question_page, start_page
from assessment.web.site import Page, render, see, site
from assessment.web.source import read_source, source_of

blueprint = Blueprint("quiz", __name__)

NOTICES = {
    "nothing-scored": "There is nothing to score yet. Answer at least one question beyond those about your business.",
    "used": "What they said is your answer now. You can still change it.",
    "left": "Your answer stays as it was.",
    "moved": MOVED,
}


@dataclass(frozen=True)
class Sitting:
    """An assessment that is being answered, with its questionnaire version and its route so far."""

    assessment: Assessment
    questionnaire: Questionnaire
    answers: Answers

    @cached_property
    def route(self) -> Route:
        """The way these answers lead; worked out where it is needed, as that is much of what a page takes."""
        return walk(self.questionnaire, self.answers, Depth(self.assessment.depth))


@blueprint.get("/")
def home() -> Page:
    """The default tenant's start page."""
    return see(f"/q/{site().settings.tenant}")


@blueprint.get("/q/<slug>")
def start(slug: str) -> Page:
    """The first page: reads one row, writes none; that it was seen is counted in memory."""
    with site().database.reading() as session:
        tenant = _tenant(session, slug)
        if tenant.profile.state == "paused":
            return render("quiz/paused.html", paused_page(site(), tenant, read_source(tenant, request.args)))
        questionnaire, _ = site().taken_at(session, tenant)
        page = start_page(site(), tenant, questionnaire, read_source(tenant, request.args))
    return site().visits.count(tenant, render("quiz/start.html", page), site().database, site().now())


@blueprint.post("/q/<slug>/start")
def begin(slug: str) -> Page:
    """Open an assessment at the chosen depth, unless too many were begun from the same network in the last hour."""
    form = DepthForm(request.form)
    with site().visits.handed_over() as seen, site().database.writing() as session:
        visits.note(session, seen)
        tenant = _tenant(session, slug)
        depth = chosen_depth(tenant, form)
        if depth is None or tenant.profile.state == "paused":
            return see(f"/q/{slug}")
        if not limiting.allows(session, "start", site().settings.starts_per_hour):
            abort(429)
        questionnaire, version = site().taken_at(session, tenant)
        source = read_source(tenant, request.form)
        pin = (questionnaire.id, version)
        sitting, token = assessments.start(session, tenant, pin, depth, site().now(), site().open_for, source)
        counting.begun(session, tenant, sitting.came_from, sitting.created_at)
    return see(f"/t/{token}/{walk(questionnaire, {}, depth).steps[0].id}")


@blueprint.get("/t/<token>")
def resume(token: str) -> Page:
    """Carry on where the answers stop."""
    with site().database.reading() as session:
        sitting = _open(session, token)
    return see(_next(token, sitting.route) if sitting else _report(token))


@blueprint.get("/t/<token>/<question_id>")
def question(token: str, question_id: str) -> Page:
    """One question."""
    with site().database.reading() as session:
        sitting = _open(session, token)
        if sitting is None:
            return see(_report(token, "closed"))
        asked = sitting.questionnaire.questions.get(question_id) or abort(404)
        if sitting.route.place(question_id) is None:
            return see(_next(token, sitting.route))
        return render("quiz/question.html", _asking(session, sitting, token, asked))


@blueprint.post("/t/<token>/<question_id>")
def answer(token: str, question_id: str) -> Page:
    """Keep one answer, then on to the next open question; a wrong one is shown again with what is wrong."""
    posted = request.form  # all of it, before others have to wait: somebody may send it a byte a minute
    with site().database.writing() as session:
        sitting = _open(session, token, lock=True)
        if sitting is None:
            return see(_report(token, "closed"))
        asked = sitting.questionnaire.questions.get(question_id) or abort(404)
        form = answer_form(asked, posted)
        if not form.validate():
            return render("quiz/question.html", _asking(session, sitting, token, asked, form), 422)
        assessments.record(session, sitting.assessment, question_id, form.given, site().now())
    answered = replace(sitting, answers={**sitting.answers, question_id: form.given})
    return see(_next(token, answered.route, question_id))


@blueprint.get("/t/<token>/check")
def check(token: str) -> Page:
    """Every answer once more."""
    with site().database.reading() as session:
        sitting = _open(session, token)
        if sitting is None:
            return see(_report(token, "closed"))
        notice = NOTICES.get(request.args.get("notice", ""), "")
        return render("quiz/check.html", _checking(session, sitting, token, notice))


@blueprint.post("/t/<token>/submit")
def submit(token: str) -> Page:
    """Score the answers, close the assessment and tell whoever is to hear of it; a second time changes nothing.

    The scoring is done before the writing transaction, which others wait for; again in it where another tab answered.
    """
    with site().database.reading() as session:
        sitting = _open(session, token)
    if sitting is None:
        return see(_report(token))
    scored = sending.score(sitting.assessment, sitting.questionnaire, sitting.route)
    with site().database.writing() as session:
        found = _open(session, token, lock=True)
        if found is None:
            return see(_report(token))
        if found.answers != sitting.answers:
            scored = sending.score(found.assessment, found.questionnaire, found.route)
        if scored.outcome.overall is None:
            return see(f"/t/{token}/check?notice=nothing-scored")
        sending.submit(session, found.assessment, scored, token)
    site().wake()
    return see(_report(token, "done" if "embed" in source_of(sitting.assessment) else ""))


def _tenant(session: Session, slug: str) -> Tenant:
    tenant = tenants.by_slug(session, slug) or abort(404)
    framing.allow(tenant)
    return tenant


def _open(session: Session, token: str, lock: bool = False) -> Sitting | None:
    """The sitting a token answers, None once it is submitted; 404 for a token that opens nothing."""
    assessment = assessments.by_token(session, token, LinkKind.WRITE, site().now(), lock)
    if assessment is None:
        abort(404)
    framing.allow(assessment.tenant)
    if assessment.submitted_at is not None:
        return None
    questionnaire = site().questionnaire_of(session, assessment)
    return Sitting(assessment, questionnaire, assessments.answers_of(session, assessment))


def _asking(
    session: Session, sitting: Sitting, token: str, asked: Question, form: AnswerForm | None = None
) -> QuestionPage:
    """The page of a question; one without an answer shows what was said last time."""
    page = question_page(site(), sitting.assessment, token, sitting.route, asked, form)
    if asked.id in sitting.answers:
        return page
    return beside_question(page, asked, carrying.carried(session, sitting.assessment).get(asked.id))


def _checking(session: Session, sitting: Sitting, token: str, notice: str) -> CheckPage:
    """Every answer, what is left of last time, and what somebody else was asked."""
    page = check_page(site(), sitting.assessment, token, sitting.route, notice)
    page = on_check_page(page, sitting.route, carrying.carried(session, sitting.assessment), token)
    if sitting.assessment.led_by_id is not None:
        return page
    report = assessments.report_token(token)
    asker = while_answering(sitting.assessment, sitting.route, report, f"/t/{token}")
    return replace(page, suggested=suggested_view(session, asker), ask=ask_view(session, asker))


def _next(token: str, route: Route, after: str = "") -> str:
    """Where to go on: the next open question after this one, or the check page."""
    following = route.after(after)
    return f"/t/{token}/{following.id}" if following else f"/t/{token}/check"


def _report(token: str, notice: str = "") -> str:
    """The report of a submitted assessment, with what to say above it."""
    return f"/r/{assessments.report_token(token)}" + (f"?notice={notice}" if notice else "")
