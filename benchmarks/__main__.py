"""Prints one table: what was measured, the figure, its floor or peer in the same run, the ratio, and the budget."""

import argparse
import json
import platform
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import checking, console, engine, pages, processes, submits


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `peer` is what it is compared with, measured in the same run; `budget` is what it may be, if set."""

    what: str
    figure: float
    unit: str
    budget: float | None
    peer: float | None = None
    ratio_budget: bool = False
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        return None if not self.peer else self.figure / self.peer

    @property
    def kept(self) -> bool:
        measured = self.ratio if self.ratio_budget else self.figure
        if self.budget is None or measured is None:
            return self.budget is None
        return measured >= self.budget if self.at_least else measured <= self.budget

    def line(self) -> str:
        peer = f"{self.peer:,.1f}" if self.peer else ""
        ratio = f"{self.ratio:.2f}×" if self.ratio else ""
        line = f"{self.what:<58} {self.figure:>10,.1f} {self.unit:<6} {peer:>9} {ratio:>7}"
        if self.budget is None:
            return line
        budget = f"{'≥' if self.at_least else '≤'} {self.budget:g}{'×' if self.ratio_budget else ' ' + self.unit}"
        return f"{line}  {budget:<12} {'kept' if self.kept else 'MISSED'}"


def rows(folder: Path) -> list[Row]:
    """Every figure there is, measured now."""
    step, bare = pages.step_times(folder)
    sizes = pages.weights(folder)
    return [
        Row("first page with everything it loads, on the wire", sizes["first"], "bytes", 14 * 1024),
        Row("a question page after it, on the wire", sizes["question"], "bytes", 6 * 1024),
        Row("a check page after it, on the wire", sizes["check"], "bytes", 14 * 1024),
        Row("a whole report page (78 actions), on the wire", sizes["report"], "bytes", 64 * 1024),
        Row("the loader on the wire", sizes["loader"], "bytes", 3 * 1024),
        Row("what a website with a popup loads before a visitor asks", sizes["loader"], "bytes", 3 * 1024),
        Row("the same with the check inline and in view", sizes["inline"], "bytes", 17 * 1024),
        Row("a question step against a bare Flask page with one row", step, "µs", 3, bare, ratio_budget=True),
        Row("scoring, numbers only", engine.numbers(), "µs", 150),
        Row("whole result with range and findings", engine.result(), "µs", 1000),
        Row("whole plan with every counterfactual", engine.plan(), "µs", 20_000),
        Row("loading and validating the questionnaire", engine.loading(), "ms", 500),
        Row("reading and checking 1,000 questions", checking.milliseconds(folder / "large"), "ms", 5000),
        Row("PDF of a healthy firm, warm", engine.pdf(engine.HEALTHY), "ms", 100),
        Row("PDF of the longest plan, warm", engine.pdf(engine.LONGEST), "ms", 100),
        Row(
            "assessments sent in a second, 4 threads, SQLite", submits.per_second(folder / "s"), "/s", 30, at_least=True
        ),
        Row("the same on PostgreSQL", submits.on_postgresql(folder / "p"), "/s", None),
        *console_rows(folder),
        Row("cold start to the first page", processes.cold_start(folder), "ms", 1500),
        Row("memory of a web worker after 4 whole assessments", processes.memory(folder, pdfs=0), "MB", 120),
        Row("the same after 4 PDFs of the longest report", processes.memory(folder, pdfs=4), "MB", 180),
    ]


def console_rows(folder: Path) -> list[Row]:
    """The pages of the console on an instance with many assessments, against the same on one with few."""
    small, large = console.FEW, console.many()
    found = console.page_times(folder)
    pages = [
        Row(f"console: {what}, {large:,} assessments against {small:,}", big, "µs", 2, few, ratio_budget=True)
        for what, (few, big) in found.items()
    ]
    return [
        *pages,
        Row("console: 10,000 assessments to XLSX, memory of the process", console.export_memory(folder), "MB", 150),
        Row("console: PDFs in bulk", console.pdfs_per_second(folder), "/s", None),
    ]


def main() -> None:
    """Measure and print; exit status 1 when a budget is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = rows(Path(folder))
    if asked.json:
        print(json.dumps([{**asdict(row), "ratio": row.ratio, "kept": row.kept} for row in measured], indent=2))
    else:
        print(f"{platform.platform()}, Python {platform.python_version()}; medians")
        for row in measured:
            print(row.line())
    sys.exit(0 if all(row.kept for row in measured) else 1)


if __name__ == "__main__":
    main()
