"""One tiny questionnaire for tests that tell a story: two banks, a fact, a gate, caps and a plan."""

from functools import cache
from pathlib import Path

from assessment.engine.loading import load
from assessment.engine.questionnaire import Questionnaire

BANKS = Path("tests/banks")


@cache
def tiny() -> Questionnaire:
    return load(BANKS / "valid" / "tiny").or_refuse()
