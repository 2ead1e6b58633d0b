"""What the design promises of ranges, each sentence a function of one case; brute force is tried on small ones."""

from fractions import Fraction
from math import prod

from assessment.engine.questions import NOT_SURE, PROFILE, Depth
from tests.engine import naive
from tests.engine.promises.scores import rounded
from tests.engine.strategies import NOTHING, Case, Promise, answers_to

MOST = 300
"""How many completions brute force tries."""

Ends = dict[str, tuple[Fraction, Fraction]]


def scores_of(case: Case, facts: naive.Known, answers: naive.Known) -> dict[str, Fraction]:
    counted = naive.counting(case.questionnaire, facts, answers, case.depth)
    return naive.scores(case.questionnaire, facts, counted)


def by_brute_force(case: Case) -> Ends:
    """The lowest and highest score over every firm and every completion."""
    found: dict[str, list[Fraction]] = {}
    for facts in naive.firms(case.questionnaire, case.answers):
        for full in naive.completions(case.questionnaire, facts, case.answers, case.depth):
            for key, value in scores_of(case, facts, full).items():
                found.setdefault(key, []).append(value)
    return {key: (min(values), max(values)) for key, values in found.items()}


def size(case: Case) -> int:
    """How many completions there are."""
    return sum(
        prod(len(q.ladder) for q in naive.opened(case.questionnaire, facts, case.answers, case.depth))
        for facts in naive.firms(case.questionnaire, case.answers)
    )


def both_ends_are_attained_and_nothing_lies_outside(case: Case) -> object:
    if not case.ends or not 1 < size(case) <= MOST:
        return NOTHING
    found = by_brute_force(case)
    assert case.ends == {key: found[key] for key in case.ends}
    return None


def the_full_check_could_move_the_score_exactly_so_far(case: Case) -> object:
    overall, full = case.outcome.overall, case.but(depth=Depth.FULL)
    if overall is None or case.depth is Depth.FULL:
        assert overall is None or overall.if_full is None
        return NOTHING
    if size(full) > MOST:
        return NOTHING
    low, high = by_brute_force(full)[""]
    assert overall.if_full == (rounded(low), rounded(high))
    return None


def the_full_check_could_move_the_score_within_the_range_of_the_full_check(case: Case) -> object:
    overall, full = case.outcome.overall, case.but(depth=Depth.FULL).scored.overall
    if overall is None or full is None or case.depth is Depth.FULL:
        return NOTHING
    assert overall.if_full == (full.low, full.high)
    return None


def no_firm_and_no_completion_lies_outside_the_range(case: Case) -> object:
    """One firm the facts allow, with what is open at its worst, at its best, and any way between."""
    facts = {q.id: case.dice.choice(naive.possible_answers(q)) for q in case.questionnaire.profile}
    facts |= {q: a for q, a in case.answers.items() if q in facts and a != NOT_SURE}
    opened = naive.opened(case.questionnaire, facts, case.answers, case.depth)
    if not case.ends or not opened:
        return NOTHING
    between = {q.id: case.dice.choice(q.ladder) for q in opened}
    for way in ({q.id: q.ladder[0] for q in opened}, {q.id: q.ladder[-1] for q in opened}, between):
        for key, value in scores_of(case, facts, {**case.answers, **way}).items():
            if key in case.ends:
                assert case.ends[key][0] <= value <= case.ends[key][1], (key, way)
    return None


def the_ends_are_the_scores_of_the_worst_and_the_best_where_the_firm_is_known(case: Case) -> object:
    case = case.given(case.facts)
    opened = naive.opened(case.questionnaire, case.facts, case.answers, case.depth)
    if not case.ends or not opened:
        return NOTHING
    low = scores_of(case, case.facts, {**case.answers, **{q.id: q.ladder[0] for q in opened}})
    high = scores_of(case, case.facts, {**case.answers, **{q.id: q.ladder[-1] for q in opened}})
    assert case.ends == {key: (low[key], high[key]) for key in case.ends}
    return None


def answering_one_more_question_never_widens_a_range(case: Case) -> object:
    asked = (q for q in case.scored.route.steps if q.scored or q.bank == PROFILE)
    opened = [q for q in asked if case.answers.get(q.id) in (None, NOT_SURE)]
    if not opened:
        return NOTHING
    question = case.dice.choice(opened)
    answer = case.dice.choice([a for a in answers_to(question) if a != NOT_SURE])
    after = case.given({question.id: answer}).ends
    for key, (low, high) in case.ends.items():
        if key in after:
            assert low <= after[key][0], key
            assert after[key][1] <= high, key
    return None


PROMISES: tuple[Promise, ...] = (
    the_full_check_could_move_the_score_within_the_range_of_the_full_check,
    no_firm_and_no_completion_lies_outside_the_range,
    the_ends_are_the_scores_of_the_worst_and_the_best_where_the_firm_is_known,
    answering_one_more_question_never_widens_a_range,
)

BRUTE_FORCE: tuple[Promise, ...] = (
    both_ends_are_attained_and_nothing_lies_outside,
    the_full_check_could_move_the_score_exactly_so_far,
)
