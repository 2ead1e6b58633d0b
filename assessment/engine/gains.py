"""What each action of a plan gains, alone and in order: the arithmetic run again with answers improved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from assessment.engine.advice import Horizon
from assessment.engine.firing import FIND_OUT_HOURS, Candidate, hours_of, people
from assessment.engine.ledger import Levels, Tally, shown
from assessment.engine.result import Action, Mode, NextBand
from assessment.engine.scoring import Scored


class Done:
    """The answers as they stand once some actions are done, and the scores they give."""

    def __init__(self, scored: Scored, levels: Levels, unsure: frozenset[str]) -> None:
        self.scored = scored
        self.levels = levels
        self.unsure = unsure
        self.before: Done | None = None
        self.moved: frozenset[str] = frozenset()

    @cached_property
    def tally(self) -> Tally:
        """The scores, from those of before where only some answers were raised since: a plan asks for hundreds."""
        before, ledger = self.before, self.scored.ledger
        if before is None or before.unsure != self.unsure:
            return ledger.tally(self.levels, self.unsure)
        return ledger.tally(self.levels, self.unsure, before.tally, self.moved) if self.moved else before.tally

    @cached_property
    def score(self) -> Fraction:
        assert self.tally.overall is not None
        return self.tally.overall.score

    @cached_property
    def band(self) -> int:
        return self.scored.ledger.band(self.tally)[0] or 0

    def and_then(self, *raised: Levels) -> "Done":
        """The same with more answers raised; none is ever lowered."""
        levels, moved = dict(self.levels), set[str]()
        for reached in raised:
            for question, level in reached.items():
                if question not in levels or levels[question] < level:
                    levels[question] = level
                    moved.add(question)
        after = Done(self.scored, levels, self.unsure - moved)
        after.before, after.moved = self, frozenset(moved)
        return after


def done(scored: Scored, actions: Iterable[str]) -> Done:
    """Where the answers stand once these actions are done, in whatever order."""
    start = Done(scored, scored.levels, scored.unsure)
    return start.and_then(*(_raised(scored, action) for action in actions))


def _raised(scored: Scored, action_id: str) -> Levels:
    """The levels an action reaches, on questions that were answered or settled.

    What was "not sure" counts as raised only to a level that is never worth less: an action must not lower a score by
    turning ignorance into a poor answer.
    """
    questionnaire, reached = scored.route.questionnaire, {}
    for question, target in questionnaire.recommendations[action_id].raises.items():
        level = questionnaire.ladders[question].index(target)
        unsure = question in scored.unsure and scored.ledger.never_costs(question, level)
        if unsure or question in scored.levels:
            reached[question] = level
    return reached


def actions(scored: Scored, ordered: Sequence[Candidate]) -> tuple[Action, ...]:
    """The plan in the order given, with what each action gains."""
    heads = people(scored)
    start = running = Done(scored, scored.levels, scored.unsure)
    placed = []
    for one in ordered:
        owner, it = hours_of(one.advice, heads) if one.mode is Mode.DO else (FIND_OUT_HOURS, 0.0)
        gains, running = _gains(scored, one, start, running)
        placed.append(
            Action.model_validate(
                {
                    "id": one.id,
                    "code": one.advice.code,
                    "bank": one.advice.bank,
                    "mode": one.mode,
                    "horizon": one.horizon,
                    "critical": one.critical,
                    "reasons": one.reasons,
                    "rules": one.rules,
                    "finds_out": one.finds_out,
                    "first": one.first,
                    "then": one.then,
                    "owner_hours": owner,
                    "it_hours": it,
                    **gains,
                }
            )
        )
    return tuple(placed)


NO_GAINS = dict.fromkeys(("alone", "alone_exact", "in_order", "in_order_exact", "after", "after_exact"))


def _gains(scored: Scored, one: Candidate, start: Done, running: Done) -> tuple[dict[str, object], Done]:
    """The three numbers of one action, and the answers as they stand once it is done."""
    raised = _raised(scored, one.id) if one.mode is Mode.DO else {}
    if not raised or scored.overall is None:
        return {**NO_GAINS, "held_by": ()}, running
    alone, after = start.and_then(raised), running.and_then(raised)
    return {
        "alone": shown(alone.score) - shown(start.score),
        "alone_exact": alone.score - start.score,
        "in_order": shown(after.score) - shown(running.score),
        "in_order_exact": after.score - running.score,
        "after": shown(after.score),
        "after_exact": after.score,
        "held_by": _holding(after.tally, raised),
    }, after


def _holding(tally: Tally, raised: Levels) -> tuple[str, ...]:
    """The rules that still hold the score, or the banks an action works on, once it is done."""
    banks = dict.fromkeys(question.partition(".")[0] for question in raised)
    holding = (tally.overall, *(tally.banks.get(bank) for bank in banks))
    return tuple(dict.fromkeys(rule for capped in holding if capped for rule in capped.held_by[:1]))


def trajectory(scored: Scored, plan: tuple[Action, ...]) -> dict[Horizon, int]:
    """The shown score once everything up to each horizon is done."""
    if scored.overall is None:
        return {}
    scores, reached = {}, scored.overall.score
    for horizon in Horizon:
        reached = max([reached, *(a.after for a in plan if a.horizon.order <= horizon.order and a.after is not None)])
        scores[horizon] = reached
    return scores


def next_band(scored: Scored, plan: tuple[Action, ...]) -> NextBand | None:
    """The first actions of the plan that reach the next band, less every one that turns out not to be needed."""
    if scored.overall is None or scored.overall.provisional:
        return None
    bands = scored.route.questionnaire.bands
    goal = next(place for place, band in enumerate(bands) if band.id == scored.overall.band) + 1
    start = done = Done(scored, scored.levels, scored.unsure)
    needed: dict[str, Levels] = {}
    for action in plan:
        if done.band >= goal or goal == len(bands):
            break
        if action.mode is Mode.DO and (raised := _raised(scored, action.id)):
            needed[action.id] = raised
            done = done.and_then(raised)
    if done.band < goal:
        return None
    for action_id in _removable(start, needed, goal):
        del needed[action_id]
    return NextBand(band=bands[goal].id, actions=tuple(needed))


def _removable(start: Done, needed: Mapping[str, Levels], goal: int) -> Iterator[str]:
    """Actions the goal is reached without, last ones first, until taking any away misses it."""
    kept = dict(needed)
    again = True
    while again:
        again = False
        for action_id in reversed(tuple(kept)):
            without = [raised for other, raised in kept.items() if other != action_id]
            if start.and_then(*without).band >= goal:
                del kept[action_id]
                again = True
                yield action_id
