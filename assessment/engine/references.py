"""Every condition and every reference of a questionnaire, with the part it stands in: what checks walk over."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from assessment.engine.conditions import Compare, Condition, Fact, Finding
from assessment.engine.measures import Deduction, Levels, Sum
from assessment.engine.questionnaire import Questionnaire


class Role(StrEnum):
    """What a condition decides."""

    ASKED = "whether a question is asked"
    SETTLED = "whether a question is settled"
    OFFERED = "whether “does not apply” is offered"
    FACT = "a named fact"
    BANK_RULE = "a rule of a bank"
    RULE = "a rule across banks"
    ADVICE = "a recommendation"
    READING = "what is said of the signs"
    GUIDANCE = "the guidance"
    MEASURE = "a measure"


@dataclass(frozen=True, slots=True)
class Placed:
    """A condition, what it decides, and the part it stands in, as `Loaded.places` names it."""

    condition: Condition
    role: Role
    at: str


class Kind(StrEnum):
    """What can be referred to by id."""

    QUESTION = "question"
    OPTION = "option"
    BANK = "bank"
    BAND = "band"
    RULE = "rule"
    RECOMMENDATION = "recommendation"
    FACT = "fact"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Reference:
    """One id where it is used; an option stands with its question."""

    kind: Kind
    to: str
    at: str
    question: str = ""


def conditions(questionnaire: Questionnaire) -> Iterator[Placed]:
    """Every condition there is."""
    for fact in questionnaire.facts:
        yield Placed(fact.when, Role.FACT, f"facts:{fact.id}")
    for question in questionnaire.every_question():
        at = place_of(question.id)
        if question.when is not None:
            yield Placed(question.when, Role.ASKED, at)
        if question.settled is not None:
            yield Placed(question.settled.when, Role.SETTLED, at)
        if question.does_not_apply is not None and question.does_not_apply.when is not None:
            yield Placed(question.does_not_apply.when, Role.OFFERED, at)
    for bank in questionnaire.banks:
        yield from (Placed(rule.when, Role.BANK_RULE, f"rules:{rule.id}") for rule in bank.rules)
    yield from (Placed(rule.when, Role.RULE, f"rules:{rule.id}") for rule in questionnaire.rules)
    for advice in questionnaire.every_recommendation():
        found = [advice.when, *(o.when for o in advice.overrides), *(first.when for first in advice.needs.first)]
        yield from (Placed(c, Role.ADVICE, f"recommendations:{advice.id}") for c in found if c is not None)
    if questionnaire.signs:
        readings = (reading.when for reading in questionnaire.signs.readings)
        yield from (Placed(when, Role.READING, "signs") for when in readings if when is not None)
    for measure in questionnaire.measures:
        yield from (Placed(when, Role.MEASURE, f"measures:{measure.id}") for when in measure.conditions())
    if questionnaire.guidance:
        yield from (Placed(when, Role.GUIDANCE, "guidance") for when in questionnaire.guidance.conditions())


def place_of(question: str) -> str:
    """The key of a question in `Loaded.places`."""
    return f"{'profile' if question.startswith('profile.') else 'questions'}:{question}"


def published(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """Every id in full that results and answers are kept under, and the place around it."""
    yield from ((band.id, "bands") for band in questionnaire.bands)
    yield from ((measure.id, "") for measure in questionnaire.measures)
    yield from ((bank.id, "") for bank in questionnaire.banks)
    for question in questionnaire.every_question():
        yield question.id, f"banks:{question.bank}"
        yield from ((f"{question.id}.{option}", place_of(question.id)) for option in question.ladder)
    for rule in questionnaire.every_rule():
        yield rule.id, f"banks:{rule.id.partition('.')[0]}"
    for advice in questionnaire.every_recommendation():
        yield advice.id, f"banks:{advice.bank}"


def references(questionnaire: Questionnaire) -> Iterator[Reference]:
    """Every use of an id."""
    for placed in conditions(questionnaire):
        yield from _in_condition(placed)
    yield from _of_questions(questionnaire)
    yield from _of_rules(questionnaire)
    yield from _of_recommendations(questionnaire)
    yield from _of_signs(questionnaire)
    yield from _of_measures(questionnaire)
    if questionnaire.guidance:
        found = questionnaire.guidance
        yield from (Reference(Kind.QUESTION, question, "guidance") for question in found.questions())
        yield from (Reference(Kind.BANK, bank, "guidance") for bank in found.banks())


def _in_condition(placed: Placed) -> Iterator[Reference]:
    for node in placed.condition.walk():
        if isinstance(node, Compare):
            yield Reference(Kind.QUESTION, node.question, placed.at)
            yield from (Reference(Kind.OPTION, value, placed.at, node.question) for value in node.values)
        elif isinstance(node, Fact):
            yield Reference(Kind.FACT, node.name, placed.at)
        elif isinstance(node, Finding):
            yield Reference(Kind.RULE, node.rule, placed.at)


def _of_questions(questionnaire: Questionnaire) -> Iterator[Reference]:
    for question in questionnaire.every_question():
        at = place_of(question.id)
        if question.settled is not None:
            yield Reference(Kind.OPTION, question.settled.as_, at, question.id)
        yield from (Reference(Kind.OPTION, option, at, question.id) for option in question.no_advice)
        if question.why_weight is not None and question.why_weight.source is not None:
            yield Reference(Kind.SOURCE, question.why_weight.source, at)


def _of_rules(questionnaire: Questionnaire) -> Iterator[Reference]:
    for rule in questionnaire.every_rule():
        at = f"rules:{rule.id}"
        yield from (Reference(Kind.BANK, bank, at) for bank in rule.caps.banks)
        yield from (Reference(Kind.RECOMMENDATION, advice, at) for advice in rule.recommends)
        if rule.caps.band is not None:
            yield Reference(Kind.BAND, rule.caps.band, at)
        if rule.source is not None:
            yield Reference(Kind.SOURCE, rule.source, at)


def _of_recommendations(questionnaire: Questionnaire) -> Iterator[Reference]:
    for advice in questionnaire.every_recommendation():
        at = f"recommendations:{advice.id}"
        for question, option in advice.raises.items():
            yield Reference(Kind.QUESTION, question, at)
            yield Reference(Kind.OPTION, option, at, question)
        named = (*(first.do for first in advice.needs.first), *advice.needs.better_after, *advice.replaces)
        yield from (Reference(Kind.RECOMMENDATION, other, at) for other in named)


def _of_signs(questionnaire: Questionnaire) -> Iterator[Reference]:
    signs = questionnaire.signs
    if signs is None:
        return
    quick = (signs.quick,) if signs.quick else ()
    for question in (*signs.questions, *signs.names, *signs.at_most, *quick):
        yield Reference(Kind.QUESTION, question, "signs")
    yield from (Reference(Kind.OPTION, option, "signs", question) for question, option in signs.at_most.items())
    if signs.quick:
        names = (question.partition(".")[2] for question in signs.questions)
        yield from (Reference(Kind.OPTION, name, "signs", signs.quick) for name in names)


def _of_measures(questionnaire: Questionnaire) -> Iterator[Reference]:
    for measure in questionnaire.measures:
        at = f"measures:{measure.id}"
        yield from (Reference(Kind.QUESTION, question, at) for question in measure.counted())
        if measure.source is not None:
            yield Reference(Kind.SOURCE, measure.source, at)
        options: Iterable[tuple[str, str]] = ()
        if isinstance(measure, Levels):
            options = (pair for level in measure.levels for pair in level.questions())
        elif isinstance(measure, Sum | Deduction):
            options = ((question, option) for question, points in measure.by_option().items() for option in points)
        yield from (Reference(Kind.OPTION, option, at, question) for question, option in options)
