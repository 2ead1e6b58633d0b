"""Writes measures: what each says of the same answers beside the score, where it comes from, and what could move it."""

from collections.abc import Iterable, Iterator

from assessment.engine.measures import Deduction, FirstMatch, Level, Levels, Measure, Sum
from assessment.engine.measuring import questions_of
from assessment.engine.result import Amount, MeasureResult, MeasureState
from assessment.reports.quoting import Quoting
from assessment.reports.report import MeasureView
from assessment.reports.words import DEPTHS, joined

NOTHING = {
    MeasureState.BLOCKED: "No figure",
    MeasureState.MAY_BE_BLOCKED: "No figure yet",
    MeasureState.DEEPER: "Not asked in full",
    MeasureState.UNANSWERED: "Not answered",
}
"""What stands in place of a figure. What does not apply is not told at all."""


class Measuring:
    """Finds the words for the measures of one outcome."""

    def __init__(self, quoting: Quoting) -> None:
        self.quoting, self.questionnaire = quoting, quoting.questionnaire

    def all(self) -> Iterator[MeasureView]:
        """The measures that apply, in the order written."""
        for result in self.quoting.outcome.measures:
            if result.state is not MeasureState.DOES_NOT_APPLY:
                yield self._view(self.questionnaire.measure_by_id[result.id], result)

    def _view(self, measure: Measure, result: MeasureResult) -> MeasureView:
        return MeasureView(
            id=measure.id,
            title=measure.title,
            says=measure.says,
            comes_to=self._comes_to(measure, result),
            severity=_severity(measure, result),
            lines=tuple(self._lines(measure, result)),
            figure=self.quoting.figure(measure.source),
        )

    def _comes_to(self, measure: Measure, result: MeasureResult) -> str:
        if result.amount is not None:
            return f"{_signed(result.amount.value)} of {_signed(result.amount.most)}"
        if result.comes_to is None:
            return NOTHING[result.state]
        provisional = " (provisional)" if result.could_be else ""
        return f"{self._named(measure, result.comes_to)}{provisional}"

    def _lines(self, measure: Measure, result: MeasureResult) -> Iterator[str]:
        if result.state is MeasureState.DEEPER:
            tiers = (self.questionnaire.questions[ref].tier for ref in questions_of(self.questionnaire, measure))
            deepest = DEPTHS[max(tiers, key=lambda tier: tier.order)]
            yield f"Part of what this rests on is asked in the {deepest.lower()} only."
        if result.state in (MeasureState.BLOCKED, MeasureState.MAY_BE_BLOCKED):
            assert isinstance(measure, Deduction)
            assert measure.blocked_by is not None
            yield measure.blocked_by.says
        if result.amount is not None:
            yield from self._amount(measure, result, result.amount)
        if isinstance(measure, Levels) and result.comes_to is not None:
            yield from self._level(measure, result)
        if isinstance(measure, FirstMatch) and result.comes_to is not None:
            says = next(word.says for word in measure.words if word.id == result.comes_to)
            yield f"It would mean: {says}" if result.could_be else says
        yield from self._open(measure, result)

    def _amount(self, measure: Measure, result: MeasureResult, amount: Amount) -> Iterator[str]:
        if isinstance(measure, Sum | Deduction) and result.costs:
            costs = joined(f"{self._short(question)} ({points})" for question, points in result.costs.items())
            yield f"What is missing, with its points: {costs}."
        if amount.least < 0:
            yield f"At the lowest it could come to {_signed(amount.least)}."

    def _level(self, measure: Levels, result: MeasureResult) -> Iterator[str]:
        place = next(n for n, level in enumerate(measure.levels) if level.id == result.comes_to)
        if says := measure.levels[place].says:
            yield says
        for following in measure.levels[place + 1 : place + 2]:
            yield f"For “{following.name}” it takes: {'; '.join(self._lacking(following, result.lacks))}."

    def _lacking(self, level: Level, lacks: Iterable[str]) -> Iterator[str]:
        for ref in lacks:
            least = level.at_least[ref]
            if ref in self.questionnaire.measure_by_id:
                yield f"{self.questionnaire.measure_by_id[ref].title}: at least {_signed(int(least))}"
            else:
                best = least == self.questionnaire.ladders[ref][-1]
                said = f"{self._short(ref)}: “{self.questionnaire.name_option(ref, least)}”"
                yield said if best else f"{said}, or better"

    def _open(self, measure: Measure, result: MeasureResult) -> Iterator[str]:
        """What is not known, and what it could change."""
        if not result.open:
            return
        names = joined(f"“{self._short(question)}”" for question in result.open)
        if result.amount is not None:
            ends = f"between {_signed(result.amount.low)} and {_signed(result.amount.high)}"
            yield f"Not known yet: {names}. Depending on that it comes to {ends}."
        elif result.could_be:
            others = " or ".join(f"“{self._named(measure, other)}”" for other in result.could_be)
            yield f"Not known yet: {names}. Depending on that it could also be {others}."
        else:
            yield f"Whether that is so depends on what is not known yet: {names}."

    def _short(self, question: str) -> str:
        return self.questionnaire.name_question(question)

    def _named(self, measure: Measure, part: str) -> str:
        parts = measure.levels if isinstance(measure, Levels) else ()
        return next(one.name for one in (measure.words if isinstance(measure, FirstMatch) else parts) if one.id == part)


def _severity(measure: Measure, result: MeasureResult) -> str:
    words = measure.words if isinstance(measure, FirstMatch) else ()
    return next((word.severity for word in words if word.id == result.comes_to), "")


def _signed(number: int) -> str:
    """A whole number with a minus sign that is one."""
    return str(number).replace("-", "−")
