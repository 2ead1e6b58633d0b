"""The arithmetic of scores for one firm at one depth: numbers only, exact, and fast enough to ask "what if" often.

A `Ledger` fixes what the profile decides: which questions count, and for whom. `tally` then turns answers into exact
scores; the range, the gains of actions and the next band are all tallies. Conditions are turned into closures once
per questionnaire.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

from assessment.engine.advice import Rule, Severity
from assessment.engine.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Fact,
    Finding,
    Not,
    NotSureShare,
    admitted,
)
from assessment.engine.flow import Route, State
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import PROFILE, Question

Levels = Mapping[str, int]
"""Per scored question the level that counts, 0 = worst; what is not sure or not answered is not in it."""

Known = Mapping[str, Any]
"""Levels together with what the profile decides: each fact's value, and OUT for questions that do not apply."""

Holds = Callable[[Known, int], bool]
"""Whether a condition is certain to hold, given what is known and the share of "not sure" in percent."""

ANY_CRITICAL = "any-critical"

OUT = -1
"""In place of a level: the question does not apply, so every comparison of it is false."""


def shown(exact: Fraction) -> int:
    """The one rounding there is: to a whole number, halves upwards."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


@dataclass(frozen=True, slots=True)
class Row:
    """One question that may count: its weight, the points of its levels and of "not sure", and what settles it."""

    question: str
    weight: int
    points: tuple[int, ...]
    not_sure: int
    settles: Holds | None
    settled_level: int


Caps = tuple[tuple[int, str, Holds], ...]
"""The most a score may reach, the rule that says so, and whether it holds; in the order of the rules' ids."""


@dataclass(frozen=True, slots=True)
class BankRows:
    """One bank: its weight, the questions that count, the rules that may cap it, and every question it depends on."""

    bank: str
    weight: int
    rows: tuple[Row, ...]
    caps: Caps
    looks_at: frozenset[str]


@dataclass(frozen=True, slots=True)
class Capped:
    """A sum before and after caps, and the rules that hold it: the first one costs, the rest would hold here too."""

    raw: Fraction
    score: Fraction
    held_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """Exact scores: per bank (None where nothing was scored) and overall, and the band caps that hold."""

    banks: Mapping[str, Capped | None]
    overall: Capped | None
    band_caps: tuple[tuple[int, str], ...]


