"""Then and now: the part of a report about an earlier one of the same firm; plain values, no markup."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class StepThen:
    """One step of the earlier plan, and what to know of it besides."""

    do: str
    note: str


@dataclass(frozen=True, slots=True)
class StepsThen:
    """The steps that are equally far; `more` is how many there are beyond those listed."""

    title: str
    steps: tuple[StepThen, ...]
    more: int


@dataclass(frozen=True, slots=True)
class AreaThen:
    """One bank then and now; `note` says where the questions and not the firm may have moved it."""

    title: str
    then: int
    now: int
    difference: str
    note: str


@dataclass(frozen=True, slots=True)
class AnswerThen:
    """One answer then and now."""

    ask: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class ThenAndNow:
    """What became of an earlier report: the score, what was critical, the steps, the areas, and what got worse."""

    on: date
    says: tuple[str, ...]
    put_right: tuple[str, ...]
    steps: tuple[StepsThen, ...]
    open: str
    areas: tuple[AreaThen, ...]
    unmoved: str
    worse: tuple[AnswerThen, ...]
    more_worse: int
