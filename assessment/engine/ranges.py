"""The range of a score: lowest and highest over everything still open, both ends scores of real completions."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import chain, islice, product

from assessment.engine.answers import Answer
from assessment.engine.conditions import Compare, Condition
from assessment.engine.flow import Route, State, walk
from assessment.engine.ledger import Ledger, Levels, Tally
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth, Kind, Question

MOST_FIRMS = 4096
"""How many combinations of unknown facts a range may try; `check` refuses a questionnaire that needs more."""


def levels_of(route: Route) -> tuple[Levels, frozenset[str]]:
    """The levels that count, settled ones among them, and the questions answered "not sure"."""
    levels = {question: level for question, s in route.standings.items() if (level := s.level) is not None}
    return levels, frozenset(q for q, s in route.standings.items() if s.state is State.NOT_SURE)


Spreads = dict[str, tuple[Fraction, Fraction]]


def spread(of: Ledger) -> Spreads:
    """Lowest and highest score per bank, and overall under the key "", over everything still open."""
    ends: Spreads = {}
    for firm in firms(of.route):
        ledger = of if firm is of.route else Ledger(firm)
        levels, unsure = levels_of(firm)
        unknown = unsure | {q for q, s in firm.standings.items() if s.state is State.UNANSWERED and s.question.scored}
        for completed in (ledger.at_worst(levels, unknown), ledger.at_best(levels, unknown)):
            _widen(ends, ledger.tally(ledger.with_settled(completed)))
    return ends


def _widen(ends: Spreads, tally: Tally) -> None:
    for key, capped in chain(tally.banks.items(), [("", tally.overall)]):
        if capped is not None:
            low, high = ends.get(key, (capped.score, capped.score))
            ends[key] = min(low, capped.score), max(high, capped.score)


def firms(route: Route) -> Iterator[Route]:
    """The same answers for every firm the unknown facts leave possible, as far as conditions tell them apart."""
    if not route.assumed:
        yield route
        return
    questionnaire = route.questionnaire
    opened = [questionnaire.questions[fact] for fact in route.assumed]
    choices = [classes(questionnaire, route.depth)[question.id] for question in opened]
    for combination in islice(product(*choices), MOST_FIRMS):
        given = {question.id: value for question, value in zip(opened, combination, strict=True)}
        yield walk(questionnaire, {**route.answers, **given}, route.depth)


@lru_cache(maxsize=64)
def classes(questionnaire: Questionnaire, depth: Depth) -> Mapping[str, tuple[Answer, ...]]:
    """Per fact about a firm one answer for each way conditions on the score can tell its answers apart."""
    tests = [test for condition in _scoring_conditions(questionnaire, depth) for test in condition.comparisons]
    found: dict[str, tuple[Answer, ...]] = {}
    for question in questionnaire.profile:
        about = [test for test in tests if test.question == question.id]
        kinds: dict[tuple[bool, ...], Answer] = {}
        for value in told_apart(question, about):
            kinds.setdefault(tuple(test.admits(value, question.ladder) for test in about), value)
        found[question.id] = tuple(kinds.values())
    return found


def _scoring_conditions(questionnaire: Questionnaire, depth: Depth) -> Iterator[Condition]:
    for question in questionnaire.questions.values():
        offers = question.does_not_apply.when if question.does_not_apply else None
        yield from (when for when in (question.when, offers) if when is not None and question.asked_at(depth))
    for rule in questionnaire.all_rules.values():
        if rule.caps:
            yield rule.when
    yield from questionnaire.fact_conditions.values()
    for measure in questionnaire.measures:
        yield from measure.conditions()


def told_apart(question: Question, tests: list[Compare]) -> Iterable[Answer]:
    """Answers to a fact, enough to take every comparison of it both ways where it can go both ways."""
    looked_at = {value for test in tests for value in test.values}
    match question.kind:
        case Kind.SINGLE:
            return question.ladder
        case Kind.NUMBER:
            near = {int(value) + step for value in looked_at for step in (-1, 0, 1)} | {int(question.assumed[0])}
            lowest = min(near) if question.at_least is None else question.at_least
            most = max(near) if question.at_most is None else question.at_most
            return [number for number in sorted(near) if lowest <= number <= most]
        case Kind.MULTIPLE:
            alone = [frozenset([option.id]) for option in question.options if option.exclusive]
            return [*alone, *_together(question, tests)]
    return ()


def _together(question: Question, tests: list[Compare]) -> Iterable[Answer]:
    """Sets of options that may be chosen together, one for each way the comparisons can come out."""
    found: dict[tuple[bool, ...], frozenset[str]] = {}
    for option in question.options:
        for chosen in (frozenset[str](), *found.values()) if not option.exclusive else ():
            union = chosen | {option.id}
            found.setdefault(tuple(test.admits(union, ()) for test in tests), union)
        if len(found) > MOST_FIRMS:
            break
    return found.values()