class Ledger:
    """What counts for one firm at one depth."""

    def __init__(self, route: Route) -> None:
        book = _book(route.questionnaire)
        self.route, self.questionnaire = route, route.questionnaire
        self.overall_caps, self.band_caps = book.overall_caps, book.band_caps
        self.banks = tuple(
            replace(bank, rows=tuple(row for row in bank.rows if _counts(route, row))) for bank in book.banks
        )
        self.asked = frozenset(row.question for bank in self.banks if bank.weight for row in bank.rows)
        self._settled = tuple(row for bank in self.banks for row in bank.rows if row.settles is not None)
        self._known: Known = {fact: value for fact, values in route.facts.items() for value in values} | {
            question: OUT for question, s in route.standings.items() if s.state is State.DOES_NOT_APPLY
        }

    def with_settled(self, levels: Levels) -> Levels:
        """The levels with every settled question written in."""
        found, known = dict(levels), {**self._known, **levels}
        for row in self._settled:
            if row.settles is not None and row.settles(known, 0):
                found[row.question] = known[row.question] = row.settled_level
        return found

    def at_worst(self, levels: Levels, unknown: frozenset[str]) -> Levels:
        return {**levels, **dict.fromkeys(unknown, 0)}

    def at_best(self, levels: Levels, unknown: frozenset[str]) -> Levels:
        rows = (row for bank in self.banks for row in bank.rows)
        return {**levels, **{row.question: len(row.points) - 1 for row in rows if row.question in unknown}}

    def share(self, unsure: frozenset[str]) -> int:
        """How many of the scored questions asked were answered "not sure", in whole percent."""
        return 100 * len(self.asked & unsure) // max(1, len(self.asked))

    def tally(
        self,
        levels: Levels,
        unsure: frozenset[str] = frozenset(),
        earlier: Tally | None = None,
        moved: frozenset[str] = frozenset(),
    ) -> Tally:
        """Exact scores of these levels; settled answers must stand in the levels already.

        Of an `earlier` tally with the same unsure, banks that depend on none of the questions that `moved` since stand.
        """
        share, known = self.share(unsure), {**self._known, **levels}
        banks = {
            bank.bank: earlier.banks[bank.bank]
            if earlier is not None and bank.looks_at.isdisjoint(moved)
            else _bank(bank, levels, unsure, known, share)
            for bank in self.banks
        }
        parts = [(b.weight, capped.score) for b in self.banks if b.weight and (capped := banks[b.bank]) is not None]
        overall = _hold(*_mean(parts), self.overall_caps, known, share) if parts else None
        band_caps = tuple((place, rule) for place, rule, holds in self.band_caps if holds(known, share))
        return Tally(banks, overall, band_caps)

    def holding(self, caps: Caps, levels: Levels, unsure: frozenset[str]) -> dict[str, int]:
        """The rules of these caps that hold, whether they cost anything or not, each with the most it allows."""
        share, known = self.share(unsure), {**self._known, **levels}
        return {rule: most for most, rule, holds in caps if holds(known, share)}

    def band(self, tally: Tally) -> tuple[int | None, tuple[str, ...]]:
        """The place of the band of the shown score, and the rules that keep it below where the score alone would be."""
        if tally.overall is None:
            return None, ()
        bands = self.questionnaire.bands
        place = max(n for n, band in enumerate(bands) if band.at_least <= shown(tally.overall.score))
        held = min((most for most, _ in tally.band_caps), default=place)
        if held >= place:
            return place, ()
        return held, tuple(rule for most, rule in tally.band_caps if most == held)

    def band_caps_of(self, truths: Mapping[str, bool | None]) -> tuple[tuple[int, str], ...]:
        """The band caps of the rules that are confirmed."""
        return tuple((place, rule) for place, rule, _ in self.band_caps if truths[rule])

    def never_costs(self, question: str, level: int) -> bool:
        """Whether knowing this level is never worth less than "not sure": no cap looks at it, and its points are."""
        return level in _book(self.questionnaire).safe.get(question, ())


def _counts(route: Route, row: Row) -> bool:
    standing = route.standings[row.question]
    return not standing.hidden and standing.state is not State.DEEPER


def _bank(bank: BankRows, levels: Levels, unsure: frozenset[str], known: Known, share: int) -> Capped | None:
    earned = weight = 0
    for row in bank.rows:
        level = levels.get(row.question)
        if level is not None:
            earned += row.weight * row.points[level]
            weight += row.weight
        elif row.question in unsure:
            earned += row.weight * row.not_sure
            weight += row.weight
    return _hold(earned, weight, bank.caps, known, share) if weight else None


