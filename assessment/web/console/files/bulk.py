"""Documents in bulk: ordered for a filtered list, watched while they are made, fetched as a ZIP, and cancelled."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for

from assessment.delivery.documents import contact_shown, file_name
from assessment.reports.archive import File, zipped
from assessment.storage import bulk, exporting, staff
from assessment.storage.bulk import KEPT_FOR, Bulk, State
from assessment.storage.session import Database, Session
from assessment.web.console.drawing import draw, frame
from assessment.web.console.entrance import sessions
from assessment.web.console.files.exports import DOCUMENTS, MOST_DOCUMENTS, asked, attachment, export_page
from assessment.web.console.files.pages import OrderPage, OrderRow, OrdersPage
from assessment.web.console.freshness import fresh
from assessment.web.console.person import member
from assessment.web.site import Page, see, site

blueprint = Blueprint("bulk", __name__)

LOOK_AGAIN = "4"
"""After how many seconds the page of an order looks again."""

CHOOSE = "Choose what the ZIP should hold."
NOTHING = "There is nothing to make: no assessment fits your search and filters."
TOO_MANY = f"That would be more than {MOST_DOCUMENTS} documents. Narrow the list down first, by date for example."
ONE_AT_A_TIME = "Another ZIP is still being made. Wait for it, or cancel it."
STATES = {State.PENDING: "being made", State.DONE: "ready", State.CANCELLED: "cancelled"}
FILTERS = {
    "q": "search",
    "band": "band",
    "critical": "critical findings",
    "from": "first day",
    "to": "last day",
    "source": "source",
    "staff": "people",
    "contact": "may be contacted",
    "status": "status",
    "assignee": "looked after by",
    "test": "tests",
}
"""The filters an order remembers, by name alone: what was typed into them could be about a person."""


@blueprint.get("/<slug>/bulk")
def listed(slug: str) -> Page:
    """What was ordered in the last day."""
    with site().database.reading() as session:
        rows = tuple(_row(session, one) for one in bulk.of_tenant(session, member().tenant_id))
    page = OrdersPage(frame("ZIP files of the last day"), rows, url_for("exports.page", slug=slug))
    return draw("console/orders.html", page)


@blueprint.post("/<slug>/bulk")
@fresh("exports.page")
def order(slug: str) -> Page:
    """Order the documents of the list as it is filtered."""
    with site().database.writing() as session:
        made = _order(session, request.form.get("documents", ""))
        if isinstance(made, str):
            return draw("console/export.html", export_page(session, made), 422)
        reference = made.reference
    site().wake()
    return see(url_for("bulk.progress", slug=slug, reference=reference))


def _order(session: Session, documents: str) -> Bulk | str:
    """The new order, or what is wrong with it."""
    if documents not in DOCUMENTS:
        return CHOOSE
    found, kinds = asked(session), documents.split()
    ids = exporting.chosen(session, found.tenant.id, found.wanted, found.sort, MOST_DOCUMENTS // len(kinds) + 1)
    references = exporting.references(session, ids)
    if not references:
        return NOTHING
    if len(references) * len(kinds) > MOST_DOCUMENTS:
        return TOO_MANY
    who, now = member(), site().now()
    made = bulk.order(session, who.tenant_id, who.person.staff_id, found.names, kinds, references, now)
    if made is not None:
        found.note(session, "order bulk", f"bulk {made.reference} {made.total}")
    return made or ONE_AT_A_TIME


@blueprint.get("/<slug>/bulk/<reference>")
def progress(slug: str, reference: str) -> Page:
    """How far an order is; the page looks again by itself until it is made."""
    with site().database.reading() as session:
        page = _page(session, _found(session, reference))
    response = draw("console/order.html", page)
    if page.cancel and not page.still:
        response.headers["Refresh"] = LOOK_AGAIN
    return response


@blueprint.post("/<slug>/bulk/<reference>/cancel")
def cancel(slug: str, reference: str) -> Page:
    """Make no more of an order."""
    with site().database.writing() as session:
        found = _found(session, reference)
        if bulk.cancel(session, found, site().now()):
            _note(session, "cancel bulk", found)
            flash("Cancelled. What was made of it is deleted.")
    return see(url_for("bulk.progress", slug=slug, reference=reference))


@blueprint.get("/<slug>/bulk/<reference>.zip")
def fetch(slug: str, reference: str) -> Response:
    """The documents of an order as one ZIP."""
    with site().database.writing() as session:
        found = _found(session, reference)
        if found.state != State.DONE:
            abort(404)
        _note(session, "fetch bulk", found)
        numbers = bulk.numbers(session, found)
    name = f"{found.created_at.date().isoformat()}-{slug}-{found.documents.replace(' ', '-and-')}.zip"
    return attachment("application/zip", name, zipped(_files(site().database, found.id, list(numbers))))


def _files(database: Database, bulk_id: int, numbers: list[int]) -> Iterator[File]:
    """The documents one by one, each under the name it may have now: a consent may have been taken back since."""
    for number in numbers:
        with database.reading() as session:
            part = bulk.part(session, bulk_id, number)
            if part is None:
                continue
            at, reference = part.assessment.submitted_at or part.assessment.created_at, part.assessment.reference
            name = file_name(at, reference, contact_shown(part.lead), part.document)
        yield name, at, part.content


def _found(session: Session, reference: str) -> Bulk:
    return bulk.by_reference(session, member().tenant_id, reference) or abort(404)


def _note(session: Session, action: str, found: Bulk) -> None:
    sessions.note(session, action, member().person.staff_id, f"bulk {found.reference}", found.tenant_id)


def _page(session: Session, found: Bulk) -> OrderPage:
    at: dict[str, Any] = {"slug": member().slug, "reference": found.reference}
    pending, still = found.state == State.PENDING, request.args.get("still") == "yes"
    row = _row(session, found)
    return OrderPage(
        frame=frame(row.title),
        row=row,
        done=found.done,
        total=found.total,
        missing=found.done - bulk.kept(session, found),
        until=found.created_at + KEPT_FOR,
        download=url_for("bulk.fetch", **at) if found.state == State.DONE else "",
        cancel=url_for("bulk.cancel", **at) if pending else "",
        still=still,
        toggle=url_for("bulk.progress", **at) if still else url_for("bulk.progress", **at, still="yes"),
        orders=url_for("bulk.listed", slug=member().slug),
    )


def _row(session: Session, one: Bulk) -> OrderRow:
    names = [FILTERS[name] for name in one.asked.split() if name in FILTERS]
    title = {"report": "Reports", "brief": "Briefs"}.get(one.documents, "Reports and briefs")
    return OrderRow(
        address=url_for("bulk.progress", slug=member().slug, reference=one.reference),
        title=f"{title} as a ZIP",
        filters=f"filtered by {', '.join(names)}" if names else "all assessments",
        by=staff.names(session, [one.staff_id]).get(one.staff_id, ""),
        at=one.created_at,
        state=STATES[State(one.state)],
        says=f"{one.done} of {one.total}",
    )
