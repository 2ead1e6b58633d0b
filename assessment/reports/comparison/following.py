"""How far the actions of an earlier plan are, told by the answers they aim at; nothing is scored or planned again."""

from collections.abc import Iterator
from enum import StrEnum

from assessment.engine.flow import State
from assessment.engine.result import Action, Mode
from assessment.reports.comparison.comparison import ActionMove, NewAction, Progress
from assessment.reports.comparison.matching import Half, Matching, Where
from assessment.reports.report import ActionView

FOUND_OUT = "Found out"
NEXT_STEP = "Found out; what to do about it stands in the later plan"
STILL_ADVISED = "Its answers are better, and it is still advised"
UNSURE = "Nobody was sure this time"
NOT_CALLED_FOR = "Nothing in the later answers calls for it"
NOT_ASKED = f"{NOT_CALLED_FOR}; whether it was done was not asked"


class Reach(StrEnum):
    """How an answer stands to what an action aims at."""

    REACHED = "reached"
    SHORT = "short"
    UNSURE = "unsure"
    UNSEEN = "unseen"
    NOT = "not"


class Following:
    """The plan of the earlier outcome, followed into the later one."""

    def __init__(self, matching: Matching, before: tuple[ActionView, ...], after: tuple[ActionView, ...]) -> None:
        self.matching = matching
        self.was, self.now = matching.was, matching.now
        self.cards = {card.id: card for card in before}
        self.later_cards = {card.id: card for card in after}
        self.earlier = {action.id: action for action in self.was.outcome.plan}
        self.later = {action.id: action for action in self.now.outcome.plan}

    def moves(self) -> Iterator[ActionMove]:
        """Every action of the earlier plan, critical ones first, then in its order."""
        for action in sorted(self.earlier.values(), key=lambda one: not one.critical):
            card = self.cards[action.id]
            progress, note = self._progress(action)
            yield ActionMove(
                number=card.number,
                id=action.id,
                code=action.code,
                do=card.do,
                progress=progress,
                critical=action.critical,
                note=note,
                evidence=self.matching.evidence(tuple(self._pending(action)) or action.reasons),
            )

    def new(self) -> Iterator[NewAction]:
        """The actions of the later plan that the earlier one did not have, or only asked to find out about."""
        for action in sorted(self.later.values(), key=lambda one: not one.critical):
            before = self.earlier.get(action.id)
            if before is None or self._found_out(before):
                card = self.later_cards[action.id]
                yield NewAction(card.number, action.id, action.code, card.do, action.critical, card.find_out)

    def _found_out(self, action: Action) -> bool:
        """Whether an action that was to find out has become one to do."""
        later = self.later.get(action.id)
        return action.mode is Mode.FIND_OUT and later is not None and later.mode is Mode.DO

    def _aims(self, action: Action) -> dict[str, str]:
        """The answers an action aims at, with the option to reach; to find out, any option will do."""
        if action.mode is Mode.FIND_OUT:
            return dict.fromkeys(action.finds_out, "")
        return dict(self.was.questionnaire.recommendations[action.id].raises)

    def _pending(self, action: Action) -> dict[str, tuple[Reach, Reach]]:
        """The aims not reached then, with how they stood then and stand now; what neither check saw is left out."""
        aims = self._aims(action)
        stood = {q: (self._reach(self.was, q, target), self._reach(self.now, q, target)) for q, target in aims.items()}
        done = (Reach.REACHED, Reach.NOT)
        return {q: pair for q, pair in stood.items() if pair[0] not in done and set(pair) != {Reach.UNSEEN}}

    def _reach(self, half: Half, question: str, target: str) -> Reach:
        where = half.where(question)
        if where is Where.NOT:
            return Reach.NOT
        if where is not Where.KNOWN:
            unsure = where is Where.OPEN and half.given[question].state == State.NOT_SURE
            return Reach.UNSURE if unsure else Reach.UNSEEN
        if not target or half.given[question].options == (target,):
            return Reach.REACHED
        if half is self.now and not self.matching.same_choices(question):
            return Reach.UNSEEN
        level, wanted = half.level(question), half.questionnaire.ladders[question].index(target)
        return Reach.REACHED if level is not None and level >= wanted else Reach.SHORT

    def _progress(self, action: Action) -> tuple[Progress, str]:
        pending = self._pending(action)
        if not pending:
            return self._by_plan(action)
        rest = {question: now for question, (_, now) in pending.items() if now is not Reach.NOT}
        if not rest:
            return Progress.NO_LONGER_APPLIES, ""
        if set(rest.values()) == {Reach.REACHED}:
            return self._reached(action)
        if Reach.REACHED in rest.values() or any(map(self._improved, rest)):
            return Progress.PARTLY, ""
        if Reach.SHORT in rest.values():
            return (Progress.NO_LONGER_APPLIES, NOT_CALLED_FOR) if self._dropped(action) else (Progress.OPEN, "")
        return (Progress.OPEN, UNSURE) if Reach.UNSURE in rest.values() else (Progress.UNSEEN, "")

    def _reached(self, action: Action) -> tuple[Progress, str]:
        if self._found_out(action):
            return Progress.DONE, NEXT_STEP
        if action.id in self.later:
            return Progress.PARTLY, STILL_ADVISED
        return Progress.DONE, FOUND_OUT if action.mode is Mode.FIND_OUT else ""

    def _by_plan(self, action: Action) -> tuple[Progress, str]:
        """Of an action that changes no answer by itself: whether it is still advised, where that can be told."""
        if action.id in self.later:
            return Progress.OPEN, ""
        reached = {self._reach(self.now, question, "") for question in action.reasons}
        if Reach.UNSEEN in reached or action.id not in self.now.questionnaire.recommendations:
            return Progress.UNSEEN, ""
        return (Progress.OPEN, UNSURE) if Reach.UNSURE in reached else (Progress.NO_LONGER_APPLIES, NOT_ASKED)

    def _improved(self, question: str) -> bool:
        """Whether an answer came nearer to where it should be."""
        before, after = self.was.level(question), self.now.level(question)
        if before is None or after is None or not self.matching.same_choices(question):
            return False
        return after > before

    def _dropped(self, action: Action) -> bool:
        """Whether the later plan leaves it out for a reason: its own condition, seen whole, does not hold."""
        advice = self.now.questionnaire.recommendations.get(action.id)
        if action.id in self.later or advice is None or advice.when is None:
            return False
        refers_to = self.now.questionnaire.refers_to(advice.when)
        return {self._reach(self.now, question, "") for question in refers_to} <= {Reach.REACHED, Reach.NOT}
