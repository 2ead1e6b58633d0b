"""`assessment check`, `score` and `report`: a questionnaire and an answers file, without a database."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import click

from assessment.cli import fail, failing, settings_in_force
from assessment.engine import proofs
from assessment.engine.answers import Sheet, read_sheet
from assessment.engine.assess import assess
from assessment.engine.checks import check as check_questionnaire
from assessment.engine.checks import prove
from assessment.engine.labels import agreement
from assessment.engine.loading import load, load_scenarios
from assessment.engine.problems import Problem, Refused, Source
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Outcome
from assessment.engine.scenarios import run_scenarios
from assessment.reports import pdf
from assessment.reports.explaining import explain
from assessment.reports.report import Sponsor
from assessment.reports.writing import build
from assessment.settings import BadSetting

ANSWERS_LIMIT = 1024 * 1024


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@click.option("--firms", is_flag=True, help="Print for every rule a firm for which it holds.")
def check(folder: Path | None, as_json: bool, firms: bool) -> None:
    """Check a questionnaire FOLDER (the one in use without it): structure, ids, rules, proofs, scenarios."""
    settings = settings_in_force()
    with failing(BadSetting):
        folder = folder or settings.question_folder(settings.questionnaire)
    loaded = load(folder)
    problems = list(loaded.problems or check_questionnaire(loaded) or prove(loaded))
    scenarios, found = load_scenarios(folder)
    problems += found
    if loaded.questionnaire is not None and not problems:
        problems += run_scenarios(loaded.questionnaire, scenarios)
    if as_json:
        click.echo(json.dumps({"ok": not problems, "problems": [problem.as_json() for problem in problems]}, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(_summary(loaded.questionnaire, len(scenarios), len(problems)))
        labels = folder / "labels.json"
        if loaded.questionnaire is not None and not problems and labels.is_file():
            click.echo(agreement(loaded.questionnaire, scenarios, json.loads(labels.read_bytes())))
        if firms and loaded.questionnaire is not None and not problems:
            _print_firms(loaded.questionnaire)
    sys.exit(1 if problems else 0)


def _print_firms(questionnaire: Questionnaire) -> None:
    space = proofs.space_of(questionnaire)
    for rule, proof in zip(questionnaire.every_rule(), proofs.rules(questionnaire), strict=True):
        assert proof.firm is not None, "a dead rule is a problem"
        click.echo(f"{rule.code}\t{rule.id}\tholds when {space.words(proof.firm)}")


def _summary(questionnaire: Questionnaire | None, scenarios: int, problems: int) -> str:
    if problems or questionnaire is None:
        return f"{problems} problem{'' if problems == 1 else 's'}"
    return (
        f"{questionnaire.id} {questionnaire.version} is sound: {len(questionnaire.questions)} questions, "
        f"{len(questionnaire.all_rules)} rules, {len(questionnaire.recommendations)} recommendations, "
        f"{scenarios} scenarios; proved in {proofs.space_of(questionnaire).tried:,} cubes that each part has its use"
    )


@click.command()
@click.argument("answers", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the whole outcome as JSON.")
@click.option("--explain", "with_losses", is_flag=True, help="Say where every lost point went.")
def score(answers: Path, as_json: bool, with_losses: bool) -> None:
    """Score an ANSWERS.json file."""
    questionnaire, outcome = _outcome(answers)
    if as_json:
        click.echo(json.dumps(outcome.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return
    for line in explain(outcome, questionnaire, with_losses):
        click.echo(line)


@click.command()
@click.argument("answers", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Where to write the PDF.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The date on the report; today without it.")
def report(answers: Path, output: Path, on: Any) -> None:
    """Write the report of an ANSWERS.json file as a PDF."""
    settings = settings_in_force()
    questionnaire, outcome = _outcome(answers)
    sponsor = Sponsor(settings.tenant_name, settings.tenant_contact, settings.tenant_link, settings.currency)
    written = build(outcome, questionnaire, sponsor, on.date() if on else date.today())
    with failing(OSError):
        output.write_bytes(pdf.render(written, settings.template("report/report.typ")))
    click.echo(f"wrote {output}")


def _outcome(path: Path) -> tuple[Questionnaire, Outcome]:
    settings = settings_in_force()
    try:
        questionnaire = load(settings.question_folder(settings.questionnaire)).or_refuse()
        sheet = _read_answers(path, questionnaire)
    except Refused as error:
        fail(*map(str, error.problems))
    except BadSetting as error:
        fail(str(error))
    return questionnaire, assess(questionnaire, sheet.answers, sheet.depth)


def _read_answers(path: Path, questionnaire: Questionnaire) -> Sheet:
    """The answers in a JSON file. Raises Refused with every problem."""
    source = Source(str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(ANSWERS_LIMIT + 1)
        if len(raw) > ANSWERS_LIMIT:
            raise Refused((Problem("too-large", "the file is over 1 MiB", "", source),))
        data = json.loads(raw, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except OSError as error:
        raise Refused((Problem("unreadable", error.strerror or "it cannot be read", "", source),)) from None
    except json.JSONDecodeError as error:
        at = Source(str(path), error.lineno, error.colno)
        raise Refused((Problem("not-json", error.msg, "an answers file is one JSON object", at),)) from None
    except (ValueError, RecursionError) as error:
        raise Refused((Problem("not-json", str(error), "an answers file is one JSON object", source),)) from None
    sheet = read_sheet(questionnaire, data, source)
    if sheet.problems:
        raise Refused(sheet.problems)
    return sheet


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"“{key[:60]}” stands twice in one object")
        found[key] = value
    return found
