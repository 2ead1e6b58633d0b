"""API tokens, and what programs read by the page, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from assessment.engine.questions import Depth
from assessment.settings import read_settings
from assessment.storage import assessments, browsing, lead_pages, leads, limits, tenants, tokens
from assessment.storage.browsing import BadCursor, Sort
from assessment.storage.lead_pages import Wanted
from assessment.storage.session import Database, Session
from assessment.storage.tables import Tenant
from assessment.storage.tokens import NotMade, Scope
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Grade
from tests.storage.conftest import NOW

DAY = timedelta(days=1)
GRADE = Grade("A", 1, True, ("They asked.",))


def firm(session: Session) -> Tenant:
    return tenants.default_tenant(session, read_settings({}), NOW)


def test_a_token_is_found_by_its_text_alone_until_its_time_is_over(database: Database) -> None:
    with database.writing() as session:
        made, text = tokens.make(session, firm(session), " Our   CRM ", [Scope.ERASE, Scope.LEADS], NOW, DAY)
        with pytest.raises(NotMade, match="named “Our CRM” already"):
            tokens.make(session, firm(session), "Our CRM", [Scope.ERASE], NOW)
        tokens.used(session, made, NOW.date())
    with database.reading() as session:
        found = tokens.shown(session, text, NOW)
        assert found is not None
        assert (found.name, found.scopes, found.last_used) == ("Our CRM", "leads:read erase", NOW.date())
        assert tokens.shown(session, text, NOW + DAY) is None
        for other in ("", text[:-1], text.lower(), found.sha256, found.begins):
            assert tokens.shown(session, other, NOW) is None
    with database.writing() as session:
        assert tokens.make(session, firm(session), "Our CRM", [Scope.ERASE], NOW + DAY), "a name is free again"


def test_leads_come_once_each_and_no_more_than_asked_for(database: Database) -> None:
    with database.writing() as session:
        tenant = firm(session)
        for number in range(5):
            sitting, token = assessments.start(session, tenant, ("it-health", "1"), Depth.QUICK, NOW, DAY)
            assessments.submit(session, sitting, "{}", token, NOW, DAY, False)
            boxes = [(text, number % 2 == 0) for text in consents(tenant.profile)]
            leads.receive(session, sitting, {"email": f"{number}@x.example"}, boxes, GRADE, NOW + number * DAY)
    with database.reading() as session:
        tenant_id = session.scalars(select(Tenant.id)).one()
        pages, after = [], ""
        for _ in range(3):
            found, after = lead_pages.page(session, tenant_id, Wanted(), after, 2)
            pages.append([one.contact.get("email", "") for one in found])
        assert (pages, after) == ([["4@x.example", ""], ["2@x.example", ""], ["0@x.example"]], "")
        day = NOW.date() + DAY
        for wanted, number in (
            (Wanted(contact=True), 3),
            (Wanted(contact=False), 2),
            (Wanted(since=day, until=day + DAY), 2),
            (Wanted(test=True), 0),
        ):
            assert len(lead_pages.page(session, tenant_id, wanted, "", 9)[0]) == number, wanted
        assert lead_pages.page(session, tenant_id + 1, Wanted(), "", 9) == ([], "")
        ids, after = browsing.following(session, tenant_id, browsing.Wanted(), Sort.NEWEST, "", 4)
        more, end = browsing.following(session, tenant_id, browsing.Wanted(), Sort.NEWEST, after, 4)
        assert (len({*ids, *more}), len(more), end) == (5, 1, "")


@pytest.mark.parametrize("cursor", ["x", "-1", "99999999999", "٣", " 1"])
def test_a_cursor_that_is_none_is_said_to_be(database: Database, cursor: str) -> None:
    with database.reading() as session, pytest.raises(BadCursor):
        lead_pages.page(session, 1, Wanted(), cursor, 9)
    with database.reading() as session, pytest.raises(BadCursor):
        browsing.following(session, 1, browsing.Wanted(), Sort.NEWEST, cursor, 9)


def test_how_long_to_wait_is_until_counting_begins_anew(database: Database) -> None:
    with database.writing() as session:
        limits.take(session, "k", 1, DAY, NOW)
        assert limits.wait(session, "k", NOW + DAY / 4) == DAY * 0.75
        assert limits.wait(session, "k", NOW + 2 * DAY) == limits.wait(session, "other", NOW) == timedelta()
