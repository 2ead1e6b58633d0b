"""What was said last time, and what somebody else suggests: kept beside the answers, never among them."""

from datetime import timedelta

from sqlalchemy import func, select

from assessment.engine.questions import Depth
from assessment.settings import read_settings
from assessment.storage import assessments, carrying, leads, privacy, suggesting, tenants
from assessment.storage.assessments import LinkKind
from assessment.storage.carrying import Carried, Earlier
from assessment.storage.session import Database, Session
from assessment.storage.suggesting import State, Suggestion
from assessment.storage.tables import Assessment, Consent, Lead, Link
from tests.storage.conftest import NOW

DAY = timedelta(days=1)
PIN = ("it-health", "1")
SAID = {
    "a.kept": Earlier("often", "Every day", NOW),
    "a.several": Earlier(frozenset({"x", "y"}), "This; that", NOW),
    "a.gone": Earlier(None, "What is not offered any more", NOW),
}


def begin(session: Session) -> tuple[Assessment, str, Link]:
    tenant = tenants.default_tenant(session, read_settings({}), NOW)
    assessment, token = assessments.start(session, tenant, PIN, Depth.QUICK, NOW, 40 * DAY)
    link = assessments.link_by_token(session, token, LinkKind.WRITE, NOW)
    assert link is not None
    return assessment, token, link


def again(session: Session, before: Assessment, named: bool = False) -> Assessment:
    token = carrying.take_again(session, before, ("it-health", "2"), SAID, NOW, DAY, named)
    found = assessments.by_token(session, token, LinkKind.WRITE, NOW)
    assert found is not None
    return found


def test_what_was_said_last_time_comes_back_as_it_was_and_is_no_answer(database: Database) -> None:
    with database.writing() as session:
        taken = again(session, begin(session)[0])
    with database.reading() as session:
        found = session.get_one(Assessment, taken.id)
        assert carrying.carried(session, found) == SAID
        assert assessments.answers_of(session, found) == {}
        assert found.pin == ("it-health", "2")


def test_taking_it_again_is_of_the_same_lead_only_if_named(database: Database) -> None:
    with database.writing() as session:
        before = begin(session)[0]
        lead = Lead(reference="l", tenant_id=before.tenant_id, contact="{}", grade="{}", created_at=NOW, updated_at=NOW)
        before.lead = lead
        session.flush()
        assert again(session, before).lead_id is None
        assert again(session, before, named=True).lead_id == lead.id


def consent(assessment: Assessment) -> Consent:
    told = {"purpose": "results", "says": "May we?", "version": "1", "language": "en-GB", "controller": "Us"}
    return Consent(assessment_reference=assessment.reference, given=True, at=NOW, **told)


def test_the_holder_of_a_third_years_link_is_still_known_unless_staff_led_or_somebody_else_left_an_address(
    database: Database,
) -> None:
    with database.writing() as session:
        first = begin(session)[0]
        lead = Lead(reference="l", tenant_id=first.tenant_id, contact="{}", grade="{}", created_at=NOW, updated_at=NOW)
        first.lead = lead
        second = again(session, first, named=True)
        third = again(session, second, named=True)
        lead.consents = [consent(one) for one in (first, second, third)]
        session.flush()
        link = third.links[0]
        assert leads.proven(session, link)
        second.led_by_id = 7
        assert not leads.proven(session, link)
        second.led_by_id = None
        lead.consents.append(consent(begin(session)[0]))
        assert not leads.proven(session, link)


def test_an_assessment_is_set_beside_the_one_before_only_where_both_were_alike_and_sent_in(database: Database) -> None:
    with database.writing() as session:
        before = begin(session)[0]
        taken = again(session, before)
        assert assessments.taken_before(session, taken) is None
        before.submitted_at = NOW
        assert assessments.taken_before(session, taken) is before
        before.depth = "full"
        assert assessments.taken_before(session, taken) is None
        before.depth, before.questionnaire_id = taken.depth, "other"
        assert assessments.taken_before(session, taken) is None


def ask(session: Session, *questions: str) -> tuple[Assessment, str, Link]:
    """Somebody is asked about these; gives the token they are sent and the link of whoever asks."""
    assessment, token, link = begin(session)
    report = assessments.report_token(token)
    suggesting.ask(session, link, report, questions, "Brown & Co", NOW)
    return assessment, report, link


def test_only_what_was_asked_can_be_suggested_and_until_it_is_decided(database: Database) -> None:
    with database.writing() as session:
        assessment, _, _ = ask(session, "a.one", "a.two")
        assert not suggesting.suggest(session, assessment, "a.other", "x", "", NOW)
        assert suggesting.suggest(session, assessment, "a.one", frozenset({"b", "a"}), "a note", NOW)
        assert suggesting.suggest(session, assessment, "a.one", "y", "", NOW)
        found = suggesting.asked(session, assessment)
        assert (found["a.one"].answer, found["a.one"].state, found["a.two"].state) == ("y", "suggested", "asked")
        assert suggesting.decide(session, assessment, "a.one", found["a.one"].stamp, State.USED, NOW)
        assert not suggesting.suggest(session, assessment, "a.one", "z", "", NOW)
        assert not suggesting.decide(session, assessment, "a.one", found["a.one"].stamp, State.LEFT, NOW)
        assert suggesting.asked(session, assessment)["a.one"].answer == "y"


