"""What the API answers, as models: answers are made by them, and the OpenAPI document is made of them."""

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import SkipJsonSchema

from assessment.engine.advice import Horizon
from assessment.engine.questions import Depth
from assessment.engine.result import MeasureState, Mode
from assessment.tenancy.contact import Purpose


class Shape(BaseModel):
    """One thing in an answer; what stands below a field is its description."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Version(Shape):
    """A questionnaire as it was when it was taken."""

    id: str
    version: str


class Spread(Shape):
    """A score from 0 to 100, and where it could lie once everything that was not sure is known."""

    score: int
    low: int
    high: int


class Score(Spread):
    """The overall score with its band, by id and by name."""

    band: str
    band_name: str


class Critical(Shape):
    """A critical finding that is certain."""

    id: str
    code: str
    says: str


class Signs(Shape):
    """How many of the signs show that firms outgrow repair by the hour."""

    count: int
    of: int


class Rescore(Shape):
    """What the same answers came to by another version of the questionnaire."""

    reference: str
    version: str
    score: int | None


class Consent(Shape):
    """What somebody agreed to and has not taken back, word for word."""

    purpose: Purpose
    says: str
    at: str
    """In UTC, such as 2026-11-22T09:08:00Z."""


class Measure(Shape):
    """What another way of summing up comes to: a number with its range, or the id of a level or word."""

    state: MeasureState
    value: int | SkipJsonSchema[None] = None
    low: int | SkipJsonSchema[None] = None
    high: int | SkipJsonSchema[None] = None
    least: int | SkipJsonSchema[None] = None
    most: int | SkipJsonSchema[None] = None
    comes_to: str | SkipJsonSchema[None] = None
    could_be: list[str] | SkipJsonSchema[None] = None


class Action(Shape):
    """One step of the plan, in its order; the numbers are null where it changes no answer by itself."""

    id: str
    code: str
    says: str
    mode: Mode
    horizon: Horizon
    critical: bool
    alone: int | None
    """What it gains by itself, in points."""

    after: int | None
    """The score after it and all before it."""


class Answer(Shape):
    """How one question stood when the score was taken: the ids of options, a number or a text, and all in words."""

    code: str | None
    state: str
    says: str
    options: list[str] | SkipJsonSchema[None] = None
    number: int | SkipJsonSchema[None] = None
    text: str | SkipJsonSchema[None] = None


class AssessmentSummary(Shape):
    """One assessment in a list."""

    reference: str
    sent_in: str
    """In UTC, such as 2026-11-22T09:08:00Z."""

    questionnaire: Version
    depth: Depth
    grade: str
    """Fit and need of the lead, such as A1; empty where nobody left details."""

    status: str
    assignee: str
    came_from: str
    source: dict[str, str]
    rescored: list[Rescore]
    test: bool
    may_be_contacted: bool
    lead: str | None
    """Who left their details, if they may be contacted and the token may read leads; else null."""

    contact: dict[str, str]
    """Their details by field, under the same condition; else empty."""

    consents: list[Consent]
    score: Score | None
    criticals: list[Critical]
    signs: Signs | None
    people: str | None


class Assessment(AssessmentSummary):
    """One assessment, with all that an export holds of it."""

    banks: dict[str, Spread]
    measures: dict[str, Measure]
    actions: list[Action]
    answers: dict[str, Answer]


class Assessments(Shape):
    """One page of assessments."""

    items: list[AssessmentSummary]
    after: str | None
    """What to ask for as `after` to get the next page; null at the end."""


class Lead(Shape):
    """Somebody who left details; `contact` and `consents` are empty unless they may be contacted."""

    reference: str
    since: str
    wrote: str
    """When they last left something, in UTC."""

    test: bool
    grade: str
    asked: bool
    reasons: list[str]
    may_be_contacted: bool
    contact: dict[str, str]
    consents: list[Consent]
    assessments: list[str]
    """The references of what they sent in, the oldest first."""


class Leads(Shape):
    """One page of leads."""

    items: list[Lead]
    after: str | None
    """What to ask for as `after` to get the next page; null at the end."""


class Wrong(Shape):
    """One parameter that was refused, and why."""

    parameter: str
    says: str


class Problem(Shape):
    """What is wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] | SkipJsonSchema[None] = None
