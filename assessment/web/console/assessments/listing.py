"""The list of assessments as its page shows it: filters read from the address, rows in words, links to more."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.reports.words import DEPTHS
from assessment.storage import browsing, staff
from assessment.storage.browsing import Listed, Sort, Wanted
from assessment.storage.session import Session
from assessment.storage.staff import Role
from assessment.storage.standing import STAFF
from assessment.storage.tables import Tenant
from assessment.storage.work import Status
from assessment.web.console.assessments.pages import Choice, Filter, ListPage, ListRow
from assessment.web.console.drawing import frame
from assessment.web.console.person import member
from assessment.web.recording import STATUSES
from assessment.web.showing import depth_choices
from assessment.web.site import site

LONGEST = 200
YES_NO = {"yes": True, "no": False}
DIRECT, NOBODY = "direct", "nobody"
SORTS = {Sort.NEWEST: "Newest", Sort.LOWEST: "Lowest score", Sort.GRADE: "Highest grade"}
EMBEDDED = {"inline": "on a website", "popup": "on a website, as a popup", "plain": "on a website, without script"}

Asked = Mapping[str, str]


def wanted_of(asked: Asked, questionnaire: Questionnaire) -> Wanted:
    """The filters of an address; what cannot be read is left out."""
    source = asked.get("source", "")[:LONGEST]
    return Wanted(
        text=asked.get("q", "")[:LONGEST].strip(),
        band=_one_of(asked.get("band", ""), [band.id for band in questionnaire.bands]),
        critical=YES_NO.get(asked.get("critical", "")),
        since=_day(asked.get("from", "")),
        until=_day(asked.get("to", "")),
        came_from=None if not _shown(source) else "" if source == DIRECT else source,
        staff=_one_of(asked.get("staff", ""), list(_people(questionnaire))),
        contact=YES_NO.get(asked.get("contact", "")),
        status=_one_of(asked.get("status", ""), list(Status)),
        assignee=_number(asked.get("assignee", "")),
        test=asked.get("test") == "yes",
    )


def sort_of(asked: Asked) -> Sort:
    """The order an address asks for; the newest first if it asks for none there is."""
    return Sort(_one_of(asked.get("sort", ""), list(Sort)) or Sort.NEWEST)


def _one_of(value: str, known: list[Any]) -> str:
    return value if value in known else ""


def _number(text: str) -> int | None:
    """The id of one of the staff, 0 for nobody."""
    if text == NOBODY:
        return 0
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 10 else None


def _shown(text: str) -> bool:
    return bool(text) and text.isprintable()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _people(questionnaire: Questionnaire) -> dict[str, str]:
    """How many people may work at a firm, by option."""
    asked = questionnaire.questions.get(STAFF)
    return {option.id: option.says for option in asked.options} if asked else {}


def list_page(session: Session, tenant: Tenant, asked: Asked) -> ListPage:
    """One page of a tenant's assessments, as the address asks for it."""
    questionnaire, _ = site().taken_at(session, tenant)
    wanted, sort = wanted_of(asked, questionnaire), sort_of(asked)
    found = browsing.page(session, tenant.id, wanted, sort, asked.get("before", ""), asked.get("after", ""))
    action = url_for("assessments.listed", slug=tenant.slug)
    kept = {name: value for name, value in address_of(wanted, sort).items() if value}
    may_begin = member().role.covers(Role.EDITOR)
    says = f"more than {browsing.MOST_COUNTED:,}" if found.more else str(found.count)
    people = {one.id: one.name for one in staff.colleagues(session, tenant.id)}
    people |= staff.names(session, {row.assignee_id for row in found.rows} - set(people))
    return ListPage(
        frame=frame("Assessments"),
        action=action,
        text=wanted.text,
        since=kept.get("from", ""),
        until=kept.get("to", ""),
        filters=tuple(filters_of(wanted, sort, questionnaire, browsing.sources(session, tenant.id), people)),
        filtered=wanted != Wanted(),
        narrowed=wanted != Wanted(text=wanted.text),
        count=f"{says} {'assessment' if found.count == 1 else 'assessments'}",
        rows=tuple(_row(tenant.slug, row, questionnaire, people) for row in found.rows),
        before=f"{action}?{urlencode({**kept, 'before': found.before})}" if found.before else "",
        after=f"{action}?{urlencode({**kept, 'after': found.after})}" if found.after else "",
        check=f"{site().settings.base_url}/q/{tenant.slug}",
        website=url_for("settings.website", slug=tenant.slug) if member().role.covers(Role.OWNER) else "",
        export=f"{url_for('exports.page', slug=tenant.slug)}?{urlencode(kept)}" if may_begin and found.rows else "",
        begin=url_for("work.begin", slug=tenant.slug) if may_begin else "",
        depths=depth_choices(questionnaire, tuple(Depth)) if may_begin else (),
    )


