"""What each page is given: one frozen dataclass a template, so that a template can use nothing undeclared."""

from dataclasses import dataclass

from assessment.engine.questions import Kind
from assessment.reports.dashboard.cohort import Chart
from assessment.reports.guidance import TalkView
from assessment.reports.report import Report, Sponsor
from assessment.reports.what_if import WhatIf
from assessment.web.asking_pages import AskView, EarlierView, SuggestedView


@dataclass(frozen=True, slots=True)
class Picture:
    """A tenant's logo."""

    address: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Framed:
    """What a page inside a website's frame may tell that website: where it stands, never what was answered.

    `host` is the website, only if it is on the tenant's list; `place` the address to come back to; `news` what just
    happened ("complete" or "lead").
    """

    kind: str
    host: str = ""
    place: str = ""
    step: int = 0
    of: int = 0
    news: str = ""
    alone: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page an owner sees."""

    tenant: Sponsor
    title: str
    css: str
    script: str
    home: str
    brand: str = ""
    logo: Picture | None = None
    frame_script: str = ""
    framed: Framed | None = None


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
    hidden: tuple[tuple[str, str], ...]
    gated: bool
    test: bool
    sample: str


@dataclass(frozen=True, slots=True)
class OptionChoice:
    """One thing that may be picked; `chosen` is the answer given, `before` the one of an earlier assessment."""

    id: str
    says: str
    chosen: bool
    exclusive: bool = False
    before: bool = False


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
    earlier: EarlierView | None = None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One answer on the check page, with the link that changes it; `earlier` is one that waits to be confirmed."""

    ask: str
    says: str
    change: str
    open: bool
    earlier: str = ""


@dataclass(frozen=True, slots=True)
class CheckPage:
    """`quiz/check.html`: every answer once more, what is still open, and what does not fit together.

    Of an assessment that is taken again: how many earlier answers are left to confirm and the way to them, which of
    them are not offered any more, and how many belong to questions that are gone.
    """

    frame: Frame
    groups: tuple[tuple[str, tuple[CheckRow, ...]], ...]
    open: int
    first_open: str
    notice: str
    contradictions: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    action: str
    resume: str
    none_yet: bool = False
    confirm: int = 0
    first_confirm: str = ""
    misfits: tuple[tuple[str, str], ...] = ()
    gone: int = 0
    suggested: SuggestedView | None = None
    ask: AskView | None = None


@dataclass(frozen=True, slots=True)
class ContactInput:
    """One field of the contact form, with what was typed and what is wrong with it."""

    name: str
    label: str
    kind: str
    autocomplete: str
    hint: str
    limit: int
    required: bool
    typed: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentBox:
    """One box; never ticked before somebody ticks it."""

    name: str
    says: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class ContactView:
    """The contact form, or what became of it. `trap` is the field nobody but a machine fills in."""

    action: str
    title: str
    says: tuple[str, ...]
    done: tuple[str, ...]
    inputs: tuple[ContactInput, ...]
    boxes: tuple[ConsentBox, ...]
    errors: tuple[tuple[str, str], ...]
    stamp: str
    trapped: bool
    button: str
    again: str
    withdraw: str


@dataclass(frozen=True, slots=True)
class ShareView:
    """The link for others, if there is one, and the forms that make and revoke it."""

    action: str
    stop: str
    address: str
    until: str


@dataclass(frozen=True, slots=True)
class StandstillInput:
    """One figure asked for, with what was typed and what is wrong with it."""

    name: str
    label: str
    hint: str
    typed: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StandstillView:
    """The form for what a standstill costs; `query` repeats sound figures in an address."""

    inputs: tuple[StandstillInput, ...]
    wrong: bool
    query: str


@dataclass(frozen=True, slots=True)
class TalkPage:
    """`report/questions.html`: the questions to take along, and where they are as plain text."""

    frame: Frame
    talk: TalkView
    report: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`report/report.html`, for its owner, for others who read it by a shared link, and as a sample.

    `note` says which of them it is; `gated`: only score, critical findings and first steps are shown.
    """

    frame: Frame
    report: Report
    score_picture: str
    bank_pictures: dict[str, str]
    plan_picture: str
    roadmap_picture: str
    self_reported: str
    judgement: str
    note: str = ""
    notice: str = ""
    gated: bool = False
    later: int = 0
    pdf: str = ""
    calendar: str = ""
    delete: str = ""
    data: str = ""
    deepen: str = ""
    deeper: tuple[DepthChoice, ...] = ()
    contact: ContactView | None = None
    share: ShareView | None = None
    again: str = ""
    suggested: SuggestedView | None = None
    ask: AskView | None = None
    what_if: str = ""
    explore: str = ""
    talk: str = ""
    standstill: StandstillView | None = None


@dataclass(frozen=True, slots=True)
class WhatIfPage:
    """`report/what-if.html`: a form of ticks, and where the ticked steps lead; `found` is None where nobody can tell.

    `picture` is the score then; `shared` the address of the same for those the report is shared with.
    """

    frame: Frame
    report: str
    action: str
    found: WhatIf | None
    presets: tuple[tuple[str, str], ...]
    picture: str
    shared: str


@dataclass(frozen=True, slots=True)
class ExplorePage:
    """`report/explore.html`: charts of one report, each with its table; the addresses of what draws them."""

    frame: Frame
    report: str
    charts: tuple[Chart, ...]
    css: str
    script: str
    plotly: str


@dataclass(frozen=True, slots=True)
class DeletePage:
    """`report/delete.html`: what deleting does, and the button that does it.

    `partly`: others have left details under the same address, so they stay until somebody shows that it is theirs.
    """

    frame: Frame
    action: str
    back: str
    partly: bool


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form that was not taken: where it goes, and what is in it."""

    action: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MessagePage:
    """`errors/message.html`: something went wrong or is done; what happened, and what to do now."""

    frame: Frame
    status: int
    says: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    again: SentForm | None = None
