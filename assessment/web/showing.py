"""Puts together what the pages of the questionnaire are given, from a route and the answers so far."""

from typing import Any

from assessment.engine.answers import Answer
from assessment.engine.findings import judge, noted
from assessment.engine.flow import Route, walk
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, PROFILE, Depth, Kind, Question
from assessment.reports.words import DEPTHS
from assessment.storage.tables import Assessment, Tenant
from assessment.tenancy.origins import names_host
from assessment.web.forms import AnswerForm, DepthForm
from assessment.web.pages import (
    CheckPage,
    CheckRow,
    DepthChoice,
    Framed,
    MessagePage,
    OptionChoice,
    QuestionPage,
    StartPage,
)
from assessment.web.site import Site
from assessment.web.source import Source, source_of, where

DEPTH_SAYS = {
    Depth.QUICK: "The few things that matter most. A first picture.",
    Depth.STANDARD: "Everything that can hold a score back. Right for most firms.",
    Depth.FULL: "Every question, for the most exact plan.",
}
SUGGESTED = Depth.STANDARD
PART_ABOUT_FIRM = "About your business"


def start_page(site: Site, tenant: Tenant, questionnaire: Questionnaire, source: Source) -> StartPage:
    """The first page, with the depths to choose from and, hidden in its form, where the visitor came from."""
    fixed = tenant.profile.depth
    return StartPage(
        frame=site.frame(questionnaire.title, tenant, framed(tenant, source, "start")),
        about=questionnaire.about,
        depths=depth_choices(questionnaire, tuple(Depth) if fixed == "choose" else (Depth(fixed),)),
        action=f"/q/{tenant.slug}/start",
        hidden=tuple(source.items()),
        gated=site.holds_back(tenant),
        test=tenant.profile.test,
        sample=f"/q/{tenant.slug}/sample",
    )


def paused_page(site: Site, tenant: Tenant, source: Source) -> MessagePage:
    """Instead of the first page while a tenant takes no answers."""
    says = (
        f"{tenant.name} is not taking new checks at the moment.",
        "If you have begun already, the link you kept still opens your answers and your report.",
        *((f"You can reach {tenant.name} here: {tenant.profile.contact}",) if tenant.profile.contact else ()),
    )
    return MessagePage(
        site.frame("This check is taking a break", tenant, framed(tenant, source, "start")), 200, says, ()
    )


def chosen_depth(tenant: Tenant, form: DepthForm) -> Depth | None:
    """The depth a visitor begins at: the tenant's own, else the one they chose; None where they chose none."""
    if tenant.profile.depth != "choose":
        return Depth(tenant.profile.depth)
    return Depth(form.depth.data) if form.validate() else None


def framed(tenant: Tenant, source: Source, kind: str, **more: Any) -> Framed | None:
    """What a page inside another website's frame may tell it; None for a page that is in no frame."""
    if "embed" not in source:
        return None
    host = source.get("host", "")
    known = host if names_host(tenant.profile.origins, host) else ""
    first = f"/q/{tenant.slug}"
    alone = "" if source["embed"] == "plain" else first  # that snippet brings a link of its own
    return Framed(kind=kind, host=known, alone=alone, home=f"{first}{where(source)}", **more)


def depth_choices(questionnaire: Questionnaire, depths: tuple[Depth, ...]) -> tuple[DepthChoice, ...]:
    """Depths to offer, with about how long they take and how much they ask; of those that ask the same, the deepest."""
    asked = {depth: tuple(step.id for step in walk(questionnaire, {}, depth).steps) for depth in depths}
    offered = {steps: depth for depth, steps in asked.items()}
    return tuple(
        DepthChoice(
            id=depth,
            name=DEPTHS[depth],
            minutes=questionnaire.minutes[depth],
            questions=len(steps),
            says=DEPTH_SAYS[depth],
            suggested=SUGGESTED in asked and steps == asked[SUGGESTED],
        )
        for steps, depth in offered.items()
    )


