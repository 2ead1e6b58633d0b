"""Rules that have an effect, and caps that a better answer can never bring down.

One generator per code; its docstring is that code's documentation.
"""

from collections.abc import Iterator

from assessment.engine.advice import Rule
from assessment.engine.checks.conditions import not_downward
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.conditions import World
from assessment.engine.questions import Depth
from assessment.engine.ranges import classes


def idle_rule(it: Subject) -> Wrong:
    """A rule has an effect: a cap, a finding, a contradiction or a story."""
    for rule in it.questionnaire.every_rule():
        if not (rule.caps or rule.finding or rule.contradiction or rule.story):
            yield f"rules:{rule.id}", "nothing follows where this rule holds"


def cap_not_downward(it: Subject) -> Wrong:
    """A condition with a cap is downward closed: if it holds, it holds for every worse answer too.

    Over scored answers it uses at_most, or `is`/`in` the options at the bottom of the ladder, joined by all and any:
    no `not`, no `at_least`. Otherwise a better answer could be what brings the cap down. Facts may stand anywhere.
    A cap on the band alone may ask about findings and “not sure”; what it asks about is held to the same.
    """
    for rule in it.questionnaire.every_rule():
        if rule.caps:
            for reason in not_downward(rule.when, it, asking=not caps_a_score(rule)):
                yield f"rules:{rule.id}", reason


def capping(it: Subject) -> Iterator[Rule]:
    return (rule for rule in it.questionnaire.every_rule() if caps_a_score(rule))


def caps_a_score(rule: Rule) -> bool:
    """Whether it caps a score, and not the band alone."""
    return bool(rule.caps.banks) or rule.caps.overall is not None


def cap_elsewhere(it: Subject) -> Wrong:
    """A cap on a bank depends on the answers in that bank: where all of them are best, it cannot hold.

    Otherwise a bank nobody answered would be capped unseen, and a first answer in it could widen the range.
    """
    facts = {fact: frozenset(values) for fact, values in classes(it.questionnaire, Depth.FULL).items()}
    for rule in capping(it):
        about = [it.questionnaire.questions[name] for name in rule.when.questions]
        for bank in rule.caps.banks:
            best = {q.id: frozenset(q.ladder[-1:] if q.bank == bank else q.ladder) for q in about if q.scored}
            world = World({**facts, **best}, it.questionnaire.ladders, it.questionnaire.fact_conditions, {})
            if rule.when.decide(world) is not False:
                yield f"rules:{rule.id}", f"the cap on “{bank}” can hold although every answer in that bank is the best"
