"""What must hold after any crash: everything of an occasion is there, or nothing is. Broken rules as sentences."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import selectinload

from assessment.storage.assessments import LinkKind
from assessment.storage.migrating import dangling_rows
from assessment.storage.session import Database, Session
from assessment.storage.tables import Assessment, Consent, Delivery, Endpoint, Lead

AGREED = "lead {} agreed to nothing"
COMPLETED, LEAD, REPORT_MAIL, LEAD_MAIL = "assessment.completed", "lead.received", "mail.report", "mail.lead"


def half_written(database: Database) -> list[str]:
    """Whatever is there by half, doubled, or hangs on nothing. Holds for owners who leave their details once."""
    with database.reading() as session:
        whole = (selectinload(Assessment.links), selectinload(Assessment.lead))
        sittings = session.scalars(select(Assessment).options(*whole)).unique().all()
        rows = Counter((row.assessment_id, row.event) for row in session.scalars(select(Delivery)))
        told = Counter((row.lead_id, row.event) for row in session.scalars(select(Delivery)))
        listeners = Counter(one.tenant_id for one in session.scalars(select(Endpoint)))
        agreed = Counter(one.assessment_reference for one in session.scalars(select(Consent)))
        found = [problem for one in sittings for problem in _of_sitting(one, rows, listeners, agreed)]
        along = (selectinload(Lead.assessments), selectinload(Lead.consents))
        leads = session.scalars(select(Lead).options(*along)).unique().all()
        found += [problem for lead in leads for problem in _of_lead(lead, told)]
        return found + list(_of_file(database, session))


def contradictions(database: Database) -> list[str]:
    """What must never be, whatever owners, staff and strangers did, how often and in which order."""
    with database.reading() as session:
        found = [
            f"{one.reference}: an outcome without being sent in, or the other way round"
            for one in session.scalars(select(Assessment))
            if (one.outcome is None) != (one.submitted_at is None)
        ]
        for lead in session.scalars(select(Lead).options(selectinload(Lead.consents))).unique():
            if not lead.consents:
                found.append(AGREED.format(lead.reference))
        return found + list(_of_file(database, session))


def kept(database: Database) -> tuple[set[str], set[str]]:
    """The references of the assessments that were sent in, and of those whose owner left details."""
    with database.reading() as session:
        sent_in = session.scalars(select(Assessment.reference).where(Assessment.submitted_at.is_not(None)))
        left = select(Assessment.reference).join(Assessment.lead)
        return set(sent_in), set(session.scalars(left))


def people(database: Database) -> int:
    """How many leads there are."""
    with database.reading() as session:
        return len(session.scalars(select(Lead.id)).all())


def _of_sitting(
    one: Assessment, rows: Counter[tuple[int | None, str]], listeners: Counter[int], agreed: Counter[str]
) -> Iterator[str]:
    reports = sum(link.kind == LinkKind.REPORT for link in one.links)
    submitted, left = one.submitted_at is not None, one.lead is not None
    heard = listeners[one.tenant_id]
    expected = {
        "outcome": (one.outcome is not None, submitted),
        "report links": (reports, submitted + left),
        "a lead without a report": (left and not submitted, False),
        COMPLETED: (rows[one.id, COMPLETED], heard * submitted),
        LEAD: (rows[one.id, LEAD], heard * left),
        REPORT_MAIL: (rows[one.id, REPORT_MAIL], left),
        "consents": (agreed[one.reference], left),
    }
    for what, (is_so, should_be) in expected.items():
        if is_so != should_be:
            yield f"{one.reference}: {what} is {is_so}, and should be {should_be}"


def _of_lead(lead: Lead, told: Counter[tuple[int | None, str]]) -> Iterator[str]:
    if not lead.assessments:
        yield f"lead {lead.reference} belongs to no assessment"
    if not lead.consents:
        yield AGREED.format(lead.reference)
    if told[lead.id, LEAD_MAIL] != len(lead.tenant.profile.staff_mail):
        yield f"of lead {lead.reference} the staff are told {told[lead.id, LEAD_MAIL]} times"


def _of_file(database: Database, session: Session) -> Iterator[str]:
    yield from dangling_rows(database, session)
    if database.is_sqlite:
        said = session.execute(text("PRAGMA integrity_check")).scalars().all()
        if said != ["ok"]:
            yield f"integrity_check: {said}"
