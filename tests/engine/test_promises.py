"""Every promise of the design, on thousands of generated questionnaires and of answers to the shipped one.

A case is drawn once and tried on every promise. One that fails is made small before it is shown.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from hypothesis import Phase, given, settings

from tests.engine.promises import plans, ranges, scores
from tests.engine.reducing import reduced
from tests.engine.strategies import EXAMPLES, NOTHING, SEEDS, SMALL, Case, Promise, generated, shipped_case

PROMISES = (*scores.PROMISES, *ranges.PROMISES, *plans.PROMISES)

HALVES = 2
"""Halves, so that two processes share the work."""

Draw = Callable[[int], Case]


def keep(promises: Sequence[Promise], draw: Draw, examples: int) -> Counter[str]:
    """Try promises on so many cases; how often each had something to try."""
    tried: Counter[str] = Counter({promise.__name__: 0 for promise in promises})
    cases = 0

    @settings(max_examples=examples, phases=[Phase.reuse, Phase.generate])
    @given(SEEDS)
    def every_one(seed: int) -> None:
        nonlocal cases
        case = draw(seed)
        for promise in promises:
            tried[promise.__name__] += hold(promise, case) is not NOTHING
        cases += 1

    every_one()
    assert cases >= examples
    return tried


def hold(promise: Promise, case: Case) -> object:
    """What a promise says of a case; where it fails, of the smallest that fails too."""
    try:
        return promise(case)
    except Exception as error:
        small = reduced(case, partial(breaks, promise, type(error)))
    try:
        promise(small)
    except Exception as error:
        error.add_note(f"Broken: {promise.__name__.replace('_', ' ')}\nby {small!r}")
        raise
    raise AssertionError("it failed only once", case)


def breaks(promise: Promise, how: type[Exception], case: Case) -> bool:
    try:
        promise(case)
    except Exception as error:
        return type(error) is how
    return False


@pytest.mark.parametrize("half", range(HALVES))
@pytest.mark.parametrize(
    ("draw", "hardly_tried"),
    [
        pytest.param(generated, plans.at_most_three_of_a_bank_are_among_the_first_ten, id="generated"),
        pytest.param(shipped_case, plans.the_order_never_depends_on_what_actions_gain, id="shipped"),
    ],
)
def test_every_promise_is_kept(draw: Draw, hardly_tried: Promise, half: int) -> None:
    """Each has something to try in one case of a hundred at the least, but for one that only the other cases try."""
    examples = EXAMPLES // HALVES
    tried = keep(PROMISES, draw, examples)
    print(*(f"{tried[name]:6} of {examples} {name.replace('_', ' ')}" for name in tried), sep="\n")
    seldom = {name for name, count in tried.items() if count < examples // 100 and examples >= 1000}
    assert seldom <= {hardly_tried.__name__}


def test_brute_force_finds_no_other_range() -> None:
    tried = keep(ranges.BRUTE_FORCE, lambda seed: generated(seed, SMALL), EXAMPLES)
    print(*(f"{tried[name]:6} of {EXAMPLES} {name.replace('_', ' ')}" for name in tried), sep="\n")
    assert min(tried.values()) > EXAMPLES // 10


def test_a_case_that_breaks_a_promise_is_made_small() -> None:
    def caps_the_whole(case: Case) -> bool:
        return any(rule.caps.overall is not None for rule in case.questionnaire.every_rule())

    case = next(case for seed in range(100) if caps_the_whole(case := generated(seed)) and len(case.answers) > 4)
    small = reduced(case, caps_the_whole).questionnaire
    assert [len([*every]) for every in (small.every_question(), small.every_rule())] == [1, 1]
    assert reduced(case, caps_the_whole).answers == {}