def address_of(wanted: Wanted, sort: Sort) -> dict[str, str]:
    """The filters as an address says them."""
    said = {None: "", True: "yes", False: "no"}
    return {
        "q": wanted.text,
        "band": wanted.band,
        "critical": said[wanted.critical],
        "from": wanted.since.isoformat() if wanted.since else "",
        "to": wanted.until.isoformat() if wanted.until else "",
        "source": DIRECT if wanted.came_from == "" else wanted.came_from or "",
        "staff": wanted.staff,
        "contact": said[wanted.contact],
        "status": wanted.status,
        "assignee": NOBODY if wanted.assignee == 0 else str(wanted.assignee or ""),
        "test": "yes" if wanted.test else "",
        "sort": "" if sort is Sort.NEWEST else sort,
    }


def filters_of(
    wanted: Wanted, sort: Sort, questionnaire: Questionnaire, sources: Iterable[str], people: Mapping[int, str]
) -> Iterator[Filter]:
    chosen = address_of(wanted, sort)
    known = {name: source_says(name) for name in sources}
    if wanted.came_from:
        known.setdefault(wanted.came_from, source_says(wanted.came_from))
    offered: dict[str, tuple[str, dict[str, str]]] = {
        "sort": ("First", {"": SORTS[Sort.NEWEST], **{s: says for s, says in SORTS.items() if s is not Sort.NEWEST}}),
        "status": ("Status", {"": "Any", **{str(s): says for s, says in STATUSES.items()}}),
        "assignee": (
            "Looked after by",
            {"": "Anybody", NOBODY: "Nobody yet", **{str(i): n for i, n in people.items()}},
        ),
        "band": ("Band", {"": "Any", **{band.id: band.name for band in questionnaire.bands}}),
        "critical": ("Critical findings", {"": "Any", "yes": "At least one", "no": "None"}),
        "staff": ("People", {"": "Any", **_people(questionnaire)}),
        "contact": ("May be contacted", {"": "Any", "yes": "Yes", "no": "No"}),
        "source": ("Came from", {"": "Anywhere", DIRECT: "Straight to the address", **known}),
        "test": ("Kind", {"": "Real ones", "yes": "Tests"}),
    }
    for name, (label, choices) in offered.items():
        boxes = tuple(Choice(value, says, value == chosen[name]) for value, says in choices.items())
        yield Filter(name, label, boxes)


def source_says(name: str) -> str:
    """Where somebody came from, in words."""
    return EMBEDDED.get(name, name)


def _row(slug: str, row: Listed, questionnaire: Questionnaire, people: Mapping[int, str]) -> ListRow:
    contact = row.contact
    known = [contact[name] for name in ("company", "name", "email", "phone") if contact.get(name)]
    nobody = "Asked for the report only" if row.left_details else "Left no details"
    names = {band.id: band.name for band in questionnaire.bands}
    return ListRow(
        address=url_for("assessments.sitting", slug=slug, reference=row.reference),
        title=known[0] if known else f"Assessment {row.reference[:8]}",
        below=tuple(known[1:]) or (() if known else (nobody,)),
        taken=row.taken_at,
        score="–" if row.score is None else str(row.score),
        band=names.get(row.band, row.band),
        level=level_of(row.band, questionnaire),
        criticals=row.criticals,
        grade=row.grade,
        people=_people(questionnaire).get(row.staff, row.staff),
        depth=DEPTHS[Depth(row.depth)],
        source=source_says(row.came_from) if row.came_from else "Direct",
        status=STATUSES[Status(row.status)],
        assignee=people.get(row.assignee_id or 0, ""),
    )


def level_of(band: str, questionnaire: Questionnaire) -> int:
    """Which of the five colours a band has, worst first; 0 for one that is not there any more."""
    ids = [one.id for one in questionnaire.bands]
    return 1 + round(ids.index(band) * 4 / max(1, len(ids) - 1)) if band in ids else 0


def short_moment(at: datetime) -> str:
    """A moment where no element can be: in a text."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"
