"""One set of answers by two versions of a questionnaire: what moved and why, in lines for a terminal and as data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assessment.engine.accounts import largest_remainder
from assessment.engine.answers import Answers, carry
from assessment.engine.assess import assess
from assessment.engine.ledger import shown
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Outcome
from assessment.engine.scoring import score
from assessment.reports.comparison.movement import CAUSES, Cause, Change, Movement, movement
from assessment.reports.words import joined

FIRST = 5
"""How many of the first actions are told of."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """A stored outcome and its version, beside what the same answers come to by another; `given` are those it takes."""

    was: Outcome
    now: Outcome
    earlier: Questionnaire
    later: Questionnaire
    answers: Answers
    given: Answers
    movement: Movement | None

    @property
    def dropped(self) -> tuple[str, ...]:
        """The questions whose answer is not offered any more."""
        return tuple(name for name in self.answers if name in self.later.questions and name not in self.given)


def rescore(was: Outcome, earlier: Questionnaire, later: Questionnaire, answers: Answers) -> Rescored:
    """Score answers, which came to an outcome by an earlier version, by a later one; no answer is made up."""
    given = carry(later, answers)
    now = assess(later, given, was.depth)
    scored = score(earlier, answers, was.depth), score(later, given, was.depth)
    moved = movement(was.overall.score_exact, *scored, given) if was.overall else None
    return Rescored(was, now, earlier, later, answers, given, moved)


def lines(found: Rescored) -> Iterator[str]:
    """Everything that moved, and why, in lines."""
    was, now = found.was.overall, found.now.overall
    scores = [_score(one.score if one else None) for one in (was, now)]
    yield f"overall: {' → '.join(scores)}, band: {_band(found)}"
    if was and now and (was.provisional or now.provisional):
        yield "  provisional: where an open answer could lower it much, the band is that of the low end"
    if was and now and was.held_by != now.held_by:
        holding = [joined(list(one.held_by)) or "no rule" for one in (was, now)]
        yield f"  score or band held back by {' → '.join(holding)}"
    for bank, before, after in _banks(found):
        yield f"  {bank:<12} {_score(before):>8} → {_score(after)}"
    if found.movement is None:
        yield "Without a score then and now there is no difference to explain."
    else:
        yield from _why(found, found.movement)
    yield from _plans(found)


def _score(score: int | None) -> str:
    return "no score" if score is None else str(score)


def _band(found: Rescored) -> str:
    names = [
        next(band.name for band in questionnaire.bands if band.id == outcome.overall.band)
        if outcome.overall
        else "none"
        for outcome, questionnaire in ((found.was, found.earlier), (found.now, found.later))
    ]
    return " → ".join(names) if names[0] != names[1] else f"{names[0]}, as before"


def _banks(found: Rescored) -> Iterator[tuple[str, int | None, int | None]]:
    was, now = ({bank.id: bank.score for bank in outcome.banks} for outcome in (found.was, found.now))
    for bank in {**now, **was}:
        yield bank, was.get(bank), now.get(bank)


def _why(found: Rescored, moved: Movement) -> Iterator[str]:
    if not moved.changes:
        yield "Nothing that these answers rest on changed."
        return
    tenths = iter(_in_tenths(moved))
    told = [(change, next(tenths)) for change in moved.changes]
    yield f"why, made one after the other in this order ({_signed(sum(tenth for _, tenth in told))} before rounding):"
    for cause in Cause:
        if mine := [(change, tenth) for change, tenth in told if change.cause is cause]:
            yield f"  {_signed(sum(tenth for _, tenth in mine)):>6}  {CAUSES[cause]}"
            yield from (f"    {_signed(tenth):>6}  {_says(found, change)}" for change, tenth in mine)


def _in_tenths(moved: Movement) -> Sequence[int]:
    """Each change in tenths of a point, so rounded that they sum to the rounded whole."""
    parts = [change.points * 10 for change in moved.changes]
    return largest_remainder(parts, shown((moved.after - moved.before) * 10))


def _signed(tenths: int) -> str:
    return f"{tenths / 10:+.1f}" if tenths else "0.0"


def _says(found: Rescored, change: Change) -> str:
    if change.cause is Cause.ENGINE:
        return f"engine {found.was.engine} → {found.now.engine}"
    return f"{_name(found, change)}: {_value(change.was)} → {_value(change.now)}{_rule_note(found, change)}"


def _value(value: int | None) -> str:
    return "none" if value is None else str(value)


def _name(found: Rescored, change: Change) -> str:
    if change.cause is Cause.RULE:
        holds = f"holds {change.bank or 'the whole score'} at"
        return f"{change.about} {holds}"
    if change.cause is Cause.BANK:
        return (found.later.bank_by_id.get(change.about) or found.earlier.bank_by_id[change.about]).title
    return (found.later.questions.get(change.about) or found.earlier.questions[change.about]).short


def _rule_note(found: Rescored, change: Change) -> str:
    """Whether the rule is another one now, or the same one seeing other answers."""
    if change.cause is not Cause.RULE:
        return ""
    was, now = (one.all_rules.get(change.about) for one in (found.earlier, found.later))
    if was is None or now is None:
        return " (a new rule)" if was is None else " (the rule is gone)"
    same = (was.when.data(), was.caps) == (now.when.data(), now.caps)
    return " (the same rule; what it looks at changed)" if same else " (the rule changed)"


def _plans(found: Rescored) -> Iterator[str]:
    was, now = _first(found.was, found.earlier), _first(found.now, found.later)
    if list(was) == list(now):
        yield f"The first {len(was)} actions stay as they are." if was else "There is nothing to do, then or now."
        return
    yield "first actions before:"
    yield from (f"  {number}. {name}: {do}" for number, (name, do) in enumerate(was.items(), 1))
    yield "first actions after:"
    yield from (f"  {number}. {name}: {do}" for number, (name, do) in enumerate(now.items(), 1))
    gone, new = [name for name in was if name not in now], [name for name in now if name not in was]
    if gone or new:
        yield f"  not among them any more: {joined(gone) or 'none'}; new among them: {joined(new) or 'none'}"


def _first(outcome: Outcome, questionnaire: Questionnaire) -> dict[str, str]:
    return {action.id: questionnaire.recommendations[action.id].do for action in outcome.plan[:FIRST]}


def as_data(found: Rescored) -> dict[str, Any]:
    """The same as plain values, for `--json`; exact figures as "n/d"."""
    moved = found.movement
    return {
        "questionnaire": found.later.id,
        "version": _pair(found.was.questionnaire.version, found.now.questionnaire.version),
        "depth": str(found.was.depth),
        "score": _pair(*(one.overall and one.overall.score for one in (found.was, found.now))),
        "band": _pair(*(one.overall and one.overall.band for one in (found.was, found.now))),
        "banks": {bank: _pair(before, after) for bank, before, after in _banks(found)},
        "moved_exact": _exact(moved.after - moved.before) if moved else None,
        "changes": [_change(change) for change in moved.changes] if moved else [],
        "not_offered_any_more": list(found.dropped),
        "first": _pair(list(_first(found.was, found.earlier)), list(_first(found.now, found.later))),
    }


def _pair(before: Any, after: Any) -> Mapping[str, Any]:
    return {"before": before, "after": after}


def _change(change: Change) -> dict[str, Any]:
    return {
        "cause": str(change.cause),
        "about": change.about,
        **({"bank": change.bank or None} if change.cause is Cause.RULE else {}),
        **_pair(change.was, change.now),
        "points_exact": _exact(change.points),
    }


def _exact(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
