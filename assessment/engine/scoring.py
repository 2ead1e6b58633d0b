"""Answers to a score that explains itself: banks, range, band, findings, and where every lost point went."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import chain, islice, product
from typing import Any

from assessment.engine.advice import Rule, Severity
from assessment.engine.answers import Answer, Answers, as_data
from assessment.engine.conditions import Compare, Condition
from assessment.engine.findings import Judge, find
from assessment.engine.flow import Route, State, walk
from assessment.engine.ledger import Capped, Ledger, Levels, Tally, shown
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, Depth, Kind, Question
from assessment.engine.result import (
    AnswerResult,
    BankResult,
    FindingResult,
    Loss,
    Overall,
    SignsResult,
)

MOST_FIRMS = 4096
"""How many combinations of unknown facts a range may try; `check` refuses a questionnaire that needs more."""


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
    spread = _spread(route)
    biting = _biting(ledger, tally, judged)
    overall = _overall(ledger, tally, spread, biting)
    if overall is not None and depth is not Depth.FULL:
        full = _spread(walk(questionnaire, answers, Depth.FULL))
        overall = overall.model_copy(update={"if_full": (shown(full[""][0]), shown(full[""][1]))})
    banks = tuple(
        _bank_result(bank.bank, bank.weight, capped, spread[bank.bank])
        for bank in ledger.banks
        if (capped := tally.banks[bank.bank]) is not None
    )
    return Scored(route, ledger, levels, unsure, tally, overall, banks, find(judged), judged, biting, percent)


def levels_of(route: Route) -> tuple[Levels, frozenset[str]]:
    """The levels that count, settled ones among them, and the questions answered "not sure"."""
    levels = {question: level for question, s in route.standings.items() if (level := s.level) is not None}
    return levels, frozenset(q for q, s in route.standings.items() if s.state is State.NOT_SURE)


# The range: both ends are the scores of real completions.

Spreads = dict[str, tuple[Fraction, Fraction]]


def _spread(route: Route) -> Spreads:
    """Lowest and highest score per bank, and overall under the key "", over everything still open."""
    ends: Spreads = {}
    for firm in firms(route):
        ledger = Ledger(firm)
        levels, unsure = levels_of(firm)
        unknown = unsure | {q for q, s in firm.standings.items() if s.state is State.UNANSWERED and s.question.scored}
        for completed in (ledger.at_worst(levels, unknown), ledger.at_best(levels, unknown)):
            _widen(ends, ledger.tally(ledger.with_settled(completed)))
    return ends


def _widen(ends: Spreads, tally: Tally) -> None:
    for key, capped in chain(tally.banks.items(), [("", tally.overall)]):
        if capped is not None:
            low, high = ends.get(key, (capped.score, capped.score))
            ends[key] = min(low, capped.score), max(high, capped.score)


def firms(route: Route) -> Iterator[Route]:
    """The same answers for every firm the unknown facts leave possible, as far as conditions tell them apart."""
    if not route.assumed:
        yield route
        return
    questionnaire = route.questionnaire
    opened = [questionnaire.questions[fact] for fact in route.assumed]
    choices = [classes(questionnaire, route.depth)[question.id] for question in opened]
    for combination in islice(product(*choices), MOST_FIRMS):
        given = {question.id: value for question, value in zip(opened, combination, strict=True)}
        yield walk(questionnaire, {**route.answers, **given}, route.depth)


@lru_cache(maxsize=64)
def classes(questionnaire: Questionnaire, depth: Depth) -> Mapping[str, tuple[Answer, ...]]:
    """Per fact about a firm one answer for each way conditions on the score can tell its answers apart."""
    tests = [test for condition in _scoring_conditions(questionnaire, depth) for test in condition.comparisons]
    found: dict[str, tuple[Answer, ...]] = {}
    for question in questionnaire.profile:
        about = [test for test in tests if test.question == question.id]
        kinds: dict[tuple[bool, ...], Answer] = {}
        for value in _values(question, about):
            kinds.setdefault(tuple(test.admits(value, question.ladder) for test in about), value)
        found[question.id] = tuple(kinds.values())
    return found


def _scoring_conditions(questionnaire: Questionnaire, depth: Depth) -> Iterator[Condition]:
    for question in questionnaire.questions.values():
        offers = question.does_not_apply.when if question.does_not_apply else None
        yield from (when for when in (question.when, offers) if when is not None and question.asked_at(depth))
    for rule in questionnaire.all_rules.values():
        if rule.caps:
            yield rule.when
    yield from questionnaire.fact_conditions.values()


def _values(question: Question, tests: list[Compare]) -> Iterable[Answer]:
    """Answers to a fact, enough to take every comparison of it both ways where it can go both ways."""
    looked_at = {value for test in tests for value in test.values}
    match question.kind:
        case Kind.SINGLE:
            return question.ladder
        case Kind.NUMBER:
            near = {int(value) + step for value in looked_at for step in (-1, 0, 1)} | {int(question.assumed[0])}
            lowest = min(near) if question.at_least is None else question.at_least
            most = max(near) if question.at_most is None else question.at_most
            return [number for number in sorted(near) if lowest <= number <= most]
        case Kind.MULTIPLE:
            alone = [frozenset([option.id]) for option in question.options if option.exclusive]
            return [*alone, *_together(question, tests)]
    return ()


def _together(question: Question, tests: list[Compare]) -> Iterable[Answer]:
    """Sets of options that may be chosen together, one for each way the comparisons can come out."""
    found: dict[tuple[bool, ...], frozenset[str]] = {}
    for option in question.options:
        for chosen in (frozenset[str](), *found.values()) if not option.exclusive else ():
            union = chosen | {option.id}
            found.setdefault(tuple(test.admits(union, ()) for test in tests), union)
        if len(found) > MOST_FIRMS:
            break
    return found.values()


# The overall score, its band, and what leads when ignorance would pay.


def _biting(ledger: Ledger, tally: Tally, judged: Judge) -> tuple[str, ...]:
    """The rules that might hold because of a "not sure" and would then lower the score or the band, gravest first."""
    possible = [rule for rule in ledger.questionnaire.all_rules.values() if judged.truths[rule.id] is None]
    biting = [rule for rule in possible if rule.caps and tally.overall is not None and _would_cap(ledger, tally, rule)]
    return tuple(rule.id for rule in sorted(biting, key=lambda rule: list(Severity).index(rule.severity)))


def _overall(ledger: Ledger, tally: Tally, spread: Spreads, biting: tuple[str, ...]) -> Overall | None:
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


def _bank_result(bank: str, weight: int, capped: Capped, ends: tuple[Fraction, Fraction]) -> BankResult:
    return BankResult(
        **_spread_fields(capped.score, ends),
        id=bank,
        weight=weight,
        raw=shown(capped.raw),
        raw_exact=capped.raw,
        held_by=capped.held_by,
    )


# Where every lost point went.


def losses(scored: Scored) -> tuple[Loss, ...]:
    """The points between 100 and the score, each with the answer or cap that cost it; they sum exactly."""
    if scored.tally.overall is None:
        return ()
    parts = [part for part in _loss_parts(scored) if part[3]]
    total = 100 - shown(scored.tally.overall.score)
    rounded = largest_remainder([exact for *_, exact in parts], total)
    kinds = {(True, False): "answer", (False, True): "bank-cap"}
    return tuple(
        Loss.model_validate(
            {
                "kind": kinds[question is not None, rule is not None] if bank else "overall-cap",
                "bank": bank,
                "question": question,
                "rule": rule,
                "points": points,
                "points_exact": exact,
            }
        )
        for (bank, question, rule, exact), points in zip(parts, rounded, strict=True)
    )


def _loss_parts(scored: Scored) -> Iterator[tuple[str | None, str | None, str | None, Fraction]]:
    """(bank, question, rule, exact points of the overall score)."""
    overall = scored.tally.overall
    assert overall is not None
    counted = [bank for bank in scored.ledger.banks if bank.weight and scored.tally.banks[bank.bank] is not None]
    total = sum(bank.weight for bank in counted)
    for bank in counted:
        capped = scored.tally.banks[bank.bank]
        assert capped is not None
        share = Fraction(bank.weight, total)
        points = {row.question: p for row in bank.rows if (p := _points(scored, row.question)) is not None}
        weight = sum(row.weight for row in bank.rows if row.question in points)
        for row in bank.rows:
            if row.question in points:
                yield bank.bank, row.question, None, share * Fraction(row.weight * (100 - points[row.question]), weight)
        if capped.held_by:
            yield bank.bank, None, capped.held_by[0], share * (capped.raw - capped.score)
    if overall.held_by:
        yield None, None, overall.held_by[0], overall.raw - overall.score


def _points(scored: Scored, question_id: str) -> int | None:
    question = scored.route.questionnaire.questions[question_id]
    if question_id in scored.levels:
        return question.options[scored.levels[question_id]].points or 0
    return question.not_sure if question_id in scored.unsure else None


def largest_remainder(parts: list[Fraction], total: int) -> list[int]:
    """Whole numbers that sum to `total`, each next to its exact part; the largest fractions are rounded up first."""
    floors = [int(part // 1) for part in parts]
    order = sorted(range(len(parts)), key=lambda n: (floors[n] - parts[n], n))
    for n in order[: max(0, total - sum(floors))]:
        floors[n] += 1
    for n in reversed(order):
        if sum(floors) <= total:
            break
        if floors[n] > 0:
            floors[n] -= 1
    return floors


# The rest of what a result says.


def signs(scored: Scored) -> SignsResult | None:
    """How many signs show, by which answers; at quick depth from the one question that asks for all of them."""
    asked = scored.route.questionnaire.signs
    if asked is None:
        return None
    answers, standings = scored.route.answers, scored.route.standings
    if asked.quick and asked.quick in standings and standings[asked.quick].state is State.ANSWERED:
        chosen = answers[asked.quick]
        shown_by = tuple(q for q in asked.questions if isinstance(chosen, frozenset) and q.partition(".")[2] in chosen)
    elif not any(standings[q].level is not None for q in asked.questions):
        return None
    else:
        limits = {q: scored.route.questionnaire.questions[q].ladder.index(asked.at_most[q]) for q in asked.questions}
        shown_by = tuple(q for q in asked.questions if (level := standings[q].level) is not None and level <= limits[q])
    world = scored.route.world(unsure=False, unknown=False)
    fits = (
        place
        for place, reading in enumerate(asked.readings)
        if len(shown_by) >= reading.at_least and (reading.when is None or reading.when.decide(world))
    )
    return SignsResult(count=len(shown_by), of=len(asked.questions), shown_by=shown_by, reading=next(fits, None))


def answer_results(route: Route) -> tuple[AnswerResult, ...]:
    """Every question that applies to this respondent at this depth, facts first, with the answer that counted."""
    facts = [_fact_result(route, question) for question in route.profile_steps]
    rest = [
        _answer_result(route, q) for q, s in route.standings.items() if not s.hidden and s.state is not State.DEEPER
    ]
    return (*facts, *rest)


def _fact_result(route: Route, question: Question) -> AnswerResult:
    given = route.answers.get(question.id)
    if question.id not in route.assumed and given is not None:
        return AnswerResult(question=question.id, state=State.ANSWERED, **_given(question, given))
    state = State.NOT_SURE if given in (NOT_SURE, DOES_NOT_APPLY) else State.UNANSWERED
    return AnswerResult(question=question.id, state=state, options=question.assumed)


def _answer_result(route: Route, question_id: str) -> AnswerResult:
    standing = route.standings[question_id]
    if standing.option is not None:
        options = (standing.option,)
        return AnswerResult(question=question_id, state=standing.state, options=options, settled_by=standing.settled_by)
    given = route.answers[question_id] if standing.state is State.ANSWERED else None
    return AnswerResult(
        question=question_id, state=standing.state, **(_given(standing.question, given) if given is not None else {})
    )


def _given(question: Question, answer: Answer) -> dict[str, Any]:
    data = as_data(answer)
    if question.kind is Kind.TEXT:
        return {"text": data}
    if isinstance(data, list):
        return {"options": tuple(data)}
    return {"number": data} if isinstance(data, int) else {"options": (data,)}


def not_looked_at(route: Route) -> tuple[str, ...]:
    """Rules with a finding that this depth could not look at, because it does not ask one of their questions."""
    return tuple(
        rule.id
        for rule in route.questionnaire.all_rules.values()
        if rule.finding
        and any(ref in route.standings and route.standings[ref].state is State.DEEPER for ref in rule.when.questions)
    )
