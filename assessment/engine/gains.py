"""What each action of a plan gains, alone and in order: the arithmetic run again with answers improved."""

from collections.abc import Iterable, Sequence

from assessment.engine.advice import Horizon
from assessment.engine.ledger import Levels, Tally, shown
from assessment.engine.plan import FIND_OUT_HOURS, Candidate, hours_of, people
from assessment.engine.result import Action, Mode, NextBand
from assessment.engine.scoring import Scored

Standing = tuple[Levels, frozenset[str]]


class _WhatIf:
    """Runs the arithmetic with actions done."""

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        self.advice = scored.route.questionnaire.recommendations
        self.ladders = scored.route.questionnaire.ladders
        self.start: Standing = (scored.levels, scored.unsure)

    def raised(self, action_id: str) -> dict[str, int]:
        """The levels an action reaches: on questions that were answered, settled or not sure, never on others."""
        return {
            question: self.ladders[question].index(target)
            for question, target in self.advice[action_id].raises.items()
            if question in self.scored.levels or question in self.scored.unsure
        }

    def done(self, standing: Standing, action_ids: Iterable[str]) -> Standing:
        levels, unsure = dict(standing[0]), standing[1]
        for action_id in action_ids:
            for question, level in self.raised(action_id).items():
                levels[question] = max(level, levels.get(question, 0))
                unsure = unsure - {question}
        return levels, unsure

    def tally(self, standing: Standing) -> Tally:
        return self.scored.ledger.tally(*standing)

    def band(self, standing: Standing) -> int:
        return self.scored.ledger.band(self.tally(standing))[0] or 0


def actions(scored: Scored, ordered: Sequence[Candidate]) -> tuple[Action, ...]:
    what_if, running = _WhatIf(scored), (scored.levels, scored.unsure)
    heads = people(scored)
    placed = []
    for one in ordered:
        owner, it = hours_of(one.advice, heads) if one.mode is Mode.DO else (FIND_OUT_HOURS, 0.0)
        gains, running = _gains(what_if, one, running)
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


def _gains(what_if: _WhatIf, one: Candidate, running: Standing) -> tuple[dict[str, object], Standing]:
    """The three numbers of one action, and the answers as they stand once it is done."""
    weighs = what_if.scored.tally.overall
    if one.mode is Mode.FIND_OUT or not what_if.raised(one.id) or weighs is None:
        return {**NO_GAINS, "held_by": ()}, running
    done = what_if.done(running, [one.id])
    alone, before, after = (
        tally.overall.score if tally.overall else weighs.score
        for tally in (
            what_if.tally(what_if.done(what_if.start, [one.id])),
            what_if.tally(running),
            what_if.tally(done),
        )
    )
    start = weighs.score
    return {
        "alone": shown(alone) - shown(start),
        "alone_exact": alone - start,
        "in_order": shown(after) - shown(before),
        "in_order_exact": after - before,
        "after": shown(after),
        "after_exact": after,
        "held_by": _holding(what_if, one, done),
    }, done


def _holding(what_if: _WhatIf, one: Candidate, done: Standing) -> tuple[str, ...]:
    """The rules that still hold the score, or the banks this action works on, once it is done."""
    tally = what_if.tally(done)
    banks = dict.fromkeys(question.partition(".")[0] for question in what_if.raised(one.id))
    held = [*(tally.overall.held_by[:1] if tally.overall else ())]
    for bank in banks:
        capped = tally.banks.get(bank)
        held += capped.held_by[:1] if capped else ()
    return tuple(dict.fromkeys(held))


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
    what_if = _WhatIf(scored)
    bands = scored.route.questionnaire.bands
    goal = next(place for place, band in enumerate(bands) if band.id == scored.overall.band) + 1
    useful = [action.id for action in plan if action.mode is Mode.DO and what_if.raised(action.id)]
    reached = next(
        (n for n in range(len(useful) + 1) if what_if.band(what_if.done(what_if.start, useful[:n])) >= goal), None
    )
    if goal == len(bands) or reached is None:
        return None
    needed = useful[:reached]
    for action_id in reversed(needed.copy()):
        without = [other for other in needed if other != action_id]
        if what_if.band(what_if.done(what_if.start, without)) >= goal:
            needed = without
    return NextBand(band=bands[goal].id, actions=tuple(needed))
