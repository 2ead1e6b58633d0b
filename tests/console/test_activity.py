"""Activity: what was done for a tenant as its owners read it, and for an instance as the command prints it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from assessment.cli import main
from assessment.settings import Settings
from assessment.storage import activity, staff, tenants
from assessment.storage.staff import Role
from tests.console.conftest import Join, Worker, invite
from tests.web.conftest import words

pytestmark = pytest.mark.databases

PLACE = "/check/settings/activity"


def write(app: Flask, *actions: str, slug: str = "check", by: int | None = 1, about: str = "") -> None:
    site = app.extensions["site"]
    with site.database.writing() as session:
        tenant = tenants.by_slug(session, slug)
        assert tenant
        for action in actions:
            more = {"tenant_id": tenant.id, "about": about, "request_id": "r"}
            staff.audit(session, site.now(), action, by, **more)


def told(worker: Worker, path: str = PLACE) -> list[str]:
    return [words(line) for found in worker.open(path).all("ol") for line in found]


def test_what_was_done_is_told_in_words_with_who_about_what_and_when(kim: Worker) -> None:
    write(kim.app, "invite", about="role editor")
    write(kim.app, "export <b>everything</b>", about="assessment abc123")
    write(kim.app, "answer an invitation", by=None)
    write(kim.app, "something", by=99)
    assert [line.split("UTC ")[1] for line in told(kim)] == [
        "Somebody whose account is gone something",
        "Somebody not signed in opened an invitation and went on to sign in",
        "Kim Lee export <b>everything</b> assessment abc123",
        "Kim Lee invited somebody role editor",
        "Kim Lee accepted an invitation invitation 1",
        "The operator invited somebody role owner",
    ]
    assert "/console/check/assessments/abc123" in kim.open(PLACE).links()
    assert "22 Nov 2026, 09:00 UTC" in told(kim)[0]


def test_pages_go_on_where_the_last_one_ended_whatever_is_added_meanwhile(kim: Worker) -> None:
    before = len(told(kim))
    write(kim.app, *(f"number {n}" for n in range(120)))
    seen, path, pages = [], PLACE, 0
    while path:
        page = kim.open(path)
        seen += [line.split("number ")[1] for line in told(kim, path) if "number " in line]
        write(kim.app, "meanwhile")
        path = next((link.removeprefix("/console") for link in page.links() if "?after=" in link), "")
        pages += 1
    assert seen == [str(n) for n in reversed(range(120))]
    assert pages == -(-(120 + before) // activity.PAGE)


@pytest.mark.parametrize("after", ["", "x", "-1", "0", "99999999999999999999", "١", "1.5", "%00"])
def test_an_address_that_names_nothing_begins_with_the_newest(kim: Worker, after: str) -> None:
    assert told(kim, f"{PLACE}?after={after}") == told(kim)


def test_nothing_of_another_tenant_shows_and_no_place_in_its_list_counts(join: Join) -> None:
    mine, theirs = join("a@a.example", Role.OWNER, "mine"), join("b@b.example", Role.OWNER, "theirs")
    write(mine.app, "their secret thing", slug="theirs", by=2)
    write(mine.app, "mine", slug="mine")
    place = "/mine/settings/activity"
    with mine.app.extensions["site"].database.reading() as session:
        entries = list(activity.every(session))
    for entry, slug in entries:
        lines = told(mine, f"{place}?after={entry.id}")
        assert not [line for line in lines if "secret" in line]
        assert slug == "mine" or lines == told(mine, place)
    assert "their secret thing" in told(theirs, "/theirs/settings/activity")[0]


def audit(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments], env={"ASSESSMENT_INSTANCE": str(settings.instance)})


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_the_command_prints_a_line_of_json_each_the_oldest_first(kim: Worker, settings: Settings) -> None:
    write(kim.app, "invite", about="role editor")
    found = lines(audit(settings))
    assert [line["action"] for line in found] == ["invite", "accept", "set up second step", "sign in", "invite"]
    assert found[-1] == {
        "at": "2026-11-22T09:00:00Z",
        "id": 5,
        "tenant": "check",
        "staff": 1,
        "action": "invite",
        "about": "role editor",
        "request": "r",
    }
    assert "kim" not in audit(settings).output.lower()


def test_the_command_can_be_asked_for_one_tenant_and_from_a_day_on(app: Flask, settings: Settings) -> None:
    invite(app, "a@a.example", slug="mine")
    site = app.extensions["site"]
    with site.database.writing() as session:
        staff.audit(session, datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=1), "later")
    assert [line["tenant"] for line in lines(audit(settings, "--tenant", "mine"))] == ["mine"]
    assert [line["action"] for line in lines(audit(settings, "--since", "2026-11-23"))] == ["later"]
    assert lines(audit(settings, "--since", "2026-11-23T02:00:00")) == []
    assert audit(settings, "--since", "yesterday").exit_code == 2
    assert "There are: check, mine." in audit(settings, "--tenant", "nobody").output
