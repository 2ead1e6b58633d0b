"""What the pages about endpoints are given."""

from dataclasses import dataclass
from datetime import datetime

from assessment.web.console.pages import ConsoleFrame


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that may be ticked."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """One try to send something."""

    at: datetime
    says: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery: what it is about, what became of it, and, where it can be sent again, where to ask for that."""

    address: str
    says: str
    at: datetime
    state: str
    trouble: bool
    tries: tuple[Tried, ...]
    again: str


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint in the list. `since` is when it began to fail, `last` the last try."""

    address: str
    url: str
    state: str
    trouble: bool
    because: str
    since: datetime | None
    last: Tried | None


@dataclass(frozen=True, slots=True)
class EndpointsPage:
    """`console/endpoints.html`: every endpoint of a tenant, and the form to add one."""

    frame: ConsoleFrame
    rows: tuple[EndpointRow, ...]
    confirm: str
    action: str
    url: str
    flat: bool
    events: tuple[Tick, ...]
    wrong: tuple[tuple[str, str], ...]
    full: bool
    back: str


@dataclass(frozen=True, slots=True)
class EndpointPage:
    """`console/endpoint.html`: one endpoint, what may be done with it, and what was sent to it lately."""

    frame: ConsoleFrame
    row: EndpointRow
    about: str
    on: bool
    old_until: datetime | None
    confirm: str
    seal: str
    test: str
    switch: str
    rotate: str
    remove: str
    replay: str
    dead: int
    sent: tuple[Sent, ...]
    back: str


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """`console/delivery.html`: what became of one message."""

    frame: ConsoleFrame
    sent: Sent
    says: str
    waits: bool
    here: str
    back: str


@dataclass(frozen=True, slots=True)
class OncePage:
    """`console/once.html`: something that is shown this one time, to be copied now."""

    frame: ConsoleFrame
    label: str
    value: str
    says: tuple[str, ...]
    back: str
    onward: str
