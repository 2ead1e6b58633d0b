"""What each page is given: one frozen dataclass a template, so that a template can use nothing undeclared."""

from dataclasses import dataclass

from assessment.engine.questions import Kind
from assessment.reports.report import Report, Sponsor


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page an owner sees."""

    tenant: Sponsor
    title: str
    css: str
    script: str
    home: str


@dataclass(frozen=True, slots=True)
class DepthChoice:
    """One depth to start at."""

    id: str
    name: str
    minutes: int
    questions: int
    says: str
    suggested: bool


@dataclass(frozen=True, slots=True)
class StartPage:
    """`quiz/start.html`: who runs the check, who sees the answers, how long it takes, what you get."""

    frame: Frame
    about: str
    depths: tuple[DepthChoice, ...]
    action: str


@dataclass(frozen=True, slots=True)
class OptionChoice:
    """One thing that may be picked; `chosen` is the answer given earlier."""

    id: str
    says: str
    chosen: bool
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """`quiz/question.html`: one question, drawn by `questions/<kind>.html`."""

    frame: Frame
    id: str
    kind: Kind
    part: str
    ask: str
    help: str
    options: tuple[OptionChoice, ...]
    extras: tuple[OptionChoice, ...]
    typed: str
    unit: str
    keep: str
    errors: tuple[str, ...]
    number: int
    of: int
    action: str
    back: str
    check: str
    resume: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One answer on the check page, with the link that changes it."""

    ask: str
    says: str
    change: str
    open: bool


@dataclass(frozen=True, slots=True)
class CheckPage:
    """`quiz/check.html`: every answer once more, what is still open, and what does not fit together."""

    frame: Frame
    groups: tuple[tuple[str, tuple[CheckRow, ...]], ...]
    open: int
    first_open: str
    notice: str
    contradictions: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    action: str
    resume: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`report/report.html`."""

    frame: Frame
    report: Report
    score_picture: str
    bank_pictures: dict[str, str]
    plan_picture: str
    pdf: str
    delete: str
    deepen: str
    deeper: tuple[DepthChoice, ...]
    notice: str
    self_reported: str
    judgement: str


@dataclass(frozen=True, slots=True)
class DeletePage:
    """`report/delete.html`: what deleting does, and the button that does it."""

    frame: Frame
    action: str
    back: str


@dataclass(frozen=True, slots=True)
class MessagePage:
    """`errors/message.html`: something went wrong or is done; what happened, and what to do now."""

    frame: Frame
    status: int
    says: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
