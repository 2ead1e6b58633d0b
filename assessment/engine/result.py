"""The vocabulary of an outcome: result and plan as frozen models that are stored whole as JSON and read back.

Numbers without a suffix are the shown integers; the `_exact` beside each is the fraction it was rounded from, as "n/d".
No text stands here: pages find the words in the questionnaire version a result is pinned to.
"""

import json
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, WithJsonSchema

from assessment.engine.advice import Horizon, Severity
from assessment.engine.questions import Depth

ENGINE = "2"
"""The version of the arithmetic; it changes when the same answers could give another number."""


def _fraction(value: Any) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(value)


Exact = Annotated[
    Fraction,
    PlainValidator(_fraction),
    PlainSerializer(lambda value: f"{value.numerator}/{value.denominator}"),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+/\d+$"}),
]


class Model(BaseModel):
    """Every part of an outcome is immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Certainty(StrEnum):
    """Confirmed: true whatever the open answers are. Possible: true for some answer that was "not sure"."""

    CONFIRMED = "confirmed"
    POSSIBLE = "possible"


class Pin(Model):
    """The questionnaire version an outcome belongs to."""

    id: str
    version: str
    digest: str


class Spread(Model):
    """A score with its range: both ends are the scores of a completion of what is still open."""

    score: int
    score_exact: Exact
    low: int
    low_exact: Exact
    high: int
    high_exact: Exact


class Overall(Spread):
    """The overall score. `provisional`: ignorance would pay, so the low end leads and the band is that of it."""

    raw: int
    raw_exact: Exact
    band: str
    band_by_score: str
    held_by: tuple[str, ...]
    provisional: bool
    if_full: tuple[int, int] | None


class BankResult(Spread):
    """One bank with a score."""

    id: str
    weight: int
    raw: int
    raw_exact: Exact
    held_by: tuple[str, ...]


class Loss(Model):
    """Points the overall score lost: to an answer, or to a cap; all losses and the score sum to exactly 100."""

    kind: Literal["answer", "bank-cap", "overall-cap"]
    bank: str | None
    question: str | None
    rule: str | None
    points: int
    points_exact: Exact


class FindingResult(Model):
    """A rule that holds, or may hold; `covers` lists rules that hold only because of it."""

    rule: str
    code: str
    severity: Severity
    certainty: Certainty
    questions: tuple[str, ...]
    caps: bool
    covers: tuple[str, ...]


class AnswerResult(Model):
    """How one question stood when the score was taken."""

    question: str
    state: str
    options: tuple[str, ...] = ()
    number: int | None = None
    text: str | None = None
    settled_by: str | None = None


class SignsResult(Model):
    """The signs shown, by question id, of how many; `reading` is the place of the words in the questionnaire."""

    count: int
    of: int
    shown_by: tuple[str, ...]
    reading: int | None


class Mode(StrEnum):
    """What an action asks for: to do it, or first to find out whether it is needed."""

    DO = "do"
    FIND_OUT = "find-out"


class Action(Model):
    """One recommendation placed for this respondent. The three numbers are absent where no answer changes by itself."""

    id: str
    code: str
    bank: str
    mode: Mode
    horizon: Horizon
    critical: bool
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    finds_out: tuple[str, ...]
    first: tuple[str, ...]
    then: tuple[str, ...]
    owner_hours: float
    it_hours: float
    alone: int | None
    alone_exact: Exact | None
    in_order: int | None
    in_order_exact: Exact | None
    after: int | None
    after_exact: Exact | None
    held_by: tuple[str, ...]


class NextBand(Model):
    """A smallest set of actions that reaches the next band: take any away and it is missed."""

    band: str
    actions: tuple[str, ...]


class MeasureState(StrEnum):
    """Whether a measure comes to something, or why it does not."""

    MEASURED = "measured"
    BLOCKED = "blocked"
    MAY_BE_BLOCKED = "may-be-blocked"
    DEEPER = "deeper"
    UNANSWERED = "unanswered"
    DOES_NOT_APPLY = "does-not-apply"


class Amount(Model):
    """The number of a measure, with its range, and the least and the most there is for this firm."""

    value: int
    value_exact: Exact
    low: int
    low_exact: Exact
    high: int
    high_exact: Exact
    least: int
    most: int


class MeasureResult(Model):
    """What one measure comes to: an amount, or the id of a level or of a word.

    `could_be` are the lowest and highest level, or the other words, that open answers leave possible; `costs` what each
    answer is short of its best; `lacks` what stands below the next level; `open` what could change it once known.
    """

    id: str
    state: MeasureState
    amount: Amount | None = None
    comes_to: str | None = None
    could_be: tuple[str, ...] = ()
    costs: dict[str, int] = {}
    lacks: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


class Leaning(StrEnum):
    """Which of two ways of working the answers to one aspect come closer to."""

    REPAIRS = "repairs"
    BETWEEN = "between"
    PREVENTION = "prevention"


class TalkResult(Model):
    """One question to take along: the place of its sharper wording, and the answers that raise it."""

    id: str
    sharper: int | None
    because: tuple[str, ...]


class Cover(StrEnum):
    """What the answers say to one thing an insurer’s form asks."""

    YES = "yes"
    PARTLY = "partly"
    NOT_YET = "not-yet"
    FIND_OUT = "find-out"


class GuidanceResult(Model):
    """Which words of the questionnaire's guidance fit; places are those in the questionnaire.

    `leanings` by aspect, `cover` by item of an insurer’s form; what nobody was asked about is in neither.
    """

    stance: int | None = None
    leanings: dict[str, Leaning] = {}
    addressed: int | None = None
    talk: tuple[TalkResult, ...] = ()
    cover: dict[str, Cover] = {}


class Outcome(Model):
    """Everything the engine says about one set of answers."""

    questionnaire: Pin
    engine: str
    depth: Depth
    overall: Overall | None
    banks: tuple[BankResult, ...]
    signs: SignsResult | None
    findings: tuple[FindingResult, ...]
    contradictions: tuple[str, ...]
    stories: tuple[str, ...]
    losses: tuple[Loss, ...]
    not_sure_percent: int
    assumed: tuple[str, ...]
    not_looked_at: tuple[str, ...]
    answers: tuple[AnswerResult, ...]
    plan: tuple[Action, ...]
    next_band: NextBand | None
    trajectory: dict[Horizon, int]
    measures: tuple[MeasureResult, ...] = ()
    guidance: GuidanceResult | None = None

    def to_json(self) -> str:
        """One JSON text, the same bytes for the same input."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
