"""A rescored assessment stands beside the one it rescores: in no list, no count and no message; and goes with it."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from assessment.cli import main
from assessment.engine.answers import carry
from assessment.engine.assess import assess
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.storage import assessments, browsing, companies, exporting, leads, privacy, questionnaires, rescoring
from assessment.storage import tenants as firms
from assessment.storage.companies import Tie
from assessment.storage.session import Database, Session
from assessment.storage.standing import standing
from assessment.storage.tables import Answer, Assessment, Delivery, Lead, Link
from assessment.storage.tallies import Tally
from assessment.storage.vault import Vault
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Grade
from tests.engine.tiny import tiny, tiny_with
from tests.faults.processes import until
from tests.storage.conftest import NOW

DAY = timedelta(days=1)
LATER = NOW + 30 * DAY
ANSWERS = {"profile.staff": "few", "backups.made": "weekly", "backups.tested": "never", "access.second-step": "some"}
JANE = {"name": "Jane", "company": "Brown & Co", "email": "jane@brown.example"}
OTHER = "jane@green.example"
VAULT = Vault("x" * 40)
NEXT = tiny_with(
    ("questionnaire.yaml", 'version: "1"', 'version: "2"'),
    ("banks/backups.yaml", "says: Every week, points: 60", "says: Every week, points: 30"),
    ("banks/access.yaml", "{id: some, says: For some", "{id: half, says: For half"),
)


def take(session: Session, contact: dict[str, str] | None = JANE) -> Assessment:
    """Somebody's assessment of the first version, sent in, and perhaps with their details."""
    tenant = firms.by_slug(session, "mine") or firms.add(session, "mine", {"name": "Mine"}, NOW)
    pin = tiny().id, questionnaires.publish(session, tiny(), NOW)
    taken, token = assessments.start(session, tenant, pin, Depth.FULL, NOW, DAY)
    for question, answer in ANSWERS.items():
        assessments.record(session, taken, question, answer, NOW)
    outcome = assess(tiny(), ANSWERS, Depth.FULL)
    assessments.submit(session, taken, outcome.to_json(), token, NOW, DAY, standing=standing(outcome))
    session.flush()
    if contact is not None:
        receive(session, taken, contact)
    return taken


def receive(session: Session, taken: Assessment, contact: dict[str, str]) -> Lead:
    boxes = [(text, True) for text in consents(taken.tenant.profile)]
    return leads.receive(session, taken, contact, boxes, Grade("A", 1, True, ()), NOW)


def again(session: Session, taken: Assessment, by: Questionnaire = NEXT) -> Assessment:
    """The same scored again by a later version."""
    pin, given = (by.id, questionnaires.publish(session, by, LATER)), carry(by, ANSWERS)
    return rescoring.keep(session, taken, pin, assess(by, given, Depth.FULL), given, LATER)


@pytest.fixture
def session(database: Database) -> Any:
    with database.writing() as session:
        yield session


def row(session: Session, one: Assessment) -> list[Any]:
    """Everything kept of an assessment, as it stands in the database."""
    session.flush()
    kept = session.execute(text("SELECT * FROM assessment WHERE id = :id"), {"id": one.id}).one()
    given = text("SELECT * FROM answer WHERE assessment_id = :id ORDER BY question")
    links = text("SELECT * FROM link WHERE assessment_id = :id ORDER BY id")
    return [tuple(kept), *(list(map(tuple, session.execute(found, {"id": one.id}))) for found in (given, links))]


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_old_one_stays_to_the_byte_and_the_new_one_has_the_answers_that_are_still_offered(session: Session) -> None:
    old = take(session)
    before = row(session, old)
    new = again(session, old)
    assert row(session, old) == before
    assert (new.rescores_id, new.lead_id, new.pin) == (old.id, old.lead_id, ("tiny", "2"))
    assert (new.created_at, new.submitted_at) == (LATER, old.submitted_at)
    assert assessments.answers_of(session, new) == {k: v for k, v in ANSWERS.items() if k != "access.second-step"}
    assert json.loads(new.outcome or "")["questionnaire"]["version"] == "2"
    assert session.scalars(select(Link).where(Link.assessment_id == new.id)).all() == []
    assert [one.id for one in rescoring.of(session, old)] == [new.id]
    assert rescoring.original(session, new) is old


