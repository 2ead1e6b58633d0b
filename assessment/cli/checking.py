"""`assessment check`: what is wrong with a questionnaire, what its author should look at, and what was proved of it."""

import json
import sys
from pathlib import Path
from time import perf_counter

import click
from pydantic import ValidationError

from assessment.cli import fail, failing, settings_in_force
from assessment.engine.checks import proofs
from assessment.engine.checks.folder import Examined, examine_folder
from assessment.engine.labels import agreement
from assessment.engine.loading import load
from assessment.engine.problems import Refused
from assessment.engine.questionnaire import Questionnaire
from assessment.settings import BadSetting


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--since", "earlier", type=click.Path(path_type=Path), help="An earlier version: its folder or its JSON.")
@click.option("--strict", is_flag=True, help="Let warnings count as problems do.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option("--firms", is_flag=True, help="Print for every rule a firm for which it holds.")
def check(folder: Path | None, earlier: Path | None, strict: bool, as_json: bool, firms: bool) -> None:
    """Check a questionnaire FOLDER (the one in use without it): structure, ids, rules, proofs, wording, scenarios."""
    settings = settings_in_force()
    with failing(BadSetting):
        folder = folder or settings.question_folder(settings.questionnaire)
    began = perf_counter()
    examined = examine_folder(folder, _earlier(earlier) if earlier else None)
    took = (perf_counter() - began) * 1000
    ok = not (examined.found if strict else examined.problems)
    if as_json:
        found = [one.as_json() for one in (*examined.problems, *examined.warnings)]
        click.echo(json.dumps({"ok": ok, "problems": found}, ensure_ascii=False, indent=2))
    else:
        _print(examined, took, firms)
        labels = folder / "labels.json"
        if examined.loaded.questionnaire is not None and not examined.problems and labels.is_file():
            read = json.loads(labels.read_bytes())
            click.echo(agreement(examined.loaded.questionnaire, examined.scenarios, read))
    sys.exit(0 if ok else 1)


def _earlier(path: Path) -> Questionnaire:
    """A version to compare with: a folder, or the JSON of one that was published."""
    try:
        return load(path).or_refuse() if path.is_dir() else Questionnaire.model_validate_json(path.read_bytes())
    except Refused as error:
        fail(*map(str, error.problems))
    except ValidationError as error:
        fail(f"{path} does not read as a questionnaire: {error.error_count()} things are not as they should be")
    except OSError as error:
        fail(f"{path}: {error.strerror}")


def _print(examined: Examined, took: float, firms: bool) -> None:
    for group in (examined.problems, examined.warnings):
        for one in group:
            click.echo(str(one))
    counts = f"{_some(len(examined.problems), 'problem')}, {_some(len(examined.warnings), 'warning')}"
    questionnaire = examined.loaded.questionnaire
    if questionnaire is None or examined.problems:
        click.echo(counts)
        return
    click.echo(f"{questionnaire.id} {questionnaire.version} is sound: {counts}")
    click.echo(
        f"{_some(len(questionnaire.questions), 'question')}, {_some(len(questionnaire.all_rules), 'rule')}, "
        f"{_some(len(questionnaire.recommendations), 'recommendation')}, {_some(len(examined.scenarios), 'scenario')}; "
        f"proved in {proofs.space_of(questionnaire).tried:,} cubes that each part has its use; {took:,.0f} ms"
    )
    if firms:
        _print_firms(questionnaire)


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _print_firms(questionnaire: Questionnaire) -> None:
    space = proofs.space_of(questionnaire)
    for rule, proof in zip(questionnaire.every_rule(), proofs.rules(questionnaire), strict=True):
        assert proof.firm is not None, "a dead rule is a problem"
        click.echo(f"{rule.code}\t{rule.id}\tholds when {space.words(proof.firm)}")
