"""From nothing to a published questionnaire, as its page has it; and what a folder of one's own can break."""

import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from assessment.authoring.columns import COLUMNS
from assessment.authoring.keys import KEYS
from assessment.cli import main
from assessment.settings import read_settings
from assessment.web import create_app
from tests.web.conftest import Visitor

PAGE = Path("docs/questionnaires.md").resolve()
EXAMPLE = Path("docs/examples/office-safety.csv").resolve()
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command as an author would, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ASSESSMENT_")]:
        monkeypatch.delenv(name)

    def command(*words: str, fails: bool = False) -> str:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == (1 if fails else 0), result.output
        return result.output

    return command


def served() -> Visitor:
    return Visitor(create_app(read_settings()).test_client())


# The page


def lines() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_page_can_be_followed_to_the_letter(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(EXAMPLE, "office-safety.csv")
    said = {}
    for line in lines():
        words = shlex.split(line)
        if words[0] == "export":
            monkeypatch.setenv(*words[1].split("=", 1))
            continue
        with monkeypatch.context() as patch:
            while "=" in words[0]:
                patch.setenv(*words.pop(0).split("=", 1))
            if words[1:] == ["serve"]:
                said[line] = served().get("/q/check").text
            else:
                said[line] = run(*words[1:])
    assert "is sound: 0 problems, 0 warnings" in said["assessment check questionnaires/office-safety"]
    assert "is sound: 0 problems, 0 warnings" in said["assessment check questionnaires/fire-drills"]
    assert "Published office-safety 1" in said["assessment publish office-safety"]
    assert "office-safety" in said["assessment versions"]
    assert "Office safety check" in said["assessment serve"]
    assert "Brigade &amp; Co" in said["assessment serve"]


@pytest.mark.parametrize("model", KEYS)
def test_the_reference_says_of_each_key_what_the_schema_says(model: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    elsewhere = "| `measures` |" in page and model in ELSEWHERE
    rows = [f"| `{key}` | {says} |" for key, says in KEYS[model].items()]
    assert elsewhere or [row for row in rows if row not in page] == []


ELSEWHERE = {
    *("Group", "Mean", "Sum", "Deduction", "Blocked", "Levels", "Level", "FirstMatch", "Word", "Match"),
    *("Guidance", "Arrangement", "Aspect", "Stance", "Talk", "Addressed", "TalkQuestion", "Sharper"),
    *("FirstHour", "Insurance", "InsuranceItem", "Downtime"),
}
"""What measures.md explains, or the schema alone."""


def test_the_columns_of_the_page_are_the_columns_of_the_sheet() -> None:
    page = PAGE.read_text(encoding="utf-8")
    numbered = re.compile(r"answer [3-7]|points [1-7]")
    for column in COLUMNS:
        if not numbered.fullmatch(column.heading):
            assert f"| `{column.heading}` | {column.says}" in page


# `new` and `import`


def test_a_start_is_never_written_over_and_names_are_checked(run: Run) -> None:
    run("new", "mine")
    before = Path("questionnaires/mine/questionnaire.yaml").read_text()
    assert "nothing is written over" in run("new", "mine", fails=True)
    assert "cannot be its name" in run("new", "../mine", fails=True)
    assert Path("questionnaires/mine/questionnaire.yaml").read_text() == before
    assert [path.name for path in Path("questionnaires").iterdir()] == ["mine"]


@pytest.mark.parametrize("title", ['Safety: "first" & last', "#1", "Ärger – und mehr", "- x", "5"])
def test_any_title_stands_as_it_was_given(run: Run, title: str) -> None:
    run("new", "mine", "--title", title)
    assert "is sound" in run("check", "questionnaires/mine")
    assert read_settings({"ASSESSMENT_QUESTIONS": "questionnaires"}).questionnaires == ("it-health", "mine")


def test_nothing_is_written_where_a_cell_is_wrong(run: Run) -> None:
    Path("bad.csv").write_text("question,answer 1,answer 2,weight\nA?,No,Yes,much\n,No,Yes,3\n")
    said = run("import", "bad.csv", fails=True)
    assert "bad.csv row 2, column D: cell “much” is no whole number from 0 to 10" in said
    assert "2 problems; nothing was written." in said
    assert not Path("questionnaires").exists()


def test_a_file_that_is_not_there_is_a_sentence(run: Run) -> None:
    assert "No such file" in run("import", "nothing.csv", fails=True)
    assert "my-sheet.xlsx" in run("import", "--template", "my-sheet.csv", fails=True)


def test_an_imported_questionnaire_is_taken_to_its_report_without_a_word_of_it(run: Run, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    run("import", str(EXAMPLE))
    for name, value in {
        "QUESTIONS": "questionnaires",
        "QUESTIONNAIRE": "office-safety",
        "TENANT_NAME": "Brigade",
    }.items():
        monkeypatch.setenv(f"ASSESSMENT_{name}", value)
    visitor = served()
    start, sample = visitor.get("/q/check").text, visitor.get("/q/check/sample").text
    for page in (start, sample):
        assert not re.search(r"\bIT\b|omputer|break/fix|technician|backup", page)
    assert "somebody you book" in sample
    assert start.count('name="depth"') == 2  # the standard check would ask what the full one asks


# A folder of one's own


@pytest.fixture
def own(run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    run("new", "mine", "--title", "My own check")
    monkeypatch.setenv("ASSESSMENT_QUESTIONS", "questionnaires")
    return Path("questionnaires/mine")


def test_a_tenant_takes_one_of_its_own_and_the_others_keep_theirs(run: Run, own: Path) -> None:
    run("tenant", "add", "north", "questionnaire=mine")
    visitor = served()
    assert "My own check" in visitor.get("/q/north").text
    assert "IT health check" in visitor.get("/q/check").text
    assert "My own check</a>" in run("tenant", "snippet", "north")


def test_what_is_no_questionnaire_cannot_be_chosen(run: Run, own: Path) -> None:
    said = run("tenant", "add", "north", "questionnaire=yours", fails=True)
    assert "There is no questionnaire “yours”" in said
    assert "There are: it-health, mine." in said


def test_a_folder_named_like_a_shipped_one_wins(run: Run, own: Path) -> None:
    shutil.copytree(own, "questionnaires/it-health")
    assert "My own check" in served().get("/q/check").text


BROKEN = {
    "a key that is none": ("good_enough:", "god_enough:"),
    "a bank that is not there": ("bank: first-topic", "bank: third-topic"),
    "a fact nobody asks for": ("- id: staff", "- id: people"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_one_is_told_of_at_the_start_and_breaks_nobody_else(
    run: Run, own: Path, what: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("tenant", "add", "north", "questionnaire=mine")
    path = own / "questionnaire.yaml"
    path.write_text(path.read_text().replace(*BROKEN[what]))
    assert "IT health check" in served().get("/q/check").text
    assert "the questionnaire “mine” of a tenant cannot be used" in caplog.text
    monkeypatch.setenv("ASSESSMENT_QUESTIONNAIRE", "mine")
    said = run("serve", "--port", "1", fails=True)
    assert "questionnaires/mine/" in said
    assert "Traceback" not in said


def test_an_instance_of_a_questionnaire_that_is_not_there_does_not_start(run: Run, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("ASSESSMENT_QUESTIONNAIRE", "yours")
    assert "There is no questionnaire “yours”" in run("serve", fails=True)
