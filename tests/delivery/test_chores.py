"""What a worker does besides sending: the daily digest, once a day whoever writes it; and sweeping once an hour."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assessment.delivery.channels import LETTERS
from assessment.delivery.chores import Chores
from assessment.engine.questions import Depth
from assessment.settings import Settings, read_settings
from assessment.storage import assessments, leads, tenants
from assessment.storage.migrating import migrate
from assessment.storage.session import Database
from assessment.storage.tables import Assessment, Delivery
from assessment.storage.vault import Vault
from assessment.storage.vitals import last_sign
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Grade

pytestmark = pytest.mark.databases

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
GRADE = Grade("A", 1, True, ("one", "two", "three"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(read_settings({"ASSESSMENT_INSTANCE": str(tmp_path)}), mail_folder=str(tmp_path / "mail"))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database)
    migrate(database)
    with database.writing() as session:
        changes = {"name": "North", "staff_mail": "a@north.example,b@north.example", "notices": "daily"}
        tenants.add(session, "north", changes, NOON)
    yield database
    database.engine.dispose()


def leave(database: Database, at: datetime, email: str, agreed: bool = True, test: bool = False) -> None:
    with database.writing() as session:
        tenant = tenants.by_slug(session, "north")
        assert tenant
        sitting, token = assessments.start(session, tenant, ("it-health", "1"), Depth.QUICK, at, DAY)
        sitting.test = test
        assessments.submit(session, sitting, '{"overall": {"score": 41}}', token, at, DAY)
        said = [(text, agreed) for text in consents(tenant.profile)]
        leads.receive(session, sitting, {"name": "Ana", "email": email}, said, GRADE, at)


def run(database: Database, settings: Settings, at: datetime) -> None:
    Chores(database, settings, Vault("key"), lambda: at)()


def digests(database: Database) -> list[Delivery]:
    with database.reading() as session:
        return list(session.scalars(select(Delivery).where(Delivery.event == "mail.digest").order_by(Delivery.id)))


def test_yesterday_is_written_about_once_to_each_of_the_staff(database: Database, settings: Settings) -> None:
    leave(database, NOON, "ana@example.com")
    leave(database, NOON, "ben@example.com", agreed=False)
    leave(database, NOON, "tess@example.com", test=True)
    run(database, settings, NOON)
    assert digests(database) == [], "today is not over"
    for hours in (12, 13, 20):
        run(database, settings, NOON + timedelta(hours=hours))
    found = digests(database)
    assert len(found) == 2
    mail = json.loads(found[0].payload)
    assert [line["grade"] for line in mail["leads"]] == ["A1"], "who did not agree and who only tried are left out"
    assert mail["completed"] == 2
    letter = LETTERS["mail.digest"](found[0].payload.encode(), settings.template_folders)
    assert "Ana" in letter.text
    assert "41" in letter.text


def test_a_day_without_anything_is_not_written_about(database: Database, settings: Settings) -> None:
    run(database, settings, NOON)
    run(database, settings, NOON + DAY)
    assert digests(database) == []


def test_chores_wait_an_hour(database: Database, settings: Settings) -> None:
    at = [NOON]
    chores = Chores(database, settings, Vault("key"), lambda: at[0])
    chores()
    leave(database, NOON - 40 * DAY, "old@example.com")
    with database.writing() as session:
        session.scalars(select(Assessment)).one().submitted_at = None
    chores()
    with database.reading() as session:
        assert session.scalars(select(Assessment)).one()
    at[0] += timedelta(hours=1)
    chores()
    with database.reading() as session:
        assert session.scalars(select(Assessment)).all() == []


def test_a_worker_gives_a_sign_of_life_twice_a_minute(database: Database, settings: Settings) -> None:
    seen = []
    at = [NOON]
    chores = Chores(database, settings, Vault("key"), lambda: at[0])
    for seconds in (0, 29, 30, 59, 61):
        at[0] = NOON + timedelta(seconds=seconds)
        chores()
        with database.reading() as session:
            last = last_sign(session)
            assert last
            seen.append((last - NOON).seconds)
    assert seen == [0, 0, 30, 30, 61]
