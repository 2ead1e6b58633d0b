"""The whole of what is taken: banks with weights, bands, signs, figures, and everything by its id."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from assessment.engine.advice import Cost, Recommendation, Rule
from assessment.engine.conditions import Condition, Fact
from assessment.engine.guidance import Guidance
from assessment.engine.measures import Measure
from assessment.engine.questions import Depth, Id, Model, Percent, Question, Ref, Text, When


class Bank(Model):
    """The questions, rules and recommendations of one topic: one YAML file."""

    id: Id
    title: Text
    about: Text
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()


class Band(Model):
    """A named range of the overall score; where it ends is where the next one begins."""

    id: Id
    name: Text
    at_least: Percent
    verdict: Text


class NamedFact(Model):
    """A condition over profile facts that has a name of its own."""

    id: Id
    says: Text
    when: When


class Reading(Model):
    """What to say of a number of signs, to whom; the first that fits is used."""

    at_least: int
    when: When | None = None
    title: Text
    says: Text


class Signs(Model):
    """The signs of having outgrown a way of buying IT: which answers show one, and how to read their number."""

    questions: tuple[Ref, ...]
    names: Mapping[Ref, Text]
    at_most: Mapping[Ref, Id]
    outgrown: Text = "break/fix"
    quick: Ref | None = None
    readings: tuple[Reading, ...]


class Figure(Model):
    """A figure somebody measured, and how far we have checked it. Only status `read` is ever printed."""

    id: Id
    figure: Text
    publisher: Text
    title: Text
    year: int
    link: Annotated[str, Field(pattern=r"^https://")]
    status: Literal["read", "read-2nd", "unread"]
    checked: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class Money(Model):
    """What the cost words mean in one currency."""

    symbol: Text
    amounts: Mapping[Cost, Text]


class Plain(Model):
    """How plain texts for owners are: the age that is enough to read them, and terms with what to say instead."""

    reading_age: Annotated[int, Field(ge=6, le=25)] | None = None
    forbidden: Mapping[Text, Text] | None = None


class Words(Model):
    """What reports call whoever is paid to help, and their work; without it, the words of an IT check."""

    helper: Text = "IT company"
    hired: Text = "a technician"
    work: Text = "IT work"


Retired = Annotated[str, Field(pattern=r"^[a-z0-9+-]+(\.[a-z0-9+-]+){0,2}$", max_length=182)]
"""An id in full that is no longer used: of a bank, a question, an option (behind its question's), a rule, or advice."""


class Questionnaire(Model):
    """What is taken: an ordered set of banks with weights, bands, rules across banks and profile questions."""

    id: Id
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]+$", max_length=40)]
    title: Text
    about: Text
    language: str = "en-GB"
    good_enough: Percent
    minutes: Mapping[Depth, int]
    profile: tuple[Question, ...]
    facts: tuple[NamedFact, ...] = ()
    banks: tuple[Bank, ...]
    bands: tuple[Band, ...]
    rules: tuple[Rule, ...] = ()
    signs: Signs | None = None
    measures: tuple[Measure, ...] = ()
    currencies: Mapping[str, Money] = Field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    retired: Mapping[Retired, Text] = Field(default_factory=dict)
    words: Words = Words()
    plain: Plain | None = None
    guidance: Guidance | None = None

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by id: the profile first, then the banks in order."""
        return {question.id: question for question in self.every_question()}

    def every_question(self) -> Iterator[Question]:
        """As they stand in the files: `check` sees here what two entries of one id would hide from each other."""
        yield from self.profile
        for bank in self.banks:
            yield from bank.questions

    def every_rule(self) -> Iterator[Rule]:
        for bank in self.banks:
            yield from bank.rules
        yield from self.rules

    def every_recommendation(self) -> Iterator[Recommendation]:
        for bank in self.banks:
            yield from bank.recommendations

    @cached_property
    def asked(self) -> dict[Depth, frozenset[str]]:
        """Per depth the questions of the banks that it asks, of whoever they apply to."""
        in_banks = [question for bank in self.banks for question in bank.questions]
        return {depth: frozenset(q.id for q in in_banks if q.asked_at(depth)) for depth in Depth}

    @cached_property
    def codes(self) -> dict[str, Question]:
        return {question.code: question for question in self.every_question() if question.code}

    @cached_property
    def all_rules(self) -> dict[str, Rule]:
        """Every rule by id, the banks' before those across banks; findings about findings therefore come last."""
        return {rule.id: rule for rule in self.every_rule()}

    @cached_property
    def recommendations(self) -> dict[str, Recommendation]:
        return {advice.id: advice for advice in self.every_recommendation()}

    @cached_property
    def measure_by_id(self) -> dict[str, Measure]:
        return {measure.id: measure for measure in self.measures}

    @cached_property
    def bank_by_id(self) -> dict[str, Bank]:
        return {bank.id: bank for bank in self.banks}

    @cached_property
    def ladders(self) -> dict[str, tuple[str, ...]]:
        return {question.id: question.ladder for question in self.every_question()}

    @cached_property
    def fact_conditions(self) -> dict[str, Condition]:
        return {fact.id: fact.when for fact in self.facts}

    @cached_property
    def figure_by_id(self) -> dict[str, Figure]:
        return {figure.id: figure for figure in self.figures}

    def refers_to(self, condition: Condition | None) -> tuple[str, ...]:
        """The questions a condition depends on, through named facts as well."""
        if condition is None:
            return ()
        found = list(condition.questions)
        for node in condition.walk():
            if isinstance(node, Fact) and node.name in self.fact_conditions:
                found.extend(self.refers_to(self.fact_conditions[node.name]))
        return tuple(dict.fromkeys(found))

    def name_question(self, question: str) -> str:
        return self.questions[question].short

    def name_option(self, question: str, option: str) -> str:
        asked = self.questions[question]
        return asked.option(option).says if asked.options else option

    def name_fact(self, fact: str) -> str:
        return next(named.says for named in self.facts if named.id == fact)

    @cached_property
    def canonical_json(self) -> str:
        """The whole questionnaire as one JSON text: the same content in the same order gives the same text.

        Keys are not sorted: the order in which things are written decides the order in which they are said, so a
        questionnaire read back from this text gives outcomes equal to the byte.
        """
        data = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical text, in hex: what a result is pinned to beside the version."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Questionnaire) and self.digest == other.digest
