"""Says who does each step of a plan and how long it takes whom: the owner, their office, whoever they pay to help."""

from collections.abc import Iterable

from assessment.engine.advice import Who
from assessment.engine.result import Action, Mode
from assessment.reports.quoting import Quoting

HELPED = frozenset({"provider", "in-house"})
"""The answers to `profile.it-support` of firms that have somebody to hand IT work to."""


class Parties:
    """The parties of one plan, told from what a firm said about itself."""

    def __init__(self, quoting: Quoting) -> None:
        self.advice = quoting.questionnaire.recommendations
        self.paid_help = _said(quoting, "profile.it-support", HELPED)
        self.alone = _said(quoting, "profile.staff", {"1"})

    def who(self, action: Action) -> Who:
        """Who leads a step. Finding out is the owner's, and so is everything where nobody else works."""
        who = Who.OWNER if action.mode is Mode.FIND_OUT else self.advice[action.id].who
        return Who.OWNER if who is Who.STAFF and self.alone else who

    def shares(self, action: Action) -> tuple[float, float, float]:
        """Hours of the owner, of their office and of IT. What an office leads, it does in the owner's place."""
        if self.who(action) is Who.STAFF:
            return 0, action.owner_hours, action.it_hours
        return action.owner_hours, 0, action.it_hours

    def hours(self, actions: Iterable[Action]) -> tuple[float, float, float]:
        """The hours of each for all of these steps."""
        shares = [self.shares(action) for action in actions]
        owner, office, it = (sum(share[place] for share in shares) for place in range(3))
        return owner, office, it


def _said(quoting: Quoting, question: str, options: Iterable[str]) -> bool:
    answer = quoting.given.get(question)
    return answer is not None and not set(options).isdisjoint(answer.options)
