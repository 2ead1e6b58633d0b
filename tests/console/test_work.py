"""What staff do with one assessment: status, notes, answers looked at again, a meeting, links, and erasing it."""

import re
from typing import Any

import pytest
from flask import Flask

from assessment.storage import assessments, browsing, leads, work
from assessment.storage.staff import Role
from assessment.storage.tables import Assessment
from tests.console.conftest import BROWN, HOME, Join, Send, Worker, site_of, token_of
from tests.web.conftest import Page

pytestmark = pytest.mark.databases

ASKED = "backups.tested-restore"


def row(app: Flask, reference: str) -> Assessment:
    with site_of(app).database.reading() as session:
        found = browsing.sitting(session, 1, reference)
        assert found is not None
        return found


def post(worker: Worker, path: str, expect: int = 303, **typed: Any) -> Any:
    """Send a form of the console; gives the answer as it is."""
    return worker.send(path, typed, expect, worker.token("/account"))


def public(worker: Worker, address: str) -> Any:
    return worker.client.get(address.removeprefix(HOME), base_url=HOME)


def events(page: Page) -> str:
    return page.says().rsplit("What happened", 1)[1]


def test_status_and_person_are_kept_filtered_by_and_told(app: Flask, kim: Worker, join: Join, send: Send) -> None:
    mine, other = send(contact=BROWN), send("c8-architecture-firm")
    join("ana@northgate.example", Role.EDITOR)
    ana = 2
    post(kim, f"/check/assessments/{mine}/work", status="meeting", assignee=str(ana))
    page = kim.open(f"/check/assessments/{mine}")
    assert "Kim Lee set the status to “meeting agreed”" in events(page)
    assert "Kim Lee handed it to Kim Lee" in events(page)
    for asked, found in (
        ("status=meeting", [mine]),
        ("status=new", [other]),
        (f"assignee={ana}", [mine]),
        ("assignee=nobody", [other]),
        ("status=x&assignee=x", [other, mine]),
        ("assignee=99999999999999999999", [other, mine]),
    ):
        rows = [
            link for link in kim.open(f"/check/assessments?{asked}").links() if re.search(r"/assessments/\w+$", link)
        ]
        assert [one.rsplit("/", 1)[1] for one in rows] == found, asked
    assert "Meeting agreed Kim Lee" in kim.open("/check/assessments").says()


@pytest.mark.parametrize("typed", [{"status": "sold", "assignee": ""}, {"status": "new", "assignee": "77"}, {}])
def test_a_status_or_person_that_is_not_offered_changes_nothing(
    app: Flask,
    kim: Worker,
    send: Send,
    typed: dict[str, str],
) -> None:
    reference = send()
    post(kim, f"/check/assessments/{reference}/work", 400, **typed)
    assert (row(app, reference).status, row(app, reference).assignee_id) == ("new", None)


def test_notes_are_written_read_by_colleagues_and_removed_by_who_wrote_them(
    kim: Worker, join: Join, send: Send
) -> None:
    reference = send()
    post(kim, f"/check/assessments/{reference}/notes", says="Rang her.\r\n<b>Monday</b> {{7*7}}")
    ana = join("ana@northgate.example", Role.EDITOR)
    page = ana.open(f"/check/assessments/{reference}")
    assert "Rang her. <b>Monday</b> {{7*7}}" in page.says()
    assert "/remove" not in page.text
    remove = next(
        form.get("action")
        for form in kim.open(f"/check/assessments/{reference}").all("form")
        if "remove" in (form.get("action") or "")
    )
    assert remove is not None
    post(ana, remove.removeprefix("/console"), 404)
    post(kim, remove.removeprefix("/console"))
    assert "Rang her" not in kim.open(f"/check/assessments/{reference}").says()


@pytest.mark.parametrize(("says", "wrong"), [("  ", "Write something first"), ("x" * 4001, "at most 4,000 characters")])
def test_a_note_that_cannot_be_kept_comes_back_as_it_was_typed(kim: Worker, send: Send, says: str, wrong: str) -> None:
    reference = send()
    answer = post(kim, f"/check/assessments/{reference}/notes", 422, says=says)
    assert wrong in answer.text
    assert says.strip() in answer.text


def review(worker: Worker, reference: str, question: str = ASKED, expect: int = 303, **typed: Any) -> Any:
    return post(worker, f"/check/assessments/{reference}/answers/{question}", expect, **typed)


