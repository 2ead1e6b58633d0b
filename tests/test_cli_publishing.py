"""`assessment publish`, `versions` and `rescore`, as an operator types them, and what visitors and staff see of it."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text

from assessment.cli import main
from assessment.settings import read_settings
from assessment.storage import browsing, tenants
from assessment.storage.questionnaires import VersionTaken
from assessment.web import create_app

TINY = Path("tests/banks/valid/tiny")
ANSWERS = {
    "profile.staff": "few",
    "backups.made": "weekly",
    "backups.tested": "never",
    "access.second-step": "some",
    "access.leavers": "always",
}
NEXT = {
    "questionnaire.yaml": [('version: "1"', 'version: "2"')],
    "banks/backups.yaml": [
        ("Every week, points: 60", "Every week, points: 30"),
        ("Are backups made?", "Is it copied?"),
    ],
}


class Instance:
    """An instance whose questionnaire is a folder of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.questions = folder / "questions" / "tiny"
        shutil.copytree(TINY, self.questions)
        self.environment = {
            "ASSESSMENT_INSTANCE": str(folder / "instance"),
            "ASSESSMENT_QUESTIONS": str(folder / "questions"),
            "ASSESSMENT_QUESTIONNAIRE": "tiny",
        }
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    def edit(self, changes: dict[str, list[tuple[str, str]]]) -> None:
        for name, pairs in changes.items():
            for before, after in pairs:
                words = (self.questions / name).read_text(encoding="utf-8")
                assert words.count(before) == 1, before
                (self.questions / name).write_text(words.replace(before, after), encoding="utf-8")

    def run(self, *words: str, fails: bool = False) -> str:
        result: Result = CliRunner().invoke(main, words)
        assert result.exit_code == (1 if fails else 0), result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.output

    @contextmanager
    def serving(self) -> Iterator[Flask]:
        """The app, made anew as when a server is started."""
        app = create_app(read_settings(self.environment))
        with app.extensions["site"].database.closing():
            yield app

    def begin(self, app: Flask) -> str:
        """Begin an assessment through the web; gives the path to answer it at."""
        location = app.test_client().post("/q/check/start", data={"depth": "full"}).headers["Location"]
        return re.match(r"/t/[^/]+", location)[0]  # type: ignore[index]

    def answer(self, app: Flask, path: str, answers: dict[str, str]) -> None:
        for question, option in answers.items():
            assert app.test_client().post(f"{path}/{question}", data={"answer": option}).status_code == 303

    def send_in(self, app: Flask, path: str) -> str:
        """Send an assessment in; gives the path of its report."""
        response = app.test_client().post(f"{path}/submit")
        assert response.status_code == 303
        return str(response.headers["Location"])

    def taken(self, app: Flask) -> str:
        """The reference of an assessment taken just now."""
        path = self.begin(app)
        self.answer(app, path, ANSWERS)
        self.send_in(app, path)
        database = app.extensions["site"].database
        with database.reading() as session:
            tenant = tenants.by_slug(session, "check")
            assert tenant is not None
            return browsing.page(session, tenant.id, browsing.Wanted()).rows[0].reference

    def rows(self, app: Flask, says: str) -> list[tuple[object, ...]]:
        with app.extensions["site"].database.reading() as session:
            return [tuple(row) for row in session.execute(text(says))]


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    return Instance(tmp_path, monkeypatch)


EVERYTHING = "SELECT * FROM assessment ORDER BY id"


def test_a_version_is_published_once_and_says_what_is_in_it(instance: Instance) -> None:
    first = instance.run("publish")
    assert re.match(r"Published tiny 1 \([0-9a-f]{12}\): 6 questions, 3 rules and 4 recommendations\.", first)
    assert "It is the first version." in first
    again = instance.run("publish", "tiny")
    assert re.match(r"Already published: tiny 1 \([0-9a-f]{12}\), on \d+ \w+ \d{4}\.\n$", again)
    assert instance.run("publish", str(instance.questions)) == again
    (line,) = instance.run("versions").splitlines()
    assert re.fullmatch(r"tiny\t1\t[0-9a-f]{12}\t\d{4}-\d\d-\d\d \d\d:\d\d\t0 assessments", line)
    (entry,) = map(json.loads, instance.run("audit").splitlines())
    assert (entry["action"], entry["about"], entry["request"]) == ("publish", "tiny 1", "command")


def test_a_later_version_says_how_many_parts_changed(instance: Instance) -> None:
    instance.run("publish")
    instance.edit(NEXT)
    told = instance.run("publish")
    assert "Published tiny 2" in told
    assert (
        "Since version 1: questions 0 added, 1 changed, 0 retired; rules 0 added, 0 changed, 0 retired; "
        "recommendations 0 added, 0 changed, 0 retired." in told
    )
    assert [line.split("\t")[1] for line in instance.run("versions").splitlines()] == ["2", "1"]


