"""The staff brief: what to know before talking to an owner, written from the stored outcome; plain values, no markup.

Nothing in it is anything its owner might not read over a shoulder.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from assessment.engine.advice import Cost, Horizon, Who
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import PROFILE, Question
from assessment.engine.result import Action, Mode, Outcome
from assessment.reports.guidance import InsuranceView, TalkView
from assessment.reports.objections import Objection, objections
from assessment.reports.parties import Parties
from assessment.reports.quotes import Quote
from assessment.reports.quoting import Quoting
from assessment.reports.report import ActionView, FindingView, MeasureView, Report, ScoreView, SignsView, Sponsor
from assessment.reports.words import HORIZONS, duration

WEAK = 60
"""Answers with fewer points than this are listed with the controls they belong to. A judgement."""

MOST_OPENERS = 12
FIRST_STEPS = 10

FRAMEWORKS = {
    "cis": "CIS 8.1",
    "csf": "NIST CSF 2.0",
    "cpg1": "CISA CPG 1.0.1",
    "cpg2": "CISA CPG 2.0",
    "ce": "Cyber Essentials",
    "e8": "Essential Eight",
    "other": "Also",
}


@dataclass(frozen=True, slots=True)
class Opener:
    """Something they were not sure about, as a question to begin with, and what the answer decides."""

    code: str
    short: str
    ask: str
    decides: str


@dataclass(frozen=True, slots=True)
class Task:
    """One step of the plan: who leads it, and what it takes of whom."""

    number: int
    code: str
    do: str
    who: str
    effort: str
    cost: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One horizon: how many steps, the hours of each party in the order of `parties`, and the score once done."""

    title: str
    steps: int
    hours: tuple[str, ...]
    score_after: int


