"""What a tenant's dashboard counts: a closed set of kinds, and what one outcome adds to them."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from assessment.engine.result import Certainty, Outcome

FIRST_ACTIONS = 3
"""How many actions at the head of a plan are counted: as many as the report names first."""


class Kind(StrEnum):
    """What is counted, with what its name and part say. Where nothing is said, a figure is a plain number."""

    VIEW = "view"
    START = "start"
    LEFT = "left"
    """An assessment nobody went on with. Name: the question that was answered last, or `BEFORE`."""
    COMPLETE = "complete"
    """Name: the depth."""
    LEAD = "lead"
    SCORE = "score"
    """Name: the band. The total is the sum of the scores."""
    BANK = "bank"
    """Name: the bank; part: how many people work there. The total is the sum of the bank's scores."""
    CRITICAL = "critical"
    """Name: the rule that was confirmed."""
    ACTION = "action"
    """Name: a recommendation among the first."""
    SOURCE = "source"
    """Name: where they came from; part: start, complete or lead."""


BEFORE = "start"
"""Where somebody left who answered nothing."""

BY_WEEK = (Kind.START, Kind.COMPLETE, Kind.LEAD, Kind.SCORE)
"""The kinds that are shown week by week; of all others a sum is enough."""


class Counted(NamedTuple):
    """What is counted: of which kind, under which name, and of which part of it."""

    kind: str
    name: str = ""
    part: str = ""


class Sum(NamedTuple):
    """How often something was counted, and the sum of its figures; `week` only for what is shown by the week."""

    week: date | None
    kind: str
    name: str
    part: str
    times: int
    total: int


Counts = Mapping[Counted, tuple[int, int]]

ONCE = (1, 0)


def of_start(source: str) -> dict[Counted, tuple[int, int]]:
    """What an assessment adds when it is begun by somebody who came from here."""
    return {Counted(Kind.START): ONCE, Counted(Kind.SOURCE, source, Kind.START): ONCE}


def of_lead(source: str) -> dict[Counted, tuple[int, int]]:
    """What contact details add when they are left for the first time."""
    return {Counted(Kind.LEAD): ONCE, Counted(Kind.SOURCE, source, Kind.LEAD): ONCE}


def of_complete(outcome: Outcome, people: str, source: str) -> dict[Counted, tuple[int, int]]:
    """What an assessment adds when it is sent in."""
    return {**of_outcome(outcome, people), Counted(Kind.SOURCE, source, Kind.COMPLETE): ONCE}


def of_outcome(outcome: Outcome, people: str) -> dict[Counted, tuple[int, int]]:
    """What an outcome adds; `people` is the option that says how many work there, if any."""
    counts = {Counted(Kind.COMPLETE, outcome.depth): ONCE}
    if outcome.overall:
        counts[Counted(Kind.SCORE, outcome.overall.band)] = (1, outcome.overall.score)
    for bank in outcome.banks:
        counts[Counted(Kind.BANK, bank.id, people)] = (1, bank.score)
    for finding in outcome.findings:
        if finding.severity == "critical" and finding.certainty is Certainty.CONFIRMED:
            counts[Counted(Kind.CRITICAL, finding.rule)] = ONCE
    for action in outcome.plan[:FIRST_ACTIONS]:
        counts[Counted(Kind.ACTION, action.id)] = ONCE
    return counts
