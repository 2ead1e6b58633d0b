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
        return condition.decide(self._certain)

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

    def unsettled(self, settled: frozenset[str]) -> tuple[World, World]:
        """What would be certain, and what possible, if nothing were settled by another answer."""
        certain = self.route.world(unsure=True, unknown=True, settling=False, without=settled)
        possible = self.route.world(unsure=True, unknown=False, settling=False, without=settled)
        share = self._certain.not_sure_share
        return self._world(certain, share), self._world(possible, share)


def _either(left: Truth, right: Truth) -> Truth:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def find(judged: Judge) -> tuple[FindingResult, ...]:
    """Every rule that is confirmed or possible, confirmed ones first, then by severity, then in the order written."""
    covered = _covered(judged)
    found = []
    for rule in judged.route.questionnaire.all_rules.values():
        truth = judged.truths[rule.id]
        if truth is False or rule.id in covered or rule.contradiction or rule.story:
            continue
        found.append(
            FindingResult(
                rule=rule.id,
                code=rule.code,
                severity=rule.severity,
                certainty=Certainty.CONFIRMED if truth else Certainty.POSSIBLE,
                questions=tuple(ref for ref in rule.when.questions if ref in judged.route.standings),
                caps=bool(rule.caps),
                covers=tuple(other for other, under in covered.items() if under == rule.id),
            )
        )
    severities = list(Severity)
    return tuple(sorted(found, key=lambda f: (f.certainty is Certainty.POSSIBLE, severities.index(f.severity))))


def _covered(judged: Judge) -> dict[str, str]:
    """Rules that hold, or might, only because of settled answers; each with the rule of the question that settles."""
    standings = judged.route.standings
    settled = {q: s.settled_by for q, s in standings.items() if s.settled_by}
    gates = settled | {q: gate for q, s in standings.items() if s.may_be_settled and (gate := _open_gate(judged, q))}
    if not gates:
        return {}
    covered, (certain, possible) = {}, judged.unsettled(frozenset(settled))
    for rule_id, truth in judged.truths.items():
        when = judged.route.questionnaire.all_rules[rule_id].when
        about = [gates[ref] for ref in when.questions if ref in gates]
        if truth is False or not about:
            continue
        stands = when.decide(certain) if truth else when.decide(possible) is not False
        if not stands:
            under = _rule_about(judged, about[0], truth)
            if under is not None and under != rule_id:
                covered[rule_id] = under
    return covered


def _open_gate(judged: Judge, question: str) -> str | None:
    """The question answered "not sure" that may settle this one."""
    standings = judged.route.standings
    settled = standings[question].question.settled
    refs = settled.when.questions if settled else ()
    return next((ref for ref in refs if standings[ref].state is State.NOT_SURE), None)


def _rule_about(judged: Judge, question: str, truth: Truth) -> str | None:
    rules = (rule for rule in judged.route.questionnaire.all_rules.values() if judged.truths[rule.id] is truth)
    return next((rule.id for rule in rules if question in rule.when.questions and rule.finding), None)


def judge(route: Route, percent: int) -> Truths:
    """Per rule: True confirmed, None possible because of a "not sure", False neither."""
    return Judge(route, percent).truths


def noted(route: Route, truths: Truths) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The contradictions and the stories that are confirmed, by rule id; at most two stories."""
    rules = [rule for rule in route.questionnaire.all_rules.values() if truths[rule.id]]
    stories = [rule.id for rule in rules if rule.story]
    return tuple(rule.id for rule in rules if rule.contradiction), tuple(stories[:2])
