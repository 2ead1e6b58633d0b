"""Report: the one structure that page, PDF, e-mail and exports read; plain values, no markup."""

from dataclasses import dataclass
from datetime import date

from assessment.engine.questions import Depth
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
class Quote:
    """One answer quoted: what was asked, in short, and what was said."""

    question: str
    short: str
    says: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure somebody measured, with where it comes from."""

    number: int
    figure: str
    source: str
    link: str
    year: int


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
class SignsView:
    """The signs of having outgrown a way of buying IT, each with the answer that shows it."""

    count: int
    of: int
    title: str
    says: str
    shown: tuple[tuple[str, str], ...]
    not_shown: tuple[str, ...]


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
    verdict: str
    score: ScoreView | None
    criticals: tuple[FindingView, ...]
    first: tuple[ActionView, ...]
    banks: tuple[BankView, ...]
    findings: tuple[FindingView, ...]
    stories: tuple[tuple[str, str], ...]
    next_band: str
    plan: tuple[HorizonView, ...]
    signs: SignsView | None
    losses: tuple[LossView, ...]
    assumed: tuple[Quote, ...]
    not_looked_at: tuple[str, ...]
    answers: tuple[AnswersView, ...]
    figures: tuple[FigureView, ...]

    @property
    def actions(self) -> tuple[ActionView, ...]:
        return tuple(action for horizon in self.plan for action in horizon.actions)
