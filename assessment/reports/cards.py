"""Writes the plan: one card an action, grouped by when, and what reaches the next band."""

from collections.abc import Iterator

from assessment.engine.advice import Cost, Horizon, Who
from assessment.engine.result import Action, Mode
from assessment.reports.parties import Parties
from assessment.reports.quoting import Quoting
from assessment.reports.report import ActionView, HorizonView, Sponsor
from assessment.reports.words import COSTS, HORIZONS, NEUTRAL, doer, hours, joined, points, reaches


class Cards:
    """The cards of one plan, in the words of its questionnaire version."""

    def __init__(self, quoting: Quoting, sponsor: Sponsor) -> None:
        self.quoting = quoting
        self.outcome = quoting.outcome
        self.questionnaire = quoting.questionnaire
        self.numbers = {action.id: number for number, action in enumerate(self.outcome.plan, 1)}
        money = self.questionnaire.currencies.get(sponsor.currency)
        self.amounts, self.symbol = (money.amounts, money.symbol) if money else ({}, "")
        self.parties = Parties(quoting)
        self.paid_help = self.parties.paid_help

    def all(self) -> tuple[ActionView, ...]:
        """Every card, in the order of the plan."""
        return tuple(self.action(number, action) for number, action in enumerate(self.outcome.plan, 1))

    def action(self, number: int, action: Action) -> ActionView:
        advice = self.questionnaire.recommendations[action.id]
        find_out = action.mode is Mode.FIND_OUT
        quotes = self.quoting.quotes(action.finds_out if find_out else action.reasons)
        asks = joined(f"“{self.questionnaire.questions[q].short}”" for q in action.finds_out)
        whose = "their" if self.parties.who(action) is Who.STAFF else "your"
        return ActionView(
            number=number,
            id=action.id,
            code=action.code,
            bank=self.quoting.bank_titles[action.bank],
            find_out=find_out,
            critical=action.critical,
            do=f"Find out about {asks}." if find_out else advice.do,
            steps=() if find_out else advice.steps,
            why=f"You were not sure. If it turns out badly, the next step is: {advice.do}" if find_out else advice.why,
            quotes=quotes,
            gain=self._gain(action),
            after=action.after,
            held=self._still_held(action),
            opens="" if find_out else advice.opens or "",
            effort=hours(action.owner_hours, action.it_hours, self.questionnaire.words.work, whose),
            cost=COSTS[Cost.NONE] if find_out else COSTS[advice.cost],
            money="" if find_out or advice.cost is Cost.NONE else self.amounts.get(advice.cost, ""),
            who=doer(self.parties.who(action), self.questionnaire.words, self.paid_help),
            first=tuple(f"Step {self.numbers[need]}" for need in action.first if self.numbers[need] < number),
            then=tuple(self.questionnaire.recommendations[other].do for other in action.then),
            by_yourself="" if find_out or self.paid_help else advice.without_provider or "",
            neutral=NEUTRAL if advice.neutral and not find_out else "",
        )

    def _gain(self, action: Action) -> str:
        if action.in_order is None or action.after is None:
            return ""
        if action.in_order == 0:
            return f"after this: {action.after}"
        return f"+{points(action.in_order)}, after this: {action.after}"

    def _still_held(self, action: Action) -> str:
        if not action.held_by:
            return ""
        return f"Still held back by: {self.quoting.rule_says(action.held_by[0])}"

    def horizons(self, actions: tuple[ActionView, ...]) -> Iterator[HorizonView]:
        for horizon in Horizon:
            placed = [a for a, b in zip(actions, self.outcome.plan, strict=True) if b.horizon is horizon]
            if placed:
                score_after = self.outcome.trajectory.get(horizon, 0)
                yield HorizonView(horizon.value, HORIZONS[horizon], score_after, tuple(placed))

    def next_band(self) -> str:
        """The smallest set of steps that reaches the next band, as a sentence; nothing where there is none."""
        found = self.outcome.next_band
        if found is None:
            return ""
        return reaches(self.quoting.band_names[found.band], [self.numbers[action] for action in found.actions])
