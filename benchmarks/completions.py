"""Completions a second, end to end: respondents without a pause walk whole assessments through a server as shipped."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks import here
from benchmarks.server import DATABASES, Server, serving
from benchmarks.table import head, line, number
from benchmarks.timing import Runs

RESPONDENTS, SECONDS, REPEATS, DEPTH = (1, 4, 16), 10.0, 3, "standard"

P95 = ("p95 of a step, ms", "of sending in, ms")
HEAD = ("database", "respondents", "completions/s", "pages/s", *P95, "CPU: server", "database", "respondents")
WIDTHS = (10, 11, 20, 7, 17, 17, 11, 8, 11)


@dataclass(frozen=True, slots=True)
class Round:
    """What some respondents came to together: each over whole assessments, in a time of its own."""

    completions: float
    pages: float
    steps: tuple[float, ...]
    sent: tuple[float, ...]
    cpu: tuple[float, ...]


def together(server: Server, respondents: int, seconds: float, depth: str = DEPTH) -> Round:
    """So many respondents at once. Shares of the CPU are of all the machine has."""
    asked = [server.address, "--depth", depth, "--seconds", str(seconds)]
    command = [sys.executable, "-m", "benchmarks.respondent", *asked, "--seed"]
    before, begun = [here.cpu_seconds(one) for one in server.processes], time.perf_counter()
    walking = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE) for n in range(respondents)]
    try:
        told = [_told(one) for one in walking]
        offered = (time.perf_counter() - begun) * here.cores()
        taken = [here.cpu_seconds(one) - was for one, was in zip(server.processes, before, strict=True)]
    finally:
        for one in walking:
            one.kill()
            one.communicate()
    theirs = sum(one["cpu"] / one["seconds"] for one in told) / here.cores()
    return Round(
        completions=sum(one["completed"] / one["seconds"] for one in told),
        pages=sum(one["pages"] / one["seconds"] for one in told),
        steps=tuple(seconds for one in told for seconds in one["steps"]),
        sent=tuple(seconds for one in told for seconds in one["sent"]),
        cpu=(*(one / offered for one in taken), theirs),
    )


def _told(respondent: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert respondent.stdout
    line = respondent.stdout.readline()
    if not line:
        raise SystemExit("A respondent gave up; why stands above.")
    found: dict[str, Any] = json.loads(line)
    return found


def per_second(database: str, folder: Path) -> Runs:
    """What four respondents come to."""
    with serving(folder / f"completions-{database}", database) as server:
        return Runs(tuple(together(server, 4, 5).completions for _ in range(3)))


def row(database: str, respondents: int, rounds: list[Round]) -> tuple[str, ...]:
    """What the columns of the table say: medians of the rounds, the spread of completions, and p95 over all of them."""
    completions, pages = Runs(tuple(one.completions for one in rounds)), Runs(tuple(one.pages for one in rounds))
    low, high = completions.spread
    steps = [taken for one in rounds for taken in one.steps]
    sent = [taken for one in rounds for taken in one.sent]
    shares = [Runs(several).middle for several in zip(*(one.cpu for one in rounds), strict=True)]
    server, *its_database, respondents_themselves = (f"{share:.0%}" for share in shares)
    return (
        database,
        str(respondents),
        f"{number(completions.middle)} ({number(low)} – {number(high)})",
        number(pages.middle),
        number(1000 * quantiles(steps, n=20)[-1]),
        number(1000 * quantiles(sent, n=20)[-1]),
        server,
        *(its_database or ["within"]),
        respondents_themselves,
    )


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks.completions", description=__doc__)
    parser.add_argument("--respondents", type=int, nargs="+", default=RESPONDENTS)
    parser.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    parser.add_argument("--depth", default=DEPTH, choices=("quick", "standard", "full"))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    asked = parser.parse_args()
    print(f"{here.described()}; {asked.depth} depth", head(HEAD, WIDTHS), sep="\n\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for database in asked.databases:
            with serving(Path(folder) / database, database) as server:
                for count in asked.respondents:
                    rounds = [together(server, count, asked.seconds, asked.depth) for _ in range(asked.repeats)]
                    print(line(row(database, count, rounds), WIDTHS), flush=True)


if __name__ == "__main__":
    main()
