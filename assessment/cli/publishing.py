"""`assessment publish`, `versions` and `rescore`: versions kept for good, and old answers scored by another one."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from assessment.cli import fail, failing, settings_in_force
from assessment.cli.tenants import migrated
from assessment.engine.checks.folder import examine_folder
from assessment.engine.checks.history import since
from assessment.engine.loading import Loaded
from assessment.engine.problems import Level
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Outcome
from assessment.reports.comparison.rescored import Rescored, as_data, lines
from assessment.reports.comparison.rescored import rescore as score_again
from assessment.reports.words import joined
from assessment.settings import BadSetting
from assessment.storage import questionnaires, rescoring, staff
from assessment.storage.assessments import answers_of
from assessment.storage.questionnaires import VersionTaken
from assessment.storage.session import Session
from assessment.storage.tables import Assessment

BEFORE = "Nothing was published: a version is kept for good, so it has to be clean first."
STRICT = "What is gone may have been renamed, so this warning counts here: say so under `retired`, or bring it back."


@click.command()
@click.argument("name", required=False)
def publish(name: str | None) -> None:
    """Publish the questionnaire NAME, or in the folder NAME: the one in use without it. Only if `check` is clean."""
    examined = examine_folder(_folder(name))
    if examined.problems:
        fail(*map(str, examined.problems), BEFORE)
    questionnaire = examined.loaded.or_refuse()
    with migrated() as database, database.writing() as session, failing(VersionTaken):
        there = questionnaires.by_digest(session, questionnaire)
        if there is None:
            last = questionnaires.newest(session, questionnaire.id)
            _refuse_broken_promises(examined.loaded, last[0] if last else None)
            now = datetime.now(UTC)
            questionnaires.publish(session, questionnaire, now)
            staff.audit(session, now, "publish", about=f"{questionnaire.id} {questionnaire.version}"[:80])
    if there is not None:
        click.echo(f"Already published: {_named(questionnaire, there.version)}, on {there.created_at:%d %B %Y}.")
        return
    click.echo(f"Published {_named(questionnaire, questionnaire.version)}: {_counts(questionnaire)}.")
    click.echo(f"Since version {last[1]}: {_changes(last[0], questionnaire)}." if last else "It is the first version.")
    click.echo("Start the server anew, and new assessments are taken with it; those begun before keep theirs.")


def _folder(name: str | None) -> Path:
    """A folder that was named, or that of the questionnaire called so."""
    settings = settings_in_force()
    if name is not None and (Path(name) / "questionnaire.yaml").is_file():
        return Path(name)
    with failing(BadSetting):
        return settings.question_folder(name or settings.questionnaire)


def _refuse_broken_promises(loaded: Loaded, last: Questionnaire | None) -> None:
    """End the command where an id or a code that was published does not keep its meaning."""
    if last is None or not (broken := since(last, loaded)):
        return
    fail(*map(str, broken), *([STRICT] if any(one.level is Level.WARNING for one in broken) else []), BEFORE)


def _named(questionnaire: Questionnaire, version: str) -> str:
    return f"{questionnaire.id} {version} ({questionnaire.digest[:12]})"


def _counts(questionnaire: Questionnaire) -> str:
    return joined([f"{len(parts)} {kind}" for kind, parts in _parts(questionnaire).items()])


def _parts(questionnaire: Questionnaire) -> dict[str, Mapping[str, object]]:
    return {
        "questions": questionnaire.questions,
        "rules": questionnaire.all_rules,
        "recommendations": questionnaire.recommendations,
    }


def _changes(before: Questionnaire, after: Questionnaire) -> str:
    """How many of each were added, changed and retired."""
    was = _parts(before)
    return "; ".join(_changed(kind, was[kind], now) for kind, now in _parts(after).items())


def _changed(kind: str, was: Mapping[str, object], now: Mapping[str, object]) -> str:
    changed = sum(was[name] != now[name] for name in was.keys() & now.keys())
    told = [f"{len(now.keys() - was.keys())} added", f"{changed} changed", f"{len(was.keys() - now.keys())} retired"]
    return f"{kind} {', '.join(told)}"


@click.command()
def versions() -> None:
    """List every published version, the newest first: since when, and how many assessments were sent in with it."""
    with migrated() as database, database.reading() as session:
        for one in questionnaires.published(session):
            taken = f"{one.taken:,} {'assessment' if one.taken == 1 else 'assessments'}"
            click.echo(f"{one.id}\t{one.version}\t{one.digest[:12]}\t{one.created_at:%Y-%m-%d %H:%M}\t{taken}")


@click.command()
@click.argument("reference")
@click.option("--to", "version", metavar="VERSION", help="The version to score by; the newest without it.")
@click.option("--dry-run", is_flag=True, help="Only say what would move, and keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what moved as JSON, with exact figures.")
def rescore(reference: str, version: str | None, dry_run: bool, as_json: bool) -> None:
    """Score the assessment REFERENCE again by another version, keep it beside the old one, and say what moved and why.

    The old result stays as it is, nobody is told, and the new one is in no list and no count.
    """
    with migrated() as database, database.reading() if dry_run else database.writing() as session:
        old = _rescorable(session, reference)
        later, pin = _version(session, old, version)
        found = _scored_again(session, old, later)
        kept = "" if dry_run else _keep(session, old, pin, found)
    if as_json:
        told = {"rescores": old.reference, "reference": kept or None, **as_data(found)}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(f"assessment {old.reference}, by version {old.questionnaire_version} and by version {pin[1]}")
    for line in lines(found):
        click.echo(line)
    click.echo(
        f"Kept as assessment {kept}; the old one is as it was." if kept else "Nothing was kept: this was a dry run."
    )


def _rescorable(session: Session, reference: str) -> Assessment:
    found = rescoring.by_reference(session, reference)
    if found is None:
        fail(f"There is no assessment “{reference}”. Its reference stands on its page in the console.")
    if found.submitted_at is None:
        fail("This assessment was not sent in yet: it has no score that could be compared. It keeps its version.")
    if (first := rescoring.original(session, found)) is not None:
        fail(f"This one is assessment {first.reference} scored again. Rescore that one: it has all the answers.")
    return found


def _version(session: Session, old: Assessment, version: str | None) -> tuple[Questionnaire, tuple[str, str]]:
    """The version to score by, unless the assessment has been scored by it."""
    known = [one.version for one in questionnaires.published(session) if one.id == old.questionnaire_id]
    wanted = version or known[0]
    if wanted not in known:
        fail(f"“{old.questionnaire_id}” has no version {wanted}. It has: {', '.join(known)}.")
    if wanted == old.questionnaire_version:
        fail(f"This assessment was taken with version {wanted}. Others are: {', '.join(known[1:]) or 'none yet'}.")
    pin = old.questionnaire_id, wanted
    return questionnaires.pinned(session, pin), pin


def _scored_again(session: Session, old: Assessment, later: Questionnaire) -> Rescored:
    assert old.outcome is not None
    outcome = Outcome.model_validate_json(old.outcome)
    return score_again(outcome, questionnaires.pinned(session, old.pin), later, answers_of(session, old))


def _keep(session: Session, old: Assessment, pin: tuple[str, str], found: Rescored) -> str:
    there = next((one.reference for one in rescoring.of(session, old) if one.pin == pin), None)
    if there is not None:
        fail(f"This was done before: see assessment {there}. Add --dry-run to read once more what moved.")
    now = datetime.now(UTC)
    new = rescoring.keep(session, old, pin, found.now, found.given, now)
    staff.audit(session, now, "rescore", tenant_id=old.tenant_id, about=f"assessment {old.reference}")
    return new.reference
