"""What follows from answers: rules with their caps and findings, and recommendations, as frozen models."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field

from assessment.engine.questions import Hours, Id, Model, Percent, Ref, Text, Texts, When


class Severity(StrEnum):
    """How loudly a finding speaks."""

    CRITICAL = "critical"
    HIGH = "high"
    INFO = "info"


class Story(Model):
    """A plain story of how two gaps together hurt."""

    title: Text
    says: Text


class Caps(Model):
    """The most a bank, the overall score or the band may reach while a rule holds."""

    banks: Mapping[Id, Percent] = Field(default_factory=dict)
    overall: Percent | None = None
    band: Id | None = None

    def __bool__(self) -> bool:
        return bool(self.banks) or self.overall is not None or self.band is not None


class Rule(Model):
    """A condition with effects: caps, a finding, a contradiction to ask about, or a story."""

    id: Ref
    code: str
    severity: Severity
    when: When
    caps: Caps = Caps()
    finding: Text | None = None
    because: Text | None = None
    contradiction: Text | None = None
    story: Story | None = None
    source: Id | None = None
    recommends: tuple[Ref, ...] = ()


class Who(StrEnum):
    """Who does the main part of an action."""

    OWNER = "owner"
    STAFF = "staff"
    PROVIDER = "provider"


class Cost(StrEnum):
    """First-year outside cost; what each means in money stands in the questionnaire, per currency."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very-high"


class Horizon(StrEnum):
    """By when an action should be done: this week, or within so many days."""

    NOW = "now"
    MONTH = "30"
    QUARTER = "90"
    YEAR = "365"

    @cached_property
    def order(self) -> int:
        return list(Horizon).index(self)


class Effort(Model):
    """Hours of work: a base, and so much more for each person in the firm."""

    owner: Hours = 0
    it: Hours = 0
    owner_per_person: Hours = 0
    it_per_person: Hours = 0


class Override(Model):
    """Another impact, or another horizon, while a condition holds; the first that holds counts."""

    when: When
    impact: Percent | None = None
    horizon: Horizon | None = None


class First(Model):
    """A recommendation that must be done before, always or while a condition holds."""

    do: Ref
    when: When | None = None


class Needs(Model):
    """What comes before: `first` always reorders the plan, `better_after` only says so."""

    first: tuple[Annotated[First, BeforeValidator(lambda v: {"do": v} if isinstance(v, str) else v)], ...] = ()
    better_after: tuple[Ref, ...] = ()


class Recommendation(Model):
    """Authored advice: what to do, why, what it improves, and how it ranks."""

    id: Ref
    code: str
    do: Text
    steps: tuple[Text, ...] = ()
    why: Text
    without_provider: Text | None = None
    opens: Text | None = None
    raises: Mapping[Ref, Id] = Field(default_factory=dict)
    although_best: Text | None = None
    when: When | None = None
    effort: Effort
    cost: Cost = Cost.NONE
    horizon: Horizon
    who: Who
    impact: Percent
    overrides: tuple[Override, ...] = ()
    needs: Needs = Needs()
    replaces: tuple[Ref, ...] = ()
    neutral: bool = False
    maps: Mapping[str, Texts] = Field(default_factory=dict)

    @cached_property
    def bank(self) -> str:
        return self.id.partition(".")[0]
