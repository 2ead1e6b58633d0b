"""Whatever is broken in a sound questionnaire is reported, by the code of what was broken."""

from copy import deepcopy
from json import loads

import pytest
from hypothesis import given, settings

from assessment.engine.checks import PROVED, STAGES, check, code_of, prove
from assessment.engine.loading import Loaded
from assessment.engine.questionnaire import Questionnaire
from tests.engine.broken import BREAKERS, Breaker
from tests.engine.sound import Dice, sound
from tests.engine.strategies import EXAMPLES, SEEDS

EACH = EXAMPLES // len(BREAKERS) + 1
"""Some two thousand questionnaires are broken, shared among the ways to break them."""


@pytest.mark.parametrize("breaker", BREAKERS, ids=[code_of(breaker) for breaker in BREAKERS])
@settings(max_examples=EACH)
@given(SEEDS)
def test_what_is_broken_is_reported_by_its_code(breaker: Breaker, seed: int) -> None:
    broken = deepcopy(loads(sound(seed).canonical_json))
    breaker(broken, Dice(seed))
    loaded = Loaded(Questionnaire.model_validate(broken), ())
    codes = [problem.code for problem in check(loaded) or prove(loaded)]
    assert code_of(breaker) in codes


def test_every_way_to_break_one_is_named_after_a_check() -> None:
    named = {code_of(breaker) for breaker in BREAKERS}
    assert len(named) == len(BREAKERS) > 40
    assert named <= {code_of(one) for stage in (*STAGES, PROVED) for one in stage}