def test_an_answer_corrected_by_staff_stands_beside_the_owner_s_and_the_score_is_told_both_ways(
    app: Flask,
    kim: Worker,
    send: Send,
) -> None:
    reference = send("c8-architecture-firm")
    before = row(app, reference)
    review(kim, reference, kind="corrected", answer="never", how="Nobody could show a test")
    page = kim.open(f"/check/assessments/{reference}/answers")
    assert "Corrected by Kim Lee" in page.says()
    assert "Nobody could show a test" in page.says()
    told = kim.open(f"/check/assessments/{reference}").says()
    both = re.search(r"As your staff saw it: (\d+) .*? By the owner’s own answers: (\d+)\.", told)
    assert both is not None
    assert int(both[1]) < int(both[2]) == before.score
    after = row(app, reference)
    assert (after.outcome, after.score, after.band) == (before.outcome, before.score, before.band)
    post(kim, f"/check/assessments/{reference}/answers/{ASKED}/undo")
    assert "As your staff saw it" not in kim.open(f"/check/assessments/{reference}").says()


def test_an_answer_verified_by_staff_changes_no_score(kim: Worker, send: Send) -> None:
    reference = send()
    review(kim, reference, kind="verified")
    says = kim.open(f"/check/assessments/{reference}").says()
    assert "found every answer they looked at to be right" in says
    assert "1 verified, 0 corrected" in says


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"kind": "corrected"}, "Choose the answer that is right"),
        ({"kind": "corrected", "answer": "nonsense"}, "Choose one of the answers"),
        ({}, "Say whether the answer is right"),
        ({"kind": "verified", "how": "x" * 501}, "at most 500 characters"),
    ],
)
def test_a_look_that_cannot_be_kept_says_why_and_keeps_nothing(
    app: Flask,
    kim: Worker,
    send: Send,
    typed: dict[str, str],
    wrong: str,
) -> None:
    reference = send()
    assert wrong in review(kim, reference, expect=422, **typed).text
    with site_of(app).database.reading() as session:
        assert work.reviews(session, row(app, reference)) == {}


def test_the_owner_s_own_answer_is_no_correction(kim: Worker, send: Send) -> None:
    reference = send("c8-architecture-firm")
    given = answers(kim.app, reference)[ASKED]
    assert "That is what the owner said" in review(kim, reference, expect=422, kind="corrected", answer=given).text


def answers(app: Flask, reference: str) -> Any:
    with site_of(app).database.reading() as session:
        return assessments.answers_of(session, row(app, reference))


def test_every_question_can_be_corrected_to_everything_it_offers(app: Flask, kim: Worker, send: Send) -> None:
    reference = send("c8-architecture-firm")
    given = answers(app, reference)
    with site_of(app).database.reading() as session:
        questionnaire = site_of(app).questionnaire_of(session, row(app, reference))
    token = kim.token("/account")
    for question in questionnaire.questions.values():
        offered = [option.id for option in question.options]
        answer = next((one for one in offered if one != given.get(question.id)), "12")
        typed = {"kind": "corrected", "answer": answer}
        kim.send(f"/check/assessments/{reference}/answers/{question.id}", typed, 303, token)
    page = kim.open(f"/check/assessments/{reference}/answers")
    assert "As your staff saw it" in page.says()


def test_several_answers_at_once_are_a_correction_too(app: Flask, kim: Worker, send: Send) -> None:
    reference = send("c8-architecture-firm")
    review(kim, reference, "profile.sensitive-data", kind="corrected", answer=["health", "cards"])
    with site_of(app).database.reading() as session:
        kept = work.reviews(session, row(app, reference))["profile.sensitive-data"]
    assert kept.answer == frozenset({"health", "cards"})
    review(kim, reference, "profile.sensitive-data", 422, kind="corrected", answer=["health", "nonsense"])


def test_a_meeting_begins_on_the_pages_of_the_check_and_comes_back_into_the_list(
    app: Flask, kim: Worker, clock: Any
) -> None:
    address = post(kim, "/check/assessments/begin", depth="quick").location
    assert address.startswith(f"{HOME}/t/")
    page = public(kim, address)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    with site_of(app).database.reading() as session:
        token = address.split("/t/")[1].split("/")[0]
        begun = assessments.by_token(session, token, assessments.LinkKind.WRITE, clock())
        assert begun is not None
        assert (begun.led_by_id, begun.came_from) == (1, "meeting")


def test_going_through_it_together_continues_the_assessment_and_leaves_the_old_one_alone(
    app: Flask,
    kim: Worker,
    send: Send,
    clock: Any,
) -> None:
    reference = send("c8-architecture-firm", contact=BROWN)
    before = row(app, reference)
    address = post(kim, f"/check/assessments/{reference}/together", depth="full").location
    token = address.split("/t/")[1].split("/")[0]
    with site_of(app).database.reading() as session:
        begun = assessments.by_token(session, token, assessments.LinkKind.WRITE, clock())
        assert begun is not None
        assert (begun.continues_id, begun.lead_id, begun.led_by_id) == (before.id, before.lead_id, 1)
        assert assessments.answers_of(session, begun) == assessments.answers_of(session, before)
    sent = kim.client.post(f"/t/{token}/submit", base_url=HOME)
    report = sent.location.split("?")[0]
    assert "Begun with Kim Lee" in kim.open(f"/check/assessments/{newest(app)}").says()
    assert public(kim, report).status_code == 200
    link_proves_nothing(app, report.rsplit("/", 1)[1], clock)


