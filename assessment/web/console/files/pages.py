"""What the pages about exports and documents in bulk are given: one frozen dataclass a template."""

from dataclasses import dataclass
from datetime import datetime

from assessment.web.console.pages import ConsoleFrame


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of file or of documents to ask for."""

    value: str
    title: str
    says: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class ExportPage:
    """`console/export.html`: what would be exported, and as what; `confirm` is where the password is given first."""

    frame: ConsoleFrame
    count: str
    any: bool
    many: bool
    filters: tuple[tuple[str, str], ...]
    formats: tuple[Offer, ...]
    documents: tuple[Offer, ...]
    most: int
    order: str
    pending: str
    orders: str
    confirm: str
    back: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of documents, however far it is."""

    address: str
    title: str
    filters: str
    by: str
    at: datetime
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """`console/orders.html`: what was ordered in the last day."""

    frame: ConsoleFrame
    rows: tuple[OrderRow, ...]
    back: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """`console/order.html`: one order; while it is being made, the page looks again by itself unless it is `still`."""

    frame: ConsoleFrame
    row: OrderRow
    done: int
    total: int
    missing: int
    until: datetime
    download: str
    cancel: str
    still: bool
    toggle: str
    orders: str
