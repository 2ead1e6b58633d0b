"""A whole questionnaire in plain words: every question with its points and weight, every rule, every recommendation."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from assessment.engine.advice import Caps, Recommendation, Rule
from assessment.engine.conditions import Condition
from assessment.engine.questionnaire import Bank, Questionnaire
from assessment.engine.questions import Depth, Question
from assessment.reports.open_measures import OpenMeasure, open_measures
from assessment.reports.words import COSTS, DEPTHS, HORIZONS, doer, hours, joined, points, with_stop

STATUS = {"read": "read by us", "read-2nd": "read as quoted by others", "unread": "not read, and never printed"}


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One question: `facts` are sentences about when it is asked and how it counts."""

    id: str
    code: str
    ask: str
    help: str
    weight: str
    options: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenRule:
    """One rule: when it holds, what it does, and what a report says because of it."""

    code: str
    severity: str
    when: str
    does: tuple[str, ...]
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenAdvice:
    """One recommendation: what to do and how, and when it is given."""

    code: str
    do: str
    why: str
    steps: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenBank:
    """Everything of one topic."""

    id: str
    title: str
    about: str
    weight: str
    questions: tuple[OpenQuestion, ...]
    rules: tuple[OpenRule, ...]
    advice: tuple[OpenAdvice, ...]


@dataclass(frozen=True, slots=True)
class OpenBook:
    """A questionnaire laid open; `sources` are text, link, and how far it was checked."""

    title: str
    about: str
    minutes: tuple[str, ...]
    profile: tuple[OpenQuestion, ...]
    banks: tuple[OpenBank, ...]
    rules: tuple[OpenRule, ...]
    measures: tuple[OpenMeasure, ...]
    bands: tuple[tuple[str, str, str], ...]
    sources: tuple[tuple[str, str, str], ...]


def lay_open(questionnaire: Questionnaire) -> OpenBook:
    """All that is asked, how it counts, and what follows from it."""
    tops = [band.at_least for band in questionnaire.bands[1:]]
    ends = [*(top - 1 for top in tops), 100]
    return OpenBook(
        title=questionnaire.title,
        about=questionnaire.about,
        minutes=tuple(f"{DEPTHS[depth]}: about {questionnaire.minutes[depth]} minutes" for depth in Depth),
        profile=tuple(_question(questionnaire, one) for one in questionnaire.profile),
        banks=tuple(_bank(questionnaire, bank) for bank in questionnaire.banks),
        rules=tuple(_rule(questionnaire, rule) for rule in questionnaire.rules),
        measures=tuple(open_measures(questionnaire, partial(_words, questionnaire))),
        bands=tuple(
            (band.name, f"{band.at_least} to {end}", band.verdict)
            for band, end in zip(questionnaire.bands, ends, strict=True)
        ),
        sources=tuple(
            (f"{one.figure} {one.publisher}, {one.title} ({one.year}).", one.link, STATUS[one.status])
            for one in questionnaire.figures
        ),
    )


def _bank(questionnaire: Questionnaire, bank: Bank) -> OpenBank:
    whole = sum(one.weight for one in questionnaire.banks)
    return OpenBank(
        id=bank.id,
        title=bank.title,
        about=bank.about,
        weight=f"Weight {bank.weight} of {whole}" if bank.weight else "Shown, but not part of the score",
        questions=tuple(_question(questionnaire, one) for one in bank.questions),
        rules=tuple(_rule(questionnaire, one) for one in bank.rules),
        advice=tuple(_advice(questionnaire, one) for one in bank.recommendations),
    )


def _question(questionnaire: Questionnaire, question: Question) -> OpenQuestion:
    offered = [(one.says, "" if one.points is None else points(one.points)) for one in question.options]
    if question.not_sure is not None:
        offered.append((question.not_sure_says, points(question.not_sure) if question.scored else ""))
    if question.does_not_apply is not None:
        offered.append((question.does_not_apply.says, "is left out of the score"))
    return OpenQuestion(
        id=question.id.replace(".", "-"),
        code=question.code or "",
        ask=question.ask,
        help=question.help or "",
        weight=f"Weight {question.weight}" if question.scored else "Not scored",
        options=tuple(offered),
        facts=tuple(_facts(questionnaire, question)),
    )


