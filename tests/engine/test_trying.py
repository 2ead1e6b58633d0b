"""What if only some steps were done: the same numbers as the plan, never worse than now, and open answers stay open."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given

from assessment.engine.answers import read_sheet
from assessment.engine.loading import load_scenarios
from assessment.engine.result import Action, Outcome
from assessment.engine.scenarios import Scenario
from assessment.engine.trying import Tried, counts, stands, tried
from tests.engine.strategies import SHIPPED, Case, any_cases, shipped, shipped_case

Promise = Callable[[Case], None]


def counting(outcome: Outcome) -> list[Action]:
    return [action for action in outcome.plan if counts(action)]


def some_of(case: Case) -> list[Action]:
    found = counting(case.outcome)
    return case.dice.some(found, min(1, len(found)), min(5, len(found)))


def now(case: Case, actions: list[Action]) -> Tried | None:
    return tried(case.scored, [action.id for action in actions])


def everything_up_to_a_step_gives_what_the_plan_says_after_it(case: Case) -> None:
    found = counting(case.outcome)
    for n in sorted({0, 1, 2, len(found) // 2, len(found) - 1} & set(range(len(found)))):
        reached = now(case, found[: n + 1])
        assert reached
        assert (reached.overall.score, reached.overall.score_exact) == (found[n].after, found[n].after_exact)
        holding = (reached.overall, *reached.banks)
        assert set(found[n].held_by) <= {rule for held in holding for rule in held.held_by}


def one_step_gives_what_the_plan_says_it_gains_alone(case: Case) -> None:
    for action in some_of(case):
        reached, before = now(case, [action]), case.outcome.overall
        assert reached
        assert before
        assert action.alone == reached.overall.score - before.score
        assert action.alone_exact == reached.overall.score_exact - before.score_exact


def with_nothing_done_all_is_as_it_is(case: Case) -> None:
    reached, outcome = now(case, []), case.outcome
    assert stands(case.scored, outcome)
    assert reached == (outcome.overall and Tried(outcome.overall, outcome.banks))


def some_steps_never_lower_anything_and_the_order_is_all_one(case: Case) -> None:
    some = some_of(case)
    reached, before = now(case, some), now(case, [])
    assert reached == now(case, some[::-1])
    if reached and before:
        bands = [band.id for band in case.questionnaire.bands]
        assert reached.overall.score_exact >= before.overall.score_exact
        assert reached.overall.low_exact <= reached.overall.score_exact <= reached.overall.high_exact
        for then, was in zip(reached.banks, before.banks, strict=True):
            assert then.score_exact >= was.score_exact
        if not reached.overall.provisional:
            assert bands.index(reached.overall.band) >= bands.index(before.overall.band)


PROMISES: list[Promise] = [
    everything_up_to_a_step_gives_what_the_plan_says_after_it,
    one_step_gives_what_the_plan_says_it_gains_alone,
    with_nothing_done_all_is_as_it_is,
    some_steps_never_lower_anything_and_the_order_is_all_one,
]


@given(any_cases)
def test_trying_steps_gives_the_numbers_of_the_plan(case: Case) -> None:
    for promise in PROMISES:
        promise(case)


@pytest.mark.parametrize("firm", load_scenarios(SHIPPED)[0], ids=lambda firm: firm.id)
def test_trying_steps_gives_each_labelled_firm_the_numbers_of_its_plan(firm: Scenario) -> None:
    sheet = read_sheet(shipped(), {"depth": firm.depth, "answers": dict(firm.answers)})
    case = Case(shipped(), sheet.answers, sheet.depth)
    for promise in PROMISES:
        promise(case)


def test_an_outcome_of_another_arithmetic_is_recognised() -> None:
    case = shipped_case(7)
    outcome = case.outcome
    assert outcome.overall
    assert counting(outcome)
    other = outcome.overall.model_copy(update={"high": outcome.overall.high + 1})
    last = counting(outcome)[-1]
    *rest, end = (a.model_copy(update={"after_exact": Fraction(1)}) if a is last else a for a in outcome.plan)
    assert not stands(case.scored, outcome.model_copy(update={"overall": other}))
    assert not stands(case.scored, outcome.model_copy(update={"plan": (*rest, end)}))
    assert stands(case.scored, Outcome.model_validate_json(outcome.to_json()))
