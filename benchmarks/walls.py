"""The walls: how much of each thing one machine can do, so that it is known what gives first, and at what load.

CPU is the processor's own time, which others at work on the machine change little.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from os import environ
from pathlib import Path

from assessment.engine.assess import assess
from assessment.settings import read_settings
from assessment.storage import assessments
from assessment.storage.assessments import LinkKind
from assessment.storage.session import Database
from assessment.web import create_app, utc_now
from benchmarks import completions, console, engine, here, pages, submits
from benchmarks.server import DATABASES, serving
from benchmarks.table import head, line, number
from benchmarks.timing import Runs, cpu_milliseconds
from tests.delivery.sink import Sink
from tests.faults.instance import Instance, environment
from tests.faults.processes import PostgreSQL, command, until

HEAD, WIDTHS = ("what", "figure", "spread", "comes to"), (56, 18, 15, 22)
ROUNDS, SECONDS, WRITERS, ENDPOINTS, MESSAGES = 5, 2.0, 4, 6, 120

Line = tuple[str, Runs, str]
"""What it is, the figure of each run, and its unit: milliseconds of a core, or so many in a second."""

CORE, RATE = "ms of a core", "in a second"


def completion(folder: Path) -> Iterator[Line]:
    """What the server takes for a whole assessment."""
    with serving(folder / "server", "SQLite") as server:
        rounds = [completions.together(server, 1, SECONDS) for _ in range(ROUNDS)]
    taken = Runs(tuple(1000 * here.cores() * one.cpu[0] / one.completions for one in rounds))
    yield "a whole assessment at the standard depth, by the server", taken, CORE


def parts(folder: Path) -> Iterator[Line]:
    """What the dear parts of it take, of the firm with the longest plan."""
    browser, sheet = pages.client(folder), engine.sheet()
    question = pages.finished(browser).replace("/check", "/backups.tested-restore")
    tokens = iter(submits.prepared(browser.application, sheet.answers, sheet.depth, 20))
    report = browser.post(f"/t/{next(tokens)}/submit").location

    def step() -> None:
        browser.post(question, data={"answer": "never"})
        browser.get(question)

    done: dict[str, tuple[Callable[[], object], int]] = {
        "a question step": (step, 50),
        "sending in": (lambda: submits.submit(browser.application, next(tokens)), 10),
        "of it score, plan and all there is to say": (
            lambda: assess(engine.questionnaire(), sheet.answers, sheet.depth),
            20,
        ),
        "its report page": (partial(console.get, browser, report), 20),
        "its PDF": (lambda: browser.get(f"{report}/report.pdf"), ROUNDS),
    }
    for what, (run, times) in done.items():
        yield what, cpu_milliseconds(run, times), CORE


def writing(folder: Path, database: str) -> Iterator[Line]:
    """How many answers are committed by processes that do nothing else, by one alone and by some against each other."""
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        url = stack.enter_context(PostgreSQL(folder)).url if database == "PostgreSQL" else ""
        settings = read_settings({"ASSESSMENT_INSTANCE": str(folder / database), "ASSESSMENT_DATABASE_URL": url})
        app = create_app(settings)
        tokens = submits.prepared(app, {}, engine.sheet().depth, WRITERS)
        app.extensions["site"].database.engine.dispose()
        for writers in (1, WRITERS):
            with ProcessPoolExecutor(writers, get_context("spawn")) as pool:
                write = partial(committed, settings.database)
                list(pool.map(write, tokens[:writers]))  # by then every process is there
                rates = [sum(pool.map(write, tokens[:writers])) for _ in range(ROUNDS)]
            yield f"answers committed by {writers} process{'es' * (writers > 1)}, {database}", Runs(tuple(rates)), RATE


def committed(url: str, token: str) -> float:
    """How many answers a second one process commits to its own assessment."""
    database, done = Database(url), 0
    with database.closing():
        with database.reading() as session:
            sitting = assessments.by_token(session, token, LinkKind.WRITE, utc_now())
        assert sitting
        began = time.perf_counter()
        while (taken := time.perf_counter() - began) < SECONDS:
            with database.writing() as session:
                assessments.record(session, sitting, "backups.tested-restore", "never", utc_now())
            done += 1
    return done / taken


def delivering(folder: Path, endpoints: int) -> Iterator[Line]:
    """How many webhooks one worker delivers to receivers that answer at once; one at a time to each."""
    with Sink(lambda call: call.answer(200)) as sink:
        instance = Instance(environment(folder / f"delivering-{endpoints}", WEBHOOK_HTTP="yes"), utc_now)
        for number in range(endpoints):
            instance.listen(sink.url(f"/{number}", "127.0.0.1"))
        for _ in range(MESSAGES // endpoints + 1):
            instance.submit()
        worker = subprocess.Popen(command("worker"), env={**environ, **instance.environment}, stdout=subprocess.DEVNULL)
        try:
            rates = arriving(sink, instance.undelivered())
        finally:
            worker.terminate()
            worker.wait()
            instance.database.engine.dispose()
    yield f"webhooks by one worker to {endpoints} endpoint{'s' * (endpoints > 1)}", rates, RATE


def arriving(sink: Sink, due: int) -> Runs:
    """How many arrive in a second, from the first to the last of so many, in parts of equal number."""
    marks = []
    for part in range(ROUNDS + 1):
        until(lambda part=part: len(sink.requests) > part * (due - 1) // ROUNDS, "the next webhook")  # type: ignore[misc]
        marks.append((len(sink.requests), time.perf_counter()))
    return Runs(tuple((n - before) / (at - earlier) for (before, earlier), (n, at) in pairwise(marks)))


def row(found: Line) -> tuple[str, ...]:
    """What the columns of the table say."""
    what, runs, unit = found
    low, high = runs.spread
    rate = f"{number(1000 / runs.middle)} a second a core" if unit == CORE else ""
    return what, f"{number(runs.middle)} {unit}", f"{number(low)} – {number(high)}" if low < high else "", rate


def main() -> None:
    """Measure and print a table."""
    argparse.ArgumentParser(prog="benchmarks.walls", description=__doc__).parse_args()
    print(here.described(), head(HEAD, WIDTHS), sep="\n\n", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured = [completion(folder), parts(folder), *(writing(folder / "writing", one) for one in DATABASES)]
        for lines in (*measured, delivering(folder, 1), delivering(folder, ENDPOINTS)):
            for found in lines:
                print(line(row(found), WIDTHS), flush=True)


if __name__ == "__main__":
    main()
