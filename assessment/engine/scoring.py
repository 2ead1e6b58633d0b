"""Answers to a score that explains itself: banks, range, band, findings, and where every lost point went."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from assessment.engine.advice import Rule, Severity
from assessment.engine.answers import Answers
from assessment.engine.findings import Judge, find
from assessment.engine.flow import Route, walk
from assessment.engine.ledger import Capped, Ledger, Levels, Tally, shown
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.ranges import Spreads, levels_of, spread
from assessment.engine.result import (
    BankResult,
    FindingResult,
    Overall,
)


@dataclass(frozen=True)
class Scored:
    """A route with its arithmetic done: what the plan starts from."""

    route: Route
    ledger: Ledger
    levels: Levels
    unsure: frozenset[str]
    tally: Tally
    overall: Overall | None
    banks: tuple[BankResult, ...]
    findings: tuple[FindingResult, ...]
    judged: Judge
    biting: tuple[str, ...]
    not_sure_percent: int


def score(questionnaire: Questionnaire, answers: Answers, depth: Depth) -> Scored:
    """Score one set of answers at one depth. Never raises for answers that `answers.parse_answer` accepts."""
    route = walk(questionnaire, answers, depth)
    ledger = Ledger(route)
    levels, unsure = levels_of(route)
    tally = ledger.tally(levels, unsure)
    percent = ledger.share(unsure)
    judged = Judge(route, percent)
    tally = replace(tally, band_caps=ledger.band_caps_of(judged.truths))
    ends = spread(ledger)
    biting = _biting(ledger, tally, judged)
    overall = overall_of(ledger, tally, ends, biting)
    if overall is not None and depth is not Depth.FULL:
        full = spread(Ledger(walk(questionnaire, answers, Depth.FULL)))
        overall = overall.model_copy(update={"if_full": (shown(full[""][0]), shown(full[""][1]))})
    banks = tuple(
        bank_result(bank.bank, bank.weight, capped, ends[bank.bank])
        for bank in ledger.banks
        if (capped := tally.banks[bank.bank]) is not None
    )
    return Scored(route, ledger, levels, unsure, tally, overall, banks, find(judged), judged, biting, percent)


def _biting(ledger: Ledger, tally: Tally, judged: Judge) -> tuple[str, ...]:
    """The rules that might hold because of a "not sure" and would then lower the score or the band, gravest first."""
    possible = [rule for rule in ledger.questionnaire.all_rules.values() if judged.truths[rule.id] is None]
    biting = [rule for rule in possible if rule.caps and tally.overall is not None and _would_cap(ledger, tally, rule)]
    return tuple(rule.id for rule in sorted(biting, key=lambda rule: list(Severity).index(rule.severity)))


def overall_of(ledger: Ledger, tally: Tally, spread: Spreads, biting: tuple[str, ...]) -> Overall | None:
    """The overall score with its range and band; by the low end where a rule that may hold would lower it."""
    if tally.overall is None:
        return None
    questionnaire = ledger.questionnaire
    low, high = spread[""]
    place, held = ledger.band(tally)
    by_score = _band_place(questionnaire, shown(tally.overall.score))
    place = by_score if place is None else place
    if biting:
        places = {band.id: n for n, band in enumerate(questionnaire.bands)}
        caps = [questionnaire.all_rules[rule].caps.band for rule in biting]
        also = [places[band] for band in caps if band is not None]
        place = min([place, _band_place(questionnaire, shown(low)), *also])
    return Overall(
        **_spread_fields(tally.overall.score, (low, high)),
        raw=shown(tally.overall.raw),
        raw_exact=tally.overall.raw,
        band=questionnaire.bands[place].id,
        band_by_score=questionnaire.bands[by_score].id,
        held_by=(*tally.overall.held_by, *held),
        provisional=bool(biting),
        if_full=None,
    )


def _band_place(questionnaire: Questionnaire, score: int) -> int:
    return max(place for place, band in enumerate(questionnaire.bands) if band.at_least <= score)


def _would_cap(ledger: Ledger, tally: Tally, rule: Rule) -> bool:
    """Whether a rule that may hold would lower a bank that weighs, the overall score or the band."""
    assert tally.overall is not None
    weighs = {bank.bank for bank in ledger.banks if bank.weight}
    if any(
        bank in weighs and (capped := tally.banks[bank]) is not None and capped.score > most
        for bank, most in rule.caps.banks.items()
    ):
        return True
    if rule.caps.overall is not None and tally.overall.score > rule.caps.overall:
        return True
    if rule.caps.band is None:
        return False
    places = {band.id: place for place, band in enumerate(ledger.questionnaire.bands)}
    return places[rule.caps.band] < (ledger.band(tally)[0] or 0)


def _spread_fields(score: Fraction, ends: tuple[Fraction, Fraction]) -> dict[str, Any]:
    low, high = ends
    return {
        "score": shown(score),
        "score_exact": score,
        "low": shown(low),
        "low_exact": low,
        "high": shown(high),
        "high_exact": high,
    }


def bank_result(bank: str, weight: int, capped: Capped, ends: tuple[Fraction, Fraction]) -> BankResult:
    """One bank with its range."""
    return BankResult(
        **_spread_fields(capped.score, ends),
        id=bank,
        weight=weight,
        raw=shown(capped.raw),
        raw_exact=capped.raw,
        held_by=capped.held_by,
    )
