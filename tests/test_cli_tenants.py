"""`assessment tenant`, `endpoint`, `outbox`, `privacy` and `worker`, as an operator types them."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assessment.cli import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs a command on an instance of its own."""
    monkeypatch.setenv("ASSESSMENT_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("ASSESSMENT_BASE_URL", "https://check.example.com")

    def command(*words: str, fails: bool = False) -> Result:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == (1 if fails else 0), result.output
        return result

    return command


def test_a_tenant_is_added_shown_changed_and_listed(run) -> None:  # type: ignore[no-untyped-def]
    assert "https://check.example.com/q/north" in run("tenant", "add", "north", "name=North Star").output
    run("tenant", "set", "north", "state=paused", "origins=https://a.example,https://b.example")
    shown = run("tenant", "show", "north").output
    assert "name=North Star\n" in shown
    assert "origins=https://a.example,https://b.example\n" in shown
    assert "north\tpaused\tNorth Star" in run("tenant", "list").output


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("accent=#ff0", "4.5:1"),
        ("accent=#fff;}body{", "accent"),
        ("action_link=javascript:alert(1)", "action_link"),
        ("privacy_link=http://x.example", "https"),
        ("origins=https://a.example/path", "origins"),
        ("origins=https://a.example; script-src *", "origins"),
        ("reply_to=a@b\nBcc: c@d", "reply_to"),
        ("name=", "name"),
        ("gate=hard", "gate"),
        ("retention_days=5000", "retention_days"),
        ("fit_from=500", "fit_from is above fit_to"),
        ("action_says=Call", "together"),
        ("ask_email=absent", "ask_email or ask_phone"),
        ("weights=1", "there is no such setting"),
        ("name", "is no change"),
    ],
)
def test_a_setting_that_is_not_allowed_is_refused_in_a_sentence_and_nothing_changes(  # type: ignore[no-untyped-def]
    run, change: str, says: str
) -> None:
    run("tenant", "add", "north", "name=North Star")
    before = run("tenant", "show", "north").output
    assert says in run("tenant", "set", "north", change, fails=True).output
    assert run("tenant", "show", "north").output == before


@pytest.mark.parametrize("slug", ["North", "north/star", "-north", "n" * 61, "nörth", ""])
def test_a_slug_is_small_letters_digits_and_hyphens(run, slug: str) -> None:  # type: ignore[no-untyped-def]
    assert "is no slug" in run("tenant", "add", "--", slug, "name=x", fails=True).output


def test_a_slug_is_taken_once_and_a_wrong_one_is_told(run) -> None:  # type: ignore[no-untyped-def]
    run("tenant", "add", "north")
    assert "already" in run("tenant", "add", "north", fails=True).output
    assert "There are: north" in run("tenant", "show", "south", fails=True).output


def test_a_logo_that_is_none_is_refused(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    picture = tmp_path / "logo.svg"
    picture.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    run("tenant", "add", "north", f"logo={picture}", fails=True)
    assert run("tenant", "list").output == ""


def test_the_snippets_and_whether_a_page_may_frame(run) -> None:  # type: ignore[no-untyped-def]
    run("tenant", "add", "north", "origins=https://www.north.example")
    snippets = run("tenant", "snippet", "north").output
    assert 'data-assessment="north"' in snippets
    assert "https://check.example.com/embed.js" in snippets
    assert "Yes" in run("tenant", "allows", "north", "https://www.north.example/it-check?x=1").output
    assert "No" in run("tenant", "allows", "north", "https://north.example/", fails=True).output


def test_an_endpoint_is_added_tried_rotated_and_switched(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("ASSESSMENT_WEBHOOK_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("ASSESSMENT_WEBHOOK_PORTS", "1")
    run("tenant", "add", "north")
    added = run("endpoint", "add", "north", "https://127.0.0.1:1/in", "--flat").output
    reference = re.findall(r"ep_\w+", added)[0]
    secret = re.findall(r"whsec_\S+", added)[0]
    assert "flat" in run("endpoint", "list", "north").output
    assert secret not in run("endpoint", "list", "north").output
    run("endpoint", "test", "north", reference)
    assert "1 tried" in run("worker", "--once").output
    line = run("outbox", "list").output
    assert "endpoint.test" in line
    assert "pending" in line
    assert "1 tried" in line
    assert re.findall(r"whsec_\S+", run("endpoint", "rotate", "north", reference).output) != [secret]
    run("endpoint", "off", "north", reference)
    assert "switched off by hand" in run("endpoint", "list", "north").output
    run("endpoint", "on", "north", reference)
    run("outbox", "replay", line.split("\t")[0])
    run("outbox", "replay", fails=True)


@pytest.mark.parametrize(
    "url", ["http://a.example/", "https://10.0.0.1/", "https://user:x@a.example/", "ftp://a.example/", "https://127.1/"]
)
def test_an_endpoint_that_could_reach_inside_is_refused_when_it_is_added(run, url: str) -> None:  # type: ignore[no-untyped-def]
    run("tenant", "add", "north")
    run("endpoint", "add", "north", url, fails=True)
    assert run("endpoint", "list", "north").output == ""


def test_an_unknown_event_or_endpoint_is_told(run) -> None:  # type: ignore[no-untyped-def]
    run("tenant", "add", "north")
    refused = run("endpoint", "add", "north", "https://8.8.8.8/", "--events", "lead.sold", fails=True).output
    assert "lead.received" in refused
    assert "no endpoint" in run("endpoint", "off", "north", "ep_1", fails=True).output


def test_nothing_known_is_said(run) -> None:  # type: ignore[no-untyped-def]
    assert json.loads(run("privacy", "export", "--email", "a@b.example").output) == []
    assert "Nothing is known" in run("privacy", "erase", "--email", "a@b.example", fails=True).output
    assert "0 unfinished" in run("privacy", "sweep").output
