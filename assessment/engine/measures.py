"""The vocabulary of measures: other people's ways of summing up the same answers, beside the score and never in it.

The kinds are a closed set. All but `first-match` can only rise with a better answer, and `check` holds authors to it.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from assessment.engine.advice import Severity
from assessment.engine.conditions import Condition
from assessment.engine.questions import Id, Model, Ref, Text, When

Name = Annotated[str, Field(min_length=1, max_length=80)]
Weight = Annotated[int, Field(ge=1, le=100)]
Points = Annotated[int, Field(ge=0, le=1000)]
ByOption = Mapping[Id, Points]
Threshold = Annotated[str, Field(pattern=r"^-?[a-z0-9]+[a-z0-9+-]*$", max_length=60)]


class Measured(Model):
    """What every measure has: an id, a title, and in plain words what it is and whose."""

    id: Id
    title: Name
    says: Text
    source: Id | None = None

    def counted(self) -> Iterator[str]:
        """The questions whose options count, in the order written."""
        yield from ()

    def conditions(self) -> Iterator[Condition]:
        yield from ()


class Group(Model):
    """Some questions that count as one, by their own weighted mean."""

    title: Name
    weight: Weight
    of: Mapping[Ref, Weight]


class Mean(Measured):
    """A weighted mean of the questions' own points, and of the means of groups."""

    kind: Literal["mean"]
    of: Mapping[Ref, Weight] = Field(default_factory=dict)
    groups: tuple[Group, ...] = ()

    def counted(self) -> Iterator[str]:
        yield from self.of
        for group in self.groups:
            yield from group.of


class Sum(Measured):
    """Points for answers, of as many as there are to be had. An option that is not named earns none."""

    kind: Literal["sum"]
    points: Mapping[Ref, ByOption]

    def counted(self) -> Iterator[str]:
        yield from self.points

    def by_option(self) -> Mapping[str, ByOption]:
        return self.points


class Blocked(Model):
    """When there is no figure at all, and what is said instead."""

    when: When
    says: Text


class Deduction(Measured):
    """A base less what each answer deducts, below zero too. An option that is not named deducts nothing."""

    kind: Literal["deduction"]
    base: int
    deducts: Mapping[Ref, ByOption]
    blocked_by: Blocked | None = None

    def counted(self) -> Iterator[str]:
        yield from self.deducts

    def by_option(self) -> Mapping[str, ByOption]:
        return self.deducts

    def conditions(self) -> Iterator[Condition]:
        if self.blocked_by is not None:
            yield self.blocked_by.when


class Level(Model):
    """One level: the answers, and the numbers of measures before this one, that it takes at least."""

    id: Id
    name: Name
    says: Text | None = None
    at_least: Mapping[Ref, Threshold] = Field(default_factory=dict)

    def questions(self) -> Iterator[tuple[str, str]]:
        """The thresholds that are answers: question and option."""
        yield from ((ref, least) for ref, least in self.at_least.items() if "." in ref)

    def measures(self) -> Iterator[tuple[str, str]]:
        """The thresholds that are numbers: measure and number."""
        yield from ((ref, least) for ref, least in self.at_least.items() if "." not in ref)


class Levels(Measured):
    """Levels, lowest first; one is reached while its thresholds and those of all before it hold."""

    kind: Literal["levels"]
    levels: Annotated[tuple[Level, ...], Field(min_length=2)]

    def counted(self) -> Iterator[str]:
        yield from dict.fromkeys(ref for level in self.levels for ref, _ in level.questions())

    def refers_to(self) -> tuple[str, ...]:
        """The measures its thresholds look at."""
        return tuple(dict.fromkeys(ref for level in self.levels for ref, _ in level.measures()))


class Word(Model):
    """What a first-match comes to: a word, how grave it is, and what it means."""

    id: Id
    name: Name
    severity: Severity
    says: Text


class Match(Word):
    """A word with the condition under which it is the one."""

    when: When


class FirstMatch(Measured):
    """Rules in order of precedence: the first that holds gives the word, `otherwise` where none does."""

    kind: Literal["first-match"]
    rules: Annotated[tuple[Match, ...], Field(min_length=1)]
    otherwise: Word

    @property
    def words(self) -> tuple[Word, ...]:
        return (*self.rules, self.otherwise)

    def conditions(self) -> Iterator[Condition]:
        yield from (rule.when for rule in self.rules)


Measure = Annotated[Mean | Sum | Deduction | Levels | FirstMatch, Field(discriminator="kind")]
