"""Report: the one structure that page, PDF, e-mail and exports read; plain values, no markup."""

from dataclasses import dataclass
from datetime import date

from assessment.engine.questions import Depth
from assessment.reports.guidance import ArrangementView, DowntimeView, FirstHourView, InsuranceView, TalkView
from assessment.reports.quotes import FigureView, Quote
from assessment.reports.then_and_now import ThenAndNow
from assessment.tenancy.profile import Profile


@dataclass(frozen=True, slots=True)
class Sponsor:
    """Who runs the check and puts a name on the report. It can change no weight, rule, order or word."""

    name: str
    contact: str = ""
    link: str = ""
    currency: str = "GBP"
    accent: str = "#1d4f7c"
    action_says: str = ""
    action_link: str = ""
    privacy_link: str = ""


def sponsor(profile: Profile) -> Sponsor:
    """Who a tenant is in its reports."""
    return Sponsor(
        name=profile.name,
        contact=profile.contact,
        link=profile.link,
        currency=profile.currency,
        accent=profile.accent,
        action_says=profile.action_says,
        action_link=profile.action_link,
        privacy_link=profile.privacy_link,
    )


@dataclass(frozen=True, slots=True)
class BandView:
    """One named range of the score; `until` is the last whole number in it."""

    id: str
    name: str
    at_least: int
    until: int
    current: bool


@dataclass(frozen=True, slots=True)
class ScoreView:
    """The score as it is shown: number, range, band, and sentences on what holds it and what is still open."""

    score: int
    low: int
    high: int
    band: str
    band_name: str
    provisional: bool
    headline: str
    range_says: str
    held: tuple[str, ...]
    bands: tuple[BandView, ...]

    @property
    def ranged(self) -> bool:
        return self.low != self.high


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding in words, with the answers behind it and the figure that supports it."""

    rule: str
    code: str
    severity: str
    possible: bool
    title: str
    because: str
    quotes: tuple[Quote, ...]
    covers: tuple[str, ...]
    figure: FigureView | None


@dataclass(frozen=True, slots=True)
class BankView:
    """One bank: its score, its range, and the sentence on what holds it."""

    id: str
    title: str
    about: str
    weighs: bool
    score: int
    low: int
    high: int
    raw: int
    held: str
    reading: str


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action as a card: what, why, gain, effort, cost, who."""

    number: int
    id: str
    code: str
    bank: str
    find_out: bool
    critical: bool
    do: str
    steps: tuple[str, ...]
    why: str
    quotes: tuple[Quote, ...]
    gain: str
    after: int | None
    held: str
    opens: str
    effort: str
    cost: str
    money: str
    who: str
    first: tuple[str, ...]
    then: tuple[str, ...]
    by_yourself: str
    neutral: str


@dataclass(frozen=True, slots=True)
class HorizonView:
    """What to do by when, and the score once it is all done."""

    id: str
    title: str
    score_after: int
    actions: tuple[ActionView, ...]


@dataclass(frozen=True, slots=True)
class StepMark:
    """One step on the roadmap: its number, the place of who leads it among the parties, and what it comes after."""

    number: int
    party: int
    after: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StageView:
    """One horizon of the roadmap: its last day, its steps, and what they take of each party and of the purse."""

    id: str
    title: str
    until: date
    steps: tuple[StepMark, ...]
    waits: str
    hours: tuple[str, ...]
    money: str
    score_after: int | None


@dataclass(frozen=True, slots=True)
class RoadmapView:
    """The plan by the calendar: who takes part, each stage, and the whole of it. `hours` stand in their order."""

    parties: tuple[str, ...]
    stages: tuple[StageView, ...]
    hours: tuple[str, ...]
    money: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """When to take the check again, at the latest, and the sentence that says so."""

    on: date
    says: str


@dataclass(frozen=True, slots=True)
class SignsView:
    """The signs of having outgrown a way of doing things, each with the answer that shows it."""

    count: int
    of: int
    outgrown: str
    title: str
    says: str
    shown: tuple[tuple[str, str], ...]
    not_shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One measure beside the score: what it is, what it comes to, and sentences on why and on what could move it."""

    id: str
    title: str
    says: str
    comes_to: str
    severity: str
    lines: tuple[str, ...]
    figure: FigureView | None


@dataclass(frozen=True, slots=True)
class LossView:
    """Points of the overall score lost in one bank, or to a rule that holds the whole."""

    title: str
    points: int
    parts: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class AnswersView:
    """The answers of one bank as they counted."""

    title: str
    answers: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything an owner is told, in the order it is told."""

    title: str
    sponsor: Sponsor
    taken_on: date
    depth: Depth
    depth_says: str
    version: str
    digest: str
    firm: tuple[Quote, ...]
    verdict: str
    score: ScoreView | None
    criticals: tuple[FindingView, ...]
    first: tuple[ActionView, ...]
    banks: tuple[BankView, ...]
    findings: tuple[FindingView, ...]
    stories: tuple[tuple[str, str], ...]
    next_band: str
    plan: tuple[HorizonView, ...]
    roadmap: RoadmapView | None
    look_again: LookAgain | None
    strengths: tuple[Quote, ...]
    signs: SignsView | None
    measures: tuple[MeasureView, ...]
    arrangement: ArrangementView | None
    talk: TalkView | None
    downtime: DowntimeView | None
    insurance: InsuranceView | None
    first_hour: FirstHourView | None
    losses: tuple[LossView, ...]
    assumed: tuple[Quote, ...]
    not_looked_at: tuple[str, ...]
    answers: tuple[AnswersView, ...]
    figures: tuple[FigureView, ...]
    then_and_now: ThenAndNow | None = None

    @property
    def actions(self) -> tuple[ActionView, ...]:
        return tuple(action for horizon in self.plan for action in horizon.actions)