def question_page(
    site: Site, assessment: Assessment, token: str, route: Route, question: Question, form: AnswerForm | None = None
) -> QuestionPage:
    """One question, with the answer given earlier, or what was just posted and is wrong."""
    given = route.answers.get(question.id)
    before = route.before(question.id)
    options = tuple(OptionChoice(o.id, o.says, _chosen(given, o.id), o.exclusive) for o in question.options)
    number = route.place(question.id) or 1
    tenant, source = assessment.tenant, source_of(assessment)
    around = framed(tenant, source, "question", place=f"/t/{token}", step=number, of=len(route.steps))
    return QuestionPage(
        frame=site.frame(question.ask, tenant, around),
        id=question.id,
        kind=question.kind,
        part=part_name(route.questionnaire, question),
        ask=question.ask,
        help=question.help or "",
        options=options,
        extras=tuple(_extras(question, given)),
        typed=_typed(question, given, form),
        unit=question.unit or "",
        keep=given if isinstance(given, str) and question.kind is Kind.SINGLE else "",
        errors=form.problems if form is not None else (),
        number=number,
        of=len(route.steps),
        action=f"/t/{token}/{question.id}",
        back=f"/t/{token}/{before.id}" if before else "",
        check=f"/t/{token}/check" if any(step.id in route.answers for step in route.steps) else "",
        resume=f"{site.settings.base_url}/t/{token}",
    )


def _chosen(given: Answer | None, option: str) -> bool:
    return option in given if isinstance(given, frozenset) else option == given


def _extras(question: Question, given: Answer | None) -> list[OptionChoice]:
    extras = []
    if question.offers_not_sure:
        extras.append(OptionChoice(NOT_SURE, question.not_sure_says, given == NOT_SURE))
    if question.does_not_apply is not None:
        extras.append(OptionChoice(DOES_NOT_APPLY, question.does_not_apply.says, given == DOES_NOT_APPLY))
    return extras


def _typed(question: Question, given: Answer | None, form: AnswerForm | None) -> str:
    if question.kind in (Kind.SINGLE, Kind.MULTIPLE):
        return ""
    if form is not None:
        return str(form.answer.data or "")[:2000]
    return "" if given is None or given in (NOT_SURE, DOES_NOT_APPLY) else str(given)


def part_name(questionnaire: Questionnaire, question: Question) -> str:
    """The part of the questionnaire a question stands in."""
    return PART_ABOUT_FIRM if question.bank == PROFILE else questionnaire.bank_by_id[question.bank].title


def check_page(site: Site, assessment: Assessment, token: str, route: Route, notice: str = "") -> CheckPage:
    """Every answer once more, grouped by part; what is open; what does not fit together."""
    groups: dict[str, list[CheckRow]] = {}
    for question in route.steps:
        change = f"/t/{token}/{question.id}"
        given = route.answers.get(question.id)
        row = CheckRow(question.ask, answer_says(question, given), change, given is None)
        groups.setdefault(part_name(route.questionnaire, question), []).append(row)
    first_open = route.open_steps[0] if route.open_steps else None
    around = framed(assessment.tenant, source_of(assessment), "check", place=f"/t/{token}")
    return CheckPage(
        frame=site.frame("Check your answers", assessment.tenant, around),
        groups=tuple((title, tuple(rows)) for title, rows in groups.items()),
        open=len(route.open_steps),
        first_open=f"/t/{token}/{first_open.id}" if first_open else "",
        notice=notice,
        contradictions=tuple(_contradictions(token, route)),
        action=f"/t/{token}/submit",
        resume=f"{site.settings.base_url}/t/{token}",
    )


def answer_says(question: Question, given: Answer | None) -> str:
    """An answer in the words it was offered in."""
    if given is None:
        return "Not answered yet"
    if given == NOT_SURE:
        return question.not_sure_says
    if given == DOES_NOT_APPLY and question.does_not_apply:
        return question.does_not_apply.says
    if isinstance(given, frozenset):
        return "; ".join(option.says for option in question.options if option.id in given)
    if question.kind is Kind.SINGLE:
        return question.option(str(given)).says
    return f"{given} {question.unit or ''}".strip()


def _contradictions(token: str, route: Route) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    found, _ = noted(route, judge(route, 0))
    questions = route.questionnaire.questions
    shown = []
    for rule in (route.questionnaire.all_rules[rule_id] for rule_id in found):
        links = tuple((questions[ref].short, f"/t/{token}/{ref}") for ref in rule.when.questions if ref in questions)
        shown.append((rule.contradiction or "", links))
    return shown