def test_a_decision_on_what_is_not_there_any_more_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        assessment, _, _ = ask(session, "a.one")
        suggesting.suggest(session, assessment, "a.one", "x", "", NOW)
        seen = suggesting.asked(session, assessment)["a.one"].stamp
        suggesting.suggest(session, assessment, "a.one", "y", "", NOW)
        assert not suggesting.decide(session, assessment, "a.one", seen, State.USED, NOW)
        assert not suggesting.decide(session, assessment, "a.other", seen, State.USED, NOW)
        assert suggesting.asked(session, assessment)["a.one"].state is State.SUGGESTED


def test_asking_again_asks_about_more_and_forgets_nothing(database: Database) -> None:
    with database.writing() as session:
        assessment, report, link = ask(session, "a.one")
        suggesting.suggest(session, assessment, "a.one", "x", "", NOW)
        suggesting.ask(session, link, report, ["a.one", "a.two"], "", NOW)
        found = suggesting.asked(session, assessment)
        assert (found["a.one"].answer, found["a.two"].state) == ("x", State.ASKED)
        assert session.scalar(select(func.count()).where(Link.kind == LinkKind.ASK)) == 1


def test_a_link_that_was_stopped_is_known_as_such_and_the_next_one_is_another(database: Database) -> None:
    with database.writing() as session:
        assessment, report, link = ask(session, "a.one")
        first = suggesting.token_for(report, 1)
        assert suggesting.working_link(session, assessment, NOW) is suggesting.link_of(session, first)
        suggesting.stop(session, assessment, NOW)
        assert suggesting.working_link(session, assessment, NOW) is None
        stopped = suggesting.link_of(session, first, lock=True)
        assert stopped is not None
        session.refresh(stopped)
        assert stopped.revoked_at == NOW
        suggesting.ask(session, link, report, ["a.one"], "", NOW)
        second = suggesting.working_link(session, assessment, NOW)
        assert second is not None
        assert suggesting.opens(second, suggesting.token_for(report, 2))
        assert second.expires_at - NOW == suggesting.ASKED_FOR


def test_the_token_of_whoever_is_asked_opens_nothing_else(database: Database) -> None:
    with database.writing() as session:
        _, report, _ = ask(session, "a.one")
        token = suggesting.token_for(report, 1)
        for kind in (LinkKind.WRITE, LinkKind.REPORT, LinkKind.SHARE):
            assert assessments.link_by_token(session, token, kind, NOW) is None
        assert suggesting.link_of(session, report) is None


def test_what_is_chosen_is_used_once(database: Database) -> None:
    with database.writing() as session:
        assessment, _, _ = ask(session, "a.one", "a.two")
        for question in ("a.one", "a.two"):
            suggesting.suggest(session, assessment, question, "x", "", NOW)
        stamp = suggesting.asked(session, assessment)["a.one"].stamp
        suggesting.decide(session, assessment, "a.one", stamp, State.CHOSEN, NOW)
        assert suggesting.use_chosen(session, assessment) == {"a.one": "x"}
        assert suggesting.use_chosen(session, assessment) == {}


def test_all_of_it_is_known_to_its_owner_and_goes_with_the_assessment(database: Database) -> None:
    with database.writing() as session:
        assessment, _, _ = ask(session, "a.one")
        suggesting.suggest(session, assessment, "a.one", "x", "see the invoice", NOW)
        assert "see the invoice" in str(privacy.sitting(session, assessment)["suggestions"])
        taken = again(session, assessment)
        assert "Every day" in str(privacy.sitting(session, taken)["said_last_time"])
        for one in (assessment, taken):
            privacy.erase_sitting(session, one, NOW)
        for table in (Carried, Suggestion, Link):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_the_sweep_takes_it_with_what_was_never_finished(database: Database) -> None:
    with database.writing() as session:
        assessment, _, _ = ask(session, "a.one")
        again(session, assessment)
        privacy.sweep(session, NOW + 60 * DAY, 30 * DAY)
        for table in (Carried, Suggestion, Link):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_what_is_erased_is_erased_where_it_was_carried_to_as_well(database: Database) -> None:
    with database.writing() as session:
        before, _, _ = begin(session)
        begun, other = again(session, before), again(session, begin(session)[0])
        privacy.erase_sitting(session, before, NOW)
        session.expire_all()
        assert carrying.carried(session, begun) == {}
        assert carrying.carried(session, other) == SAID
