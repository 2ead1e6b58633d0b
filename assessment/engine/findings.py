"""Which rules hold and which might: confirmed, or possible because of a "not sure"."""

from collections.abc import Mapping

from assessment.engine.advice import Severity
from assessment.engine.conditions import Condition, Truth, World
from assessment.engine.flow import Route, State
from assessment.engine.ledger import ANY_CRITICAL
from assessment.engine.result import Certainty, FindingResult

Truths = Mapping[str, Truth]
"""Per rule id: True confirmed, None possible, False neither."""


class Judge:
    """Decides rules, and any other condition, for one respondent; rules about findings come last."""

    def __init__(self, route: Route, percent: int) -> None:
        self.route = route
        self._findings: dict[str, Truth] = {ANY_CRITICAL: False}
        missing = (State.UNANSWERED, State.DEEPER)
        self._missing = frozenset(q for q, s in route.standings.items() if s.state in missing)
        self._certain = self._world(route.world(unsure=True, unknown=True), percent)
        self._possible = self._certain
        if self._missing:
            self._possible = self._world(route.world(unsure=True, unknown=False), percent)
        self.truths: dict[str, Truth] = {}
        for rule in route.questionnaire.all_rules.values():
            truth = self.truth(rule.when)
            self.truths[rule.id] = self._findings[rule.id] = truth
            if rule.severity is Severity.CRITICAL:
                self._findings[ANY_CRITICAL] = _either(self._findings[ANY_CRITICAL], truth)

    def _world(self, world: World, percent: int) -> World:
        return World(world.possible, world.ladders, world.facts, self._findings, percent)

    def truth(self, condition: Condition) -> Truth:
        """True confirmed; None true for some answer that was "not sure", never because of one that is missing."""
        if condition.negates:
            return self._weighed(condition, self._certain)
        might = condition.decide(self._possible)
        if might is False or self._possible is self._certain:
            return might
        return condition.decide(self._certain) or None

    def _weighed(self, condition: Condition, world: World) -> Truth:
        """The truth of a condition that denies something: a missing answer counts neither for nor against it."""
        sure = condition.decide(world)
        if sure is not None:
            return sure
        unsure = (q for q in condition.questions if q not in self._missing and len(world.possible[q]) > 1)
        question = next(unsure, None)
        if question is None:
            return False
        values = world.possible[question]
        return None if any(self._weighed(condition, world.given(question, v)) is not False for v in values) else False

    def world_without(self, questions: frozenset[str]) -> World:
        """What would be certain if these questions did not apply."""
        world = self.route.world(unsure=True, unknown=True, without=questions)
        return self._world(world, self._certain.not_sure_share)


def _either(left: Truth, right: Truth) -> Truth:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def find(judge: Judge) -> tuple[FindingResult, ...]:
    """Every rule that is confirmed or possible, confirmed ones first, then by severity, then in the order written."""
    covered = _covered(judge)
    found = []
    for rule in judge.route.questionnaire.all_rules.values():
        truth = judge.truths[rule.id]
        if truth is False or rule.id in covered or rule.contradiction or rule.story:
            continue
        found.append(
            FindingResult(
                rule=rule.id,
                code=rule.code,
                severity=rule.severity,
                certainty=Certainty.CONFIRMED if truth else Certainty.POSSIBLE,
                questions=tuple(ref for ref in rule.when.questions if ref in judge.route.standings),
                caps=bool(rule.caps),
                covers=tuple(other for other, under in covered.items() if under == rule.id),
            )
        )
    severities = list(Severity)
    return tuple(sorted(found, key=lambda f: (f.certainty is Certainty.POSSIBLE, severities.index(f.severity))))


def _covered(judge: Judge) -> dict[str, str]:
    """Rules true only because of settled answers, each with the confirmed rule of the question that settles them."""
    settled = {q: s.settled_by for q, s in judge.route.standings.items() if s.state is State.SETTLED and s.settled_by}
    if not settled:
        return {}
    covered, without = {}, judge.world_without(frozenset(settled))
    for rule_id, truth in judge.truths.items():
        when = judge.route.questionnaire.all_rules[rule_id].when
        gates = [settled[ref] for ref in when.questions if ref in settled]
        if truth and gates and not when.decide(without):
            under = _rule_about(judge, gates[0])
            if under is not None and under != rule_id:
                covered[rule_id] = under
    return covered


def _rule_about(judge: Judge, question: str) -> str | None:
    rules = judge.route.questionnaire.all_rules.values()
    return next((r.id for r in rules if judge.truths[r.id] and question in r.when.questions and r.finding), None)


def noted(judge: Judge) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The contradictions and the stories that are confirmed, by rule id; at most two stories."""
    rules = [rule for rule in judge.route.questionnaire.all_rules.values() if judge.truths[rule.id]]
    stories = [rule.id for rule in rules if rule.story]
    return tuple(rule.id for rule in rules if rule.contradiction), tuple(stories[:2])
