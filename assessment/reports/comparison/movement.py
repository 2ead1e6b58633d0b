"""Why the same answers score otherwise by another version: its changes made one by one, so that they sum exactly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from assessment.engine.answers import Answers
from assessment.engine.scoring import Scored


class Cause(StrEnum):
    """What can move a score while nobody answers anew, in the order in which it is made to."""

    ENGINE = "engine"
    NEW = "new"
    OTHERWISE = "otherwise"
    GONE = "gone"
    DROPPED = "dropped"
    POINTS = "points"
    WEIGHT = "weight"
    BANK = "bank"
    RULE = "rule"


CAUSES: Mapping[Cause, str] = {
    Cause.ENGINE: "How a score is worked out from answers",
    Cause.NEW: "Questions that are new, and follow from an answer",
    Cause.OTHERWISE: "Questions that now apply, or no longer do",
    Cause.GONE: "Questions that are gone",
    Cause.DROPPED: "Answers that are not offered any more, and count as not given",
    Cause.POINTS: "What an answer is worth",
    Cause.WEIGHT: "How much a question weighs",
    Cause.BANK: "How much a topic weighs",
    Cause.RULE: "Rules that hold a score back",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was: a question, a bank, or a rule that caps a bank ("" for the whole score).

    `was` and `now` are points, a weight, or the most a rule allows; None where there was none. `points` is what it
    moved the overall score by, after all the changes before it.
    """

    cause: Cause
    about: str
    was: int | None
    now: int | None
    points: Fraction
    bank: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """Two exact scores, and the changes between them, which sum to the difference."""

    before: Fraction
    after: Fraction
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Sum:
    """What a score is worked out from: per question weight and points, per bank a weight, and the caps that hold."""

    weights: Mapping[str, int]
    points: Mapping[str, int]
    banks: Mapping[str, int]
    caps: Mapping[tuple[str, str], int]

    def score(self) -> Fraction | None:
        """The overall score; None where nothing that weighs was answered."""
        earned: dict[str, int] = {}
        weight: dict[str, int] = {}
        for question, points in self.points.items():
            bank = question.partition(".")[0]
            earned[bank] = earned.get(bank, 0) + self.weights[question] * points
            weight[bank] = weight.get(bank, 0) + self.weights[question]
        scores = {bank: self._held(Fraction(earned[bank], weight[bank]), bank) for bank in earned if weight[bank]}
        total = sum(self.banks[bank] for bank in scores)
        if not total:
            return None
        return self._held(sum((self.banks[bank] * score for bank, score in scores.items()), Fraction()) / total, "")

    def _held(self, score: Fraction, bank: str) -> Fraction:
        return min([score, *(Fraction(most) for (_, of), most in self.caps.items() if of == bank)])


def movement(stored: Fraction, before: Scored, after: Scored, given: Answers) -> Movement | None:
    """What moved a stored score to that of another version. `given` are the answers the other version still takes.

    None where either has no score.
    """
    if before.tally.overall is None or after.tally.overall is None:
        return None
    last, changes = before.tally.overall.score, []
    if stored != last:
        changes.append(Change(Cause.ENGINE, "", None, None, last - stored))
    for change, reached in _steps(before, after, given):
        score = reached.score()
        score = last if score is None else score
        changes.append(replace(change, points=score - last))
        last = score
    return Movement(stored, after.tally.overall.score, tuple(changes))


def _steps(before: Scored, after: Scored, given: Answers) -> Iterator[tuple[Change, _Sum]]:
    """Each change, in order, with what the score is worked out from once it is made."""
    now, goal = _sum(before), _sum(after)
    now = replace(now, weights={**goal.weights, **now.weights}, banks={**goal.banks, **now.banks})
    for cause, name, was, then in _counted(before, after, given, now, goal):
        points = {other: worth for other, worth in now.points.items() if other != name}
        now = replace(now, points=points if then is None else {**points, name: then})
        yield Change(cause, name, was, then, Fraction()), now
    for name in goal.points:
        if (was := now.weights[name]) != (then := goal.weights[name]):
            now = replace(now, weights={**now.weights, name: then})
            yield Change(Cause.WEIGHT, name, was, then, Fraction()), now
    for name, then in goal.banks.items():
        if (was := now.banks[name]) != then:
            now = replace(now, banks={**now.banks, name: then})
            yield Change(Cause.BANK, name, was, then, Fraction()), now
    for key in dict.fromkeys((*now.caps, *goal.caps)):
        if (most := now.caps.get(key)) != (allowed := goal.caps.get(key)):
            caps = {other: worth for other, worth in now.caps.items() if other != key}
            now = replace(now, caps=caps if allowed is None else {**caps, key: allowed})
            yield Change(Cause.RULE, key[0], most, allowed, Fraction(), key[1]), now


def _counted(
    before: Scored, after: Scored, given: Answers, now: _Sum, goal: _Sum
) -> Iterator[tuple[Cause, str, int | None, int | None]]:
    """The questions that count now and did not, then those that do not any more, then those worth something else."""
    old, new = before.route.questionnaire.questions, after.route.questionnaire.questions
    for name, points in goal.points.items():
        if name not in now.points:
            yield Cause.OTHERWISE if name in old else Cause.NEW, name, None, points
    for name, points in now.points.items():
        if name not in goal.points:
            dropped = name in before.route.answers and name not in given
            yield Cause.GONE if name not in new else Cause.DROPPED if dropped else Cause.OTHERWISE, name, points, None
    for name, points in goal.points.items():
        if name in now.points and now.points[name] != points:
            same = before.route.standings[name].option == after.route.standings[name].option
            yield Cause.POINTS if same else Cause.OTHERWISE, name, now.points[name], points


def _sum(scored: Scored) -> _Sum:
    ledger, levels, unsure = scored.ledger, scored.levels, scored.unsure
    rows = {row.question: row for bank in ledger.banks for row in bank.rows}
    points = {name: row.points[levels[name]] for name, row in rows.items() if name in levels}
    points |= {name: row.not_sure for name, row in rows.items() if name in unsure and name not in levels}
    caps = {bank.bank: bank.caps for bank in ledger.banks} | {"": ledger.overall_caps}
    return _Sum(
        weights={name: row.weight for name, row in rows.items()},
        points=points,
        banks={bank.bank: bank.weight for bank in ledger.banks},
        caps={(rule, of): most for of, c in caps.items() for rule, most in ledger.holding(c, levels, unsure).items()},
    )
