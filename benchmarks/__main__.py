"""Prints one table: what was measured, the figure, its floor or peer in the same run, the ratio, and the budget.

Words narrow it to the rows that have one of them: `python -m benchmarks PDF console`.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import checking, completions, console, engine, here, pages, processes, submits, table
from benchmarks.table import Row
from benchmarks.timing import Runs


def weighs(page: str) -> Callable[[Path], Runs]:
    """Measures what a page weighs on the wire."""
    return lambda folder: Runs.of(pages.weights(folder)[page])


OWNERS = [
    Row("first page with everything it loads, on the wire", "bytes", weighs("first"), 14 * 1024),
    Row("a question page after it, on the wire", "bytes", weighs("question"), 6 * 1024),
    Row("a check page after it, on the wire", "bytes", weighs("check"), 14 * 1024),
    Row("a whole report page (78 actions), on the wire", "bytes", weighs("report"), 64 * 1024),
    Row("the loader on the wire", "bytes", weighs("loader"), 3 * 1024),
    Row("what a website with a popup loads before a visitor asks", "bytes", weighs("loader"), 3 * 1024),
    Row("what a website with the check inline and in view loads", "bytes", weighs("inline"), 17 * 1024),
    Row("a question step against a bare Flask page with one row", "µs", pages.step_times, 3),
    Row("a question step against its statements and a bare page", "µs", pages.step_and_statements),
]
ENGINE = [
    Row("scoring, numbers only", "µs", lambda folder: engine.numbers(), 150),
    Row("whole result with range and findings", "µs", lambda folder: engine.result(), 1000),
    Row("whole plan with every counterfactual", "µs", lambda folder: engine.plan(), 20_000),
    Row("loading and validating the questionnaire", "ms", lambda folder: engine.loading(), 500),
    Row("reading and checking 1,000 questions", "ms", lambda folder: checking.checked(folder / "large"), 5000),
    Row("PDF of a healthy firm, warm", "ms", lambda folder: engine.pdf(engine.HEALTHY), 100),
    Row("PDF of the longest plan, warm", "ms", lambda folder: engine.pdf(engine.LONGEST), 100),
    *(
        Row(f"PDF of {what} against its lines set plainly", "µs", partial(engine.pdf_and_floor, name=name))
        for what, name in (("a healthy firm", engine.HEALTHY), ("the longest plan", engine.LONGEST))
    ),
]
LOAD = [
    Row("assessments sent in a second, 4 threads, SQLite", "/s", submits.on_sqlite, 30, at_least=True),
    Row("assessments sent in a second, 4 threads, PostgreSQL", "/s", submits.on_postgresql),
    Row("completions a second, 4 respondents, SQLite", "/s", partial(completions.per_second, "SQLite")),
    Row("completions a second, 4 respondents, PostgreSQL", "/s", partial(completions.per_second, "PostgreSQL")),
]
CONSOLE = [
    *(
        Row(
            f"console: {page}, {console.many():,} assessments against {console.FEW:,}",
            "µs",
            partial(console.page_times, what=page),
            2,
        )
        for page in console.PAGES
    ),
    Row("console: 10,000 assessments to XLSX, memory of the process", "MB", console.export_memory, 150),
    Row("console: PDFs in bulk", "/s", console.pdfs_per_second),
]
PROCESSES = [
    Row("cold start to the first page", "ms", processes.cold_start, 1500),
    Row("memory of a web worker after 4 whole assessments", "MB", partial(processes.memory, pdfs=0), 120),
    Row("memory of a web worker after 4 PDFs of the longest report", "MB", partial(processes.memory, pdfs=4), 180),
]
ROWS = [*OWNERS, *ENGINE, *LOAD, *CONSOLE, *PROCESSES]


def main() -> None:
    """Measure and print; exit status 1 when a budget is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="measure only rows with one of these words")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    asked = parser.parse_args()
    wanted = [row for row in ROWS if not asked.words or any(word.lower() in row.what.lower() for word in asked.words)]
    if not wanted:
        parser.error("no row has any of these words; the rows are\n" + "\n".join(row.what for row in ROWS))
    if not asked.json:
        print(here.described(), table.head(table.HEAD, table.WIDTHS), sep="\n\n", flush=True)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for row in wanted:
            found.append(table.measure(row, Path(folder)))
            if not asked.json:
                print(table.line(found[-1].cells(), table.WIDTHS), flush=True)
    if asked.json:
        print(json.dumps({"machine": here.described(), "rows": [one.data() for one in found]}, indent=2))
    sys.exit(0 if all(one.kept for one in found) else 1)


if __name__ == "__main__":
    main()
