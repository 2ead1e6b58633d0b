"""The command: what it prints, and what it says of files that are wrong."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from assessment.cli import COMMANDS, main

REFERENCE = {
    "questionnaire": "it-health",
    "codes": {"B5": 0, "D3": "NS", "P5": "NA", "A1": 4, "B2": 3, "B3": 3},
    "profile": {"staff": "10-19"},
}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def write(folder: Path, data: object) -> Path:
    path = folder / "answers.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def test_help_names_every_command_and_loads_none_of_them() -> None:
    source = "import sys\nfrom assessment.cli import main\nmain(['--help'], standalone_mode=False)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    said, _, modules = done.stdout.rstrip().rpartition("\n")
    assert [name for name, (_, says) in COMMANDS.items() if f"  {name} " not in said or says not in said] == []
    assert {"flask", "typst", "sqlalchemy", "alembic", "pydantic"} & set(modules.split()) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there_under_its_name_and_explains_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    result = run(name, "--help")
    assert result.exit_code == 0
    assert command.help
    assert COMMANDS[name][1].endswith(".")


def test_an_unknown_command_is_named() -> None:
    result = run("chek")
    assert result.exit_code == 2
    assert "No such command 'chek'" in result.output


def test_the_package_stands_in_for_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "assessment", "--version"], capture_output=True, text=True, check=True)
    assert "version" in done.stdout


def test_the_shipped_questionnaire_is_sound() -> None:
    result = run("check")
    assert result.exit_code == 0, result.output
    assert "71 " in result.output or "questions" in result.output


def test_check_names_file_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "questionnaire.yaml").write_text("id: x\nid: y\n")
    result = run("check", tmp_path)
    assert result.exit_code == 1
    assert "questionnaire.yaml:2:1: duplicate-key" in result.output
    problems = json.loads(run("check", tmp_path, "--json").output)["problems"]
    assert (problems[0]["line"], problems[0]["column"], problems[0]["code"]) == (2, 1, "duplicate-key")


def test_a_folder_without_a_questionnaire_is_a_problem_not_a_trace(tmp_path: Path) -> None:
    result = run("check", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "no-questionnaire" in result.output


def test_score_prints_the_outcome_as_json(tmp_path: Path) -> None:
    result = run("score", write(tmp_path, REFERENCE), "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.output)
    overall = data["overall"]
    assert set(overall) >= {"score", "low", "high", "band", "held_by", "score_exact"}
    assert set(data) >= {"banks", "signs", "findings", "plan", "next_band", "trajectory", "questionnaire", "engine"}
    assert set(data["trajectory"]) == {"now", "30", "90", "365"}
    assert set(data["plan"][0]) >= {"id", "code", "alone", "in_order", "after", "reasons", "alone_exact"}
    assert set(data["questionnaire"]) == {"id", "version", "digest"}
    numerator, denominator = map(int, overall["score_exact"].split("/"))
    assert overall["score"] == (2 * numerator + denominator) // (2 * denominator)


def test_answers_by_id_and_by_code_score_the_same(tmp_path: Path) -> None:
    by_code = run("score", write(tmp_path, {"codes": {"B5": 0}, "profile": {"staff": "10-19"}}), "--json").output
    by_id = {"answers": {"backups.tested-restore": "never", "profile.staff": "10-19"}}
    assert run("score", write(tmp_path, by_id), "--json").output == by_code


def test_score_explains_every_lost_point(tmp_path: Path) -> None:
    result = run("score", write(tmp_path, REFERENCE), "--explain")
    assert "lost, from 100 to" in result.output
    lines = result.output.partition("lost, from 100 to ")[2].splitlines()
    assert 100 - int(lines[0].rstrip(":")) == sum(int(line.split()[0]) for line in lines[1:])


def test_report_writes_a_pdf(tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    result = run("report", write(tmp_path, REFERENCE), "-o", out, "--on", "2026-11-22")
    assert result.exit_code == 0, result.output
    assert len(PdfReader(out).pages) >= 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("{", "not-json"),
        ("", "not-json"),
        ("[]", "not-answers"),
        ('{"answers": {"backups.schedule": NaN}}', "not-json"),
        ('{"answers": {}, "answers": {}}', "not-json"),
        ("[" * 5000, "not-json"),
        ("9" * 5000, "not-json"),
        ({"answers": []}, "not-answers"),
        ({"questionnaire": "other"}, "other-questionnaire"),
        ({"depth": "abyss"}, "unknown-depth"),
        ({"answers": {"no.such": "x"}}, "unknown-question"),
        ({"answers": {"backups.schedule": "x"}}, "unknown-option"),
        ({"answers": {"backups.schedule": None}}, "unknown-option"),
        ({"answers": {"backups.schedule": "does-not-apply"}}, "always-applies"),
        ({"codes": {"B2": 5}}, "unknown-level"),
        ({"codes": {"B2": True}}, "unknown-level"),
        ({"codes": {"Z9": 0}}, "unknown-question"),
        ({"answer": {}}, "unknown-key"),
    ],
    ids=str,
)
def test_wrong_answers_are_named_and_never_a_trace(tmp_path: Path, data: object, code: str) -> None:
    result = run("score", write(tmp_path, data))
    assert result.exit_code == 1
    assert f": {code} " in result.output
    assert "Traceback" not in result.output


def test_every_wrong_answer_is_named_at_once(tmp_path: Path) -> None:
    result = run("score", write(tmp_path, {"answers": {"no.such": "x", "backups.schedule": "y"}, "depth": "z"}))
    assert len([line for line in result.output.splitlines() if "answers.json" in line]) == 3


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run("score", tmp_path / "missing.json")
    assert result.exit_code == 1
    assert "missing.json: unreadable" in result.output


def test_a_wrong_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSESSMENT_BASE_URL", "nonsense")
    result = run("score", write(tmp_path, REFERENCE))
    assert result.exit_code == 1
    assert "ASSESSMENT_BASE_URL" in result.output


@pytest.mark.parametrize("command", ["check", "score answers.json", "report answers.json -o report.pdf"])
def test_a_questionnaire_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("ASSESSMENT_QUESTIONNAIRE", "no-such")
    result = run(*command.split())
    assert result.exit_code == 1
    assert "There is no questionnaire “no-such”" in result.output


def test_a_report_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    result = run("report", write(tmp_path, REFERENCE), "-o", tmp_path / "nowhere" / "report.pdf")
    assert result.exit_code == 1
    assert "No such file or directory" in result.output
    assert "Traceback" not in result.output
