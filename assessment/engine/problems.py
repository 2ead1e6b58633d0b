"""What is wrong with a file or an answer, as values that print themselves as file:line:column."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what (message), how to mend it (hint), and where (source)."""

    code: str
    message: str
    hint: str = ""
    source: Source = NOWHERE

    def __str__(self) -> str:
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{self.source}: {self.code} {self.message}{hint}"

    def as_json(self) -> dict[str, Any]:
        """The problem as plain values, for `--json`."""
        return {
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
