"""Makes a failing case small: takes away all that it still fails without, so that what is left is to the point."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from json import loads
from typing import Any

from pydantic import ValidationError

from assessment.engine.checks import check
from assessment.engine.loading import Loaded
from assessment.engine.questionnaire import Questionnaire
from tests.engine.strategies import Case, answers_to, shipped

Data = dict[str, Any]


def reduced(case: Case, fails: Callable[[Case], bool]) -> Case:
    """A case that fails as well, and that nothing can be taken away from; the shipped questionnaire stays whole."""
    while (smaller := next(filter(fails, smaller_ones(case)), None)) is not None:
        case = smaller
    return case


def smaller_ones(case: Case) -> Iterator[Case]:
    """The same with one thing less: what many things hang on first."""
    if case.questionnaire is not shipped():
        for data in smaller_data(loads(case.questionnaire.canonical_json)):
            if (questionnaire := as_sound(data)) is not None:
                yield case.but(questionnaire=questionnaire, answers=still_given(case, questionnaire))
    given = list(case.answers)
    for size in (len(given) // 2, len(given) // 4, len(given) // 8, 1):
        for start in range(0, len(given) if size else 0, size or 1):
            gone = given[start : start + size]
            yield case.but(answers={q: a for q, a in case.answers.items() if q not in gone})


def still_given(case: Case, questionnaire: Questionnaire) -> Data:
    questions = questionnaire.questions
    return {q: a for q, a in case.answers.items() if q in questions and a in answers_to(questions[q])}


def as_sound(data: Data) -> Questionnaire | None:
    try:
        questionnaire = Questionnaire.model_validate(data)
    except ValidationError:
        return None
    return None if check(Loaded(questionnaire, ())) else questionnaire


PARTS = ("profile", "facts", "banks", "questions", "rules", "recommendations")


def smaller_data(data: Data) -> Iterator[Data]:
    for bank in data["banks"]:
        yield without(data, {bank["id"], *(part["id"] for part in parts(bank))})
    for part in parts(data):
        yield without(data, {part["id"]})
    for path in paths(data):
        yield at(data, path, take_away)
    for path in paths(data):
        if path[-1] in ("all", "any", "not"):
            yield from parts_instead(data, path)


def parts(within: Data) -> Iterator[Data]:
    """Everything with an id of its own, inside banks too."""
    for key in PARTS:
        for part in within.get(key, []):
            if key == "banks":
                yield from parts(part)
            else:
                yield part


def without(data: Data, names: set[str]) -> Data:
    """Less the parts with these ids, and less the parts that mention them, or what goes with them."""
    gone = names
    while not (more := {part["id"] for part in parts(data) if mentions(part, gone)}) <= gone:
        gone = gone | more
    return pruned(data, gone)


def pruned(within: Data, gone: set[str]) -> Data:
    def kept(value: list[Data]) -> list[Data]:
        return [pruned(part, gone) for part in value if part["id"] not in gone]

    return {key: kept(value) if key in PARTS else value for key, value in within.items()}


def mentions(value: Any, names: set[str]) -> bool:
    if isinstance(value, dict):
        return any(key in names or mentions(inner, names) for key, inner in value.items())
    if isinstance(value, list):
        return any(mentions(inner, names) for inner in value)
    return isinstance(value, str) and value in names


Path = tuple[str | int, ...]


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of everything in plain data, outermost first."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def at(data: Data, path: Path, change: Callable[[Any, str | int], None]) -> Data:
    """The same with something done to what holds the last key of a path."""
    changed: Any = deepcopy(data)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return changed  # type: ignore[no-any-return]


def take_away(holder: Any, key: str | int) -> None:
    del holder[key]


def parts_instead(data: Data, path: Path) -> Iterator[Data]:
    """A joined condition gives way to one of its parts."""
    joined: Any = data
    for key in path:
        joined = joined[key]
    for part in joined if isinstance(joined, list) else [joined]:

        def instead(holder: Any, key: str | int, part: Any = part) -> None:
            del holder[key]
            holder.update(part)

        yield at(data, path, instead)
