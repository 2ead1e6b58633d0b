"""What is wrong with a file or an answer, as values that print themselves as file:line:column."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A place in a text: file name, line and column, both counted from 1 (0 = the whole file)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


NOWHERE = Source("answers")


class Level(StrEnum):
    """How much it matters: with a problem nothing is to be used, a warning is for the author to judge."""

    PROBLEM = "problem"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what (message), how to mend it (hint), and where (source)."""

    code: str
    message: str
    hint: str = ""
    source: Source = NOWHERE
    level: Level = Level.PROBLEM

    def __str__(self) -> str:
        warning = "warning: " if self.level is Level.WARNING else ""
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{self.source}: {warning}{self.code} {self.message}{hint}"

    def as_json(self) -> dict[str, Any]:
        """The problem as plain values, for `--json`."""
        return {
            "level": self.level,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "file": self.source.file,
            "line": self.source.line,
            "column": self.source.column,
        }


class Refused(Exception):
    """Bad input met by somebody who can go no further; carries every problem found, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
