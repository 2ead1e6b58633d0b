"""Adds up what a plan costs: the authored bands of a currency as ranges, and their sum as one range in words."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from assessment.engine.advice import Cost
from assessment.engine.result import Action, Mode
from assessment.reports.cards import Cards

BELOW = re.compile(r"\b(under|below|less than|up to)\b", re.IGNORECASE)
ABOVE = re.compile(r"\b(over|above|more than|from|at least)\b", re.IGNORECASE)


class Amount(NamedTuple):
    """Money between two whole amounts; without an upper end, that much or more."""

    low: int
    high: int | None


def read_amount(says: str, symbol: str) -> Amount | None:
    """What an authored band means: "under £400", "£400 to £2,000", "over £8,000". None where that is not clear."""
    found = [int(number.replace(",", "")) for number in re.findall(re.escape(symbol) + r"\s?(\d[\d,]*)(?![.\d])", says)]
    if len(found) == 2 and found[0] <= found[1]:
        return Amount(found[0], found[1])
    if len(found) != 1 or bool(BELOW.search(says)) == bool(ABOVE.search(says)):
        return None
    return Amount(0, found[0]) if BELOW.search(says) else Amount(found[0], None)


def rounded(amount: Amount) -> Amount:
    """Both ends to two figures, away from each other: a sum of bands knows no more."""
    low_step, high_step = _step(amount.low), _step(amount.high or 0)
    high = None if amount.high is None else -(-amount.high // high_step) * high_step
    return Amount(amount.low // low_step * low_step, high)


def _step(number: int) -> int:
    return int(10 ** max(0, len(str(number)) - 2))


class Purse:
    """What the steps of one plan cost, in the currency of its sponsor."""

    def __init__(self, cards: Cards) -> None:
        self.advice = cards.questionnaire.recommendations
        self.symbol = cards.symbol
        self.bands = {cost: read_amount(says, cards.symbol) for cost, says in cards.amounts.items()}

    def for_all(self, actions: Iterable[Action]) -> str:
        """The sum of the bands; where a band's words cannot be added up, how many steps cost something."""
        costs = [self._cost(action) for action in actions]
        paid = [cost for cost in costs if cost is not Cost.NONE]
        if not paid:
            return "nothing"
        amounts = [amount for cost in paid if (amount := self.bands.get(cost)) is not None]
        if len(amounts) < len(paid):
            return f"{len(paid)} of {len(costs)} steps cost money"
        highs = [amount.high for amount in amounts if amount.high is not None]
        total = Amount(sum(amount.low for amount in amounts), sum(highs) if len(highs) == len(amounts) else None)
        return self._says(rounded(total))

    def _cost(self, action: Action) -> Cost:
        return Cost.NONE if action.mode is Mode.FIND_OUT else self.advice[action.id].cost

    def _says(self, amount: Amount) -> str:
        if amount.high is None:
            return f"about {self.symbol}{amount.low:,} or more"
        if not amount.low:
            return f"up to about {self.symbol}{amount.high:,}"
        return f"about {self.symbol}{amount.low:,} to {self.symbol}{amount.high:,}"
