"""Measures laid open: every weight, point, threshold and rule of each, in plain words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from assessment.engine.conditions import Condition
from assessment.engine.measures import Deduction, FirstMatch, Levels, Mean, Measure, Sum
from assessment.engine.questionnaire import Questionnaire
from assessment.reports.words import with_stop

Words = Callable[[Condition], str]


@dataclass(frozen=True, slots=True)
class OpenMeasure:
    """One measure: `facts` are sentences on what counts in it, and how much."""

    title: str
    says: str
    facts: tuple[str, ...]


def open_measures(questionnaire: Questionnaire, words: Words) -> Iterator[OpenMeasure]:
    """Every measure, its conditions said by `words`."""
    for measure in questionnaire.measures:
        yield OpenMeasure(measure.title, measure.says, tuple(_facts(questionnaire, measure, words)))


def _facts(questionnaire: Questionnaire, measure: Measure, words: Words) -> Iterable[str]:
    match measure:
        case Mean():
            return _mean(questionnaire, measure)
        case Sum() | Deduction():
            return _points(questionnaire, measure, words)
        case Levels():
            return (_level(questionnaire, level.name, level.at_least) for level in measure.levels)
        case FirstMatch():
            return _rules(measure, words)


def _mean(questionnaire: Questionnaire, measure: Mean) -> Iterator[str]:
    if measure.of:
        yield f"The mean of {_weights(questionnaire, measure.of)}."
    for group in measure.groups:
        yield f"“{group.title}” counts as one, weight {group.weight}: the mean of {_weights(questionnaire, group.of)}."


def _weights(questionnaire: Questionnaire, of: Mapping[str, int]) -> str:
    return ", ".join(f"{questionnaire.name_question(question)} (weight {weight})" for question, weight in of.items())


def _points(questionnaire: Questionnaire, measure: Sum | Deduction, words: Words) -> Iterator[str]:
    if isinstance(measure, Deduction):
        yield f"It begins at {measure.base}. These answers take points away."
    for question, by_option in measure.by_option().items():
        said = (f"“{questionnaire.name_option(question, option)}” {count}" for option, count in by_option.items())
        yield f"{questionnaire.name_question(question)}: {', '.join(said)}."
    if isinstance(measure, Deduction) and measure.blocked_by is not None:
        yield f"There is no figure if {words(measure.blocked_by.when)}. {with_stop(measure.blocked_by.says)}"


def _level(questionnaire: Questionnaire, name: str, at_least: Mapping[str, str]) -> str:
    said = []
    for ref, least in at_least.items():
        if ref in questionnaire.measure_by_id:
            said.append(f"{questionnaire.measure_by_id[ref].title} {least}")
        else:
            said.append(f"{questionnaire.name_question(ref)} “{questionnaire.name_option(ref, least)}”")
    return f"{name}: at least {', '.join(said)}." if said else f"{name}: where everybody begins."


def _rules(measure: FirstMatch, words: Words) -> Iterator[str]:
    for rule in measure.rules:
        yield f"“{rule.name}” ({rule.severity}) if {words(rule.when)}: {with_stop(rule.says)}"
    yield f"Otherwise “{measure.otherwise.name}” ({measure.otherwise.severity}): {with_stop(measure.otherwise.says)}"
