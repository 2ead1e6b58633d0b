"""The range is exact: its ends are the scores of completions, and brute force over all completions finds no others."""

from fractions import Fraction
from math import prod

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assessment.engine.assess import assess
from assessment.engine.flow import State, walk
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, PROFILE, Depth
from assessment.engine.ranges import MOST_FIRMS, classes
from assessment.engine.result import Outcome
from tests.engine import naive
from tests.engine.strategies import Case, answers_to, any_cases, cases, shipped_cases

MOST = 1500
"""How many completions brute force tries."""


def ends(outcome: Outcome) -> dict[str, tuple[Fraction, Fraction]]:
    banks = {bank.id: (bank.low_exact, bank.high_exact) for bank in outcome.banks}
    overall = outcome.overall
    return banks | ({"": (overall.low_exact, overall.high_exact)} if overall else {})


def by_brute_force(case: Case) -> dict[str, tuple[Fraction, Fraction]]:
    """The lowest and highest score over every completion; what was chosen not to apply stays so where it is offered."""
    found: dict[str, list[Fraction]] = {}
    for facts, full in naive.completions(case.questionnaire, case.answers, case.depth):
        standings = walk(case.questionnaire, {**case.answers, **facts, **full}, case.depth).standings
        out = [q for q, s in standings.items() if s.state is State.DOES_NOT_APPLY]
        refused = [q for q, a in full.items() if a == DOES_NOT_APPLY and q not in out]
        assume(not refused)  # it was offered to one firm and not to another: the answer is open there, not given
        counted = naive.counting(case.questionnaire, facts, full, case.depth)
        for key, value in naive.scores(case.questionnaire, facts, counted).items():
            found.setdefault(key, []).append(value)
    return {key: (min(values), max(values)) for key, values in found.items()}


def size(case: Case) -> int:
    opened = (None, NOT_SURE)
    return prod(
        len(naive.possible_answers(q)) if q.bank == PROFILE else len(q.ladder)
        for q in case.questionnaire.questions.values()
        if case.answers.get(q.id) in opened and (q.bank == PROFILE or (q.scored and q.asked_at(case.depth)))
    )


@given(case=cases(small=True))
def test_both_ends_are_attained_and_nothing_lies_outside(case: Case) -> None:
    assume(size(case) <= MOST)
    claimed, found = ends(assess(case.questionnaire, case.answers, case.depth)), by_brute_force(case)
    assert claimed == {key: found[key] for key in claimed}


@settings(max_examples=15)
@given(case=shipped_cases())
def test_both_ends_are_attained_in_the_shipped_questionnaire(case: Case) -> None:
    assume(1 < size(case) <= MOST)
    claimed, found = ends(assess(case.questionnaire, case.answers, case.depth)), by_brute_force(case)
    assert claimed == {key: found[key] for key in claimed}


@given(any_cases, st.data())
def test_answering_one_more_question_never_widens_a_range(case: Case, data: st.DataObject) -> None:
    opened = [
        q
        for q in walk(case.questionnaire, case.answers, case.depth).steps
        if case.answers.get(q.id) in (None, NOT_SURE) and (q.scored or q.bank == PROFILE)
    ]
    assume(opened)
    question = data.draw(st.sampled_from(opened))
    answer = data.draw(st.sampled_from([a for a in answers_to(question) if a != NOT_SURE]))
    before = ends(assess(case.questionnaire, case.answers, case.depth))
    after = ends(assess(case.questionnaire, {**case.answers, question.id: answer}, case.depth))
    for key, (low, high) in before.items():
        if key in after:
            assert low <= after[key][0], key
            assert after[key][1] <= high, key


@given(case=cases(small=True))
def test_the_full_check_could_move_the_score_exactly_so_far(case: Case) -> None:
    outcome = assess(case.questionnaire, case.answers, case.depth)
    if outcome.overall is None or case.depth is Depth.FULL:
        assert outcome.overall is None or outcome.overall.if_full is None
        return
    full = Case(case.questionnaire, case.answers, Depth.FULL)
    assume(size(full) <= MOST)
    low, high = by_brute_force(full)[""]
    assert outcome.overall.if_full == (int(low + Fraction(1, 2)), int(high + Fraction(1, 2)))


def kept(*, options: int, tests: list[list[str]]) -> list[list[str]]:
    """The answers a range tries for a fact of several choices that rules look at."""
    chosen = [{"id": f"o{n}", "says": "This"} for n in range(options)] + [
        {"id": "none", "says": "None", "exclusive": True}
    ]
    fact = {"id": "profile.data", "short": "D", "ask": "D?", "kind": "multiple", "assumed": ["none"], "options": chosen}
    ladder = [{"id": "bad", "says": "Bad", "points": 0}, {"id": "good", "says": "Good", "points": 100}]
    asked = [
        {
            "id": f"b.q{n}",
            "short": "Q",
            "ask": "Q?",
            "weight": 1,
            "options": ladder,
            "when": {"profile.data": {"includes": test}},
        }
        for n, test in enumerate(tests)
    ]
    questionnaire = Questionnaire.model_validate(
        {"id": "x", "version": "1", "title": "X", "about": "X.", "good_enough": 85, "minutes": {}, "profile": [fact],
         "bands": [], "banks": [{"id": "b", "title": "B", "about": "B.", "weight": 1, "questions": asked}]}
    )  # fmt: skip
    return sorted(
        sorted(value) for value in classes(questionnaire, Depth.FULL)["profile.data"] if isinstance(value, frozenset)
    )


def test_a_range_tries_one_answer_for_each_way_conditions_tell_answers_apart() -> None:
    assert kept(options=3, tests=[]) == [["none"]]
    assert kept(options=3, tests=[["o0", "o1"]]) == [["none"], ["o0"]]
    assert kept(options=3, tests=[["o0"], ["o1"]]) == [["none"], ["o0"], ["o0", "o1"], ["o1"]]
    assert kept(options=3, tests=[["o0", "o1"], ["o1"]]) == [["none"], ["o0"], ["o1"]]
    assert len(kept(options=9, tests=[[f"o{n}"] for n in range(9)])) == 2**9


def test_a_fact_of_very_many_choices_is_given_up_on_in_time() -> None:
    assert len(kept(options=40, tests=[[f"o{n}"] for n in range(40)])) > MOST_FIRMS
