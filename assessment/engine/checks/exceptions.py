"""Exceptions an author writes down with a reason, and whether each is still needed."""

from assessment.engine.checks.proofs import given_to_the_best, space_of
from assessment.engine.checks.questions import steps
from assessment.engine.checks.recommendations import unadvised
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.references import place_of


def idle_exception(it: Subject) -> Wrong:
    """An exception that nothing needs any more is taken out: `equal_steps`, `no_advice`, `although_best`."""
    for question in it.questionnaire.every_question():
        if question.equal_steps and len(set(steps(question))) != 1:
            yield place_of(question.id), "its steps are not equal, so `equal_steps` excuses nothing"
        needed = unadvised(it, question, it.about.get(question.id, ())) if question.scored else []
        for option in question.no_advice:
            if option not in needed:
                yield place_of(question.id), f"who answers “{option}” gets advice or needs none: `no_advice` is idle"
    space = space_of(it.questionnaire)
    for advice in it.questionnaire.every_recommendation():
        if advice.although_best and given_to_the_best(space, advice) is None:
            yield (
                f"recommendations:{advice.id}",
                "only who can do better is given it: `although_best` is idle",
            )
