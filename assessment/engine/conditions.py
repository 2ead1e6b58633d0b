"""Conditions are data: they decide true, false or unknown, say what they refer to, and say themselves in words.

A condition is asked about a *world*: what each answer could still be. `decide` is exact over answers (findings are
taken as they were judged). Three-valued logic alone is not, once one unknown answer stands in a condition twice,
perhaps by way of a named fact, so such an answer is split into its possible values.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol, Self

Truth = bool | None
"""True, False, or None for "not known"."""

Value = str | int | frozenset[str]
"""An option's id (single), a number, or the ids chosen (multiple)."""

Possible = Value | None
"""What an answer could still be; None where the question could turn out not to apply."""


@dataclass(frozen=True, slots=True)
class World:
    """What is known: per question the values still possible (empty = it does not apply), plus computed facts."""

    possible: Mapping[str, frozenset[Possible]]
    ladders: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, "Condition"]
    findings: Mapping[str, Truth]
    not_sure_share: int = 0

    def where(self, possible: Mapping[str, frozenset[Possible]]) -> "World":
        """The same world, where these are the answers still possible."""
        return World(possible, self.ladders, self.facts, self.findings, self.not_sure_share)


class Namer(Protocol):
    """How a condition finds the words for a question and its options; the questionnaire is one."""

    def name_question(self, question: str) -> str: ...
    def name_option(self, question: str, option: str) -> str: ...
    def name_fact(self, fact: str) -> str: ...


class NotACondition(ValueError):
    """The data does not read as a condition; the message says why and where (path below the condition)."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path

    def under(self, *path: str | int) -> "NotACondition":
        return NotACondition(str(self), *path, *self.path)


class Condition(ABC):
    """One node of a condition; frozen, hashable, and written back by `data` exactly as it is read by `parse`."""

    @abstractmethod
    def kleene(self, world: World) -> Truth:
        """True, False or None by three-valued logic: sound, and exact unless an unknown answer occurs twice."""

    @abstractmethod
    def data(self) -> dict[str, Any]:
        """The plain values this condition was read from, with every reference in full."""

    @abstractmethod
    def words(self, names: Namer) -> str:
        """The condition as part of an English sentence."""

    def parts(self) -> tuple["Condition", ...]:
        return ()

    def walk(self) -> Iterator["Condition"]:
        """This condition and everything inside it, outermost first."""
        yield self
        for part in self.parts():
            yield from part.walk()

    @cached_property
    def comparisons(self) -> tuple["Compare", ...]:
        return tuple(node for node in self.walk() if isinstance(node, Compare))

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """The ids compared, each once, in the order they are met."""
        return tuple(dict.fromkeys(node.question for node in self.comparisons))

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The named facts referred to, once for each time."""
        return tuple(node.name for node in self.walk() if isinstance(node, Fact))

    @cached_property
    def negates(self) -> bool:
        """Whether anything is denied: then an answer that is not known could make the condition true by its absence."""
        return any(isinstance(node, Not) for node in self.walk())

    def decide(self, world: World) -> Truth:
        """True if the condition holds in every completion of the world, False if in none, None if in some."""
        truth = self.kleene(world)
        if truth is not None:
            return truth
        for question, count in Counter(self._compared(world)).items():
            values = world.possible.get(question, ())
            if count > 1 and len(values) > 1:
                worlds = (world.where({**world.possible, question: frozenset([value])}) for value in values)
                return agreed(self.decide(one) for one in worlds)
        return None

    def _compared(self, world: World) -> Iterator[str]:
        """The ids compared, once for each time, through named facts as well."""
        yield from (node.question for node in self.comparisons)
        for name in self.facts:
            yield from world.facts[name]._compared(world)


def agreed(verdicts: Iterator[Truth]) -> Truth:
    """What all of them say; None where they differ."""
    first = next(verdicts)
    return first if first is not None and all(verdict is first for verdict in verdicts) else None


def _both(left: Truth, right: Truth) -> Truth:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _in_brackets(part: Condition, names: Namer) -> str:
    """The words of a part of a condition, so that “and” and “or” cannot be mistaken for each other."""
    return f"({part.words(names)})" if part.parts() else part.words(names)


