"""Which recommendations apply to one firm, why, how urgently, and what waits for an answer first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from assessment.engine.advice import Cost, Horizon, Recommendation, Severity
from assessment.engine.conditions import Compare, Condition, Finding
from assessment.engine.flow import State
from assessment.engine.ledger import ANY_CRITICAL
from assessment.engine.result import Certainty, Mode
from assessment.engine.scoring import Scored

URGENT_IMPACT, URGENT_HOURS = 80, 6
"""An action this important and this quick belongs into the first week whatever its usual horizon."""

FIND_OUT_HOURS = 0.25

WHOLE = 100_000_000
"""What a priority of one comes to, times the authored impact of one."""


@dataclass(frozen=True)
class Candidate:
    """A recommendation that applies, before it is placed."""

    advice: Recommendation
    mode: Mode
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    finds_out: tuple[str, ...]
    critical: bool
    leads: bool
    horizon: Horizon
    priority: int
    then: tuple[str, ...] = ()
    first: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        return self.advice.id

    @property
    def order(self) -> tuple[bool, int, bool, int, str]:
        return (not self.leads, self.horizon.order, not self.critical, -self.priority, self.id)

    @property
    def free(self) -> bool:
        return self.mode is Mode.FIND_OUT or self.advice.cost is Cost.NONE


def people(scored: Scored) -> float:
    """About how many people work in the firm, for hours that grow with it."""
    for question in scored.route.questionnaire.profile:
        (value,) = scored.route.facts[question.id]
        for option in question.options:
            if option.people is not None and option.id == value:
                return option.people
    return 1


class Firing:
    """Decides for one respondent whether a recommendation applies, and why."""

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        questionnaire = scored.route.questionnaire
        confirmed = [f for f in scored.findings if f.certainty is Certainty.CONFIRMED]
        rules = [*(f.rule for f in confirmed), *(rule for f in confirmed for rule in f.covers)]
        self.named: dict[str, list[str]] = {}
        for rule in rules:
            for advice in questionnaire.all_rules[rule].recommends:
                self.named.setdefault(advice, []).append(rule)
        self.critical = {r for r in rules if questionnaire.all_rules[r].severity is Severity.CRITICAL}
        self.people = people(scored)
        self.leading = _leading_question(scored)

    def holds(self, condition: Condition | None) -> bool:
        return condition is None or self.scored.judged.truth(condition) is True

    def __call__(self, advice: Recommendation) -> Candidate | None:
        worse, unsure = self._raised(advice)
        when = True if advice.when is None else self.scored.judged.truth(advice.when)
        named = tuple(self.named.get(advice.id, ()))
        if when is False or not (worse or unsure or self._called_for(advice, named)):
            return None
        sure = when is True and (bool(worse) or not unsure)
        finds_out = () if sure else unsure or self._unsure_about(advice)
        if not sure and not finds_out:
            return None
        mode = Mode.DO if sure else Mode.FIND_OUT
        reasons = worse if sure else finds_out
        critical = sure and any(rule in self.critical for rule in named)
        leads = mode is Mode.FIND_OUT and self.leading in finds_out
        return Candidate(
            advice=advice,
            mode=mode,
            reasons=reasons or self._looked_at(advice),
            rules=named if sure else (),
            finds_out=finds_out,
            critical=critical,
            leads=leads,
            horizon=Horizon.NOW if leads else self._horizon(advice, mode, critical),
            priority=self._priority(advice, mode, reasons or self._looked_at(advice), bool(named)),
        )

    def _raised(self, advice: Recommendation) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The answers worse than what the advice raises them to, and those not known; hidden ones are neither."""
        worse, unsure = [], []
        for question_id, target in advice.raises.items():
            standing = self.scored.route.standings[question_id]
            level = standing.level
            if level is not None and level < standing.question.ladder.index(target):
                worse.append(question_id)
            elif standing.state is State.NOT_SURE:
                unsure.append(question_id)
        return tuple(worse), tuple(unsure)

    def _called_for(self, advice: Recommendation, named: tuple[str, ...]) -> bool:
        """Whether more than a bad answer calls for it: a rule about answers that are known, or its own condition."""
        standings = self.scored.route.standings
        if advice.raises:
            return bool(named) and any(standings[question].level is not None for question in advice.raises)
        return bool(named) or advice.when is not None

    def _unsure_about(self, advice: Recommendation) -> tuple[str, ...]:
        return tuple(q for q in self._looked_at(advice) if self.scored.route.standings[q].state is State.NOT_SURE)

    def _looked_at(self, advice: Recommendation) -> tuple[str, ...]:
        """The questions its condition looks at that have an answer, or "not sure"."""
        refs = advice.when.questions if advice.when is not None else ()
        found = ((ref, self.scored.route.standings.get(ref)) for ref in refs)
        return tuple(ref for ref, s in found if s is not None and (s.option or s.state is State.NOT_SURE))

    def _impact(self, advice: Recommendation) -> int:
        found = (o.impact for o in advice.overrides if o.impact is not None and self.holds(o.when))
        return next(found, advice.impact)

    def _horizon(self, advice: Recommendation, mode: Mode, critical: bool) -> Horizon:
        found = (o.horizon for o in advice.overrides if o.horizon is not None and self.holds(o.when))
        horizon = next(found, advice.horizon)
        if mode is Mode.FIND_OUT:
            return min(horizon, Horizon.MONTH, key=lambda h: h.order)
        hours = sum(hours_of(advice, self.people))
        urgent = self._impact(advice) >= URGENT_IMPACT and hours <= URGENT_HOURS
        return Horizon.NOW if critical or urgent else horizon

    def _priority(self, advice: Recommendation, mode: Mode, about: Iterable[str], named: bool) -> int:
        """Authored impact, weighed by how bad the answer is; a whole number (of 1/WHOLE), so that ties are ties."""
        points = [points for question in about if (points := self._points(question)) is not None]
        gap = 100 - min(points) if points else 50
        priority = self._impact(advice) * (55 * 100 + 45 * gap)
        return priority * (105 if named else 100) * (60 if mode is Mode.FIND_OUT else 100)

    def _points(self, question_id: str) -> int | None:
        standing = self.scored.route.standings[question_id]
        if standing.option is not None:
            return standing.question.option(standing.option).points
        return standing.question.not_sure if standing.state is State.NOT_SURE else None


