"""One row of a spreadsheet by the headings over it: texts, numbers and choices, and what is wrong with each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assessment.authoring.columns import BY_HEADING, column_of
from assessment.authoring.grid import Grid
from assessment.engine.problems import Problem

LONGEST = 2000
SPACES = re.compile("[ \t\r\n\v\f\x85\u2028\u2029]+")
FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
SAME = {"this week": "now", "very high": "very-high"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row; what it lacks and what is wrong with it is collected while it is read."""

    grid: Grid
    columns: Mapping[str, int]
    at: int
    problems: list[Problem]
    silent: set[str] = field(default_factory=set)

    def complain(self, heading: str, message: str, hint: str = "") -> None:
        """Say what is wrong with the cell under a heading, unless it could not be read in the first place."""
        place = self.columns.get(heading, 1)
        if (self.at, place) not in self.grid.wrong:
            self.problems.append(self.grid.problem(self.at, place, message, hint))

    @property
    def filled(self) -> frozenset[str]:
        """The headings under which anything stands."""
        there = set(self.grid.cells.get(self.at, ())) | {column for row, column in self.grid.wrong if row == self.at}
        return frozenset(heading for heading, place in self.columns.items() if place in there)

    def text(self, heading: str, longest: int = LONGEST) -> str:
        """What stands in the cell, in one line; nothing where it is empty or there is no such column."""
        text = SPACES.sub(" ", self._raw(heading)).strip()
        if len(text) > longest:
            self.complain(heading, f"this is {len(text):,} characters long; at most {longest:,} fit here")
            return text[:longest]
        if bad := FORBIDDEN.search(text):
            self.complain(heading, f"the character U+{ord(bad[0]):04X} cannot stand in a text", "delete it, or retype")
        if not text:
            self.silent.add(heading)
        return text

    def lines(self, heading: str) -> list[str]:
        """The lines of a cell, without numbers or dashes at their start."""
        if len(self.text(heading)) < 1:
            return []
        lines = (re.sub(r"^\s*(?:[-•*]|\d{1,2}[.)])\s+", "", line) for line in self._raw(heading).splitlines())
        return [text for line in lines if (text := SPACES.sub(" ", line).strip())]

    def _raw(self, heading: str) -> str:
        place = self.columns.get(heading, 0)
        if wrong := self.grid.wrong.get((self.at, place)):
            self.problems.append(wrong)
        return self.grid.cells.get(self.at, {}).get(place, "")

    def number(self, heading: str, most: int, whole: bool = True) -> str:
        """A number from 0, as files write it; where the cell is empty, what its column says."""
        text = self.text(heading).replace(",", ".")
        if not text:
            return BY_HEADING[heading].empty
        if re.fullmatch(r"\d{1,4}" if whole else r"\d{1,4}(\.\d{1,2})?", text, re.ASCII) and float(text) <= most:
            return str(int(text)) if whole else text
        kind = "whole number" if whole else "number"
        self.complain(heading, f"“{text[:40]}” is no {kind} from 0 to {most}", "write digits alone")
        return "0"

    def choice(self, heading: str) -> str:
        """One of the words its column allows; where the cell is empty, what its column says."""
        column = BY_HEADING[heading]
        text = self.text(heading).lower()
        text = SAME.get(text, text.removesuffix(" days")) or column.empty
        if text not in column.allowed:
            allowed = f"{', '.join(column.allowed[:-1])} or {column.allowed[-1]}"
            self.complain(heading, f"“{text[:40]}” is not one of: {allowed}")
            return column.empty
        return text


def columns_of(grid: Grid, head: int) -> tuple[dict[str, int], list[str], list[Problem]]:
    """Where each column we know stands, the headings we do not know, and those that stand there twice."""
    found: dict[str, int] = {}
    unknown: list[str] = []
    problems: list[Problem] = []
    for place, text in grid.cells[head].items():
        column = column_of(text)
        if column is None:
            unknown.append(text)
        elif column.heading in found:
            problems.append(grid.problem(head, place, f"“{column.heading}” stands here a second time", "keep one"))
        else:
            found[column.heading] = place
    return found, unknown, problems
