"""Which rules hold and which might: confirmed, or possible because of a "not sure"."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from assessment.engine.advice import Rule, Severity
from assessment.engine.conditions import Condition, Possible, Truth, World, agreed
from assessment.engine.flow import NOTHING, Route, State
from assessment.engine.ledger import ANY_CRITICAL
from assessment.engine.questions import Settled
from assessment.engine.result import Certainty, FindingResult

Truths = Mapping[str, Truth]
"""Per rule id: True confirmed, None possible, False neither."""

MISSING = (State.UNANSWERED, State.DEEPER)


class Judge:
    """Decides rules, and any other condition, for one respondent; rules about findings come last."""

    def __init__(self, route: Route, percent: int) -> None:
        self.route = route
        self._findings: dict[str, Truth] = {ANY_CRITICAL: False}
        missing = [s.question for s in route.standings.values() if s.state in MISSING and s.question.scored]
        world = route.world(unsure=True, unknown=True, settling=False)
        self._open = replace(world, findings=self._findings, not_sure_share=percent)
        self._worlds: dict[frozenset[tuple[str, str]], World] = {}
        self._certain = self._given({})
        best = {question.id: question.ladder[-1] for question in missing}
        self._hopeful = self._given(best) if best else self._certain
        self.truths: dict[str, Truth] = {}
        for rule in route.questionnaire.all_rules.values():
            truth = self.truth(rule.when)
            self.truths[rule.id] = self._findings[rule.id] = truth
            if rule.severity is Severity.CRITICAL:
                self._findings[ANY_CRITICAL] = _either(self._findings[ANY_CRITICAL], truth)

    def _given(self, answers: Mapping[str, str]) -> World:
        """The world once some of what is open is answered, with all that this settles."""
        key = frozenset(answers.items())
        if key not in self._worlds:
            given = {question: frozenset[Possible]([value]) for question, value in answers.items()}
            self._worlds[key] = self.route.settling(self._open, given)
        return self._worlds[key]

    def truth(self, condition: Condition) -> Truth:
        """True confirmed; None true for some answer that was "not sure", never because of one that is missing."""
        sure = condition.decide(self._certain)
        if sure is not None:
            return sure
        return False if condition.decide(self._hopeful) is False else self._split(condition, {}, self._certain)

    def _weighed(self, condition: Condition, given: Mapping[str, str]) -> Truth:
        """The truth once some of what is open is given."""
        world = self._given(given)
        sure = condition.decide(world)
        return self._split(condition, given, world) if sure is None else sure

    def _split(self, condition: Condition, given: Mapping[str, str], world: World) -> Truth:
        """The truth by each answer to what is still open: a "not sure" may count for it, what is missing never does."""
        behind = [q for q in self.behind(condition) if q not in given and len(world.possible[q]) > 1]
        states = {question: self.route.standings[question].state for question in behind}
        unsure = [question for question in behind if states[question] is State.NOT_SURE]
        missing = [question for question in behind if states[question] in MISSING]
        if any(truth is False for question in missing for truth in self._alone(condition, given, question)):
            return False
        if unsure:
            return agreed(self._each(condition, given, unsure[0]))
        return _every(self._each(condition, given, missing[0])) if missing else None

    def _alone(self, condition: Condition, given: Mapping[str, str], opened: str) -> Iterator[Truth]:
        """What is certain by each answer one open question may get, whatever else is open."""
        ladder = self.route.questionnaire.ladders[opened]
        return (condition.decide(self._given({**given, opened: value})) for value in ladder)

    def _each(self, condition: Condition, given: Mapping[str, str], opened: str) -> Iterator[Truth]:
        """The truths for each answer one open question may get."""
        ladder = self.route.questionnaire.ladders[opened]
        return (self._weighed(condition, {**given, opened: value}) for value in ladder)

    def behind(self, condition: Condition) -> Iterator[str]:
        """The questions a condition looks at, what may settle each of them first."""
        for name in condition.questions:
            standing = self.route.standings.get(name)
            if standing is not None:
                if standing.question.settled is not None:
                    yield from self.behind(standing.question.settled.when)
                yield name

    def unsettled(self, settled: Iterable[str]) -> tuple[World, World]:
        """What would be certain, and what possible, if nothing were settled by another answer."""
        missing = (question for question, s in self.route.standings.items() if s.state in MISSING)
        certain = _out_of(self._open, settled)
        return certain, _out_of(certain, missing)


def _out_of(world: World, questions: Iterable[str]) -> World:
    """The same world, where these questions do not apply."""
    return world.where({**world.possible, **dict.fromkeys(questions, NOTHING)})


def _every(truths: Iterator[Truth]) -> Truth:
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        found = None if truth is None else found
    return found


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
        if truth is False or rule.id in covered or not _is_finding(rule):
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


def _is_finding(rule: Rule) -> bool:
    return not rule.contradiction and not rule.story


def _covered(judged: Judge) -> dict[str, str]:
    """Rules that hold, or might, only because of settled answers; each with the rule of the question that settles."""
    standings = judged.route.standings
    settled = {q: s.settled_by for q, s in standings.items() if s.settled_by}
    gates = settled | {question: gate for question, by in judged.route.to_settle if (gate := _open_gate(judged, by))}
    if not gates:
        return {}
    covered: dict[str, str] = {}
    certain, possible = judged.unsettled(settled)
    for rule_id, truth in judged.truths.items():
        rule = judged.route.questionnaire.all_rules[rule_id]
        when, about = rule.when, [gates[ref] for ref in rule.when.questions if ref in gates]
        if truth is False or not about or not _is_finding(rule):
            continue
        stands = when.decide(certain) if truth else when.decide(possible) is not False
        if not stands:
            under = _rule_about(judged, about[0], truth)
            if under is not None and _told(covered, under) != rule_id:
                covered[rule_id] = under
    told = {rule: _told(covered, under) for rule, under in covered.items()}
    return {rule: under for rule, under in told.items() if under == covered[rule] or _concerns(judged, rule, under)}


def _told(covered: Mapping[str, str], rule: str) -> str:
    """The rule that is told in the end where one stands under another that stands under a third."""
    while rule in covered:
        rule = covered[rule]
    return rule


def _concerns(judged: Judge, rule: str, under: str) -> bool:
    """Whether one rule looks at what another goes back to."""
    rules = judged.route.questionnaire.all_rules
    return not set(judged.behind(rules[rule].when)).isdisjoint(rules[under].when.questions)


def _open_gate(judged: Judge, settled: Settled) -> str | None:
    """The question answered "not sure" that may settle another."""
    standings = judged.route.standings
    return next((ref for ref in settled.when.questions if standings[ref].state is State.NOT_SURE), None)


def _rule_about(judged: Judge, question: str, truth: Truth) -> str | None:
    rules = (rule for rule in judged.route.questionnaire.all_rules.values() if judged.truths[rule.id] is truth)
    told = (rule for rule in rules if rule.finding and _is_finding(rule))
    return next((rule.id for rule in told if question in rule.when.questions), None)


def judge(route: Route, percent: int) -> Truths:
    """Per rule: True confirmed, None possible because of a "not sure", False neither."""
    return Judge(route, percent).truths


def noted(route: Route, truths: Truths) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The contradictions and the stories that are confirmed, by rule id; at most two stories."""
    rules = [rule for rule in route.questionnaire.all_rules.values() if truths[rule.id]]
    stories = [rule.id for rule in rules if rule.story]
    return tuple(rule.id for rule in rules if rule.contradiction), tuple(stories[:2])
