"""A spreadsheet as texts by row and column, whatever file it came from, and how its cells are called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assessment.engine.problems import Problem, Source

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 2000
MAX_COLUMNS = 200

Cells = Mapping[int, Mapping[int, str]]
"""The texts by row and column, both from 1; a cell with nothing in it is left out."""


class Unreadable(Exception):
    """The file cannot be read as a spreadsheet at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its cells, how each is called, and what is wrong with those that have no text to give."""

    cells: Cells
    name: Callable[[int, int], str]
    wrong: Mapping[tuple[int, int], Problem] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def problem(self, row: int, column: int, message: str, hint: str = "") -> Problem:
        """Something wrong with one cell."""
        return wrong_cell(self.name(row, column), message, hint)


def wrong_cell(name: str, message: str, hint: str = "") -> Problem:
    """Something wrong with the cell of this name."""
    return Problem("cell", message, hint, Source(name))


def letters(column: int) -> str:
    """The letters a spreadsheet calls a column by: A, B, … Z, AA."""
    before, last = divmod(column - 1, 26)
    return (letters(before) if before else "") + chr(ord("A") + last)


def too_wide(column: int) -> Unreadable:
    """The refusal of a sheet with too many columns."""
    return Unreadable(f"the sheet goes on to column {letters(column)}; at most {MAX_COLUMNS} columns are read")


def too_long() -> Unreadable:
    """The refusal of a sheet with too many rows."""
    return Unreadable(f"the sheet has more than {MAX_ROWS:,} rows; make several questionnaires of it")
