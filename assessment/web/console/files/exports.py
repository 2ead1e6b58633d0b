"""Exports: the list as it is filtered, as a file; written while it is sent, and never half of one that looks whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request, url_for

from assessment.reports import records
from assessment.reports.formats import FORMATS, Column, Format
from assessment.storage import browsing, bulk, exporting, staff
from assessment.storage.browsing import Sort, Wanted
from assessment.storage.exporting import Ids
from assessment.storage.session import Database, Session
from assessment.storage.tables import Tenant
from assessment.web.console.assessments.listing import address_of, filters_of, sort_of, wanted_of
from assessment.web.console.drawing import draw, frame
from assessment.web.console.entrance import sessions
from assessment.web.console.files.pages import ExportPage, Offer
from assessment.web.console.freshness import confirm_first, fresh
from assessment.web.console.person import member
from assessment.web.recording import record_of
from assessment.web.site import Page, site

blueprint = Blueprint("exports", __name__)

MOST_DOCUMENTS = 500
MANY = 1000
DOCUMENTS = {
    "report": ("Reports", "What each owner has been given."),
    "brief": ("Briefs", "What your staff say first, with the evidence."),
    "report brief": ("Both", "Two documents an assessment."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of this request asks for, of which tenant."""

    tenant: Tenant
    wanted: Wanted
    sort: Sort
    columns: list[Column]
    kept: dict[str, str]

    @property
    def names(self) -> list[str]:
        """The filters in force, without what was typed into them."""
        return [name for name in self.kept if name != "sort"]

    def note(self, session: Session, action: str, about: str) -> None:
        """Write down what somebody did with these assessments."""
        who = member()
        sessions.note(
            session, action, who.person.staff_id, f"{about} {' '.join(self.names)}"[:80].strip(), who.tenant_id
        )


def asked(session: Session) -> Asked:
    """The filters and the order in the address of this request; what cannot be read is left out."""
    tenant = session.get_one(Tenant, member().tenant_id)
    questionnaire, _ = site().taken_at(session, tenant)
    wanted, sort = wanted_of(request.args, questionnaire), sort_of(request.args)
    kept = {name: value for name, value in address_of(wanted, sort).items() if value}
    return Asked(tenant, wanted, sort, records.columns(questionnaire), kept)


@blueprint.get("/<slug>/export")
def page(slug: str) -> Page:
    """What would be exported, and as what."""
    with site().database.reading() as session:
        return draw("console/export.html", export_page(session))


@blueprint.post("/<slug>/export.<name>")
@fresh("exports.page")
def download(slug: str, name: str) -> Page:
    """The file."""
    kind = FORMATS.get(name) or abort(404)
    with site().database.reading() as session:
        found = asked(session)
        ids = exporting.chosen(session, found.tenant.id, found.wanted, found.sort)
    with site().database.writing() as session:
        found.note(session, "export", f"{name} {len(ids)}")
    file_name = f"{site().now().date().isoformat()}-{slug}-assessments.{name}"
    return attachment(kind.media, file_name, _written(site().database, kind, found, ids))


def attachment(media: str, name: str, pieces: Iterator[bytes]) -> Response:
    """A file to keep. Its first piece is made now: what fails before it is a page, and what fails after it breaks."""
    response = Response(_beginning_with(next(pieces, b""), pieces), content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _beginning_with(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def _written(database: Database, kind: Format, found: Asked, ids: Ids) -> Iterator[bytes]:
    """The pieces of a file. Nothing of the request is asked for here: it is over while they are sent."""
    rows = exporting.walk(database, found.tenant.id, found.wanted, ids)
    return kind.write(found.columns, map(record_of, rows))


def export_page(session: Session, error: str = "") -> ExportPage:
    """The page with all that can be asked for; `error` says what was wrong with the order just sent."""
    found = asked(session)
    slug, tenant_id = found.tenant.slug, found.tenant.id
    some = browsing.page(session, tenant_id, found.wanted, found.sort, size=1)
    counted = f"more than {browsing.MOST_COUNTED:,}" if some.more else str(some.count)
    pending = next((one for one in bulk.of_tenant(session, tenant_id) if one.state == bulk.State.PENDING), None)
    return ExportPage(
        frame=frame("Export"),
        count=f"{counted} {'assessment' if some.count == 1 else 'assessments'}",
        any=some.count > 0,
        many=some.more,
        filters=tuple(_in_words(session, found)),
        formats=tuple(
            Offer(name, kind.title, kind.says, _with(found, url_for("exports.download", slug=slug, name=name)))
            for name, kind in FORMATS.items()
        ),
        documents=tuple(Offer(value, title, says) for value, (title, says) in DOCUMENTS.items()),
        most=MOST_DOCUMENTS,
        order=_with(found, url_for("bulk.order", slug=slug)),
        pending=url_for("bulk.progress", slug=slug, reference=pending.reference) if pending else "",
        orders=url_for("bulk.listed", slug=slug),
        confirm=confirm_first("exports.page"),
        back=_with(found, url_for("assessments.listed", slug=slug)),
        error=error,
    )


def _with(found: Asked, address: str) -> str:
    return f"{address}?{urlencode(found.kept)}" if found.kept else address


def _in_words(session: Session, found: Asked) -> Iterator[tuple[str, str]]:
    """The filters in force: what each is called, and what it is set to."""
    questionnaire, _ = site().taken_at(session, found.tenant)
    people = {one.id: one.name for one in staff.colleagues(session, found.tenant.id)}
    for name, label in (("q", "Search"), ("from", "Sent in from"), ("to", "Sent in up to")):
        if name in found.kept:
            yield label, found.kept[name]
    for one in filters_of(found.wanted, found.sort, questionnaire, [], people):
        for choice in one.choices:
            if choice.chosen and choice.value:
                yield one.label, choice.says