@dataclass(frozen=True, slots=True)
class Weak:
    """A weak answer with its code, and the controls it belongs to by framework."""

    code: str
    quote: Quote
    maps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything staff are told, in the order they need it."""

    title: str
    sponsor: Sponsor
    taken_on: date
    depth_says: str
    version: str
    digest: str
    firm: tuple[Quote, ...]
    verdict: str
    score: ScoreView | None
    first: tuple[ActionView, ...]
    criticals: tuple[FindingView, ...]
    possible: tuple[FindingView, ...]
    openers: tuple[Opener, ...]
    more_openers: int
    objections: tuple[Objection, ...]
    parties: tuple[str, ...]
    hours: tuple[str, ...]
    stages: tuple[Stage, ...]
    tasks: tuple[Task, ...]
    signs: SignsView | None
    measures: tuple[MeasureView, ...]
    talk: TalkView | None
    insurance: InsuranceView | None
    weak: tuple[tuple[str, tuple[Weak, ...]], ...]


def build_brief(report: Report, outcome: Outcome, questionnaire: Questionnaire) -> Brief:
    """The brief of one stored outcome and its report, in the words of its own questionnaire version."""
    writer = _Writer(report, outcome, questionnaire)
    openers = tuple(writer.openers())
    return Brief(
        title="Staff brief",
        sponsor=report.sponsor,
        taken_on=report.taken_on,
        depth_says=report.depth_says,
        version=report.version,
        digest=report.digest,
        firm=tuple(writer.firm()),
        verdict=report.verdict,
        score=report.score,
        first=report.first,
        criticals=report.criticals,
        possible=tuple(f for f in report.findings if f.possible and f.severity == "critical"),
        openers=openers[:MOST_OPENERS],
        more_openers=max(0, len(openers) - MOST_OPENERS),
        objections=tuple(writer.objections()),
        parties=writer.parties,
        hours=writer.hours_of(outcome.plan),
        stages=tuple(writer.stages()),
        tasks=tuple(writer.tasks()),
        signs=report.signs,
        measures=report.measures,
        talk=report.talk,
        insurance=report.insurance,
        weak=tuple(writer.weak()),
    )


class _Writer(Quoting):
    """Writes the parts that stand in the brief alone."""

    def __init__(self, report: Report, outcome: Outcome, questionnaire: Questionnaire) -> None:
        super().__init__(outcome, questionnaire)
        self.report = report
        self.work = Parties(self)
        words = questionnaire.words
        hired = f"{words.hired[:1].upper()}{words.hired[1:]} they book"
        self.parties = ("The owner", "Their office", f"Their {words.helper}" if self.work.paid_help else hired)

    def firm(self) -> Iterator[Quote]:
        """What they said about the firm; not what was assumed."""
        for answer in self.outcome.answers:
            if answer.question.startswith(f"{PROFILE}.") and answer.question not in self.outcome.assumed:
                yield self.quote(answer)

    def openers(self) -> Iterator[Opener]:
        """What they were not sure about: first what the plan asks to find out, in its order."""
        planned = [question for action in self.outcome.plan for question in action.finds_out]
        unsure = [answer.question for answer in self.outcome.answers if answer.state == "not-sure"]
        for question in dict.fromkeys([*(one for one in planned if one in unsure), *unsure]):
            asked = self.questionnaire.questions[question]
            yield Opener(asked.code or "", asked.short, asked.ask, self._decides(question))

    def _decides(self, question: str) -> str:
        open_ = [f for f in self.report.findings if f.possible and question in {quote.question for quote in f.quotes}]
        return open_[0].title if open_ else ""

    def objections(self) -> Iterator[Objection]:
        first = self.outcome.plan[:FIRST_STEPS]
        free = sum(self._cost(action) is Cost.NONE for action in first)
        hours = duration(sum(action.owner_hours for action in self.outcome.plan[:3]))
        return objections(self, free, len(first), hours)

    def _cost(self, action: Action) -> Cost:
        return Cost.NONE if action.mode is Mode.FIND_OUT else self.questionnaire.recommendations[action.id].cost

    def stages(self) -> Iterator[Stage]:
        for horizon in Horizon:
            placed = tuple(action for action in self.outcome.plan if action.horizon is horizon)
            if placed:
                score_after = self.outcome.trajectory.get(horizon, 0)
                yield Stage(HORIZONS[horizon], len(placed), self.hours_of(placed), score_after)

    def tasks(self) -> Iterator[Task]:
        for card, action in zip(self.report.actions, self.outcome.plan[:FIRST_STEPS], strict=False):
            leads = self.parties[(Who.OWNER, Who.STAFF, Who.PROVIDER).index(self.work.who(action))]
            parts = zip(("owner", "office", self.questionnaire.words.work), self.work.shares(action), strict=True)
            effort = ", ".join(f"{party} {duration(hours)}" for party, hours in parts if hours)
            yield Task(card.number, action.code, card.do, leads, effort or "a few minutes", card.money or card.cost)

    def hours_of(self, actions: tuple[Action, ...]) -> tuple[str, ...]:
        """The hours of each party for all of these; a dash where there are none."""
        return tuple(duration(hours) if hours else "–" for hours in self.work.hours(actions))

    def weak(self) -> Iterator[tuple[str, tuple[Weak, ...]]]:
        """By bank, the weak answers; what was not asked or not known is not among them."""
        for bank in self.questionnaire.banks:
            found = tuple(self._weak(question) for question in bank.questions if self._is_weak(question))
            if found:
                yield bank.title, found

    def _is_weak(self, question: Question) -> bool:
        answer = self.given.get(question.id)
        if answer is None or not question.scored or answer.state == "not-sure" or not answer.options:
            return False
        points = question.option(answer.options[0]).points
        return points is not None and points < WEAK

    def _weak(self, question: Question) -> Weak:
        maps = tuple((FRAMEWORKS.get(name, name), ", ".join(ids)) for name, ids in question.maps.items())
        return Weak(question.code or "", self.quote(self.given[question.id]), maps)
