"""Requests made by chance, to every route: whatever is sent, no answer is a mistake of ours, and nothing is torn."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.faults import fuzzer
from tests.faults.fuzzer import Outcome, run, wrong
from tests.faults.grounds import ROUTES

pytestmark = pytest.mark.filterwarnings(  # where a form breaks off, Werkzeug leaves its files to the collector to close
    "ignore:Exception ignored in. <function SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning"
)

LONG = os.environ.get("ASSESSMENT_STORM") == "long"
REQUESTS = 10_000 if LONG else 2_000
SEEDS = [f"seed {number}" for number in range(10 if LONG else 1)]
PROCESSES = 2


def all_runs(folder: Path) -> Outcome:
    """Each seed on an instance of its own; several processes at a time where it takes long."""
    found = Outcome()
    folders = [folder / seed for seed in SEEDS]
    if not LONG:
        return run(SEEDS[0], REQUESTS, folders[0])
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        for outcome in pool.map(run, SEEDS, [REQUESTS] * len(SEEDS), folders):
            found.add(outcome)
    return found


def test_whatever_is_sent_to_whichever_route_no_answer_is_a_mistake_of_ours_and_nothing_stays_by_half(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = all_runs(tmp_path)
    with capsys.disabled():
        print("\n" + "\n".join([*(found.table() if LONG else ()), found.summary()]))
    assert found.problems[:5] == []
    assert {route for route, _ in found.counts} == set(ROUTES)
    assert found.counts.total() == REQUESTS * len(SEEDS)
    taken = {route for route, status in found.counts if status in ("2xx", "3xx")}
    assert len(taken) > len(ROUTES) * 3 / 4, "most of what is tried never gets through, so little was tried"


def test_a_mistake_of_ours_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual: Callable[..., tuple[str, str]] = fuzzer.fire

    def fire(made: fuzzer.Grounds, shot: fuzzer.Shot) -> tuple[str, str]:
        if shot.route == "quiz.start":
            made.instance.app.view_functions["quiz.start"] = lambda **_: 1 / 0
        return usual(made, shot)

    monkeypatch.setattr(fuzzer, "fire", fire)
    monkeypatch.setattr(fuzzer, "ROUTES", {"quiz.start": ROUTES["quiz.start"]})
    (problem, *_) = run("any", 1, tmp_path).problems
    assert problem.startswith("500: Shot(")
    assert "ZeroDivisionError" in problem


@pytest.mark.parametrize(
    ("status", "changed", "text"),
    [
        (503, {}, b""),
        (200, {"Content-Type": None}, b"x"),
        (200, {"Content-Type": "text/html"}, b"x"),
        (200, {"Content-Security-Policy": None}, b""),
        (303, {"Location": "//evil.example"}, b""),
        (303, {"Location": "https://evil.example"}, b""),
        (200, {}, b"1512529"),
        (404, {}, b"Traceback (most recent call last)"),
    ],
)
def test_what_no_answer_may_be_is_seen(status: int, changed: dict[str, str | None], text: bytes) -> None:
    usual = {
        "Content-Security-Policy": "default-src 'none'",
        "Content-Type": "text/html; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
    }
    headers = {name: value for name, value in {**usual, **changed}.items() if value is not None}
    assert wrong(200, usual, b"a page") == ""
    assert wrong(status, headers, text)
