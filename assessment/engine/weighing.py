"""The arithmetic of measures for one firm with every question answered: numbers, levels, and whether there are any."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from assessment.engine.conditions import Value, World
from assessment.engine.ledger import Levels as Answered
from assessment.engine.ledger import shown
from assessment.engine.measures import Deduction, Level, Levels, Mean, Measure, Sum
from assessment.engine.questionnaire import Questionnaire


@dataclass(frozen=True)
class Whole:
    """A firm with every question answered that applies to it."""

    questionnaire: Questionnaire
    facts: Mapping[str, frozenset[Value]]
    levels: Answered

    def number(self, measure: Measure) -> Fraction | None:
        """What a mean, a sum or a deduction comes to; None where nothing it counts applies."""
        if isinstance(measure, Mean):
            groups = [(group.weight, _weighed(self._each(group.of))) for group in measure.groups]
            return _weighed([*self._each(measure.of), *groups])
        assert isinstance(measure, Sum | Deduction)
        counts = [question for question in measure.counted() if question in self.levels]
        points = sum(self.points(measure, question) for question in counts)
        return None if not counts else Fraction(measure.base - points if isinstance(measure, Deduction) else points)

    def _each(self, of: Mapping[str, int]) -> Iterator[tuple[int, Fraction]]:
        for question, weight in of.items():
            if question in self.levels:
                option = self.questionnaire.questions[question].options[self.levels[question]]
                yield weight, Fraction(option.points or 0)

    def points(self, measure: Sum | Deduction, question: str) -> int:
        """What the answer to one question earns, or deducts."""
        return measure.by_option()[question].get(self._option(question), 0)

    def _option(self, question: str) -> str:
        return self.questionnaire.ladders[question][self.levels[question]]

    def blocked(self, measure: Measure) -> bool:
        """Whether there is no figure at all."""
        if not isinstance(measure, Deduction) or measure.blocked_by is None:
            return False
        given = {question: frozenset([self._option(question)]) for question in self.levels}
        world = World({**self.facts, **given}, self.questionnaire.ladders, self.questionnaire.fact_conditions, {})
        return bool(measure.blocked_by.when.decide(world))

    def reached(self, measure: Levels) -> int:
        """The place of the highest level whose thresholds hold, those of all before it too."""
        held = (place for place, level in enumerate(measure.levels) if any(self.short_of(level)))
        return next(held, len(measure.levels)) - 1

    def short_of(self, level: Level) -> Iterator[str]:
        """The thresholds of a level that do not hold; what does not apply is short of nothing."""
        for question, option in level.questions():
            ladder = self.questionnaire.ladders[question]
            if question in self.levels and self.levels[question] < ladder.index(option):
                yield question
        for name, least in level.measures():
            other = self.questionnaire.measure_by_id[name]
            number = self.number(other)
            if self.blocked(other) or (number is not None and shown(number) < int(least)):
                yield name


def _weighed(parts: Iterable[tuple[int, Fraction | None]]) -> Fraction | None:
    """The weighted mean of the parts there are."""
    there = [(weight, part) for weight, part in parts if part is not None]
    return sum((weight * part for weight, part in there), Fraction(0)) / sum(w for w, _ in there) if there else None


def extremes(questionnaire: Questionnaire, measure: Measure) -> tuple[int, int]:
    """The least and the most a number can come to, where everything it counts applies."""
    tops = {question: len(questionnaire.ladders[question]) - 1 for question in measure.counted()}
    ends = (Whole(questionnaire, {}, levels).number(measure) for levels in (dict.fromkeys(tops, 0), tops))
    least, most = (shown(end) for end in ends if end is not None)
    return least, most
