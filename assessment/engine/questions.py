"""What is asked: questions, their options, and when they apply, as frozen models."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from assessment.engine.conditions import Condition, parse

PROFILE = "profile"
"""The bank-like name of the facts about a firm: asked first, never scored."""

NOT_SURE = "not-sure"
DOES_NOT_APPLY = "does-not-apply"
RESERVED = (NOT_SURE, DOES_NOT_APPLY)
"""Answers every question may be given where it offers them; no option may use these ids."""


class Depth(StrEnum):
    """How much is asked: each depth asks everything of the one before it."""

    QUICK = "quick"
    STANDARD = "standard"
    FULL = "full"

    @cached_property
    def order(self) -> int:
        return list(Depth).index(self)

    def includes(self, tier: "Depth") -> bool:
        return tier.order <= self.order


class Kind(StrEnum):
    """What an answer to a question looks like."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    NUMBER = "number"
    TEXT = "text"


Id = Annotated[str, Field(pattern=r"^[a-z0-9]+[a-z0-9+-]*$", max_length=60)]
Ref = Annotated[str, Field(pattern=r"^[a-z0-9+-]+(\.[a-z0-9+-]+)?$", max_length=121)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Hours = Annotated[float, Field(ge=0, le=1000)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
When = Annotated[
    Condition,
    PlainValidator(parse),
    PlainSerializer(lambda condition: condition.data()),
    WithJsonSchema({"type": "object", "minProperties": 1, "description": "a condition"}),
]


class Model(BaseModel):
    """Every part of a questionnaire: immutable, and strict about keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy that works everything out for itself: what is cached belongs to the original."""
        copied = super().model_copy(update=update, deep=deep)
        for cached in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[cached]
        return copied


class Option(Model):
    """One thing that may be picked. `points` (0-100) only on scored questions."""

    id: Id
    says: Text
    points: Percent | None = None
    exclusive: bool = False
    people: Annotated[float, Field(gt=0)] | None = None


class Settled(Model):
    """An earlier scored answer that already decides this question, and the option it decides."""

    when: When
    as_: Annotated[Id, Field(alias="as")]

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)


class DoesNotApply(Model):
    """The reason under which a question may be answered "does not apply", and to whom it is offered."""

    says: Text
    when: When | None = None


class WhyWeight(Model):
    """Why a question weighs what it weighs, and the source behind it where there is one."""

    says: Text
    source: Id | None = None


class Question(Model):
    """What is asked. Options stand in ladder order, worst first; a profile question carries no points.

    `equal_steps` and `no_advice` say why this question is an exception from the check of that name.
    """

    id: Ref
    code: str | None = None
    short: Annotated[str, Field(min_length=1, max_length=60)]
    ask: Text
    help: Text | None = None
    kind: Kind = Kind.SINGLE
    tier: Depth = Depth.FULL
    only: Depth | None = None
    weight: Annotated[int, Field(ge=0, le=10)] = 0
    why_weight: WhyWeight | None = None
    when: When | None = None
    settled: Settled | None = None
    not_sure: Percent | None = None
    not_sure_says: Text = "I’m not sure"
    does_not_apply: DoesNotApply | None = None
    assumed: tuple[Id, ...] = ()
    at_least: int | None = None
    at_most: int | None = None
    unit: str | None = None
    maps: Mapping[str, Texts] = Field(default_factory=dict)
    equal_steps: Text | None = None
    no_advice: Mapping[Id, Text] = Field(default_factory=dict)
    options: tuple[Option, ...] = ()

    @cached_property
    def bank(self) -> str:
        return self.id.partition(".")[0]

    @cached_property
    def scored(self) -> bool:
        return self.bank != PROFILE and self.kind is Kind.SINGLE

    @property
    def offers_not_sure(self) -> bool:
        return self.not_sure is not None

    @cached_property
    def ladder(self) -> tuple[str, ...]:
        """The ids of the options, worst first."""
        return tuple(option.id for option in self.options)

    @cached_property
    def _by_id(self) -> dict[str, Option]:
        return {option.id: option for option in self.options}

    def option(self, option_id: str) -> Option:
        return self._by_id[option_id]

    def asked_at(self, depth: Depth) -> bool:
        return depth is self.only if self.only else depth.includes(self.tier)
