"""`assessment check`: what it prints of problems and warnings, when it fails, and what it compares with."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assessment.cli import main
from assessment.engine.loading import load
from tests.engine.tiny import BANKS

SOUND, WARNED, WRONG = BANKS / "valid" / "least", BANKS / "invalid" / "equal-steps", BANKS / "invalid" / "idle-rule"
LATER = BANKS / "invalid" / "moved-code"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


@pytest.mark.parametrize(
    ("folder", "options", "status", "last"),
    [
        (SOUND, [], 0, "mini 1 is sound: 0 problems, 0 warnings"),
        (SOUND, ["--strict"], 0, "mini 1 is sound: 0 problems, 0 warnings"),
        (WARNED, [], 0, "mini 1 is sound: 0 problems, 1 warning"),
        (WARNED, ["--strict"], 1, "mini 1 is sound: 0 problems, 1 warning"),
        (WRONG, [], 1, "1 problem, 0 warnings"),
        (LATER, ["--since", LATER / "earlier"], 1, "1 problem, 0 warnings"),
    ],
)
def test_a_problem_fails_and_a_warning_fails_where_it_is_asked_to(
    folder: Path, options: list[str | Path], status: int, last: str
) -> None:
    result = run(folder, *options)
    assert (result.exit_code, last in result.output.splitlines()) == (status, True), result.output


def test_the_summary_says_what_there_is_how_it_was_proved_and_how_long_it_took() -> None:
    said = run(SOUND).output.splitlines()[1]
    assert said.startswith("3 questions, 1 rule, 2 recommendations, 3 scenarios; proved in ")
    assert said.endswith(" ms")


def test_warnings_are_told_apart_in_text_and_in_data() -> None:
    assert f"{WARNED}/banks/b.yaml:5:5: warning: equal-steps every step is worth 50 points" in run(WARNED).output
    for options, ok in (((), True), (("--strict",), False)):
        data = json.loads(run(WARNED, "--json", *options).output)
        assert data["ok"] is ok
        assert [(one["level"], one["code"], one["line"]) for one in data["problems"]] == [("warning", "equal-steps", 5)]
    assert json.loads(run(WRONG, "--json").output)["problems"][0]["level"] == "problem"


def test_an_earlier_version_may_be_a_folder_or_its_published_json(tmp_path: Path) -> None:
    published = tmp_path / "earlier.json"
    published.write_text(load(LATER / "earlier").or_refuse().canonical_json, encoding="utf-8")
    by_folder, by_file = (run(LATER, "--since", earlier) for earlier in (LATER / "earlier", published))
    assert "moved-code the code “R1”" in by_folder.output
    assert by_file.output == by_folder.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        ("{", "does not read as a questionnaire"),
        ("[]", "does not read as a questionnaire"),
        ("\xff\x00", "does not read as a questionnaire"),
    ],
)
def test_an_earlier_version_that_cannot_be_read_is_said_in_a_sentence(
    tmp_path: Path, content: str | None, said: str
) -> None:
    earlier = tmp_path / "earlier.json"
    if content is not None:
        earlier.write_bytes(content.encode("latin-1"))
    result = run(SOUND, "--since", earlier)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_earlier_folder_that_is_wrong_says_what_is_wrong_with_it() -> None:
    result = run(SOUND, "--since", BANKS / "invalid" / "schema")
    assert result.exit_code == 1
    assert "“colour” is no key here" in result.output
