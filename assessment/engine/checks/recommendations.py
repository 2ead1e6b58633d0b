"""Recommendations that raise something, reach whoever needs them, and wait for nothing that waits for them.

One generator per code; its docstring is that code's documentation.
"""

from collections.abc import Collection, Iterable

from assessment.engine.advice import Recommendation
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.conditions import admitted
from assessment.engine.questions import Question
from assessment.engine.references import place_of


def idle_recommendation(it: Subject) -> Wrong:
    """A recommendation can apply: it raises an answer, has a `when`, or a rule recommends it."""
    named = {advice for rule in it.questionnaire.every_rule() for advice in rule.recommends}
    for advice in it.questionnaire.every_recommendation():
        if not advice.raises and advice.when is None and advice.id not in named:
            yield f"recommendations:{advice.id}", "it raises nothing, has no `when`, and no rule recommends it"


def raises(it: Subject) -> Wrong:
    """A recommendation raises scored answers, and to something better than the worst."""
    for advice in it.questionnaire.every_recommendation():
        for ref, option in advice.raises.items():
            question = it.questionnaire.questions[ref]
            if not question.scored:
                yield f"recommendations:{advice.id}", f"“{ref}” is not scored, so nothing can raise it"
            elif option == question.ladder[0]:
                yield f"recommendations:{advice.id}", f"“{option}” is the worst answer to “{ref}”"


def no_advice(it: Subject) -> Wrong:
    """Whoever loses points by an answer below good enough gets advice: a recommendation raises it, or looks at it.

    Where there is nothing to advise, `no_advice` of the question names the option and says why.
    """
    for question in it.scored:
        about = it.about.get(question.id, ())
        without = [option for option in unadvised(it, question, about) if option not in question.no_advice]
        if without:
            yield place_of(question.id), f"no recommendation helps who answers {' or '.join(f'“{o}”' for o in without)}"


def unadvised(it: Subject, question: Question, among: Iterable[Recommendation]) -> list[str]:
    """The options that lose points and that none of these recommendations raises or looks at."""
    if not (question.weight and it.questionnaire.bank_by_id[question.bank].weight):
        return []
    below = [option.id for option in question.options if (option.points or 0) < it.questionnaire.good_enough]
    advised = {option for advice in among for option in helped(advice, question)}
    return [option for option in below if option not in advised]


def helped(advice: Recommendation, question: Question) -> Collection[str]:
    """The options of a question below what a recommendation raises them to; or that it looks at, raising nothing."""
    ladder = question.ladder
    if advice.raises:
        return ladder[: ladder.index(advice.raises[question.id])] if question.id in advice.raises else ()
    compared = advice.when.comparisons if advice.when is not None else ()
    return {o for c in compared if c.question == question.id for o in admitted(c.test, c.values, ladder)}


def cycle(it: Subject) -> Wrong:
    """What must be done first never waits, in the end, for itself.

    An action waits for what it needs, for what replaces it, and for what raises the answer that settles its own.
    """
    every = tuple(it.questionnaire.every_recommendation())
    waits = {advice.id: [first.do for first in advice.needs.first] for advice in every}
    for advice in every:
        settled = [it.questionnaire.questions[question].settled for question in advice.raises]
        gates = {gate for one in settled if one for gate in one.when.questions} - set(advice.raises)
        for gate in gates:
            waits[advice.id] += [other.id for other in it.about.get(gate, ()) if gate in other.raises]
        for replaced in advice.replaces:
            waits[replaced].append(advice.id)
    for waiting, ahead in waits.items():
        reached, following = set[str](), [*ahead]
        while following:
            if (one := following.pop()) not in reached:
                reached.add(one)
                following += waits[one]
        if waiting in reached:
            yield f"recommendations:{waiting}", "what must come before it must come after it as well"


def later_prerequisite(it: Subject) -> Wrong:
    """What must be done first is not planned for later than what needs it."""
    for advice in it.questionnaire.every_recommendation():
        for need in advice.needs.first:
            other = it.questionnaire.recommendations[need.do]
            if other.horizon.order > advice.horizon.order:
                wait = f"“{other.id}” is planned for “{other.horizon}”, this for “{advice.horizon}”"
                yield f"recommendations:{advice.id}", wait
