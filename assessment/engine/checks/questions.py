"""Questions with a sound scale, a weight, and nothing but low answers before them to settle them.

One generator per code; its docstring is that code's documentation.
"""

from itertools import pairwise

from assessment.engine.answers import BadAnswer, parse_answer
from assessment.engine.checks.conditions import not_downward
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.questions import Kind, Question
from assessment.engine.references import place_of


def settled_by(it: Subject) -> Wrong:
    """A question is settled by low answers to scored questions that stand before it, and by nothing else."""
    order = [question.id for question in it.scored]
    for question in it.questionnaire.every_question():
        if question.settled is None:
            continue
        place = place_of(question.id)
        earlier = order[: order.index(question.id)] if question.scored else []
        for other in (*question.settled.when.facts, *question.settled.when.questions):
            if other not in earlier:
                yield place, f"“{other}” is no scored question before this one"
        for reason in not_downward(question.settled.when, it):
            yield place, reason


def settles_to(it: Subject) -> Wrong:
    """A question is settled to its worst option."""
    for question in it.questionnaire.every_question():
        if question.settled is not None and question.settled.as_ != question.ladder[0]:
            yield place_of(question.id), f"it settles to “{question.settled.as_}”; the worst is “{question.ladder[0]}”"


def scale(it: Subject) -> Wrong:
    """The options of a scored question stand worst first: from 0 points to 100, never fewer than before."""
    for question in it.questionnaire.every_question():
        points = [option.points for option in question.options]
        given = [n for n in points if n is not None]
        if not question.scored:
            if given:
                yield place_of(question.id), "only a single question in a bank is scored, so no option has points here"
        elif len(given) < len(points):
            yield place_of(question.id), "an option has no points"
        elif given[0] != 0 or given[-1] != 100:
            yield place_of(question.id), f"the scale runs from {given[0]} to {given[-1]}, not from 0 to 100"
        elif any(less > more for less, more in pairwise(given)):
            yield place_of(question.id), f"the scale goes down somewhere: {', '.join(map(str, given))}"


def equal_steps(it: Subject) -> Wrong:
    """Steps of equal size are rarely what the options are worth; where they are, `equal_steps` says why."""
    for question in it.scored:
        worth = steps(question)
        if len(worth) > 1 and len(set(worth)) == 1 and not question.equal_steps:
            yield place_of(question.id), f"every step is worth {worth[0]} points"


def steps(question: Question) -> list[int]:
    """What each option of a ladder is worth more than the one below it."""
    return [(better.points or 0) - (worse.points or 0) for worse, better in pairwise(question.options)]


def no_weight(it: Subject) -> Wrong:
    """The weight of a scored question is written down, 0 if it never counts; it is asked from its depth on."""
    for question in it.scored:
        if "weight" not in question.model_fields_set:
            yield place_of(question.id), "a scored question needs a weight from 0 to 10"
        if question.only:
            yield place_of(question.id), f"a scored question cannot be asked at “{question.only}” alone"


def assumed(it: Subject) -> Wrong:
    """A fact about the firm names what is assumed where nobody told us; it is chosen or a number, never a text."""
    for question in it.questionnaire.profile:
        if question.kind is Kind.TEXT:
            yield place_of(question.id), "a text is no fact that conditions can compare"
            continue
        try:
            parse_answer(question, question.assumed if question.kind is Kind.MULTIPLE else "".join(question.assumed))
        except BadAnswer:
            given = ", ".join(question.assumed)
            yield place_of(question.id), f"it assumes “{given}”, which is no answer" if given else "it assumes nothing"


def hidden_fact(it: Subject) -> Wrong:
    """A fact about the firm is asked wherever a condition looks at it: it has no `when`, and nothing settles it."""
    for question in it.questionnaire.profile:
        if question.when is not None or question.settled is not None or question.does_not_apply is not None:
            yield (
                place_of(question.id),
                "facts are asked of everybody: `when`, `settled`, `does_not_apply` do nothing",
            )