@dataclass(frozen=True)
class All(Condition):
    """Every part holds."""

    of: tuple[Condition, ...]

    def parts(self) -> tuple[Condition, ...]:
        return self.of

    def kleene(self, world: World) -> Truth:
        truth: Truth = True
        for part in self.of:
            truth = _both(truth, part.kleene(world))
            if truth is False:
                return False
        return truth

    def data(self) -> dict[str, Any]:
        return {"all": [part.data() for part in self.of]}

    def words(self, names: Namer) -> str:
        return " and ".join(_in_brackets(part, names) for part in self.of)

    @classmethod
    def read(cls, value: Any) -> Self:
        return cls(_parse_list("all", value))


@dataclass(frozen=True)
class AnyOf(Condition):
    """At least one part holds."""

    of: tuple[Condition, ...]

    def parts(self) -> tuple[Condition, ...]:
        return self.of

    def kleene(self, world: World) -> Truth:
        truths = [part.kleene(world) for part in self.of]
        if True in truths:
            return True
        return None if None in truths else False

    def data(self) -> dict[str, Any]:
        return {"any": [part.data() for part in self.of]}

    def words(self, names: Namer) -> str:
        return " or ".join(_in_brackets(part, names) for part in self.of)

    @classmethod
    def read(cls, value: Any) -> Self:
        return cls(_parse_list("any", value))


@dataclass(frozen=True)
class Not(Condition):
    """The part does not hold."""

    of: Condition

    def parts(self) -> tuple[Condition, ...]:
        return (self.of,)

    def kleene(self, world: World) -> Truth:
        truth = self.of.kleene(world)
        return None if truth is None else not truth

    def data(self) -> dict[str, Any]:
        return {"not": self.of.data()}

    def words(self, names: Namer) -> str:
        return f"it is not so that {_in_brackets(self.of, names)}"

    @classmethod
    def read(cls, value: Any) -> Self:
        try:
            return cls(parse(value))
        except NotACondition as error:
            raise error.under("not") from None


@dataclass(frozen=True)
class Fact(Condition):
    """A named fact of the questionnaire holds."""

    name: str

    def kleene(self, world: World) -> Truth:
        return world.facts[self.name].decide(world)

    def data(self) -> dict[str, Any]:
        return {"fact": self.name}

    def words(self, names: Namer) -> str:
        return names.name_fact(self.name)

    @classmethod
    def read(cls, value: Any) -> Self:
        return cls(_text("fact", value))


@dataclass(frozen=True)
class Finding(Condition):
    """A rule has fired; `any-critical` stands for any critical one. Decided after every ordinary rule."""

    rule: str

    def kleene(self, world: World) -> Truth:
        return world.findings.get(self.rule, False)

    def data(self) -> dict[str, Any]:
        return {"finding": self.rule}

    def words(self, names: Namer) -> str:
        return "there is a critical finding" if self.rule == "any-critical" else f"“{self.rule}” applies"

    @classmethod
    def read(cls, value: Any) -> Self:
        return cls(_text("finding", value))


@dataclass(frozen=True)
class NotSureShare(Condition):
    """At least this share, in percent, of the scored questions asked was answered "not sure"."""

    at_least: int

    def kleene(self, world: World) -> Truth:
        return world.not_sure_share >= self.at_least

    def data(self) -> dict[str, Any]:
        return {"not_sure_share": {"at_least": str(self.at_least)}}

    def words(self, names: Namer) -> str:
        return f"at least {self.at_least}% of the answers are “not sure”"

    @classmethod
    def read(cls, value: Any) -> Self:
        if not isinstance(value, Mapping) or set(value) != {"at_least"} or not str(value["at_least"]).isdigit():
            raise NotACondition("not_sure_share is written {at_least: 30}", "not_sure_share")
        return cls(int(value["at_least"]))


TESTS = {"is": "is", "in": "is one of", "at_most": "is at most", "at_least": "is at least", "includes": "includes"}


