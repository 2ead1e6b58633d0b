"""What the pages of whoever was asked are given: one frozen dataclass a template."""

from dataclasses import dataclass

from assessment.engine.questions import Kind
from assessment.web.pages import Frame, OptionChoice


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One question of the list; `address` is empty once it is settled."""

    part: str
    ask: str
    says: str
    note: str
    address: str


@dataclass(frozen=True, slots=True)
class AskedPage:
    """`asked/list.html`: what somebody was asked; `first` leads to the first one without an answer."""

    frame: Frame
    named: str
    until: str
    rows: tuple[AskedRow, ...]
    first: str
    notice: str


@dataclass(frozen=True, slots=True)
class AskedQuestionPage:
    """`asked/question.html`: one question with a note; `skip` leads on without an answer."""

    frame: Frame
    kind: Kind
    part: str
    ask: str
    help: str
    options: tuple[OptionChoice, ...]
    typed: str
    unit: str
    note: str
    longest: int
    errors: tuple[str, ...]
    number: int
    of: int
    action: str
    skip: str
    back: str
