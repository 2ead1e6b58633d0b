"""The table `make bench` prints, which is the one in the README: a row is measured when its turn comes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.timing import Runs

Measured = Runs | tuple[Runs, Runs]

WIDTHS = (76, 12, 17, 13, 6, 13, 6)
HEAD = ("what", "figure", "spread", "floor or peer", "ratio", "budget", "")


@dataclass(frozen=True, slots=True)
class Row:
    """What is to be measured, maybe together with a peer; then the budget is what the ratio to it may be."""

    what: str
    unit: str
    measure: Callable[[Path], Measured]
    budget: float | None = None
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A row with what was measured."""

    row: Row
    figure: Runs
    peer: Runs | None

    @property
    def ratio(self) -> Runs | None:
        return None if self.peer is None else self.figure.over(self.peer)

    @property
    def kept(self) -> bool:
        """Whether the middle run is within the budget; without one it always is."""
        if self.row.budget is None:
            return True
        judged = (self.ratio or self.figure).middle
        return judged >= self.row.budget if self.row.at_least else judged <= self.row.budget

    def cells(self) -> tuple[str, ...]:
        """What the columns of the table say. The spread is that of the ratio, where there is one."""
        row, ratio = self.row, self.ratio
        low, high = (ratio or self.figure).spread
        times = "×" if ratio else ""
        return (
            row.what,
            f"{number(self.figure.middle)} {row.unit}",
            f"{number(low)} – {number(high)}{times}" if low < high else "",
            f"{number(self.peer.middle)} {row.unit}" if self.peer else "",
            f"{ratio.middle:.2f}×" if ratio else "",
            "" if row.budget is None else f"{'≥' if row.at_least else '≤'} {row.budget:g}{times or ' ' + row.unit}",
            "" if row.budget is None else ("kept" if self.kept else "MISSED"),
        )

    def data(self) -> dict[str, Any]:
        """The same for a program."""
        peer, ratio = (runs.middle if runs else None for runs in (self.peer, self.ratio))
        low, high = (self.ratio or self.figure).spread
        told = {"what": self.row.what, "figure": self.figure.middle, "unit": self.row.unit, "low": low, "high": high}
        budget = {"budget": self.row.budget, "at_least": self.row.at_least, "kept": self.kept}
        return {**told, "runs": len(self.figure.each), "peer": peer, "ratio": ratio, **budget}


def measure(row: Row, folder: Path) -> Found:
    """Measure a row now."""
    found = row.measure(folder)
    return Found(row, *(found if isinstance(found, tuple) else (found, None)))


def number(value: float) -> str:
    """A figure with as many digits as mean something."""
    return f"{value:,.{next(digits for digits, least in enumerate((100, 10, 1, 0)) if value >= least)}f}"


def line(cells: tuple[str, ...], widths: tuple[int, ...] = ()) -> str:
    """A line of a Markdown table, which reads as one on a terminal too."""
    return "| " + " | ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)) + " |"


def head(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    """The first two lines of a Markdown table."""
    return line(cells, widths) + "\n|" + "|".join("-" * (width + 2) for width in widths) + "|"
