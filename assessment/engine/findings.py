"""Which rules hold and which might: confirmed, or possible because of a "not sure"."""

from collections.abc import Mapping

from assessment.engine.advice import Severity
from assessment.engine.conditions import Truth, World
from assessment.engine.flow import Route, State
from assessment.engine.ledger import ANY_CRITICAL
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Certainty, FindingResult

Truths = Mapping[str, Truth]
"""Per rule id: True confirmed, None possible, False neither."""


def judge(route: Route, percent: int) -> Truths:
    """Per rule: True confirmed, None possible because of a "not sure", False neither; rules about findings last."""
    certain, possible = route.world(unsure=True, unknown=True), route.world(unsure=True, unknown=False)
    truths: dict[str, Truth] = {}
    for rule in route.questionnaire.all_rules.values():
        findings = {**truths, ANY_CRITICAL: _any_critical(route.questionnaire, truths)}
        if rule.when.decide(_knowing(certain, findings, percent)):
            truths[rule.id] = True
        else:
            truths[rule.id] = False if rule.when.decide(_knowing(possible, findings, percent)) is False else None
    return truths


def find(route: Route, truths: Truths) -> tuple[FindingResult, ...]:
    """Every rule that is confirmed or possible, confirmed ones first, then by severity, then in the order written."""
    covered = _covered(route, truths)
    found = []
    for rule in route.questionnaire.all_rules.values():
        truth = truths[rule.id]
        if truth is False or rule.id in covered or rule.contradiction or rule.story:
            continue
        found.append(
            FindingResult(
                rule=rule.id,
                code=rule.code,
                severity=rule.severity,
                certainty=Certainty.CONFIRMED if truth else Certainty.POSSIBLE,
                questions=tuple(ref for ref in rule.when.questions if ref in route.standings),
                caps=bool(rule.caps.banks or rule.caps.overall is not None or rule.caps.band),
                covers=tuple(other for other, under in covered.items() if under == rule.id),
            )
        )
    severities = list(Severity)
    return tuple(sorted(found, key=lambda f: (f.certainty is Certainty.POSSIBLE, severities.index(f.severity))))


def _knowing(world: World, findings: Mapping[str, Truth], percent: int) -> World:
    return World(world.possible, world.ladders, world.facts, findings, percent)


def _any_critical(questionnaire: Questionnaire, truths: Mapping[str, Truth]) -> Truth:
    critical = [truth for rule, truth in truths.items() if questionnaire.all_rules[rule].severity is Severity.CRITICAL]
    return True if True in critical else (None if None in critical else False)


def _covered(route: Route, truths: Mapping[str, Truth]) -> dict[str, str]:
    """Rules true only because of settled answers, each with the confirmed rule of the question that settles them."""
    settled = {q: s.settled_by for q, s in route.standings.items() if s.state is State.SETTLED and s.settled_by}
    if not settled:
        return {}
    without = route.world(unsure=True, unknown=True, without=frozenset(settled))
    covered = {}
    for rule_id, truth in truths.items():
        when = route.questionnaire.all_rules[rule_id].when
        gates = [settled[ref] for ref in when.questions if ref in settled]
        if truth and gates and not when.decide(_knowing(without, truths, 0)):
            under = _rule_about(route.questionnaire, gates[0], truths)
            if under is not None and under != rule_id:
                covered[rule_id] = under
    return covered


def _rule_about(questionnaire: Questionnaire, question: str, truths: Mapping[str, Truth]) -> str | None:
    rules = questionnaire.all_rules.values()
    return next((r.id for r in rules if truths[r.id] and question in r.when.questions and r.finding), None)


def noted(route: Route, truths: Truths) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The contradictions and the stories that are confirmed, by rule id; at most two stories."""
    rules = [rule for rule in route.questionnaire.all_rules.values() if truths[rule.id]]
    stories = [rule.id for rule in rules if rule.story]
    return tuple(rule.id for rule in rules if rule.contradiction), tuple(stories[:2])
