"""The account of a score: where every lost point went, the signs, the answers as they counted, what was not asked."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from assessment.engine.answers import Answer, as_data
from assessment.engine.flow import Route, State
from assessment.engine.ledger import shown
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, Kind, Question
from assessment.engine.result import AnswerResult, Loss, SignsResult
from assessment.engine.scoring import Scored


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
    """Whole numbers that sum to `total`, each next to its exact part; the largest fractions are rounded up first.

    The total is a rounding of the sum of the parts, so it never lies below what they come to rounded down.
    """
    floors = [int(part // 1) for part in parts]
    order = sorted(range(len(parts)), key=lambda n: (floors[n] - parts[n], n))
    for n in order[: total - sum(floors)]:
        floors[n] += 1
    return floors


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