@dataclass(frozen=True)
class Compare(Condition):
    """One answer compared: `is`, `in`, `at_most`, `at_least` (place in ladder order) or `includes` (multiple)."""

    question: str
    test: str
    values: tuple[str, ...]

    def kleene(self, world: World) -> Truth:
        possible = world.possible.get(self.question)
        if not possible:
            return False
        ladder = world.ladders.get(self.question, ())
        if len(possible) == 1:
            (value,) = possible
            return self.admits(value, ladder)
        return agreed(self.admits(value, ladder) for value in possible)

    @cached_property
    def by_place(self) -> bool:
        """Whether it compares places on a ladder, rather than the answers themselves."""
        return self.test in ("at_most", "at_least")

    def admits(self, value: Possible, ladder: tuple[str, ...]) -> bool:
        """Whether one certain answer passes the comparison; the ladder is the question's options, worst first."""
        if value is None:
            return False
        if isinstance(value, str):
            return value in (admitted(self.test, self.values, ladder) if self.by_place else self.values)
        if isinstance(value, frozenset):
            return not value.isdisjoint(self.values)
        if self.test == "at_most":
            return value <= int(self.values[0])
        if self.test == "at_least":
            return value >= int(self.values[0])
        return str(value) in self.values

    def data(self) -> dict[str, Any]:
        if self.test in ("in", "includes"):
            return {self.question: {self.test: list(self.values)}}
        return {self.question: {self.test: self.values[0]}}

    def words(self, names: Namer) -> str:
        options = " or ".join(f"“{names.name_option(self.question, value)}”" for value in self.values)
        return f"{names.name_question(self.question)} {TESTS[self.test]} {options}"

    @classmethod
    def read(cls, question: str, value: Any) -> Self:
        if isinstance(value, str):
            return cls(question, "is", (_text(question, value),))
        if isinstance(value, list):
            return cls(question, "in", _texts(question, value))
        if isinstance(value, Mapping) and len(value) == 1:
            (test, operand), *_ = value.items()
            if test in ("in", "includes"):
                return cls(question, test, _texts(question, operand if isinstance(operand, list) else [operand]))
            if test in TESTS:
                return cls(question, test, (_text(question, operand),))
            raise NotACondition(f"“{test}” is no comparison; use one of {', '.join(TESTS)}", question)
        raise NotACondition("compare an answer with an option, a list of options, or {at_most: option}", question)


@lru_cache(maxsize=4096)
def admitted(test: str, values: tuple[str, ...], ladder: tuple[str, ...]) -> frozenset[str]:
    """The options of a ladder, worst first, that pass a comparison."""
    if test == "at_most":
        return frozenset(ladder[: ladder.index(values[0]) + 1])
    if test == "at_least":
        return frozenset(ladder[ladder.index(values[0]) :])
    return frozenset(values)


KINDS: Mapping[str, Callable[[Any], Condition]] = {
    "all": All.read,
    "any": AnyOf.read,
    "not": Not.read,
    "fact": Fact.read,
    "finding": Finding.read,
    "not_sure_share": NotSureShare.read,
}
"""The reserved keys of a condition; every other key is a question's id, compared."""


def parse(value: Any) -> Condition:
    """Read a condition from plain values; several keys in one mapping must all hold. Raises NotACondition."""
    if isinstance(value, Condition):
        return value
    if not isinstance(value, Mapping) or not value:
        raise NotACondition("a condition is a mapping, such as {profile.server: none}")
    parts = tuple(
        KINDS[key](operand) if key in KINDS else Compare.read(str(key), operand) for key, operand in value.items()
    )
    return parts[0] if len(parts) == 1 else All(parts)


def _parse_list(key: str, value: Any) -> tuple[Condition, ...]:
    if not isinstance(value, list) or not value:
        raise NotACondition(f"“{key}” needs a list of conditions", key)
    parts = []
    for place, item in enumerate(value):
        try:
            parts.append(parse(item))
        except NotACondition as error:
            raise error.under(key, place) from None
    return tuple(parts)


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str | int) or value == "":
        raise NotACondition("an id is expected here", key)
    return str(value)


def _texts(key: str, values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not values:
        raise NotACondition("a list of ids is expected here", key)
    return tuple(_text(key, value) for value in values)
