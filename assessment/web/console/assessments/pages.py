"""What the console's pages about assessments are given: one frozen dataclass a template."""

from dataclasses import dataclass
from datetime import datetime

from assessment.reports.brief import Brief
from assessment.reports.report import Report
from assessment.web.console.assessments.comparison_pages import Comparable
from assessment.web.console.pages import ConsoleFrame
from assessment.web.pages import DepthChoice


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
    taken: datetime
    score: str
    band: str
    level: int
    criticals: int
    grade: str
    people: str
    depth: str
    source: str
    status: str
    assignee: str


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
    website: str
    export: str
    begin: str
    depths: tuple[DepthChoice, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """One thing somebody was asked to agree to, word for word, what they answered, and when they took it back."""

    says: str
    given: bool
    at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with what came of it, and where that can be seen."""

    at: datetime
    says: str
    trouble: bool = False
    tries: tuple[tuple[datetime, str], ...] = ()
    address: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class NoteView:
    """Something one of the staff wrote down; `remove` is where it can be taken away, by whoever wrote it."""

    says: str
    by: str
    at: datetime
    remove: str


@dataclass(frozen=True, slots=True)
class WorkView:
    """What staff do with an assessment: empty addresses where this person may only look."""

    statuses: tuple[Choice, ...]
    people: tuple[Choice, ...]
    notes: tuple[NoteView, ...]
    save: str
    note: str
    answers: str
    links: str
    erase: str
    depths: tuple[DepthChoice, ...]
    together: str
    typed: str = ""
    wrong: str = ""

    @property
    def status(self) -> str:
        return next(choice.says for choice in self.statuses if choice.chosen)

    @property
    def person(self) -> str:
        return next((choice.says for choice in self.people if choice.chosen and choice.value), "")


@dataclass(frozen=True, slots=True)
class SeenView:
    """The score once the answers staff corrected take the place of the owner's, and how many staff looked at."""

    verified: int
    corrected: int
    score: int | None
    band: str
    level: int
    owner_score: int | None
    criticals: int


@dataclass(frozen=True, slots=True)
class SittingPage:
    """`console/assessment.html`: one assessment with who, what was agreed to, what happened, and the brief."""

    frame: ConsoleFrame
    about: str
    taken: datetime
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
    source: tuple[tuple[str, str], ...]
    events: tuple[Event, ...]
    work: WorkView
    seen: SeenView | None
    comparable: tuple[Comparable, ...]
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
    roadmap_picture: str
    self_reported: str
    judgement: str
    back: str
    pdf: str
    gated: bool = False
    contact: None = None
    calendar: str = ""
    what_if: str = ""
    explore: str = ""
    talk: str = ""
    standstill: None = None


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer as the owner gave it, and as staff saw it; `typed` and `wrong` hold what was just refused."""

    anchor: str
    code: str
    ask: str
    kind: str
    owner: str
    seen: str
    state: str
    by: str
    at: datetime | None
    how: str
    options: tuple[Choice, ...]
    typed: str
    save: str
    undo: str
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswersPage:
    """`console/answers.html`: every answer, with what staff saw for themselves, and the score both ways."""

    frame: ConsoleFrame
    groups: tuple[tuple[str, tuple[AnswerRow, ...]], ...]
    seen: SeenView | None
    may_change: bool
    wrong: tuple[tuple[str, str], ...]
    back: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link somebody holds: what it opens, since when and until when, and where it is ended."""

    says: str
    made: datetime
    until: datetime
    end: str


@dataclass(frozen=True, slots=True)
class LinksPage:
    """`console/links.html`: who can open an assessment without signing in; a new link is shown this once."""

    frame: ConsoleFrame
    links: tuple[LinkRow, ...]
    made: str
    make: str
    confirm: str
    send: str
    send_to: str
    back: str


@dataclass(frozen=True, slots=True)
class ErasePage:
    """`console/erase.html`: what goes, for one assessment or for everything of a person, and what stays."""

    frame: ConsoleFrame
    who: str
    others: int
    erase: str
    confirm: str
    back: str
