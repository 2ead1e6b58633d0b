"""Lays the plan out by the calendar: by when, whose hours, how much money, what waits for what, when to look again."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from assessment.engine.advice import Horizon, Who
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Action, Overall
from assessment.reports.cards import Cards
from assessment.reports.money import Purse
from assessment.reports.report import LookAgain, RoadmapView, StageView, StepMark
from assessment.reports.words import HORIZONS, day, doer, duration, joined

LAST_DAYS: Mapping[Horizon, int] = {Horizon.NOW: 7, Horizon.MONTH: 30, Horizon.QUARTER: 90, Horizon.YEAR: 365}
"""How many days after the check each horizon ends."""

NOTHING = "none"


def roadmap(cards: Cards, taken_on: date) -> RoadmapView | None:
    """The roadmap of a plan; none where there is no plan."""
    return _Roadmap(cards, taken_on).all() if cards.outcome.plan else None


class _Roadmap:
    """Writes one roadmap, with the parties that have a part in it."""

    def __init__(self, cards: Cards, taken_on: date) -> None:
        self.cards, self.taken_on = cards, taken_on
        self.plan, self.purse = cards.outcome.plan, Purse(cards)
        hours = dict(zip(Who, cards.parties.hours(self.plan), strict=True))
        leads = {cards.parties.who(action) for action in self.plan}
        self.parties = [who for who in Who if who in leads or hours[who]]

    def all(self) -> RoadmapView:
        words, helped = self.cards.questionnaire.words, self.cards.paid_help
        placed = {horizon: [one for one in self.plan if one.horizon is horizon] for horizon in Horizon}
        return RoadmapView(
            parties=tuple(doer(who, words, helped) for who in self.parties),
            stages=tuple(self._stage(horizon, actions) for horizon, actions in placed.items() if actions),
            hours=self._hours(self.plan),
            money=self.purse.for_all(self.plan),
        )

    def _stage(self, horizon: Horizon, actions: Sequence[Action]) -> StageView:
        steps = tuple(self._step(action) for action in actions)
        return StageView(
            id=horizon.value,
            title=HORIZONS[horizon],
            until=self.taken_on + timedelta(days=LAST_DAYS[horizon]),
            steps=steps,
            waits=_waits(steps),
            hours=self._hours(actions),
            money=self.purse.for_all(actions),
            score_after=self.cards.outcome.trajectory.get(horizon),
        )

    def _step(self, action: Action) -> StepMark:
        number = self.cards.numbers[action.id]
        before = sorted(self.cards.numbers[need] for need in action.first)
        party = self.parties.index(self.cards.parties.who(action))
        return StepMark(number, party, tuple(one for one in before if one < number))

    def _hours(self, actions: Sequence[Action]) -> tuple[str, ...]:
        hours = dict(zip(Who, self.cards.parties.hours(actions), strict=True))
        return tuple(_about(hours[who]) if hours[who] else NOTHING for who in self.parties)


def _about(length: float) -> str:
    """Hours of many steps, where a half would say more than anybody knows."""
    return duration(length if length < 3 else float(round(length)))


def _waits(steps: Sequence[StepMark]) -> str:
    said = [f"step {one.number} after {_named(one.after)}" for one in steps if one.after]
    return f"What waits: {'; '.join(said)}." if said else ""


def _named(numbers: Sequence[int]) -> str:
    return f"step{'s' if len(numbers) > 1 else ''} {joined(map(str, numbers))}"


def look_again(overall: Overall | None, questionnaire: Questionnaire, taken_on: date) -> LookAgain | None:
    """When to take the check again: soon in the lower bands, in a year in the upper ones. Without a score, nothing."""
    if overall is None:
        return None
    place = next(n for n, band in enumerate(questionnaire.bands) if band.id == overall.band)
    height = place / max(1, len(questionnaire.bands) - 1)
    on = months_after(taken_on, 3 if height < 0.5 else 6 if height == 0.5 else 12)
    if overall.provisional:
        when = f"as soon as you know what is still open, and by {day(on)} at the latest"
    elif height < 0.5:
        when = f"once the first steps are done, and by {day(on)} at the latest"
    elif height == 0.5:
        when = f"around {day(on)}"
    else:
        when = f"around {day(on)}, or sooner if much changes in your business"
    return LookAgain(on, f"Take this check again {when}.")


def months_after(start: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it is shorter."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
