"""The arithmetic of scores for one firm at one depth: numbers only, exact, and fast enough to ask "what if" often.

A `Ledger` fixes what the profile decides: which questions count, and what every condition still depends on. `tally`
then turns answers into exact scores; the range, the gains of actions and the next band are all tallies.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from assessment.engine.advice import Rule, Severity
from assessment.engine.conditions import All, AnyOf, Compare, Condition, Fact, Finding, Not, NotSureShare, World
from assessment.engine.flow import Route, State
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Question

Levels = Mapping[str, int]
"""Per scored question the level that counts, 0 = worst; what is not sure or not answered is not in it."""

Holds = Callable[[Levels, int], bool]
"""Whether a condition holds, given the levels and the share of "not sure" in percent."""

ANY_CRITICAL = "any-critical"


def shown(exact: Fraction) -> int:
    """The one rounding there is: to a whole number, halves upwards."""
    return int((exact + Fraction(1, 2)) // 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One question that counts: its weight, the points of its levels, and the points of "not sure"."""

    question: str
    weight: int
    points: tuple[int, ...]
    not_sure: int
    settles: Holds | None
    settled_level: int


@dataclass(frozen=True, slots=True)
class BankRows:
    """One bank: its weight, the questions that count, and the rules that may cap it."""

    bank: str
    weight: int
    rows: tuple[Row, ...]
    caps: tuple[tuple[int, Rule, Holds], ...]


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
        questionnaire = route.questionnaire
        self.questionnaire = questionnaire
        world = World(route.facts, questionnaire.ladders, questionnaire.fact_conditions, {})
        self._compile = _Compiler(questionnaire, world)
        rules = questionnaire.all_rules.values()
        compiled = [(rule, self._compile(rule.when)) for rule in rules if _caps(rule)]
        self.banks = tuple(
            BankRows(
                bank.id,
                bank.weight,
                tuple(self._row(question) for question in bank.questions if _counts(route, question)),
                tuple(
                    (rule.caps.banks[bank.id], rule, holds) for rule, holds in compiled if bank.id in rule.caps.banks
                ),
            )
            for bank in questionnaire.banks
        )
        self.overall_caps = tuple((r.caps.overall, r, holds) for r, holds in compiled if r.caps.overall is not None)
        places = {band.id: place for place, band in enumerate(questionnaire.bands)}
        self.band_caps = tuple((places[r.caps.band], r, holds) for r, holds in compiled if r.caps.band is not None)
        self.asked = tuple(row.question for bank in self.banks if bank.weight for row in bank.rows)

    def _row(self, question: Question) -> Row:
        points = tuple(option.points or 0 for option in question.options)
        settled = question.settled
        return Row(
            question.id,
            question.weight,
            points,
            question.not_sure or 0,
            self._compile(settled.when) if settled else None,
            question.ladder.index(settled.as_) if settled else 0,
        )

    def with_settled(self, levels: Levels) -> Levels:
        """The levels with every settled question written in."""
        found = dict(levels)
        for bank in self.banks:
            for row in bank.rows:
                if row.settles is not None and row.settles(found, 0):
                    found[row.question] = row.settled_level
        return found

    def at_worst(self, levels: Levels, unknown: frozenset[str]) -> Levels:
        return {**levels, **dict.fromkeys(unknown, 0)}

    def at_best(self, levels: Levels, unknown: frozenset[str]) -> Levels:
        tops = {row.question: len(row.points) - 1 for bank in self.banks for row in bank.rows}
        return {**levels, **{question: tops[question] for question in unknown}}

    def tally(self, levels: Levels, unsure: frozenset[str] = frozenset()) -> Tally:
        """Exact scores of these levels; settled answers must stand in the levels already."""
        share = 100 * sum(question in unsure for question in self.asked) // len(self.asked) if self.asked else 0
        banks = {bank.bank: self._bank(bank, levels, unsure, share) for bank in self.banks}
        weighed = [(bank.weight, banks[bank.bank]) for bank in self.banks if bank.weight]
        parts = [(weight, capped.score) for weight, capped in weighed if capped is not None]
        overall = None
        if parts:
            raw = Fraction(sum(weight * score for weight, score in parts)) / sum(weight for weight, _ in parts)
            overall = _hold(raw, self.overall_caps, levels, share)
        band_caps = tuple((place, rule.id) for place, rule, holds in self.band_caps if holds(levels, share))
        return Tally(banks, overall, band_caps)

    def _bank(self, bank: BankRows, levels: Levels, unsure: frozenset[str], share: int) -> Capped | None:
        earned = weight = 0
        for row in bank.rows:
            level = levels.get(row.question)
            if level is not None:
                earned += row.weight * row.points[level]
                weight += row.weight
            elif row.question in unsure:
                earned += row.weight * row.not_sure
                weight += row.weight
        return _hold(Fraction(earned, weight), bank.caps, levels, share) if weight else None

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


