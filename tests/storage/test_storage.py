"""What is kept: assessments, answers, links, versions; on SQLite and on PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.settings import read_settings
from assessment.storage import assessments, questionnaires, tenants
from assessment.storage.assessments import LinkKind
from assessment.storage.migrating import current, migrate
from assessment.storage.questionnaires import VersionTaken
from assessment.storage.session import Database, Session, Unavailable
from assessment.storage.tables import Answer, Assessment, Link
from tests.storage.conftest import NOW, changed

DAY = timedelta(days=1)


def begin(session: Session) -> tuple[Assessment, str]:
    tenant = tenants.default_tenant(session, read_settings({}), NOW)
    return assessments.start(session, tenant, ("it-health", "1"), Depth.QUICK, NOW, DAY)


def test_migrating_twice_or_at_once_happens_once(empty: Database) -> None:
    def one(_: int) -> None:
        other = Database(empty.url.render_as_string(hide_password=False), 20)
        with other.closing():
            migrate(other)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    assert current(empty) is not None


def test_answers_come_back_as_they_were_given(database: Database) -> None:
    with database.writing() as session:
        assessment, token = begin(session)
        assessments.record(session, assessment, "a.single", "never", NOW)
        assessments.record(session, assessment, "a.multiple", frozenset({"x", "y"}), NOW)
        assessments.record(session, assessment, "a.number", 12, NOW)
        assessments.record(session, assessment, "a.single", "often", NOW)
    with database.reading() as session:
        found = assessments.by_token(session, token, LinkKind.WRITE, NOW)
        assert found is not None
        assert assessments.answers_of(session, found) == {
            "a.single": "often",
            "a.multiple": frozenset({"x", "y"}),
            "a.number": 12,
        }


def test_a_token_is_kept_only_as_a_hash(database: Database) -> None:
    with database.writing() as session:
        _, token = begin(session)
    with database.reading() as session:
        assert token not in {link.sha256 for link in session.scalars(select(Link))}


@pytest.mark.parametrize(
    ("kind", "at", "opens"),
    [
        (LinkKind.WRITE, NOW, True),
        (LinkKind.REPORT, NOW, False),
        (LinkKind.WRITE, NOW + 2 * DAY, False),
    ],
)
def test_a_link_opens_what_it_is_for_and_while_it_is_valid(
    database: Database, kind: LinkKind, at: datetime, opens: bool
) -> None:
    with database.writing() as session:
        _, token = begin(session)
    with database.reading() as session:
        assert (assessments.by_token(session, token, kind, at) is not None) is opens


def test_a_revoked_link_opens_nothing(database: Database) -> None:
    with database.writing() as session:
        _, token = begin(session)
        session.scalars(select(Link)).one().revoked_at = NOW
    with database.reading() as session:
        assert assessments.by_token(session, token, LinkKind.WRITE, NOW) is None


def test_submitting_again_keeps_the_first_outcome(database: Database) -> None:
    with database.writing() as session:
        assessment, token = begin(session)
        assessments.submit(session, assessment, "first", token, NOW, DAY)
        assessments.submit(session, assessment, "second", token, NOW, DAY)
    with database.reading() as session:
        found = assessments.by_token(session, assessments.report_token(token), LinkKind.REPORT, NOW)
        assert found is not None
        assert found.outcome == "first"
        assert found.submitted_at == NOW


def test_erasing_takes_answers_and_links_along(database: Database) -> None:
    with database.writing() as session:
        assessment, _ = begin(session)
        assessments.record(session, assessment, "a.single", "never", NOW)
    with database.writing() as session:
        assessments.erase(session, assessment)
    with database.reading() as session:
        for table in (Assessment, Answer, Link):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_going_deeper_copies_the_answers_and_remembers_where_they_came_from(database: Database) -> None:
    with database.writing() as session:
        old, _ = begin(session)
        assessments.record(session, old, "a.single", "never", NOW)
        token = assessments.go_deeper(session, old, Depth.FULL, NOW, DAY)
    with database.reading() as session:
        new = assessments.by_token(session, token, LinkKind.WRITE, NOW)
        assert new is not None
        assert (new.continues_id, new.depth) == (old.id, "full")
        assert assessments.answers_of(session, new) == {"a.single": "never"}


def test_erasing_the_old_one_leaves_the_deeper_one(database: Database) -> None:
    with database.writing() as session:
        old, _ = begin(session)
        token = assessments.go_deeper(session, old, Depth.FULL, NOW, DAY)
    with database.writing() as session:
        assessments.erase(session, old)
    with database.reading() as session:
        new = assessments.by_token(session, token, LinkKind.WRITE, NOW)
        assert new is not None
        assert new.continues_id is None


def test_a_transaction_that_fails_keeps_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        begin(session)
        raise ZeroDivisionError
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Assessment)) == 0


def test_writers_at_the_same_moment_lose_no_answer(database: Database) -> None:
    with database.writing() as session:
        assessment, _ = begin(session)

    def write(n: int) -> None:
        with database.writing() as session:
            assessments.record(session, assessment, f"a.q{n % 50}", n, NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(200)))
    with database.reading() as session:
        assert len(assessments.answers_of(session, assessment)) == 50


def test_a_published_version_is_found_again_whole(database: Database, questionnaire: Questionnaire) -> None:
    with database.writing() as session:
        version = questionnaires.publish(session, questionnaire, NOW)
        assert questionnaires.publish(session, questionnaire, NOW) == version
    with database.reading() as session:
        found = questionnaires.pinned(session, (questionnaire.id, version))
    assert found == questionnaire
    assert found.digest == questionnaire.digest


def test_the_same_version_with_other_content_is_refused_outside_development(
    database: Database, questionnaire: Questionnaire
) -> None:
    other = changed(questionnaire, title="Changed")
    with database.writing() as session:
        version = questionnaires.publish(session, questionnaire, NOW)
    with database.writing() as session, pytest.raises(VersionTaken, match="new `version:`"):
        questionnaires.publish(session, other, NOW)
    with database.writing() as session:
        assert questionnaires.publish(session, other, NOW, development=True).startswith(f"{version}+")


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(Exception, match="time zone"), database.writing() as session:
        tenants.default_tenant(session, read_settings({}), naive)
        session.flush()


def test_a_database_that_is_not_there_is_unavailable_and_says_so() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with database.closing():
        with pytest.raises(Unavailable), database.reading() as session:
            session.execute(text("SELECT 1"))
        assert not database.answers()
