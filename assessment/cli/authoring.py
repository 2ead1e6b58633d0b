"""`assessment new`, `import` and `schema`: a questionnaire of one's own, by hand or from a spreadsheet."""

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from assessment.authoring.grid import MAX_BYTES
from assessment.authoring.importing import make
from assessment.authoring.naming import id_of
from assessment.authoring.schema import schemas
from assessment.authoring.sheet import empty_sheet
from assessment.cli import fail, failing, settings_in_force
from assessment.settings import Settings

FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where questionnaires stand: ASSESSMENT_QUESTIONS, or ./questionnaires without it.",
)
TITLE = click.option("--title", default="", help="Its title, as visitors read it; made from NAME without it.")


@click.command()
@click.argument("name")
@FOLDER
@TITLE
def new(name: str, folder: Path | None, title: str) -> None:
    """Start a questionnaire NAME, such as fire-safety, from a small commented template."""
    settings = settings_in_force()
    target = _target(settings, folder, name)
    start = settings.template("authoring/new/questionnaire.yaml").parent
    files = {path.relative_to(start).as_posix(): path.read_text(encoding="utf-8") for path in start.rglob("*.yaml")}
    files["questionnaire.yaml"] = _named(files["questionnaire.yaml"], name, title or _title(name))
    _write(target, files)
    click.echo(f"Started {target} with {len(files)} files; every key is explained where it stands.")
    _next_steps(settings, target)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", default="", help="What to call it, such as fire-safety; made from the name of FILE without it.")
@FOLDER
@TITLE
@click.option("--template", is_flag=True, help="Write an empty sheet with the right columns to FILE.xlsx instead.")
def import_(file: Path, name: str, folder: Path | None, title: str, template: bool) -> None:
    """Make a questionnaire from the spreadsheet FILE (.xlsx or .csv): one row a question."""
    if template:
        _write_empty(file)
        return
    settings = settings_in_force()
    name = name or id_of(file.stem, "")
    target = _target(settings, folder, name)
    with failing(OSError), file.open("rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    head = settings.template("authoring/imported.yaml").read_text(encoding="utf-8")
    made = make(data, file.name, _named(head, name, title or _title(name)))
    for note in made.notes:
        click.echo(note, err=bool(made.problems))
    if made.problems:
        count = len(made.problems)
        fail(*map(str, made.problems), f"{count} problem{'s' if count > 1 else ''}; nothing was written.")
    _write(target, made.files)
    click.echo(f"Made {target}: {made.questions} questions in {', '.join(made.files)}.")
    _next_steps(settings, target)


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write one file a kind into this folder, as editors want it.",
)
def schema(folder: Path | None) -> None:
    """Print the JSON Schema of questionnaire.yaml, banks, sources.yaml and scenarios, for your editor."""
    found = schemas()
    if folder is None:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    with failing(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for name, one in found.items():
            path = folder / f"{name}.schema.json"
            path.write_text(json.dumps(one, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            click.echo(f"wrote {path}")


def _target(settings: Settings, folder: Path | None, name: str) -> Path:
    """Where a new questionnaire goes; nothing that is there is ever written over."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", name):
        fail(f"“{name}” cannot be its name: use small letters, digits and hyphens, such as fire-safety.")
    target = (folder or settings.questions or Path("questionnaires")) / name
    if target.exists():
        fail(f"{target} is there already, and nothing is written over. Choose another name, or move it away.")
    return target


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _named(head: str, name: str, title: str) -> str:
    """The text of a questionnaire.yaml under another id and title."""
    head = re.sub(r"(?m)^id: \S+", lambda _: f"id: {json.dumps(name) if name.isdigit() else name}", head, count=1)
    return re.sub(r"(?m)^title: .*$", lambda _: f"title: {json.dumps(title, ensure_ascii=False)}", head, count=1)


def _write(target: Path, files: Mapping[str, str]) -> None:
    """Write a folder all at once, or not at all."""
    with failing(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        begun = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
        try:
            for name, text in files.items():
                (begun / name).parent.mkdir(exist_ok=True)
                (begun / name).write_text(text, encoding="utf-8", newline="\n")
            begun.chmod(0o755)
            begun.rename(target)
        finally:
            shutil.rmtree(begun, ignore_errors=True)


def _write_empty(file: Path) -> None:
    if file.suffix.lower() != ".xlsx":
        fail(f"The empty sheet is a workbook: call it {file.with_suffix('.xlsx')}.")
    if file.exists():
        fail(f"{file} is there already, and nothing is written over.")
    with failing(OSError):
        file.write_bytes(empty_sheet())
    click.echo(f"Wrote {file}. Fill in a row a question, then: assessment import {file}")


def _next_steps(settings: Settings, target: Path) -> None:
    """What to do now; with the variables it takes, where they are not set."""
    own = "" if settings.questions == target.parent.absolute() else f"ASSESSMENT_QUESTIONS={target.parent} "
    serve = f"{own}ASSESSMENT_QUESTIONNAIRE={target.name} ASSESSMENT_DEVELOPMENT=yes assessment serve"
    click.echo("Next:")
    click.echo(f"  assessment check {target}\n      says what is wrong, with line and column")
    click.echo(f"  {serve}\n      try it in your browser at {settings.base_url}/q/{settings.tenant}")
    click.echo(f"  {own}assessment publish {target.name}\n      keeps this version for good")
