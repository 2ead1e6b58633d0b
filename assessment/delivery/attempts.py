"""What came of one attempt to send something, whatever the channel."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Verdict(StrEnum):
    """DONE: it arrived. AGAIN: try later. DEAD: it never will. GONE: and nothing else should be sent there."""

    DONE = "done"
    AGAIN = "again"
    DEAD = "dead"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: the verdict, a sentence for a person, the other side's status, and how long it asked us to wait."""

    verdict: Verdict
    says: str
    status: int | None = None
    after: timedelta | None = None
