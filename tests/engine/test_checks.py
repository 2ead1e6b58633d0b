"""Miniature questionnaires, one a feature and one a problem code, and what `check` says of each, to the letter.

The expected text stands beside each: `expected.txt`, with files named from the miniature's own folder.
"""

from pathlib import Path

import pytest

from assessment.engine import checks
from assessment.engine.checks import STAGES, check, code_of, prove, run_scenarios
from assessment.engine.loading import load, load_scenarios
from assessment.engine.problems import Problem
from assessment.engine.proofs import PROVED
from tests.engine.strategies import SHIPPED
from tests.engine.tiny import BANKS

VALID = sorted(path for path in (BANKS / "valid").iterdir())
INVALID = sorted(path for path in (BANKS / "invalid").iterdir())
CHECKS = [one for stage in (*STAGES, PROVED) for one in stage]
CODES = [code_of(one) for one in CHECKS]
LOADING = {"schema", "condition", "no-bank", "duplicate-key", "shape", "scenario"}


def problems_of(folder: Path) -> list[Problem]:
    loaded = load(folder)
    problems = [*(loaded.problems or check(loaded) or prove(loaded))]
    scenarios, found = load_scenarios(folder)
    problems += found
    if loaded.questionnaire is not None and not problems:
        problems += run_scenarios(loaded.questionnaire, scenarios)
    return problems


def said(folder: Path) -> str:
    lines = (f"{problem.source}: {problem.code} {problem.message}" for problem in problems_of(folder))
    return "".join(f"{line.removeprefix(f'{folder}/')}\n" for line in lines)


@pytest.mark.parametrize("folder", VALID, ids=[path.name for path in VALID])
def test_a_sound_questionnaire_has_no_problems_and_its_scenarios_hold(folder: Path) -> None:
    assert said(folder) == ""
    assert load_scenarios(folder)[0] or folder.name == "tiny"


@pytest.mark.parametrize("folder", INVALID, ids=[path.name for path in INVALID])
def test_an_unsound_questionnaire_is_refused_at_the_line_that_is_wrong(folder: Path) -> None:
    assert said(folder) == (folder / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", INVALID, ids=[path.name for path in INVALID])
def test_a_miniature_shows_one_code_alone(folder: Path) -> None:
    codes = {problem.code for problem in problems_of(folder)}
    assert folder.name in codes
    assert codes == {folder.name} or folder.name in ("scenario",)


def test_every_code_has_a_miniature_and_every_miniature_a_code() -> None:
    assert {path.name for path in INVALID} == {*CODES, *LOADING}
    assert len(CODES) == len(set(CODES))


def test_every_check_documents_its_code() -> None:
    for one in CHECKS:
        first = (one.__doc__ or "").partition("\n")[0]
        assert first.endswith("."), one
        assert first == first.strip()


def test_problems_point_into_a_file_and_print_a_hint() -> None:
    problem = problems_of(BANKS / "invalid" / "no-weight")[0]
    text = str(problem)
    assert text.splitlines()[1].strip() == checks.no_weight.__doc__.partition("\n")[0]  # type: ignore[union-attr]
    assert problem.as_json()["line"] == problem.source.line > 0


def test_the_shipped_questionnaire_is_sound() -> None:
    assert [str(problem) for problem in problems_of(SHIPPED)] == []
