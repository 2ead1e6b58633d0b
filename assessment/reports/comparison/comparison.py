"""Comparison: the one structure that the page and the PDF of two assessments read; plain values, no markup."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Certainty, Outcome
from assessment.reports.report import BankView, ScoreView, Sponsor


@dataclass(frozen=True, slots=True)
class Taken:
    """One assessment to be compared: its stored outcome, the questionnaire version it is pinned to, and the day."""

    outcome: Outcome
    questionnaire: Questionnaire
    on: date


class Move(StrEnum):
    """How an answer moved. CHANGED: another answer, of which nobody can say whether it is better."""

    BETTER = "better"
    WORSE = "worse"
    KNOWN = "known"
    UNKNOWN = "unknown"
    NO_LONGER_APPLIES = "no-longer-applies"
    NOW_APPLIES = "now-applies"
    CHANGED = "changed"


MOVES: Mapping[Move, str] = {
    Move.BETTER: "Better",
    Move.WORSE: "Worse",
    Move.KNOWN: "Now known",
    Move.UNKNOWN: "No longer known",
    Move.NO_LONGER_APPLIES: "No longer applies",
    Move.NOW_APPLIES: "Applies now",
    Move.CHANGED: "Different",
}


class Fate(StrEnum):
    """What became of a finding. NOT_SEEN and FIRST_SEEN: only one of the two checks could tell."""

    NEW = "new"
    FIRST_SEEN = "first-seen"
    STILL = "still"
    NOT_SEEN = "not-seen"
    GONE = "gone"


FATES: Mapping[Fate, str] = {
    Fate.NEW: "New",
    Fate.FIRST_SEEN: "Seen for the first time",
    Fate.STILL: "Still there",
    Fate.NOT_SEEN: "Not looked at this time",
    Fate.GONE: "Gone",
}


class Progress(StrEnum):
    """How far an action of the earlier plan is. UNSEEN: the later check did not ask what it aims at."""

    DONE = "done"
    PARTLY = "partly"
    NO_LONGER_APPLIES = "no-longer-applies"
    UNSEEN = "unseen"
    OPEN = "open"


PROGRESS: Mapping[Progress, str] = {
    Progress.DONE: "Done",
    Progress.PARTLY: "Partly done",
    Progress.OPEN: "Still open",
    Progress.NO_LONGER_APPLIES: "No longer applies",
    Progress.UNSEEN: "Not asked about this time",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: when, how deep, by which version of the questions, and its score."""

    on: date
    depth_says: str
    version: str
    digest: str
    score: ScoreView | None


@dataclass(frozen=True, slots=True)
class BankMove:
    """One bank then and now; `note` says where it rests on other questions than before."""

    id: str
    title: str
    weighs: bool
    before: BankView | None
    after: BankView | None
    difference: int | None
    note: str


@dataclass(frozen=True, slots=True)
class MeasureMove:
    """What one measure came to then and now, in words; empty where it was not told."""

    title: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One answer by the short name of its question, then and now; empty where there was none."""

    short: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class AnswerMove:
    """One answer that moved, in the words of each version; `critical`: a critical finding rests on it."""

    question: str
    code: str
    bank: str
    ask: str
    was: str
    now: str
    move: Move
    critical: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedOnce:
    """A question that only one of the two asked, the answer, and why the other did not ask."""

    question: str
    code: str
    bank: str
    ask: str
    says: str
    why: str


@dataclass(frozen=True, slots=True)
class FindingMove:
    """A finding that stands in at least one of the two, and how certain it was; `possible`: where it stands last."""

    rule: str
    code: str
    title: str
    fate: Fate
    critical: bool
    was: Certainty | None
    now: Certainty | None
    possible: bool
    note: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class ActionMove:
    """One action of the earlier plan, by its number there, and how far it is."""

    number: int
    id: str
    code: str
    do: str
    progress: Progress
    critical: bool
    note: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class NewAction:
    """One action that only the later plan has, by its number there."""

    number: int
    id: str
    code: str
    do: str
    critical: bool
    find_out: bool


@dataclass(frozen=True, slots=True)
class SignsMove:
    """How many signs showed then and now, and which of them came or went."""

    before: int
    after: int
    of: int
    outgrown: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Group(Generic[T]):
    """What moved in one way, the weightiest first."""

    id: str
    title: str
    of: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything there is to tell about two assessments, in the order it is told.

    `alike`: both asked by the same rules at the same depth, so that the scores can be set against each other.
    """

    title: str
    sponsor: Sponsor
    taken_on: date
    before: Side
    after: Side
    verdict: str
    difference: int | None
    alike: bool
    cautions: tuple[str, ...]
    asked_both_times: int
    unmoved: int
    criticals: tuple[Group[FindingMove], ...]
    actions: tuple[Group[ActionMove], ...]
    new_actions: tuple[NewAction, ...]
    banks: tuple[BankMove, ...]
    answers: tuple[Group[AnswerMove], ...]
    newly_asked: tuple[AskedOnce, ...]
    no_longer_asked: tuple[AskedOnce, ...]
    findings: tuple[Group[FindingMove], ...]
    signs: SignsMove | None
    measures: tuple[MeasureMove, ...]

    def count(self, move: Move) -> int:
        """How many answers moved in one way."""
        return sum(len(group.of) for group in self.answers if group.id == move)
