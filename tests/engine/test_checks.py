"""Miniature questionnaires, one a feature and one a problem code, and what `check` says of each, to the letter.

The expected text stands beside each: `expected.txt`, with files named from the miniature's own folder.
"""

from functools import cache
from pathlib import Path

import pytest

from assessment.engine.checks import PROVED, STAGES, WARNED, code_of
from assessment.engine.checks.folder import examine_folder
from assessment.engine.checks.history import SINCE
from assessment.engine.checks.questions import no_weight
from assessment.engine.loading import load, load_scenarios
from assessment.engine.problems import Problem
from tests.engine.strategies import SHIPPED
from tests.engine.tiny import BANKS

VALID = sorted(path for path in (BANKS / "valid").iterdir())
INVALID = sorted(path for path in (BANKS / "invalid").iterdir())
CHECKS = [one for stage in (*STAGES, PROVED, WARNED, SINCE) for one in stage]
CODES = [code_of(one) for one in CHECKS]
LOADING = {"schema", "condition", "no-bank", "duplicate-key", "shape", "scenario"}


@cache
def problems_of(folder: Path) -> tuple[Problem, ...]:
    """What is found in a miniature, beside its earlier version if it holds one."""
    earlier = load(folder / "earlier").or_refuse() if (folder / "earlier").is_dir() else None
    return examine_folder(folder, earlier).found


def said(folder: Path) -> str:
    lines = (str(problem).splitlines()[0] for problem in problems_of(folder))
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
    assert text.splitlines()[1].strip() == no_weight.__doc__.partition("\n")[0]  # type: ignore[union-attr]
    assert problem.as_json()["line"] == problem.source.line > 0


def test_the_shipped_questionnaire_is_sound() -> None:
    assert [str(problem) for problem in problems_of(SHIPPED)] == []
