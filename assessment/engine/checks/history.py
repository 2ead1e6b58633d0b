"""A questionnaire beside an earlier version of itself: ids and codes that were published keep their meaning.

One generator per code, asked of both. Results of the earlier version are kept, and staff have its codes on paper.
"""

from collections.abc import Callable, Iterator
from functools import partial, update_wrapper

from assessment.engine.checks.subject import Subject, Wrong, run
from assessment.engine.loading import Loaded
from assessment.engine.problems import Level, Problem
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Question
from assessment.engine.references import place_of, published

Since = Callable[[Questionnaire, Subject], Wrong]


def since(earlier: Questionnaire, loaded: Loaded) -> tuple[Problem, ...]:
    """What an earlier version forbids, and what an author should look at, problems first."""
    if earlier.id != loaded.or_refuse().id:
        return _run((another_questionnaire,), earlier, loaded, Level.PROBLEM)
    return (
        *_run(FORBIDDEN, earlier, loaded, Level.PROBLEM),
        *_run(LOOKED_AT, earlier, loaded, Level.WARNING),
    )


def _run(checks: tuple[Since, ...], earlier: Questionnaire, loaded: Loaded, level: Level) -> tuple[Problem, ...]:
    return run([update_wrapper(partial(one, earlier), one) for one in checks], loaded, level)


def another_questionnaire(earlier: Questionnaire, it: Subject) -> Wrong:
    """Versions of one questionnaire share its id."""
    yield "", f"this is “{it.questionnaire.id}”, the earlier one is “{earlier.id}”"


def version_taken(earlier: Questionnaire, it: Subject) -> Wrong:
    """A version that was published is never changed: whatever is edited gets a version of its own."""
    if it.questionnaire.version == earlier.version and it.questionnaire != earlier:
        yield "", f"version {earlier.version} is taken, and had other content"


def changed_meaning(earlier: Questionnaire, it: Subject) -> Wrong:
    """A published id never changes its meaning: what asks for something else is another question, with another id.

    Words may be made better. A question that shares neither its words nor any option with what it was, or is answered
    in another way, is another one; so is an option that says what another said before.
    """
    for question in it.questionnaire.every_question():
        before = earlier.questions.get(question.id)
        if before is None:
            continue
        if question.kind is not before.kind:
            yield place_of(question.id), f"it was a {before.kind} question, and is now {question.kind}"
        elif _nothing_left(before, question):
            yield place_of(question.id), f"neither its words nor any option are left of “{before.ask}”"
        else:
            yield from ((place_of(question.id), message) for message in _swapped(before, question))


def _nothing_left(before: Question, now: Question) -> bool:
    said = {option.says for option in before.options}
    kept = any(option.says in said for option in now.options)
    return before.ask != now.ask and before.short != now.short and not kept


def _swapped(before: Question, now: Question) -> Iterator[str]:
    meant = {option.says: option.id for option in before.options}
    for option in now.options:
        was = meant.get(option.says, option.id)
        if was != option.id and option.id in before.ladder:
            yield f"option “{option.id}” now says what “{was}” said"


def moved_code(earlier: Questionnaire, it: Subject) -> Wrong:
    """A code that was published stays with what it stood for: staff have it on paper, and exports carry it."""
    was = _codes(earlier)
    for code, (place, name) in _codes(it.questionnaire).items():
        if code in was and was[code][0] != place:
            yield place, f"the code “{code}” of “{name}” stood for “{was[code][1]}”"


def _codes(questionnaire: Questionnaire) -> dict[str, tuple[str, str]]:
    coded = {question.code: (place_of(question.id), question.id) for question in questionnaire.codes.values()}
    coded |= {rule.code: (f"rules:{rule.id}", rule.id) for rule in questionnaire.every_rule()}
    coded |= {one.code: (f"recommendations:{one.id}", one.id) for one in questionnaire.every_recommendation()}
    return {code: stands for code, stands in coded.items() if code}


def unretired(earlier: Questionnaire, it: Subject) -> Wrong:
    """An id that was retired stays listed under `retired`, so that nothing ever takes it again."""
    for name in earlier.retired:
        if name not in it.questionnaire.retired:
            yield "", f"“{name}” was retired in version {earlier.version}, and is no longer listed"


def vanished(earlier: Questionnaire, it: Subject) -> Wrong:
    """What was published and is gone is listed under `retired` in questionnaire.yaml, with the reason.

    Earlier results keep it; but if it was only renamed, they cannot be compared with later ones.
    """
    there = {*dict(published(it.questionnaire)), *it.questionnaire.retired}
    gone = {name: place for name, place in published(earlier) if name not in there}
    for name, place in gone.items():
        within = name.rpartition(".")[0]
        if within not in gone and within not in it.questionnaire.retired:
            yield place, f"“{name}” is gone since version {earlier.version}"


FORBIDDEN: tuple[Since, ...] = (version_taken, changed_meaning, moved_code, unretired)
LOOKED_AT: tuple[Since, ...] = (vanished,)
SINCE: tuple[Since, ...] = (another_questionnaire, *FORBIDDEN, *LOOKED_AT)
