"""The same thing sent twice, at once, late or from two tabs: one result, one lead, one set of messages."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from assessment.engine.assess import assess
from assessment.engine.questions import Depth
from assessment.settings import shipped
from assessment.storage.questionnaires import pinned
from tests.faults.instance import ANSWERS, STAFF_MAIL, Instance, answers_kept, answers_scored
from tests.faults.processes import until
from tests.faults.soundness import half_written, kept, people

AT_ONCE, PEOPLE = 40, 12
HERE = "https://127.0.0.1:8443/in"
QUESTION = "backups.schedule"


@pytest.fixture(autouse=True)
def _somebody_listens(instance: Instance) -> None:
    instance.listen(HERE)
    instance.change(staff_mail=[STAFF_MAIL])


def at_once(instance: Instance, requests: Sequence[tuple[str, dict[str, str]]]) -> list[tuple[int, str]]:
    """Post all of them at the same moment; gives each status with where it leads."""
    together = threading.Barrier(len(requests))

    def post(path: str, form: dict[str, str]) -> tuple[int, str]:
        client = instance.app.test_client()
        together.wait(60)
        answer = client.post(path, data=form)
        return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(lambda one: post(*one), requests))


def test_a_submit_button_pressed_forty_times_at_once_makes_one_result(instance: Instance) -> None:
    (sitting,) = instance.prepare(1)
    answers = at_once(instance, [(sitting.submit, {})] * AT_ONCE)
    assert answers == [(303, sitting.report)] * AT_ONCE
    assert kept(instance.database)[0] == {sitting.reference}
    assert half_written(instance.database) == []


def test_an_answer_posted_after_sending_in_changes_nothing_and_says_so(instance: Instance) -> None:
    sitting = instance.submit()
    before = instance.page(f"{sitting.report}/data.json")
    closed = f"{sitting.report}?notice=closed"
    assert instance.post(f"/t/{sitting.token}/{QUESTION}", {"answer": "none"}) == closed
    assert instance.app.test_client().get(f"/t/{sitting.token}/{QUESTION}").headers["Location"] == closed
    assert "they can no longer change" in instance.page(closed)
    assert instance.page(f"{sitting.report}/data.json") == before


def test_sending_in_from_a_second_tab_leads_to_the_same_result(instance: Instance) -> None:
    sitting = instance.submit()
    before = instance.page(f"{sitting.report}/data.json")
    assert [instance.post(sitting.submit) for _ in range(3)] == [sitting.report] * 3
    assert instance.page(f"{sitting.report}/data.json") == before
    assert half_written(instance.database) == []


def test_the_last_answer_before_sending_in_counts_whichever_tab_it_came_from(instance: Instance) -> None:
    (sitting,) = instance.prepare(1)
    for answer in ("several-a-day", "by-hand-or-synced"):
        instance.post(f"/t/{sitting.token}/{QUESTION}", {"answer": answer})
    instance.post(sitting.submit)
    assert answers_kept(instance, sitting)[QUESTION] == answers_scored(instance, sitting)[QUESTION]
    assert answers_kept(instance, sitting)[QUESTION] == "by-hand-or-synced"


def test_a_questionnaire_published_anew_leaves_open_assessments_with_the_one_they_began_with(
    instance: Instance, tmp_path: Path
) -> None:
    (sitting,) = instance.prepare(1)
    pin, old = instance.site.pin, "Have you ever got your data back from a backup?"
    newer = Instance(
        {**instance.environment, "ASSESSMENT_QUESTIONS": str(republished(tmp_path, old, "Is it tested?"))}, instance.now
    )
    with newer.database.closing():
        assert newer.site.pin != pin
        with newer.database.reading() as session:
            expected = assess(pinned(session, pin), ANSWERS, Depth.QUICK)
        newer.post(sitting.submit)
        assert old in newer.page(sitting.report)
        assert "Is it tested?" not in newer.page(sitting.report)
        kept_outcome = instance.deliveries("assessment.completed")[0].payload
        assert expected.overall
        assert f'"overall":{expected.overall.score},' in kept_outcome
        assert f'"version":"{pin[1]}"' in kept_outcome
        assert "Is it tested?" in newer.page(newer.submit().report)


def republished(folder: Path, old: str, new: str) -> Path:
    """The shipped questionnaire under the next version, with one question in other words and worth nothing."""
    for path in (shipped("questions") / "it-health").rglob("*.yaml"):
        words = path.read_text(encoding="utf-8").replace(old, new).replace('version: "', 'version: "next-')
        copy = folder / "questions" / path.relative_to(shipped("questions"))
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(words.replace('a day", points: 85}', 'a day", points: 87}'), encoding="utf-8")
    return folder / "questions"


def test_a_dozen_people_leave_their_details_at_once(instance: Instance) -> None:
    """On PostgreSQL two at once used to lock the tenant's row against each other, and one of them was turned away."""
    sittings = [instance.submit() for _ in range(PEOPLE)]
    answers = at_once(instance, [(one.contact, instance.form(one)) for one in sittings])
    assert {status for status, _ in answers} == {303}
    assert people(instance.database) == PEOPLE
    assert half_written(instance.database) == []


def test_a_contact_form_sent_forty_times_at_once_is_one_lead_and_is_never_turned_away(instance: Instance) -> None:
    sitting = instance.submit()
    answers = at_once(instance, [(sitting.contact, instance.form(sitting))] * AT_ONCE)
    assert people(instance.database) == 1
    assert half_written(instance.database) == []
    assert answers == [(303, f"{sitting.report}?notice=received#contact")] * AT_ONCE


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_an_answer_on_its_way_while_another_tab_sends_in_is_scored_or_not_kept(instance: Instance) -> None:
    """The answer waits for the database after it found the assessment open; the other tab sends in meanwhile."""
    (sitting,) = instance.prepare(1)
    with ThreadPoolExecutor(2) as pool:
        with instance.database.writing() as session:
            session.execute(text("UPDATE answer SET value = value WHERE question = :it"), {"it": QUESTION})
            answered = pool.submit(instance.post, f"/t/{sitting.token}/{QUESTION}", {"answer": "none"})
            until(lambda: instance.waiting() == 1, "an answer that waits for the database")
            submitted = pool.submit(instance.post, sitting.submit)
            until(lambda: submitted.done() or instance.waiting() == 2, "a submit that is done or waits")
        answered.result(60)
        submitted.result(60)
    assert answers_kept(instance, sitting)[QUESTION] == answers_scored(instance, sitting)[QUESTION]
