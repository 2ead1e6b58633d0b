"""What the pages of a tenant's settings are given: a form each, and what is shown beside it."""

from dataclasses import dataclass
from datetime import datetime

from assessment.reports.open_book import OpenBook
from assessment.tenancy.snippets import Snippet
from assessment.web.console.assessments.pages import Choice
from assessment.web.console.pages import ConsoleFrame
from assessment.web.pages import Picture


@dataclass(frozen=True, slots=True)
class Input:
    """One setting: what it is called, what it means, what it is or was typed, and what is wrong with that."""

    name: str
    label: str
    hint: str
    kind: str
    value: str
    choices: tuple[Choice, ...]
    errors: tuple[str, ...]

    @property
    def described(self) -> str:
        """The ids of what stands beside the field, for who cannot see that."""
        hint = (f"hint-{self.name}",) if self.hint else ()
        return " ".join((*hint, *((f"wrong-{self.name}",) if self.errors else ())))


@dataclass(frozen=True, slots=True)
class InputGroup:
    """Settings that belong together."""

    title: str
    says: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """One form of settings; `wrong` has the id of the field of each problem."""

    action: str
    groups: tuple[InputGroup, ...]
    wrong: tuple[tuple[str, str], ...]
    uploads: bool = False


@dataclass(frozen=True, slots=True)
class IndexPage:
    """`console/settings/index.html`: the areas somebody may open."""

    frame: ConsoleFrame
    areas: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class KeepingPage:
    """`console/settings/keeping.html`: who is told, how long details are kept, and what is forgotten when."""

    frame: ConsoleFrame
    back: str
    says: tuple[str, ...]
    form: SettingsForm
    sweeps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mock:
    """A page of the check as the settings would make it: drawn by us, with nothing in it that works."""

    name: str
    contact: str
    action: str
    logo: Picture | None
    contrast: str
    standard: str


@dataclass(frozen=True, slots=True)
class BrandPage:
    """`console/settings/brand.html`: the form, and the mock that shows what it does."""

    frame: ConsoleFrame
    back: str
    form: SettingsForm
    mock: Mock
    has_logo: bool
    logo_errors: tuple[str, ...]
    previewed: bool
    script: str


@dataclass(frozen=True, slots=True)
class WebsitePage:
    """`console/settings/website.html`: who may show the check, what to paste, and a page to ask about."""

    frame: ConsoleFrame
    back: str
    form: SettingsForm
    presets: tuple[tuple[str, str], ...]
    snippets: tuple[Snippet, ...]
    check: str
    shown: str
    ask: str
    asked: str
    allowed: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the contact form: its exact words, and the version they are kept under."""

    says: str
    version: str


@dataclass(frozen=True, slots=True)
class ContactPage:
    """`console/settings/contact.html`: results and contact form, and the boxes as they read now."""

    frame: ConsoleFrame
    back: str
    says: tuple[str, ...]
    form: SettingsForm
    boxes: tuple[Box, ...]
    wordings: str


@dataclass(frozen=True, slots=True)
class WordingRow:
    """One text people agreed to."""

    says: str
    version: str
    count: str
    first: datetime
    last: datetime
    now: bool


@dataclass(frozen=True, slots=True)
class WordingsPage:
    """`console/settings/wordings.html`: every text people have agreed to."""

    frame: ConsoleFrame
    back: str
    rows: tuple[WordingRow, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published version of a questionnaire."""

    id: str
    version: str
    digest: str
    published: datetime
    taken: str
    now: bool
    preview: str


@dataclass(frozen=True, slots=True)
class QuestionnairePage:
    """`console/settings/questionnaire.html`: which one visitors take, and every version; no form for who may not."""

    frame: ConsoleFrame
    back: str
    form: SettingsForm | None
    versions: tuple[VersionRow, ...]


@dataclass(frozen=True, slots=True)
class OpenPage:
    """`console/settings/open.html`: one version, laid open."""

    frame: ConsoleFrame
    back: str
    version: str
    digest: str
    book: OpenBook