REFUSED: dict[str, tuple[dict[str, list[tuple[str, str]]], str]] = {
    "the same version with other content": (
        {"questionnaire.yaml": [("about: Two banks", "about: Three banks")]},
        "version-taken",
    ),
    "a problem": (
        {"questionnaire.yaml": [('version: "1"', 'version: "2"'), ("finding: any-critical", "finding: nothing")]},
        "nothing",
    ),
    "a file that cannot be read": ({"banks/access.yaml": [("title: Signing in", "title: [")]}, "access.yaml:"),
    "an id that was renamed": (
        {
            "questionnaire.yaml": [('version: "1"', 'version: "2"')],
            "banks/access.yaml": [("- id: leavers", "- id: leaving"), ("{leavers: always}", "{leaving: always}")],
        },
        "access.leavers",
    ),
    "an option that says what another said": (
        {
            "questionnaire.yaml": [('version: "1"', 'version: "2"')],
            "banks/access.yaml": [
                ("says: For some", "says: For everybody"),
                ("everybody, says: For everybody", "everybody, says: For all"),
            ],
        },
        "changed-meaning",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_clean_or_breaks_a_promise_is_refused_with_its_place_and_nothing_is_kept(
    instance: Instance, name: str
) -> None:
    instance.run("publish")
    before = instance.run("versions")
    changes, says = REFUSED[name]
    instance.edit(changes)
    told = instance.run("publish", fails=True)
    assert says in told
    assert ".yaml:" in told
    assert "Nothing was published" in told
    assert instance.run("versions") == before


def test_a_scenario_that_comes_out_otherwise_is_refused(instance: Instance) -> None:
    (instance.questions / "scenarios").mkdir()
    (instance.questions / "scenarios" / "one.yaml").write_text(
        "name: One\nanswers: {profile.staff: few, backups.made: daily}\nexpect: {overall: 3}\n", encoding="utf-8"
    )
    told = instance.run("publish", fails=True)
    assert "overall should be 3, and is" in told
    assert instance.run("versions") == ""


def test_a_name_that_is_none_is_told(instance: Instance) -> None:
    assert "no-such" in instance.run("publish", "no-such", fails=True)


def test_an_assessment_begun_before_goes_on_with_its_version_and_its_result_stays(instance: Instance) -> None:
    """Version 2 is published and served between two answers."""
    with instance.serving() as first:
        path = instance.begin(first)
        instance.answer(first, path, {name: ANSWERS[name] for name in ("profile.staff", "backups.made")})
    instance.edit(NEXT)
    instance.run("publish")
    with instance.serving() as second:
        client = second.test_client()
        assert "Are backups made?" in client.get(f"{path}/backups.made").text
        instance.answer(second, path, {name: ANSWERS[name] for name in list(ANSWERS)[2:]})
        report = instance.send_in(second, path)
        (data,) = client.get(f"{report}/data.json").json or []
        assert (data["questionnaire"]["version"], data["outcome"]["overall"]["score"]) == ("1", 53)
        shown = client.get(report).text
        assert "Are backups made?" in shown
        assert "Is it copied?" not in shown
        assert "Is it copied?" in client.get(f"{instance.begin(second)}/backups.made").text
        assert instance.rows(second, "SELECT questionnaire_version FROM assessment ORDER BY id") == [("1",), ("2",)]
    assert [line.split("\t")[4] for line in instance.run("versions").splitlines()] == ["0 assessments", "1 assessment"]


def test_an_edited_questionnaire_under_its_old_version_is_not_served(instance: Instance) -> None:
    instance.run("publish")
    instance.edit({"questionnaire.yaml": [("about: Two banks", "about: Three banks")]})
    with (
        pytest.raises(VersionTaken, match="version 1 of “tiny” was already used with other content"),
        instance.serving(),
    ):
        raise AssertionError("it must not come to this")


def rescored(instance: Instance, then: Callable[[], None] = lambda: None) -> str:
    """Take an assessment by version 1, publish version 2; gives the reference."""
    with instance.serving() as app:
        reference = instance.taken(app)
    instance.edit(NEXT)
    instance.run("publish")
    then()
    return reference


def test_rescoring_says_what_moved_and_why_and_keeps_the_old_row_to_the_byte(instance: Instance) -> None:
    reference = rescored(instance)
    with instance.serving() as app:
        before = instance.rows(app, EVERYTHING)
        told = instance.run("rescore", reference)
        after = instance.rows(app, EVERYTHING)
    assert "overall: 53 → 40, band: Fair, as before" in told
    assert "     -13.3  Backups made: 60 → 30" in told
    kept = re.search(r"Kept as assessment ([0-9a-f]{16}); the old one is as it was", told)
    assert kept
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    assert "This was done before" in instance.run("rescore", reference, fails=True)
    assert "Rescore that one" in instance.run("rescore", kept[1], fails=True)
    assert [line.split("\t")[4] for line in instance.run("versions").splitlines()] == ["0 assessments", "1 assessment"]
    last = json.loads(instance.run("audit").splitlines()[-1])
    assert (last["action"], last["tenant"], last["about"]) == ("rescore", "check", f"assessment {reference}")


def test_a_dry_run_keeps_nothing_and_json_is_exact(instance: Instance) -> None:
    reference = rescored(instance)
    with instance.serving() as app:
        before = instance.rows(app, EVERYTHING)
        assert "Nothing was kept" in instance.run("rescore", reference, "--dry-run")
        data = json.loads(instance.run("rescore", reference, "--to", "2", "--dry-run", "--json"))
        assert instance.rows(app, EVERYTHING) == before
    assert (data["rescores"], data["reference"], data["version"]) == (reference, None, {"before": "1", "after": "2"})
    assert data["score"] == {"before": 53, "after": 40}
    assert data["moved_exact"] == "-40/3"
    assert data["changes"] == [
        {"cause": "points", "about": "backups.made", "before": 60, "after": 30, "points_exact": "-40/3"}
    ]
    assert json.loads(instance.run("rescore", reference, "--json"))["reference"]


def test_what_cannot_be_rescored_is_said_in_a_sentence(instance: Instance) -> None:
    with instance.serving() as app:
        instance.begin(app)
        (open_one,) = instance.rows(app, "SELECT reference FROM assessment")[0]
    reference = rescored(instance)
    refused = {
        ("nobody",): "There is no assessment “nobody”",
        (str(open_one),): "was not sent in yet",
        (reference, "--to", "9"): "has no version 9. It has: 2, 1.",
        (reference, "--to", "1"): "was taken with version 1",
    }
    for words, says in refused.items():
        assert says in instance.run("rescore", *words, fails=True)
