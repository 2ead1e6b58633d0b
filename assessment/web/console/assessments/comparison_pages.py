"""What the console's page about two assessments is given, and the list of what one can be compared with."""

from dataclasses import dataclass
from datetime import datetime

from assessment.reports.comparison.comparison import Comparison
from assessment.web.console.pages import ConsoleFrame


@dataclass(frozen=True, slots=True)
class Comparable:
    """Another assessment of the same firm: when, how it came out, why it is taken to be theirs, and where to go."""

    taken: datetime
    earlier: bool
    score: str
    depth: str
    tie: str
    compare: str
    open: str


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two, as it is named and opened in the console."""

    address: str
    title: str
    taken: datetime


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """`console/comparison.html`: two assessments side by side. `one_firm`: they are taken to be of one firm."""

    frame: ConsoleFrame
    comparison: Comparison
    before: Half
    after: Half
    one_firm: bool
    test: bool
    picture: str
    bank_pictures: dict[str, str]
    pdf: str
    back: str