def _leading_question(scored: Scored) -> str | None:
    """The question whose answer would settle whether ignorance pays: that of the gravest rule that would cap."""
    standings = scored.route.standings
    for rule in scored.biting:
        for question in _behind(scored, rule):
            if question in standings and standings[question].state is State.NOT_SURE:
                return question
    return None


def _behind(scored: Scored, rule_id: str) -> Iterator[str]:
    """The questions a rule looks at, each after what may settle it, and those of the possible rules it is about."""
    rules = scored.route.questionnaire.all_rules
    for node in rules[rule_id].when.walk():
        if isinstance(node, Compare):
            yield from _first_what_settles(scored, node.question)
        elif isinstance(node, Finding):
            critical = (rule.id for rule in rules.values() if rule.severity is Severity.CRITICAL)
            for other in critical if node.rule == ANY_CRITICAL else (node.rule,):
                if scored.judged.truths[other] is None:
                    yield from _behind(scored, other)


def _first_what_settles(scored: Scored, question: str) -> Iterator[str]:
    settled = scored.route.questionnaire.questions[question].settled
    for gate in settled.when.questions if settled else ():
        yield from _first_what_settles(scored, gate)
    yield question


def hours_of(advice: Recommendation, heads: float) -> tuple[float, float]:
    """Hours for the owner and staff, and for whoever does the technical part, in a firm of so many people."""
    effort = advice.effort
    owner = effort.owner + effort.owner_per_person * heads
    return round(owner * 4) / 4, round((effort.it + effort.it_per_person * heads) * 4) / 4
