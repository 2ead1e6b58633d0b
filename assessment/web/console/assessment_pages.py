"""What the console's pages about assessments are given: one frozen dataclass a template."""

from dataclasses import dataclass

from assessment.reports.brief import Brief
from assessment.reports.report import Report
from assessment.web.console.pages import ConsoleFrame


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose in a filter."""

    value: str
    says: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the list, as a box to choose from."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ListRow:
    """One assessment in the list; `level` is the colour of its band, 1 the worst of 5, 0 for none."""

    address: str
    title: str
    below: tuple[str, ...]
    taken: str
    score: str
    band: str
    level: int
    criticals: int
    grade: str
    people: str
    depth: str
    source: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """`console/assessments.html`: the search and filters in force, one page of rows, and the ways to its neighbours."""

    frame: ConsoleFrame
    action: str
    text: str
    since: str
    until: str
    filters: tuple[Filter, ...]
    filtered: bool
    narrowed: bool
    count: str
    rows: tuple[ListRow, ...]
    before: str
    after: str
    check: str
    slug: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """One thing somebody was asked to agree to, word for word, and what they answered."""

    says: str
    answer: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with what came of it."""

    at: str
    says: str
    trouble: bool = False
    tries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SittingPage:
    """`console/assessment.html`: one assessment with who, what was agreed to, what happened, and the brief."""

    frame: ConsoleFrame
    about: str
    reference: str
    test: bool
    brief: Brief
    score_picture: str
    level: int
    grade: str
    grade_reasons: tuple[str, ...]
    contact: tuple[tuple[str, str, str], ...]
    standing: str
    agreed: tuple[Agreed, ...]
    others: tuple[tuple[str, str], ...]
    source: tuple[tuple[str, str], ...]
    events: tuple[Event, ...]
    report: str
    report_pdf: str
    brief_pdf: str
    back: str


@dataclass(frozen=True, slots=True)
class OwnerReportPage:
    """`console/report.html`: the report as its owner sees it, with nothing to send or to delete."""

    frame: ConsoleFrame
    report: Report
    score_picture: str
    bank_pictures: dict[str, str]
    plan_picture: str
    self_reported: str
    judgement: str
    back: str
    pdf: str
    gated: bool = False
    contact: None = None