def _hold(raw: Fraction, caps: tuple[tuple[int, Rule, Holds], ...], levels: Levels, share: int) -> Capped:
    holding = [(most, rule.id) for most, rule, holds in caps if most < raw and holds(levels, share)]
    if not holding:
        return Capped(raw, raw)
    holding.sort()
    return Capped(raw, Fraction(holding[0][0]), tuple(rule for _, rule in holding))


def _caps(rule: Rule) -> bool:
    return bool(rule.caps.banks) or rule.caps.overall is not None or rule.caps.band is not None


def _counts(route: Route, question: Question) -> bool:
    standing = route.standings[question.id]
    return question.scored and not standing.hidden and standing.state is not State.DEEPER


class _Compiler:
    """Turns conditions into closures over levels; what the profile decides becomes a constant."""

    def __init__(self, questionnaire: Questionnaire, world: World) -> None:
        self.questionnaire = questionnaire
        self.world = world

    def __call__(self, condition: Condition) -> Holds:
        match condition:
            case Compare():
                return self.compare(condition)
            case All():
                return self.all(condition)
            case AnyOf():
                return self.any(condition)
            case Not():
                return self.negated(condition)
            case Fact():
                return _constant(condition.decide(self.world) is True)
            case Finding():
                return self.finding(condition)
            case NotSureShare():
                return lambda levels, share: share >= condition.at_least
        raise TypeError(f"no arithmetic for {condition}")

    def compare(self, condition: Compare) -> Holds:
        question = condition.question
        if question in self.world.possible:
            return _constant(condition.decide(self.world) is True)
        ladder = self.questionnaire.ladders[question]
        admitted = frozenset(n for n, option in enumerate(ladder) if condition.admits(option, ladder))
        return lambda levels, share: levels.get(question) in admitted

    def all(self, condition: All) -> Holds:
        parts = [part for part in map(self, condition.of) if part is not _TRUE]
        if _FALSE in parts:
            return _FALSE
        if len(parts) == 1:
            return parts[0]
        return (lambda levels, share: all(part(levels, share) for part in parts)) if parts else _TRUE

    def any(self, condition: AnyOf) -> Holds:
        parts = [part for part in map(self, condition.of) if part is not _FALSE]
        if _TRUE in parts:
            return _TRUE
        if len(parts) == 1:
            return parts[0]
        return (lambda levels, share: any(part(levels, share) for part in parts)) if parts else _FALSE

    def negated(self, condition: Not) -> Holds:
        inner = self(condition.of)
        return lambda levels, share: not inner(levels, share)

    def finding(self, condition: Finding) -> Holds:
        rules = self.questionnaire.all_rules.values()
        if condition.rule != ANY_CRITICAL:
            return self(self.questionnaire.all_rules[condition.rule].when)
        return self.any(AnyOf(tuple(rule.when for rule in rules if rule.severity is Severity.CRITICAL)))


def _TRUE(levels: Levels, share: int) -> bool:
    return True


def _FALSE(levels: Levels, share: int) -> bool:
    return False


def _constant(truth: bool) -> Holds:
    return _TRUE if truth else _FALSE
