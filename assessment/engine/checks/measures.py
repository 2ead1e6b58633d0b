"""Measures that can be relied on: a better answer never lowers one, and every figure, level and word can be come to.

One generator per code; its docstring is that code's documentation.
"""

from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import pairwise

from assessment.engine.checks.conditions import not_downward
from assessment.engine.checks.proofs import Proof, shown, space_of
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.conditions import All, Condition, Not
from assessment.engine.measures import Deduction, FirstMatch, Levels, Mean, Measure, Sum
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.weighing import extremes

Numbered = Mean | Sum | Deduction


def unknown_measure(it: Subject) -> Wrong:
    """A threshold names a measure that stands before it and is a number."""
    numbers: set[str] = set()
    for measure in it.questionnaire.measures:
        for name in measure.refers_to() if isinstance(measure, Levels) else ():
            if name not in numbers:
                yield f"measures:{measure.id}", f"there is no measure “{name}” before this one that is a number"
        if isinstance(measure, Numbered):
            numbers.add(measure.id)


def empty_measure(it: Subject) -> Wrong:
    """A measure counts scored questions, at least one, and each of them once."""
    for measure in it.questionnaire.measures:
        place, counted = f"measures:{measure.id}", list(measure.counted())
        if isinstance(measure, Numbered) and not counted:
            yield place, "it counts no question"
        for question in dict.fromkeys(counted):
            if not it.questionnaire.questions[question].scored:
                yield place, f"“{question}” is not scored, so none of its answers is better than another"
            elif counted.count(question) > 1:
                yield place, f"“{question}” is counted {counted.count(question)} times"


def measure_points(it: Subject) -> Wrong:
    """Read from the worst option to the best, what an answer earns never falls and what it deducts never rises.

    An option that is not named earns, or deducts, nothing. The best deducts nothing; somewhere there is a difference.
    """
    for measure in it.questionnaire.measures:
        for question, by_option in measure.by_option().items() if isinstance(measure, Sum | Deduction) else ():
            place, ladder = f"measures:{measure.id}", it.questionnaire.ladders[question]
            points = [by_option.get(option, 0) for option in ladder]
            said = ", ".join(f"{option} {count}" for option, count in zip(ladder, points, strict=True))
            worth = points if isinstance(measure, Sum) else [-count for count in points]
            if any(worse > better for worse, better in pairwise(worth)):
                yield place, f"a better answer to “{question}” would be worth less: {said}"
            elif worth[0] == worth[-1]:
                yield place, f"every answer to “{question}” is worth the same"
            elif isinstance(measure, Deduction) and points[-1]:
                yield place, f"even the best answer to “{question}” loses {points[-1]}"


def thresholds(it: Subject) -> Wrong:
    """The first level takes nothing, each later one something that can be reached and is never less than before."""
    for measure in it.questionnaire.measures:
        if isinstance(measure, Levels):
            for at, message in _thresholds(measure, it.questionnaire):
                yield f"measures:{measure.id}.{at}", message


def _thresholds(measure: Levels, questionnaire: Questionnaire) -> Wrong:
    first, *later = measure.levels
    if first.at_least:
        yield first.id, "the first level is where everybody begins, so it takes nothing"
    before: dict[str, int] = {}
    for level in later:
        if not level.at_least:
            yield level.id, "nothing tells this level from the one before it"
        for question, option in level.questions():
            ladder = questionnaire.ladders[question]
            yield from _rises(before, level.id, question, ladder.index(option), 0, len(ladder) - 1)
        for name, number in level.measures():
            if number.removeprefix("-").isdigit():
                least, most = extremes(questionnaire, questionnaire.measure_by_id[name])
                yield from _rises(before, level.id, name, int(number), least, most)
            else:
                yield level.id, f"“{name}” is a number, and “{number}” is not"


def _rises(before: dict[str, int], level: str, name: str, least: int, lowest: int, highest: int) -> Wrong:
    if least <= lowest:
        yield level, f"whatever is answered, “{name}” is at least that"
    elif least > highest:
        yield level, f"“{name}” never comes to more than {highest}"
    elif least < before.get(name, least):
        yield level, f"a level before it takes more of “{name}”"
    before[name] = max(least, before.get(name, least))


def blocked_by_better(it: Subject) -> Wrong:
    """What takes a figure away is downward closed: if it holds, it holds for every worse answer too.

    Otherwise a better answer could be what takes the figure away.
    """
    for measure in it.questionnaire.measures:
        if isinstance(measure, Deduction) and measure.blocked_by is not None:
            for reason in not_downward(measure.blocked_by.when, it):
                yield f"measures:{measure.id}", reason


def never_first(it: Subject) -> Wrong:
    """Every word of a measure is the one for some firm, and what takes a figure away happens to some firms, not all."""
    for proof, message in words(it.questionnaire):
        if proof.firm is None:
            yield proof.place, "whether it can ever be takes too many cases to decide" if proof.tangled else message


@lru_cache(maxsize=4)
def words(questionnaire: Questionnaire) -> tuple[tuple[Proof, str], ...]:
    """For each word, and each figure that can be taken away, a firm that comes to it."""
    space = space_of(questionnaire)
    asked = [one for measure in questionnaire.measures for one in _ways(measure)]
    return tuple((shown(space, place, partial(space.cubes, when)), message) for place, when, message in asked)


def _ways(measure: Measure) -> Iterator[tuple[str, Condition, str]]:
    """What must hold for some firm, where it stands, and what is wrong if it does not."""
    place, before = f"measures:{measure.id}", list[Condition]()
    if isinstance(measure, Deduction) and measure.blocked_by is not None:
        when = measure.blocked_by.when
        yield place, when, "there are no answers that take the figure away"
        yield place, Not(when), "every answer there is takes the figure away"
    for rule in measure.rules if isinstance(measure, FirstMatch) else ():
        yield f"{place}.{rule.id}", All((*before, rule.when)), "wherever it holds, a rule before it holds too"
        before.append(Not(rule.when))
    if isinstance(measure, FirstMatch):
        yield place, All(tuple(before)), "some rule always holds, so it never comes to `otherwise`"


EXIST = (unknown_measure,)
HOLD = (empty_measure, blocked_by_better)
COUNT = (measure_points, thresholds)
"""What relies on every question being scored."""

PROVED = (never_first,)
