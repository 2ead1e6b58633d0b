"""The page on checks and the checks themselves: every code is there, with level, docstring and what it prints."""

import inspect
import re
from pathlib import Path

import pytest

from assessment.engine.checks import WARNED, code_of
from assessment.engine.checks.history import LOOKED_AT
from assessment.engine.checks.wording import PLAIN
from tests.engine.test_checks import CHECKS, INVALID

PAGE = Path("docs/checks.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^### `([a-z-]+)`", PAGE, re.MULTILINE)
FILES = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE, re.MULTILINE)
LEVELS = {code_of(one): "warning" for one in (*WARNED, *LOOKED_AT)}
READERS = [Path("assessment/engine") / name for name in ("documents.py", "loading.py", "scenarios.py")]


def section(code: str, doc: str) -> str:
    """What the page says of one check: its docstring, and what is printed of the first line its miniature has wrong."""
    printed = (Path("tests/banks/invalid") / code / "expected.txt").read_text(encoding="utf-8").splitlines()[0]
    return f"### `{code}`: {LEVELS.get(code, 'problem')}\n\n{doc}\n\n```\n{printed}\n```\n"


@pytest.mark.parametrize("one", CHECKS, ids=code_of)
def test_the_page_says_of_a_check_what_its_docstring_says(one: object) -> None:
    expected = section(code_of(one), inspect.getdoc(one) or "")  # type: ignore[arg-type]
    assert expected in PAGE, f"docs/checks.md should have\n\n{expected}"


def test_the_page_names_every_check_once_and_no_other() -> None:
    assert sorted(SECTIONS) == sorted(map(code_of, CHECKS))


def test_the_page_names_everything_that_can_be_wrong_with_a_file() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in READERS)
    codes = set(re.findall(r"(?:Problem|_Unwelcome)\(\s*\"([a-z0-9-]+)\"", source))
    assert {path.name for path in INVALID} - set(SECTIONS) <= codes
    assert set(FILES) == codes


def test_the_page_lists_the_terms_to_avoid() -> None:
    flowing = " ".join(PAGE.split())
    for term, instead in (PLAIN.forbidden or {}).items():
        assert f"{term} ({instead})" in flowing
    assert f"at the age of {PLAIN.reading_age}" in flowing
