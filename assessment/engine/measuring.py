"""Answers to measures: what each comes to for one respondent, and what open answers could still make of it.

One rule for all kinds: what is not known counts as the worst answer until it is known, and the range says what the
best would make of it. What does not apply leaves the sum and its maximum; what is asked deeper leaves no figure.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property

from assessment.engine.advice import Severity
from assessment.engine.conditions import All, Condition, Not
from assessment.engine.flow import Route, State
from assessment.engine.ledger import Ledger, shown
from assessment.engine.ledger import Levels as Answered
from assessment.engine.measures import Deduction, FirstMatch, Levels, Mean, Measure, Sum, Word
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import PROFILE
from assessment.engine.ranges import firms, levels_of
from assessment.engine.result import Amount, MeasureResult, MeasureState
from assessment.engine.weighing import Whole


def measure_all(route: Route) -> tuple[MeasureResult, ...]:
    """Every measure of a questionnaire for one respondent, in the order written."""
    measures = route.questionnaire.measures
    if not measures:
        return ()
    here, every = _Firm(route), [_Firm(firm) for firm in firms(route)]
    return tuple(_result(measure, here, every) for measure in measures)


def _result(measure: Measure, here: "_Firm", every: Sequence["_Firm"]) -> MeasureResult:
    if (why := here.unmeasured(measure)) is not None:
        return MeasureResult(id=measure.id, state=why)
    every = [here, *(firm for firm in every if firm.unmeasured(measure) in (None, MeasureState.UNANSWERED))]
    blocked = {whole.blocked(measure) for firm in every for whole in firm.ends}
    if blocked == {True}:
        return MeasureResult(id=measure.id, state=MeasureState.BLOCKED)
    if True in blocked:
        return MeasureResult(id=measure.id, state=MeasureState.MAY_BE_BLOCKED, open=here.open_among(measure))
    if isinstance(measure, FirstMatch):
        return _word(measure, here, every)
    return _level(measure, here, every) if isinstance(measure, Levels) else _amount(measure, here, every)


def _amount(measure: Mean | Sum | Deduction, here: "_Firm", every: Sequence["_Firm"]) -> MeasureResult:
    value, least, most = (_there(whole.number(measure)) for whole in (here.worst, here.bottom, here.top))
    found = [number for firm in every for whole in firm.ends if (number := whole.number(measure)) is not None]
    low, high = min(found), max(found)
    return MeasureResult(
        id=measure.id,
        state=MeasureState.MEASURED,
        amount=Amount(
            value=shown(value),
            value_exact=value,
            low=shown(low),
            low_exact=low,
            high=shown(high),
            high_exact=high,
            least=shown(least),
            most=shown(most),
        ),
        costs=dict(_costs(measure, here)) if not isinstance(measure, Mean) else {},
        open=here.open_among(measure) if low != high else (),
    )


def _there(number: Fraction | None) -> Fraction:
    assert number is not None, "something it counts applies"
    return number


def _costs(measure: Sum | Deduction, here: "_Firm") -> Iterator[tuple[str, int]]:
    """The points each answer is short of its best; with the value they make the most there is."""
    for question in measure.counted():
        if question in here.worst.levels:
            missing = abs(here.top.points(measure, question) - here.worst.points(measure, question))
            if missing:
                yield question, missing


def _level(measure: Levels, here: "_Firm", every: Sequence["_Firm"]) -> MeasureResult:
    place = here.worst.reached(measure)
    reached = {whole.reached(measure) for firm in every for whole in firm.ends}
    following = measure.levels[place + 1 : place + 2]
    return MeasureResult(
        id=measure.id,
        state=MeasureState.MEASURED,
        comes_to=measure.levels[place].id,
        could_be=tuple(measure.levels[end].id for end in sorted({min(reached), max(reached)} - {place})),
        lacks=tuple(ref for level in following for ref in here.worst.short_of(level)),
        open=here.open_among(measure) if len(reached) > 1 else (),
    )


GRAVEST = list(Severity)


def _word(measure: FirstMatch, here: "_Firm", every: Sequence["_Firm"]) -> MeasureResult:
    """The gravest word that open answers leave possible: not knowing is never worth more than the worst answer."""
    lead = min(here.possible(measure), key=lambda word: GRAVEST.index(word.severity))
    others = {word.id for firm in every for word in firm.possible(measure)} - {lead.id}
    return MeasureResult(
        id=measure.id,
        state=MeasureState.MEASURED,
        comes_to=lead.id,
        could_be=tuple(word.id for word in measure.words if word.id in others),
        open=here.open_among(measure) if others else (),
    )


class _Firm:
    """One firm as its answers leave it: everything open at its worst, and at its best."""

    def __init__(self, route: Route) -> None:
        self.route, self.questionnaire = route, route.questionnaire
        levels, unsure = levels_of(route)
        missing = (q for q, s in route.standings.items() if s.state is State.UNANSWERED and s.question.scored)
        self.open = unsure | frozenset(missing)
        ledger = Ledger(route)
        self.worst = self._whole(ledger.with_settled(ledger.at_worst(levels, self.open)))
        self.best = self._whole(ledger.with_settled(ledger.at_best(levels, self.open)))
        self.ends = (self.worst, self.best)

    def _whole(self, levels: Answered) -> Whole:
        return Whole(self.questionnaire, self.route.facts, levels)

    @cached_property
    def bottom(self) -> Whole:
        return self._whole(dict.fromkeys(self.worst.levels, 0))

    @cached_property
    def top(self) -> Whole:
        ladders = self.questionnaire.ladders
        return self._whole({question: len(ladders[question]) - 1 for question in self.worst.levels})

    def unmeasured(self, measure: Measure) -> MeasureState | None:
        """Why a measure comes to nothing, if it does: part is asked deeper, nothing applies, nothing is answered."""
        about = questions_of(self.questionnaire, measure)
        states = {self.route.standings[question].state for question in about}
        if State.DEEPER in states:
            return MeasureState.DEEPER
        counts = tuple(measure.counted()) if isinstance(measure, Deduction) else about
        if about and all(self.route.standings[question].state is State.DOES_NOT_APPLY for question in counts):
            return MeasureState.DOES_NOT_APPLY
        if about and states <= {State.UNANSWERED, State.DOES_NOT_APPLY}:
            return MeasureState.UNANSWERED
        return None

    def open_among(self, measure: Measure) -> tuple[str, ...]:
        """The facts and questions without an answer that a measure rests on, what may settle those among them."""
        about = dict.fromkeys(questions_of(self.questionnaire, measure))
        for question in tuple(about):
            about |= dict.fromkeys(_gates(self.questionnaire, question))
        asked = [self.questionnaire.questions[question] for question in about]
        offers = [question.does_not_apply.when for question in asked if question.does_not_apply is not None]
        decide = (*(question.when for question in asked), *offers, *measure.conditions())
        facts = {ref for when in decide for ref in self.questionnaire.refers_to(when)}
        return (*(f for f in self.route.assumed if f in facts), *(q for q in about if q in self.open))

    def possible(self, measure: FirstMatch) -> list[Word]:
        """The words that could be the first to hold, in order of precedence."""
        world = self.route.world(unsure=True, unknown=True)
        found: list[Word] = []
        before: tuple[Condition, ...] = ()
        for rule in measure.rules:
            first = All((*before, rule.when)).decide(world)
            if first is not False:
                found.append(rule)
            if first:
                return found
            before = (*before, Not(rule.when))
        return found if All(before).decide(world) is False else [*found, measure.otherwise]


def questions_of(questionnaire: Questionnaire, measure: Measure) -> tuple[str, ...]:
    """The questions a measure rests on, those of the measures its thresholds name among them; no facts."""
    found = [*measure.counted(), *(ref for when in measure.conditions() for ref in questionnaire.refers_to(when))]
    for other in measure.refers_to() if isinstance(measure, Levels) else ():
        found += questions_of(questionnaire, questionnaire.measure_by_id[other])
    return tuple(dict.fromkeys(ref for ref in found if not ref.startswith(f"{PROFILE}.")))


def _gates(questionnaire: Questionnaire, question: str) -> Iterator[str]:
    """The questions that may settle one, and those that may settle them."""
    settled = questionnaire.questions[question].settled
    for gate in settled.when.questions if settled is not None else ():
        yield gate
        yield from _gates(questionnaire, gate)


def short(result: MeasureResult) -> str:
    """What a measure comes to in a few signs, as scenarios and the terminal write it: `37 of 52, 30 to 45`."""
    if result.amount is not None:
        amount = result.amount
        ends = f", {amount.low} to {amount.high}" if amount.low != amount.high else ""
        return f"{amount.value} of {amount.most}{ends}"
    if result.comes_to is None:
        return result.state
    return " or ".join((result.comes_to, *result.could_be))
