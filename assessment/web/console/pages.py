"""What each page of the console is given: one frozen dataclass a template, as on the public pages."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A place to go to; `here` marks the one that is open."""

    says: str
    address: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class ConsoleFrame:
    """What stands around every page of the console. Before somebody signs in, `person` and the entries are empty."""

    title: str
    name: str
    css: tuple[str, ...]
    script: str
    console_script: str
    home: str
    person: str
    account: str
    tenants: tuple[Entry, ...]
    slug: str
    entries: tuple[Entry, ...]
    token: str
    sign_out: str
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: `kind` is the type of its input."""

    name: str
    label: str
    kind: str
    value: str = ""
    autocomplete: str = "off"
    hint: str = ""
    errors: tuple[str, ...] = ()
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class FormPage:
    """`console/form.html`: a few sentences, a few fields, one button."""

    frame: ConsoleFrame
    says: tuple[str, ...]
    action: str
    button: str
    fields: tuple[Field, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    errors: tuple[str, ...] = ()
    links: tuple[Entry, ...] = ()
    picture: str = ""
    key: str = ""

    @property
    def wrong(self) -> tuple[tuple[str, str], ...]:
        """What is wrong, each with the name of its field, or none."""
        return tuple(("", error) for error in self.errors) + tuple(
            (field.name, error) for field in self.fields for error in field.errors
        )


@dataclass(frozen=True, slots=True)
class CodesPage:
    """`console/codes.html`: recovery codes, shown once; without any, the button that makes new ones."""

    frame: ConsoleFrame
    codes: tuple[str, ...]
    left: int
    action: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One browser somebody is signed in with."""

    agent: str
    begun: datetime
    seen: datetime
    this: bool
    end: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """`console/account.html`: how somebody signs in, and where they are signed in now."""

    frame: ConsoleFrame
    email: str
    codes_left: int
    change_password: str
    change_second_step: str
    recovery_codes: str
    sessions: tuple[SessionRow, ...]
    end_others: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """`console/home.html`: the tenants somebody works for."""

    frame: ConsoleFrame
    tenants: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class TroublePage:
    """`console/trouble.html`: what is wrong, and what to do now."""

    frame: ConsoleFrame
    says: tuple[str, ...]
