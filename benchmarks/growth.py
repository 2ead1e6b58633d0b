"""How work grows with questions, recommendations and assessments; an exponent shows a wall before anybody is at it.

An exponent of 0 is as much work however many there are, 1 ten times the work for ten times as many, 2 a hundred times.
Times are the processor's own, which others at work on the machine change little.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from math import log
from pathlib import Path
from statistics import linear_regression

from assessment.engine.answers import Answers
from assessment.engine.loading import load
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import NOT_SURE, PROFILE, Depth
from assessment.engine.scoring import score
from assessment.settings import read_settings
from assessment.storage import tallies, tenants
from assessment.web import create_app
from benchmarks import checking, console, here, submits
from benchmarks.engine import whole_plan
from benchmarks.table import head, line, number
from benchmarks.timing import Runs, cpu_milliseconds

QUESTIONS = (10, 30, 100, 300, 1_000)
ASSESSMENTS = (1_000, 10_000, 100_000, 1_000_000)
REPEATS = 5

Grown = dict[str, Runs]
"""What each thing came to at one size."""


def questions(folder: Path, how_many: int) -> Grown:
    """A generated questionnaire, answered from worst to nearly best in turn; one answer in ten is "not sure"."""
    large = folder / "large"
    checked = checking.checked(large, how_many, REPEATS, cpu_milliseconds)
    loaded = load(large).or_refuse()
    answers = {**answered(loaded, how_many), **dict.fromkeys(list(loaded.questions)[9::10], NOT_SURE)}
    scored = score(loaded, answers, Depth.FULL)
    return {
        "loading and validating, ms": cpu_milliseconds(lambda: load(large), REPEATS),
        "checking with every proof, ms": checked,
        "scoring, numbers only, ms": cpu_milliseconds(lambda: scored.ledger.tally(scored.levels, scored.unsure), 50),
        "whole result, ms": cpu_milliseconds(lambda: score(loaded, answers, Depth.FULL), 10),
        "whole plan, ms": cpu_milliseconds(lambda: whole_plan(scored), REPEATS),
        **pages(folder, answers),
    }


def pages(folder: Path, answers: Answers) -> Grown:
    """What an owner waits for, in the whole app on SQLite."""
    names = {"INSTANCE": str(folder / "instance"), "QUESTIONS": str(folder), "QUESTIONNAIRE": "large"}
    app = create_app(read_settings({f"ASSESSMENT_{name}": value for name, value in names.items()}))
    browser = app.test_client(use_cookies=False)
    tokens = iter(submits.prepared(app, answers, Depth.FULL, REPEATS + 2))
    sitting = f"/t/{next(tokens)}"

    def step() -> None:
        browser.post(f"{sitting}/bank-0.question-0", data={"answer": "often"})
        console.get(browser, f"{sitting}/bank-0.question-1")

    found = {
        "a question step, ms": cpu_milliseconds(step, 10 * REPEATS),
        "check page, ms": cpu_milliseconds(lambda: console.get(browser, f"{sitting}/check"), REPEATS),
        "sending in, ms": cpu_milliseconds(lambda: submits.submit(app, next(tokens)), REPEATS),
    }
    report = browser.post(f"{sitting}/submit").location
    return {**found, "report page, ms": cpu_milliseconds(lambda: console.get(browser, report), REPEATS)}


def recommendations(folder: Path, how_many: int) -> Grown:
    """The largest of these questionnaires, where so many answers can be better and each has its recommendation."""
    if not (folder.parent / "large").exists():
        checking.write(folder.parent / "large", max(QUESTIONS))
    loaded = load(folder.parent / "large").or_refuse()
    scored = score(loaded, answered(loaded, how_many), Depth.FULL)
    return {"whole plan, ms": cpu_milliseconds(lambda: whole_plan(scored), REPEATS)}


def answered(questionnaire: Questionnaire, weak: int) -> Answers:
    """Answers to everything: so many from worst to nearly best in turn, the others best."""
    ladders = [(one.id, one.ladder) for one in questionnaire.questions.values() if one.bank != PROFILE]
    facts = {one.id: one.ladder[1] for one in questionnaire.profile}
    return {**facts, **{id: ladder[n % 4 if n < weak else -1] for n, (id, ladder) in enumerate(ladders)}}


def assessments(folder: Path, how_many: int) -> Grown:
    """The console where so many were sent in, in one year to one tenant."""
    browser, addresses = console.visited(folder.parent, how_many)
    site = console.instance(folder.parent, how_many).extensions["site"]
    with site.database.reading() as session:
        tenant = tenants.default_tenant(session, site.settings, datetime.now(UTC)).id
        summed = cpu_milliseconds(lambda: tallies.sums(session, tenant, test=False), REPEATS)
    return {
        **{
            f"{what}, ms": cpu_milliseconds(partial(console.get, browser, addresses[what]), 20)
            for what in console.PAGES
        },
        "every tally summed, ms": summed,
        "all of them to XLSX, ms": cpu_milliseconds(lambda: console.exported(folder.parent, how_many), 1),
        "database, MB": Runs.of(Path(site.database.url.database).stat().st_size / 2**20),
    }


Grow = Callable[[Path, int], Grown]
TABLES: dict[str, tuple[Sequence[int], Grow]] = {
    "questions": (QUESTIONS, questions),
    "recommendations": (QUESTIONS, recommendations),
    "assessments": (ASSESSMENTS, assessments),
}


def exponent(sizes: Sequence[float], figures: Sequence[float]) -> float:
    """The slope on logarithmic paper."""
    return linear_regression([log(size) for size in sizes], [log(figure) for figure in figures]).slope


def table(what: str, folder: Path, most: int) -> list[str]:
    """The lines of one table: medians at each size, the spread at the largest, and the exponents."""
    all_sizes, grow = TABLES[what]
    sizes = [size for size in all_sizes if size <= most]
    found = [grow(folder / f"{what}-{size}", size) for size in sizes]
    columns = (what, *(f"{size:,}" for size in sizes), "spread of the last", "exponent", "at the end")
    widths = (34, *(9 for _ in sizes), 18, 8, 10)
    lines = [head(columns, widths)]
    for name in found[0]:
        figures = [one[name].middle for one in found]
        low, high = found[-1][name].spread
        slopes = (exponent(sizes, figures), exponent(sizes[-2:], figures[-2:]))
        spread = f"{number(low)} – {number(high)}" if low < high else ""
        lines.append(line((name, *map(number, figures), spread, *(f"{one:.2f}" for one in slopes)), widths))
    return lines


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.growth", description=__doc__)
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], default=[], metavar="TABLE", help=", ".join(TABLES))
    parser.add_argument("--most", type=int, default=max(100_000, console.many()), help="leave out what is larger")
    asked = parser.parse_args()
    print(here.described())
    with tempfile.TemporaryDirectory() as folder:
        for what in asked.tables or TABLES:
            print("", *table(what, Path(folder), asked.most), sep="\n", flush=True)


if __name__ == "__main__":
    main()
