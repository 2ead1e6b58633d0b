"""What stands beside the score in a report: how help is paid, a talk about it, downtime, insurance, a bad day."""

from dataclasses import dataclass

from assessment.reports.quotes import Quote


@dataclass(frozen=True, slots=True)
class AspectView:
    """One line of the comparison: two ways of working, and the answers that show where this firm is."""

    title: str
    repairs: str
    prevention: str
    quotes: tuple[Quote, ...]
    scores: tuple[tuple[str, int], ...]
    leaning: str


@dataclass(frozen=True, slots=True)
class ArrangementView:
    """How help is paid and what that rewards. `neutral` stands wherever another way of paying is advised."""

    title: str
    about: str
    repairs: str
    prevention: str
    aspects: tuple[AspectView, ...]
    stance: str
    says: str
    stay: bool
    neutral: str


@dataclass(frozen=True, slots=True)
class TalkQuestionView:
    """One question to take along, with the answers that raised it."""

    number: int
    ask: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class TalkView:
    """The talk with whoever helps, or would: its heading and its questions."""

    title: str
    says: str
    questions: tuple[TalkQuestionView, ...]

    @property
    def text(self) -> str:
        """All of it as plain text, to send or to print."""
        parts = [self.title, self.says]
        for one in self.questions:
            quoted = [f"   We said: {quote.short}: “{quote.says}”" for quote in one.quotes]
            parts.append("\n".join([f"{one.number}. {one.ask}", *quoted]))
        return "\n\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True)
class StandstillView:
    """What a standstill costs by somebody's own figures: an hour of it, and as long as it may last."""

    formula: str
    hour: str
    hours: str
    total: str


@dataclass(frozen=True, slots=True)
class DowntimeView:
    """What a standstill costs; without figures it is an invitation to give some."""

    title: str
    about: str
    quotes: tuple[Quote, ...]
    symbol: str
    standstill: StandstillView | None


@dataclass(frozen=True, slots=True)
class InsuranceItemView:
    """One thing forms ask about, and what the answers say to it."""

    says: str
    cover: str
    reading: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class InsuranceView:
    """The same answers set against what insurers' forms commonly ask."""

    title: str
    about: str
    rows: tuple[InsuranceItemView, ...]


@dataclass(frozen=True, slots=True)
class FirstHourView:
    """What to do when something bad is happening at this moment."""

    title: str
    about: str
    steps: tuple[str, ...]
