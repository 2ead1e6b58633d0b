"""`assessment score` and `report`: the questionnaire in use and an answers file, without a database."""

import json
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import click

from assessment.cli import fail, failing, settings_in_force
from assessment.engine.answers import Sheet, read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load
from assessment.engine.problems import Problem, Refused, Source
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Outcome
from assessment.reports import pdf
from assessment.reports.explaining import explain
from assessment.reports.report import Sponsor
from assessment.reports.writing import build
from assessment.settings import BadSetting

ANSWERS_LIMIT = 1024 * 1024


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
