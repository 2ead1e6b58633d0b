"""What the settings read and write: wordings people agreed to, versions and how often they were taken, and changes."""

import threading
from datetime import datetime, timedelta

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.storage import assessments, leads, questionnaires, tenants, wordings
from assessment.storage.session import Database, Session
from assessment.storage.tables import Tenant
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Grade
from tests.storage.conftest import NOW, changed

GRADE = Grade("A", 1, True, ())
DAY = timedelta(days=1)


def leave(
    session: Session, tenant: Tenant, pin: tuple[str, str], who: str, at: datetime, yes: bool = True, test: bool = False
) -> None:
    """Somebody sends something in and leaves an address."""
    sitting, _ = assessments.start(session, tenant, pin, Depth.QUICK, at, DAY)
    sitting.submitted_at, sitting.test = at, test
    boxes = [(text, yes) for text in consents(tenant.profile)]
    leads.receive(session, sitting, {"email": f"{who}@b.example"}, boxes, GRADE, at)


def test_wordings_are_counted_by_version_inside_one_tenant_and_without_tests(
    database: Database, questionnaire: Questionnaire
) -> None:
    with database.writing() as session:
        pin = (questionnaire.id, questionnaires.publish(session, questionnaire, NOW))
        mine, other = (tenants.add(session, slug, {"name": slug}, NOW) for slug in ("mine", "other"))
        for who in ("ann", "bob"):
            leave(session, mine, pin, who, NOW + (DAY if who == "bob" else 0 * DAY))
        leave(session, mine, pin, "no", NOW, yes=False)
        leave(session, mine, pin, "tester", NOW, test=True)
        leave(session, other, pin, "eve", NOW)
        tenants.change(mine, {"controller": "Mine Ltd"})
        leave(session, mine, pin, "cyd", NOW + 2 * DAY)
        session.flush()
        new, old = wordings.agreed_to(session, mine.id)
    assert (new.says, new.agreed, new.first, new.last) == (consents(mine.profile)[0].says, 1, NOW + 2 * DAY, new.first)
    assert (old.says, old.agreed) == ("mine may contact me about these results.", 2)
    assert (old.first, old.last, old.taken_back) == (NOW, NOW + DAY, 0)


def test_versions_say_how_often_one_tenant_s_visitors_sent_them_in(
    database: Database, questionnaire: Questionnaire
) -> None:
    with database.writing() as session:
        first = (questionnaire.id, questionnaires.publish(session, questionnaire, NOW))
        later = changed(questionnaire, version="2030.1")
        second = (later.id, questionnaires.publish(session, later, NOW + DAY))
        mine, other = (tenants.add(session, slug, {}, NOW) for slug in ("mine", "other"))
        for who in ("ann", "bob"):
            leave(session, mine, first, who, NOW)
        leave(session, mine, first, "tester", NOW, test=True)
        leave(session, other, second, "eve", NOW)
        assessments.start(session, mine, second, Depth.QUICK, NOW, DAY)
        session.flush()
        found = questionnaires.published(session, mine.id)
    assert [(one.id, one.version, one.taken) for one in found] == [(*second, 0), (*first, 2)]
    assert [one.digest for one in found] == [later.digest, questionnaire.digest]


def test_of_two_changes_at_once_neither_is_lost(database: Database) -> None:
    with database.writing() as session:
        tenants.add(session, "mine", {"name": "Before"}, NOW)
    begun, together = threading.Event(), []

    def second() -> None:
        begun.wait()
        with database.writing() as session:
            tenant = tenants.for_change(session, "mine")
            assert tenant
            together.append(tenant.profile.name)
            tenants.change(tenant, {"retention_days": "60"})

    other = threading.Thread(target=second)
    other.start()
    with database.writing() as session:
        tenant = tenants.for_change(session, "mine")
        assert tenant
        begun.set()
        other.join(0.3)
        tenants.change(tenant, {"name": "After"})
    other.join()
    with database.reading() as session:
        tenant = tenants.by_slug(session, "mine")
        assert tenant
        assert (tenant.profile.name, tenant.profile.retention_days) == ("After", 60)
    assert together == ["After"]
