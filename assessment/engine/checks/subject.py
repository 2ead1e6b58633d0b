"""What every check is given and yields, and how the checks of one stage are run."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assessment.engine.advice import Recommendation
from assessment.engine.conditions import Compare
from assessment.engine.loading import Loaded
from assessment.engine.problems import NOWHERE, Level, Problem
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Question
from assessment.engine.references import Kind, Placed, conditions, references

Wrong = Iterator[tuple[str, str]]
"""What a check yields: the key of a place, and a message."""


@dataclass(frozen=True)
class Subject:
    """A questionnaire being checked, with what several checks ask of it."""

    questionnaire: Questionnaire

    @cached_property
    def conditions(self) -> tuple[Placed, ...]:
        return tuple(conditions(self.questionnaire))

    @cached_property
    def scored(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questionnaire.every_question() if question.scored)

    @cached_property
    def about(self) -> Mapping[str, Sequence[Recommendation]]:
        """Per question the recommendations that raise it or look at it."""
        found: dict[str, list[Recommendation]] = {}
        for advice in self.questionnaire.every_recommendation():
            looked_at = advice.when.questions if advice.when is not None else ()
            for question in dict.fromkeys((*advice.raises, *looked_at)):
                found.setdefault(question, []).append(advice)
        return found

    def question(self, compare: Compare) -> Question:
        return self.questionnaire.questions[compare.question]

    def missing(self, kind: Kind, known: Container[str]) -> Wrong:
        for reference in references(self.questionnaire):
            if reference.kind is kind and reference.to not in known:
                yield reference.at, f"there is no {kind} “{reference.to}”"


Check = Callable[[Subject], Wrong]


def run(checks: Sequence[Check], loaded: Loaded, level: Level = Level.PROBLEM) -> tuple[Problem, ...]:
    """What one stage finds wrong with a questionnaire, in the order of the files."""
    subject = Subject(loaded.or_refuse())
    found = [_placed(one, place, message, loaded, level) for one in checks for place, message in one(subject)]
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: (problem.source, problem.code, problem.message)))


def _placed(one: Callable[..., Wrong], place: str, message: str, loaded: Loaded, level: Level) -> Problem:
    source = loaded.places.get(place, loaded.places.get("", NOWHERE))
    return Problem(code_of(one), message, hint_of(one), source, level)


def code_of(one: Callable[..., Wrong]) -> str:
    """The code of a check: its name with hyphens."""
    return one.__name__.replace("_", "-")


def hint_of(one: Callable[..., Wrong]) -> str:
    """What a check asks for: the first line of its docstring."""
    return (one.__doc__ or "").partition("\n")[0]
