"""Decides by reasoning whether a condition can ever hold, and shows a firm for which it does.

A *cube* gives some questions the values they may have; a condition is the union of a few cubes. What makes an answer
possible at all (that its question is asked, that nothing settles it) is joined to a cube question by question, later
ones first, since only what stands before a question decides that. Nothing is sampled; what takes more than MOST cubes
is not guessed at.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from assessment.engine.advice import Rule, Severity
from assessment.engine.conditions import All, AnyOf, Compare, Condition, Fact, Finding, Not, NotSureShare, Value
from assessment.engine.ledger import ANY_CRITICAL
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import PROFILE, Question
from assessment.engine.ranges import told_apart
from assessment.engine.references import conditions

MOST = 10_000
"""How many cubes a proof may take."""

SHARE = "share of “not sure”"
"""Stands among the questions for the one thing conditions ask of all answers together."""

ABSENT = None
"""The value of a question that does not apply."""

Possible = Value | None
Cube = Mapping[str, frozenset[Possible]]
Cubes = Sequence[Cube]
Admits = Callable[[Any], bool]

EVERYTHING: Cubes = ({},)


class TooTangled(Exception):
    """A proof would take more than MOST cubes."""


@dataclass(frozen=True)
class Space:
    """Everything a firm may be and answer, as far as the conditions of a questionnaire tell it apart."""

    questionnaire: Questionnaire
    steps: list[int] = field(default_factory=list)
    _domains: dict[str, tuple[Possible, ...]] = field(default_factory=dict)

    @property
    def tried(self) -> int:
        """How many cubes the proofs so far have taken."""
        return sum(self.steps)

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.questionnaire.questions)}

    @cached_property
    def _compared(self) -> Mapping[str, list[Compare]]:
        found: dict[str, list[Compare]] = {}
        for placed in conditions(self.questionnaire):
            for compare in placed.condition.comparisons:
                found.setdefault(compare.question, []).append(compare)
        return found

    @cached_property
    def naming(self) -> Mapping[str, list[Rule]]:
        """Per recommendation the rules that recommend it."""
        found: dict[str, list[Rule]] = {}
        for rule in self.questionnaire.every_rule():
            for advice in rule.recommends:
                found.setdefault(advice, []).append(rule)
        return found

    def domain(self, name: str) -> tuple[Possible, ...]:
        """The values a question may have, worst first; of numbers and choices one for each way they are told apart."""
        if name not in self._domains:
            self._domains[name] = self._values(name)
        return self._domains[name]

    def _values(self, name: str) -> tuple[Possible, ...]:
        if name == SHARE:
            walked = (node for placed in conditions(self.questionnaire) for node in placed.condition.walk())
            return tuple(sorted({0, *(node.at_least for node in walked if isinstance(node, NotSureShare))}))
        question = self.questionnaire.questions[name]
        if question.bank != PROFILE:
            return (*question.ladder, ABSENT)
        return tuple(told_apart(question, self._compared.get(name, [])))

    def cubes(self, condition: Condition, holds: bool = True) -> Cubes:
        """The answers that make a condition true, or false. Raises TooTangled."""
        match condition:
            case All(of) | AnyOf(of):
                parts = [self.cubes(part, holds) for part in of]
                return together(parts) if isinstance(condition, All) is holds else either(parts)
            case Not(of):
                return self.cubes(of, not holds)
            case Fact(name):
                return self.cubes(self.questionnaire.fact_conditions[name], holds)
            case Finding(rule):
                return self._finding(rule, holds)
            case NotSureShare(at_least):
                return self._where(SHARE, lambda share: share >= at_least, holds)
            case Compare(name):
                ladder = self.questionnaire.ladders.get(name, ())
                return self._where(name, lambda value: condition.admits(value, ladder), holds)
        raise AssertionError(condition)

    def _where(self, name: str, admits: Admits, holds: bool) -> Cubes:
        fitting = frozenset(v for v in self.domain(name) if (v is not ABSENT and admits(v)) is holds)
        return ({name: fitting},) if fitting else ()

    def _finding(self, rule: str, holds: bool) -> Cubes:
        rules = self.questionnaire.all_rules
        if rule != ANY_CRITICAL:
            return self.cubes(rules[rule].when, holds)
        critical = [self.cubes(one.when, holds) for one in rules.values() if one.severity is Severity.CRITICAL]
        return either(critical) if holds else together(critical)

    def firms(self, cubes: Cubes) -> Iterator[Cube]:
        """The cubes some firm fits, each with all that makes its answers possible. Raises TooTangled."""
        self.steps.append(0)
        for cube in cubes:
            yield from self._grounded(cube, frozenset())

    def _grounded(self, cube: Cube, done: frozenset[str]) -> Iterator[Cube]:
        self.steps[-1] += 1
        if self.steps[-1] > MOST:
            raise TooTangled
        waiting = [name for name in cube if name not in done and not self._is_given(name)]
        if not waiting:
            yield cube
            return
        name = max(waiting, key=self._order.__getitem__)
        for values, needed in self._ways(self.questionnaire.questions[name]):
            for way in together([(cube,), ({name: values},), needed]):
                yield from self._grounded(way, done | {name})

    def _is_given(self, name: str) -> bool:
        """Whether nothing has to be so for a firm to give any answer there is to this."""
        return name == SHARE or name.startswith(f"{PROFILE}.")

    def _ways(self, question: Question) -> Iterator[tuple[frozenset[Possible], Cubes]]:
        """How a question comes to each of its values: answered, settled, hidden, or said not to apply."""
        shown = self.cubes(question.when) if question.when is not None else EVERYTHING
        settled = question.settled
        open_ = together([shown, self.cubes(settled.when, False)]) if settled is not None else shown
        yield frozenset(question.ladder), open_
        if settled is not None:
            yield frozenset([settled.as_]), together([shown, self.cubes(settled.when)])
        if question.when is not None:
            yield frozenset([ABSENT]), self.cubes(question.when, False)
        if question.does_not_apply is not None:
            offered = question.does_not_apply.when
            yield frozenset([ABSENT]), together([open_, self.cubes(offered)]) if offered is not None else open_

    def witness(self, condition: Condition) -> Cube | None:
        """A firm for which a condition holds; None where there is none. Raises TooTangled."""
        return next(self.firms(self.cubes(condition)), None)

    def asked(self, question: Question) -> Cubes:
        """The answers before a question for which it is asked: it applies, and none settles it. Raises TooTangled."""
        return next(self._ways(question))[1]

    def words(self, cube: Cube) -> str:
        """A firm in words: one value for each question, the worst that fits."""
        said = [(name, next(v for v in self.domain(name) if v in values)) for name, values in cube.items()]
        said.sort(key=lambda pair: self._order.get(pair[0], -1))
        return ", ".join(self._say(name, value) for name, value in said) or "any firm"

    def _say(self, name: str, value: Possible) -> str:
        if name == SHARE:
            return f"{value}% are “not sure”"
        question = self.questionnaire.questions[name]
        if value is ABSENT:
            return f"{question.code or name} does not apply"
        options = " and ".join(sorted(value)) or "nothing" if isinstance(value, frozenset) else value
        return f"{question.code or name} is {options}"


def together(parts: Sequence[Cubes]) -> Cubes:
    """What lies in every part. Raises TooTangled."""
    found: Cubes = EVERYTHING
    for part in parts:
        found = _distinct(met for one in found for other in part if (met := _meet(one, other)) is not None)
    return found


def either(parts: Sequence[Cubes]) -> Cubes:
    """What lies in any part. Raises TooTangled."""
    return _distinct(cube for part in parts for cube in part)


def _meet(one: Cube, other: Cube) -> Cube | None:
    met = dict(one)
    for name, values in other.items():
        both = met[name] & values if name in met else values
        if not both:
            return None
        met[name] = both
    return met


def _distinct(cubes: Iterator[Cube]) -> Cubes:
    found: dict[frozenset[tuple[str, frozenset[Possible]]], Cube] = {}
    for cube in cubes:
        found.setdefault(frozenset(cube.items()), cube)
        if len(found) > MOST:
            raise TooTangled
    return tuple(found.values())