def _mean(parts: list[tuple[int, Fraction]]) -> tuple[int, int]:
    """The weighted mean as numerator and denominator: one addition of whole numbers a part."""
    common = lcm(*(score.denominator for _, score in parts))
    top = sum(weight * score.numerator * (common // score.denominator) for weight, score in parts)
    return top, common * sum(weight for weight, _ in parts)


def _hold(top: int, bottom: int, caps: Caps, known: Known, share: int) -> Capped:
    """The fraction top/bottom under its caps: the lowest costs, ties go to the first by id."""
    raw = Fraction(top, bottom)
    holding = [(most, rule) for most, rule, holds in caps if most * bottom < top and holds(known, share)]
    if not holding:
        return Capped(raw, raw)
    holding.sort()
    return Capped(raw, Fraction(holding[0][0]), tuple(rule for _, rule in holding))


# What is the same for every firm: worked out once per questionnaire.


@dataclass(frozen=True, slots=True)
class _Book:
    banks: tuple[BankRows, ...]
    overall_caps: Caps
    band_caps: Caps
    safe: Mapping[str, frozenset[int]]


@lru_cache(maxsize=16)
def _book(questionnaire: Questionnaire) -> _Book:
    compiler = _Compiler(questionnaire)
    rules = [rule for rule in questionnaire.all_rules.values() if rule.caps]
    compiled = [(rule, compiler(rule.when)) for rule in rules]
    places = {band.id: place for place, band in enumerate(questionnaire.bands)}
    banks = tuple(
        BankRows(
            bank.id,
            bank.weight,
            tuple(compiler.row(question) for question in bank.questions if question.scored),
            tuple((rule.caps.banks[bank.id], rule.id, holds) for rule, holds in compiled if bank.id in rule.caps.banks),
            frozenset(question.id for question in bank.questions).union(
                *(compiler.looks_at(rule.when) for rule in rules if bank.id in rule.caps.banks)
            ),
        )
        for bank in questionnaire.banks
    )
    return _Book(
        banks,
        tuple((r.caps.overall, r.id, holds) for r, holds in compiled if r.caps.overall is not None),
        tuple((places[r.caps.band], r.id, holds) for r, holds in compiled if r.caps.band is not None),
        {row.question: _safe(questionnaire, row, rules) for bank in banks for row in bank.rows},
    )


def _safe(questionnaire: Questionnaire, row: Row, rules: Iterable[Rule]) -> frozenset[int]:
    """The levels that no condition with a cap on a score admits, and that earn no less than "not sure"."""
    ladder = questionnaire.ladders[row.question]
    looked_at = {
        option
        for rule in rules
        for test in rule.when.comparisons
        if test.question == row.question
        for option in admitted(test.test, test.values, ladder)
    }
    levels = enumerate(zip(ladder, row.points, strict=True))
    return frozenset(n for n, (option, points) in levels if option not in looked_at and points >= row.not_sure)


class _Compiler:
    """Turns conditions into closures that say whether a condition, or its denial, is certain."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire

    def row(self, question: Question) -> Row:
        points, settled = tuple(option.points or 0 for option in question.options), question.settled
        settles = self(settled.when) if settled else None
        level = question.ladder.index(settled.as_) if settled else 0
        return Row(question.id, question.weight, points, question.not_sure or 0, settles, level)

    def looks_at(self, condition: Condition) -> frozenset[str]:
        """The questions a condition depends on, through facts and findings as well."""
        found = set(condition.questions)
        for node in condition.walk():
            if isinstance(node, Fact):
                found |= self.looks_at(self.questionnaire.fact_conditions[node.name])
            elif isinstance(node, Finding):
                found |= self.looks_at(self._finding(node.rule))
        return frozenset(found)

    def __call__(self, condition: Condition, denied: bool = False) -> Holds:
        match condition:
            case Compare():
                return self._compare(condition, denied)
            case All() | AnyOf():
                parts = tuple(self(part, denied) for part in condition.of)
                return _every(parts) if isinstance(condition, All) is not denied else _some(parts)
            case Not():
                return self(condition.of, not denied)
            case Fact():
                return self(self.questionnaire.fact_conditions[condition.name], denied)
            case Finding():
                return self(self._finding(condition.rule), denied)
            case NotSureShare():
                return lambda known, share: (share >= condition.at_least) is not denied
        raise TypeError(f"no arithmetic for {condition}")

    def _compare(self, condition: Compare, denied: bool) -> Holds:
        name, ladder = condition.question, self.questionnaire.ladders[condition.question]
        if name.startswith(f"{PROFILE}."):
            return lambda known, share: condition.admits(known[name], ladder) is not denied
        options = admitted(condition.test, condition.values, ladder)
        passing = frozenset(level for level, option in enumerate(ladder) if (option in options) is not denied)
        if denied:
            passing |= {OUT}
        return lambda known, share: known.get(name) in passing

    def _finding(self, rule: str) -> Condition:
        rules = self.questionnaire.all_rules
        if rule != ANY_CRITICAL:
            return rules[rule].when
        return AnyOf(tuple(other.when for other in rules.values() if other.severity is Severity.CRITICAL))


def _every(parts: tuple[Holds, ...]) -> Holds:
    if len(parts) == 2:
        first, second = parts
        return lambda known, share: first(known, share) and second(known, share)
    return lambda known, share: all(part(known, share) for part in parts)


def _some(parts: tuple[Holds, ...]) -> Holds:
    if len(parts) == 2:
        first, second = parts
        return lambda known, share: first(known, share) or second(known, share)
    return lambda known, share: any(part(known, share) for part in parts)