def test_it_is_in_no_list_no_count_no_digest_and_no_export_of_its_own(session: Session, database: Database) -> None:
    old = take(session)
    tallied, told = count(session, Tally), count(session, Delivery)
    new = again(session, old)
    tenant = old.tenant
    found = browsing.page(session, tenant.id, browsing.Wanted())
    assert ([one.reference for one in found.rows], found.count) == ([old.reference], 1)
    assert browsing.page(session, tenant.id, browsing.Wanted(text=new.reference)).rows == ()
    assert list(exporting.chosen(session, tenant.id, browsing.Wanted())) == [old.id]
    assert leads.completed_between(session, tenant, NOW - DAY, LATER) == 1
    assert leads.between(session, tenant, NOW - DAY, LATER) == [(old.lead, old.outcome)]
    assert [(one.version, one.taken) for one in questionnaires.published(session)] == [("2", 0), ("1", 1)]
    assert (count(session, Tally), count(session, Delivery)) == (tallied, told)
    assert browsing.sitting(session, tenant.id, new.reference) is new, "and it can be looked at"
    session.commit()
    (row,) = exporting.walk(database, tenant.id, browsing.Wanted(), [old.id])
    assert row.rescored == ((new.reference, "2", new.score),)


def test_it_is_told_of_beside_the_one_it_rescores_also_where_nobody_left_a_name(session: Session) -> None:
    for contact in (None, JANE):
        old = take(session, contact)
        new = again(session, old)
        assert [(one.id, one.tie) for one in companies.related(session, old)] == [(new.id, Tie.RESCORED)]
        assert [(one.id, one.tie) for one in companies.related(session, new)] == [(old.id, Tie.RESCORED)]


ERASE = {
    "the person": lambda session, old: privacy.erase_lead(session, old.lead, VAULT, LATER),
    "the assessment": lambda session, old: privacy.erase_sitting(session, old, LATER),
    "by the owner's own link": lambda session, old: privacy.erase_by_link(session, old.links[-1], VAULT, LATER),
    "in time": lambda session, old: privacy.sweep(session, NOW + 5000 * DAY, DAY),
}


@pytest.mark.parametrize("contact", [JANE, None], ids=["with details", "without"])
@pytest.mark.parametrize("way", ERASE)
def test_whichever_way_the_old_one_goes_the_new_one_goes_as_well(
    session: Session, way: str, contact: dict[str, str] | None
) -> None:
    old = take(session, contact)
    again(session, old)
    session.expire_all()
    if way != "the person" or contact is not None:
        ERASE[way](session, old)
        assert (count(session, Assessment), count(session, Answer)) == (0, 0)


def test_erasing_the_new_one_leaves_the_old_one(session: Session) -> None:
    old = take(session)
    before = row(session, old)
    privacy.erase_sitting(session, again(session, old), LATER)
    assert row(session, old) == before


def test_it_is_kept_as_long_as_the_old_one_and_no_longer(session: Session) -> None:
    old = take(session, None)
    again(session, old)
    kept = timedelta(days=old.tenant.profile.retention_days)
    privacy.sweep(session, NOW + kept - DAY, DAY)
    assert count(session, Assessment) == 2
    privacy.sweep(session, NOW + kept + DAY, DAY)
    assert count(session, Assessment) == 0


def test_who_asks_what_is_known_of_them_is_told_of_it(session: Session) -> None:
    old = take(session)
    new = again(session, old)
    assert old.lead is not None
    session.refresh(old.lead)
    (told,) = privacy.known(session, old.lead)["assessments"]
    assert told["reference"] == old.reference
    assert [one["outcome"]["overall"]["score"] for one in told["scored_again"]] == [new.score]
    assert [one.id for one in old.lead.sittings] == [old.id]


def test_an_address_corrected_later_takes_it_along(session: Session) -> None:
    old = take(session)
    new = again(session, old)
    lead = receive(session, old, {**JANE, "email": OTHER})
    session.refresh(new)
    assert new.lead_id == lead.id
    assert count(session, Lead) == 1


def waiting(database: Database) -> int:
    """How many wait for a lock, by PostgreSQL's own account."""
    with database.reading() as session:
        return int(session.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")) or 0)


def test_of_two_who_rescore_at_the_same_moment_one_is_told_that_it_was_done(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSESSMENT_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("ASSESSMENT_BUSY_SECONDS", "30")
    with database.writing() as session:
        reference = take(session).reference
        questionnaires.publish(session, NEXT, LATER)
    with ThreadPoolExecutor(1) as pool, database.writing() as session:
        old = rescoring.by_reference(session, reference)
        assert old is not None
        again(session, old)
        other = pool.submit(CliRunner().invoke, main, ["rescore", reference])
        if not database.is_sqlite:
            until(lambda: waiting(database), "that the other one waits", 20)
    assert "This was done before: see assessment" in other.result().output
    with database.reading() as session:
        assert count(session, Assessment) == 2
