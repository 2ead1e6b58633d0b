"""What every depth can stand on by itself: caps, gates and advice look at nothing that is asked only deeper down.

A rule that looks deeper is no mistake: it is not looked at before its depth is reached, and the report says so.
"""

from assessment.engine.advice import Recommendation, Severity
from assessment.engine.checks.proofs import space_of
from assessment.engine.checks.recommendations import unadvised
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.conditions import Condition
from assessment.engine.cubes import ABSENT, Cubes, TooTangled, together
from assessment.engine.questions import PROFILE, Depth
from assessment.engine.references import place_of


def cap_beyond_standard(it: Subject) -> Wrong:
    """Whatever can hold a score back is asked at the standard depth: a rule with a cap looks at nothing deeper."""
    for rule in it.questionnaire.every_rule():
        for ref in _scored(it, rule.when) if rule.caps else ():
            if not it.questionnaire.questions[ref].asked_at(Depth.STANDARD):
                yield f"rules:{rule.id}", f"it caps a score, and “{ref}” is asked at the full depth alone"


def deeper_gate(it: Subject) -> Wrong:
    """What settles a question is asked wherever the question is, or who goes deeper finds an answer overruled."""
    for question in it.scored:
        for gate in question.settled.when.questions if question.settled else ():
            if (tier := it.questionnaire.questions[gate].tier).order > question.tier.order:
                yield place_of(question.id), f"it is asked at “{question.tier}”, and “{gate}” only at “{tier}”"


def advice_too_deep(it: Subject) -> Wrong:
    """Whoever loses points at one depth gets advice at that depth, not only after questions asked deeper down.

    The same holds for what a critical rule recommends.
    """
    for question in it.scored:
        about = it.about.get(question.id, ())
        given = [advice for advice in about if _given_at(it, advice, question.tier)]
        late = set(unadvised(it, question, given)) - set(unadvised(it, question, about))
        if late:
            said = " or ".join(f"“{option}”" for option in question.ladder if option in late)
            yield place_of(question.id), f"at “{question.tier}” nothing is advised to who answers {said}"
    for rule in it.questionnaire.every_rule():
        depths = [it.questionnaire.questions[ref].tier for ref in _scored(it, rule.when)]
        depth = max(depths, key=lambda tier: tier.order, default=Depth.QUICK)
        calls = [it.questionnaire.recommendations[one] for one in rule.recommends]
        if rule.severity is Severity.CRITICAL and calls and not any(_called_at(it, one, depth) for one in calls):
            yield f"rules:{rule.id}", f"at “{depth}” it can hold, and nothing it recommends can be given"


def _given_at(it: Subject, advice: Recommendation, depth: Depth) -> bool:
    """Whether its `when` can be true without what is asked only deeper: a missing answer speaks for nothing."""
    deeper = [ref for ref in _scored(it, advice.when) if not it.questionnaire.questions[ref].asked_at(depth)]
    if advice.when is None or not deeper:
        return True
    unseen: Cubes = ({ref: frozenset([ABSENT]) for ref in deeper},)
    try:
        return not advice.when.negates and bool(together([space_of(it.questionnaire).cubes(advice.when), unseen]))
    except TooTangled:
        return True  # which is a problem of its own


def _called_at(it: Subject, advice: Recommendation, depth: Depth) -> bool:
    raised = [it.questionnaire.questions[ref] for ref in advice.raises]
    return _given_at(it, advice, depth) and (not raised or any(one.asked_at(depth) for one in raised))


def _scored(it: Subject, condition: Condition | None) -> list[str]:
    return [ref for ref in it.questionnaire.refers_to(condition) if not ref.startswith(f"{PROFILE}.")]


DEPTHS = (cap_beyond_standard, deeper_gate, advice_too_deep)