def _facts(questionnaire: Questionnaire, question: Question) -> Iterator[str]:
    if question.why_weight is not None:
        figure = questionnaire.figure_by_id.get(question.why_weight.source or "")
        source = f" Source: {figure.publisher}, {figure.year}." if figure else ""
        yield f"Why this weight: {with_stop(question.why_weight.says)}{source}"
    depths = [DEPTHS[depth].lower() for depth in Depth if question.asked_at(depth)]
    where = "every check" if len(depths) == len(Depth) else f"the {joined(depths)}"
    only = f", if {_words(questionnaire, question.when)}" if question.when else ""
    yield f"Asked in {where}{only}."
    if question.settled is not None:
        option = questionnaire.name_option(question.id, question.settled.as_)
        when = _words(questionnaire, question.settled.when)
        yield f"Not asked, and counted as “{option}”, if {when}."
    if question.does_not_apply is not None and question.does_not_apply.when is not None:
        when = _words(questionnaire, question.does_not_apply.when)
        yield f"“{question.does_not_apply.says}” is offered if {when}."


@dataclass(frozen=True, slots=True)
class Quoting:
    """Names questions in quotes, so that their names stand apart from the sentence around them."""

    of: Questionnaire

    def name_question(self, question: str) -> str:
        return f"“{self.of.name_question(question)}”"

    def name_option(self, question: str, option: str) -> str:
        return self.of.name_option(question, option)

    def name_fact(self, fact: str) -> str:
        return self.of.name_fact(fact)


def _words(questionnaire: Questionnaire, condition: Condition) -> str:
    return condition.words(Quoting(questionnaire))


def _rule(questionnaire: Questionnaire, rule: Rule) -> OpenRule:
    says = (rule.finding, rule.because, rule.contradiction)
    story = (f"{rule.story.title}: {rule.story.says}",) if rule.story else ()
    return OpenRule(
        code=rule.code,
        severity=str(rule.severity),
        when=f"If {_words(questionnaire, rule.when)}.",
        does=tuple(_effects(questionnaire, rule)),
        says=(*filter(None, says), *story),
    )


def _effects(questionnaire: Questionnaire, rule: Rule) -> Iterator[str]:
    yield from _caps(questionnaire, rule.caps)
    if rule.contradiction:
        yield "Whoever answers so is asked, before the report, whether both can be right."
    for name in rule.recommends:
        yield f"Puts first: {with_stop(questionnaire.recommendations[name].do)}"


def _caps(questionnaire: Questionnaire, caps: Caps) -> Iterator[str]:
    for bank, most in caps.banks.items():
        yield f"“{questionnaire.bank_by_id[bank].title}” cannot score more than {most}."
    if caps.overall is not None:
        yield f"The whole score cannot be more than {caps.overall}."
    if caps.band is not None:
        name = next(band.name for band in questionnaire.bands if band.id == caps.band)
        yield f"The result cannot be better than “{name}”."


def _advice(questionnaire: Questionnaire, advice: Recommendation) -> OpenAdvice:
    work = hours(advice.effort.owner, advice.effort.it, questionnaire.words.work)
    return OpenAdvice(
        code=advice.code,
        do=advice.do,
        why=advice.why,
        steps=advice.steps,
        facts=(
            _given(questionnaire, advice),
            f"{HORIZONS[advice.horizon]}. Who: {doer(advice.who, questionnaire.words)}. {COSTS[advice.cost]}. "
            f"About {work}, more where more people work.",
            f"Priority {advice.impact} of 100{_overrides(questionnaire, advice)}.",
        ),
    )


def _given(questionnaire: Questionnaire, advice: Recommendation) -> str:
    worse = " or ".join(
        f"“{questionnaire.name_question(question)}” is worse than “{questionnaire.name_option(question, option)}”"
        for question, option in advice.raises.items()
    )
    only = _words(questionnaire, advice.when) if advice.when else ""
    if not worse:
        return f"Given if {only}." if only else "Given when a rule asks for it."
    return f"Given if {worse}, as long as {only}." if only else f"Given if {worse}."


def _overrides(questionnaire: Questionnaire, advice: Recommendation) -> str:
    others = [
        f"{one.impact} if {_words(questionnaire, one.when)}" for one in advice.overrides if one.impact is not None
    ]
    return "".join(f"; {other}" for other in others)
