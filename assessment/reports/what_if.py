"""What if only some steps of a plan were done: the steps to tick, and where those that are ticked would lead."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from assessment.engine.advice import Cost
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Action, Outcome
from assessment.engine.scoring import Scored
from assessment.engine.trying import Tried, counts, stands, tried
from assessment.reports.report import ActionView, BankView, Report, ScoreView
from assessment.reports.words import duration, joined, points, runs
from assessment.reports.writing import build


@dataclass(frozen=True, slots=True)
class Step:
    """One step that can be tried: `facts` on what it takes, and what it gains by itself."""

    number: int
    id: str
    do: str
    facts: str
    alone: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Preset:
    """Some steps to begin from: what it says, and their ids."""

    says: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """Where the ticked steps lead, beside where the firm stands now.

    `held`: the areas that rules still hold back; `first`: what comes before a ticked step and is not ticked itself.
    """

    says: str
    now: ScoreView
    then: ScoreView
    held: tuple[str, ...]
    first: tuple[str, ...]
    banks: tuple[tuple[BankView, BankView], ...]
    work: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Everything the page says: the steps by when, ways to begin, and what was reached; None before anything is."""

    groups: tuple[tuple[str, tuple[Step, ...]], ...]
    presets: tuple[Preset, ...]
    left_out: int
    reached: Reached | None

    @property
    def ticked(self) -> tuple[str, ...]:
        return tuple(step.id for _, steps in self.groups for step in steps if step.ticked)


def what_if(
    report: Report, outcome: Outcome, questionnaire: Questionnaire, scored: Scored, asked: Collection[str]
) -> WhatIf | None:
    """The page for these steps, unknown ones left out; None where today's arithmetic gives it other numbers."""
    views = {view.id: (horizon.title, view) for horizon in report.plan for view in horizon.actions}
    counting = [action for action in outcome.plan if counts(action)]
    if not counting or not stands(scored, outcome):
        return None
    ticked = [action for action in counting if action.id in set(asked)]
    groups: dict[str, list[Step]] = {}
    for action in counting:
        title, view = views[action.id]
        groups.setdefault(title, []).append(_step(action, view, action in ticked))
    found = tried(scored, [action.id for action in ticked]) if ticked else None
    return WhatIf(
        groups=tuple((title, tuple(steps)) for title, steps in groups.items()),
        presets=tuple(_presets(groups)),
        left_out=len(outcome.plan) - len(counting),
        reached=_Result(report, outcome, questionnaire, ticked).reached(found) if found else None,
    )


def _step(action: Action, view: ActionView, ticked: bool) -> Step:
    facts = f"{view.who} · {view.effort} · {view.money or view.cost}"
    return Step(view.number, view.id, view.do, facts, f"by itself: {_alone(action)}", ticked)


def _alone(action: Action) -> str:
    if action.alone:
        return f"+{points(action.alone)}"
    return "under 1 point" if action.alone_exact else "no points yet"


def _presets(groups: dict[str, list[Step]]) -> Iterator[Preset]:
    """The first three steps, then everything up to each horizon but the last, then everything."""
    every = [step.id for steps in groups.values() for step in steps]
    if len(every) > 3:
        yield Preset("The first three", tuple(every[:3]))
    reached: list[str] = []
    for title, steps in list(groups.items())[:-1]:
        reached += [step.id for step in steps]
        yield Preset(f"Everything {title[0].lower()}{title[1:]}", tuple(reached))
    yield Preset("The whole plan", tuple(every))


class _Result:
    """Writes where ticked steps lead."""

    def __init__(self, report: Report, outcome: Outcome, questionnaire: Questionnaire, ticked: list[Action]) -> None:
        self.report, self.outcome, self.questionnaire, self.ticked = report, outcome, questionnaire, ticked
        self.views = {view.id: view for view in report.actions}

    def reached(self, found: Tried) -> Reached:
        after = self.outcome.model_copy(update={"overall": found.overall, "banks": found.banks})
        then = build(after, self.questionnaire, self.report.sponsor, self.report.taken_on)
        assert self.report.score is not None
        assert then.score is not None
        return Reached(
            says=f"You ticked {_steps(self.views[action.id].number for action in self.ticked)}.",
            now=self.report.score,
            then=then.score,
            held=tuple(f"{bank.title}: {bank.held}" for bank in then.banks if bank.weighs and bank.held),
            first=tuple(self._first()),
            banks=tuple(
                (was, now) for was, now in zip(self.report.banks, then.banks, strict=True) if was.score != now.score
            ),
            work=tuple(self._work()),
        )

    def _first(self) -> Iterator[str]:
        """What has to come before a ticked step and is not ticked: said, never refused."""
        ticked = {action.id for action in self.ticked}
        for need in self.outcome.plan:
            waiting = [self.views[action.id].number for action in self.ticked if need.id in action.first]
            if waiting and need.id not in ticked:
                yield f"Before {_steps(waiting)} comes step {self.views[need.id].number}: {self.views[need.id].do}"

    def _work(self) -> Iterator[tuple[str, str]]:
        """Hours and money of what is ticked; money as words, because nobody can add up ranges honestly."""
        work = self.questionnaire.words.work
        for name, length in (
            ("Your time", sum(action.owner_hours for action in self.ticked)),
            (work[0].upper() + work[1:], sum(action.it_hours for action in self.ticked)),
        ):
            if length:
                yield name, duration(length)
        costs = Counter(self.questionnaire.recommendations[action.id].cost for action in self.ticked)
        yield "Money", ", ".join(self._money(cost, costs[cost]) for cost in Cost if costs[cost])

    def _money(self, cost: Cost, count: int) -> str:
        some = "1 step" if count == 1 else f"{count} steps"
        view = next(self.views[a.id] for a in self.ticked if self.questionnaire.recommendations[a.id].cost is cost)
        each = " each" if count > 1 and view.money else ""
        return f"{some}: {view.money or view.cost.lower()}{each}"


def _steps(numbers: Iterable[int]) -> str:
    said = list(numbers)
    return f"{'step' if len(said) == 1 else 'steps'} {joined(runs(said))}"