def newest(app: Flask) -> str:
    with site_of(app).database.reading() as session:
        return browsing.page(session, 1, browsing.Wanted()).rows[0].reference


def link_proves_nothing(app: Flask, token: str, clock: Any) -> None:
    """The report of a meeting gives no power over details its owner left elsewhere."""
    with site_of(app).database.reading() as session:
        link = assessments.link_by_token(session, token, assessments.LinkKind.REPORT, clock())
        assert link is not None
        assert not leads.proven(session, link)


def test_a_new_link_is_shown_once_opens_the_report_and_can_be_ended(kim: Worker, send: Send) -> None:
    reference = send()
    page = post(kim, f"/check/assessments/{reference}/links", 200).text
    address = re.search(r'value="(https://[^"]+/r/[^"]+)"', page)
    assert address is not None
    assert public(kim, address[1]).status_code == 200
    listed = kim.open(f"/check/assessments/{reference}/links")
    assert address[1] not in listed.text
    ends = [form.get("action") or "" for form in listed.all("form") if (form.get("action") or "").endswith("/end")]
    for end in ends:
        post(kim, end.removeprefix("/console"))
        post(kim, end.removeprefix("/console"), 404)
    assert public(kim, address[1]).status_code == 404
    assert "No link works any more" in kim.open(f"/check/assessments/{reference}/links").says()


def test_another_assessment_s_link_cannot_be_ended_here(app: Flask, kim: Worker, send: Send) -> None:
    mine, other = send(), send("c8-architecture-firm")
    with site_of(app).database.reading() as session:
        link = assessments.links_that_work(session, row(app, other), kim.clock())[0]
    post(kim, f"/check/assessments/{mine}/links/{link.id}/end", 404)


def test_without_a_mail_server_nothing_can_be_sent_again(kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN)
    assert "Mail a new link" not in kim.open(f"/check/assessments/{reference}/links").text
    post(kim, f"/check/assessments/{reference}/send", 404)


def test_whose_sign_in_is_old_gives_the_password_before_making_a_link_or_erasing(
    app: Flask, kim: Worker, send: Send
) -> None:
    reference = send()
    kim.clock.passes(minutes=16)
    for path in ("links", "erase"):
        page = kim.open(f"/check/assessments/{reference}/{path}")
        assert any("/confirm" in link for link in page.links()), path
        answer = post(kim, f"/check/assessments/{reference}/{path}")
        assert "/confirm" in answer.location
    assert row(app, reference).reference == reference


def test_erasing_one_assessment_leaves_the_person(app: Flask, kim: Worker, send: Send) -> None:
    first, second = send(contact=BROWN), send(contact=BROWN)
    post(kim, f"/check/assessments/{first}/notes", says="to go as well")
    post(kim, f"/check/assessments/{first}/erase", what="assessment")
    kim.open(f"/check/assessments/{first}", 404)
    assert kim.open(f"/check/assessments/{second}").h1 == "Brown & Co"


def test_erasing_a_person_takes_everything_of_theirs(app: Flask, kim: Worker, send: Send) -> None:
    mine, stays = [send(contact=BROWN), send(contact=BROWN)], send("c8-architecture-firm")
    page = kim.open(f"/check/assessments/{mine[0]}/erase")
    assert "all 2 of their assessments" in page.says()
    post(kim, f"/check/assessments/{mine[0]}/erase", what="person")
    for reference in mine:
        kim.open(f"/check/assessments/{reference}", 404)
    kim.open(f"/check/assessments/{stays}")
    assert "Brown" not in kim.open("/check/assessments").text


def test_a_viewer_sees_the_work_and_can_change_nothing(join: Join, send: Send) -> None:
    reference = send(contact=BROWN)
    viewer = join("val@northgate.example", Role.VIEWER)
    page = viewer.open(f"/check/assessments/{reference}")
    assert page.all("form", method="post") == page.all("form", action="/console/sign-out")
    answers = viewer.open(f"/check/assessments/{reference}/answers")
    assert answers.all("form", method="post") == answers.all("form", action="/console/sign-out")
    for path in ("links", "erase"):
        viewer.open(f"/check/assessments/{reference}/{path}", 404)


def test_pages_of_work_are_forms_with_a_token_of_their_own(kim: Worker, send: Send) -> None:
    reference = send()
    for path in ("", "/answers", "/links", "/erase"):
        assert token_of(kim.open(f"/check/assessments/{reference}{path}")), path
