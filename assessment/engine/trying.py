"""What if only some actions of a plan were done: the plan's own arithmetic, for any choice of its actions."""

from collections.abc import Collection
from dataclasses import dataclass

from assessment.engine.answers import Answers
from assessment.engine.gains import done
from assessment.engine.ledger import Levels, Tally
from assessment.engine.ranges import Spreads
from assessment.engine.result import Action, BankResult, Outcome, Overall
from assessment.engine.scoring import Scored, bank_result, overall_of, score


@dataclass(frozen=True, slots=True)
class Tried:
    """The scores once some actions are done: what a result says of scores, for answers nobody has given yet."""

    overall: Overall
    banks: tuple[BankResult, ...]


def counts(action: Action) -> bool:
    """Whether an action changes an answer by itself, so that doing it can be tried."""
    return action.after is not None


def tried(scored: Scored, actions: Collection[str]) -> Tried | None:
    """The scores once these actions of its plan are done; None without a score.

    Score and banks are those of the plan, which counts an answer as improved whether or not another still settles it;
    what stays open is walked through again, and its range holds the score in any case.
    """
    if scored.overall is None:
        return None
    reached, route, ledger = done(scored, actions), scored.route, scored.ledger
    again = score(route.questionnaire, {**route.answers, **_improved(scored, reached.levels)}, route.depth)
    ends = _holding(again, reached.tally)
    overall = overall_of(ledger, reached.tally, ends, again.biting)
    assert overall is not None
    assert again.overall is not None
    banks = tuple(
        bank_result(bank.bank, bank.weight, capped, ends[bank.bank])
        for bank in ledger.banks
        if (capped := reached.tally.banks[bank.bank]) is not None
    )
    return Tried(overall.model_copy(update={"if_full": again.overall.if_full}), banks)


def _improved(scored: Scored, levels: Levels) -> Answers:
    """The answers that are other ones now; what one of them settled before keeps its level as an answer."""
    changed = {question for question, level in levels.items() if level != scored.levels.get(question)}
    ladders, standings = scored.route.questionnaire.ladders, scored.route.standings
    freed = {
        question
        for question, standing in standings.items()
        if standing.settled_by
        and (settled := standing.question.settled)
        and changed.intersection(settled.when.questions)
    }
    return {question: ladders[question][levels[question]] for question in changed | freed}


def _holding(again: Scored, tally: Tally) -> Spreads:
    """The ranges, made wide enough for the scores of a tally."""
    ends: Spreads = {bank.id: (bank.low_exact, bank.high_exact) for bank in again.banks}
    if again.overall is not None:
        ends[""] = again.overall.low_exact, again.overall.high_exact
    for key, capped in [*tally.banks.items(), ("", tally.overall)]:
        if capped is not None:
            low, high = ends.get(key, (capped.score, capped.score))
            ends[key] = min(low, capped.score), max(high, capped.score)
    return ends


def stands(scored: Scored, outcome: Outcome) -> bool:
    """Whether today's arithmetic gives a stored outcome its own numbers: with nothing done, and with everything."""
    if (scored.overall, scored.banks) != (outcome.overall, outcome.banks):
        return False
    counting = [action for action in outcome.plan if counts(action)]
    return not counting or done(scored, [action.id for action in counting]).score == counting[-1].after_exact
