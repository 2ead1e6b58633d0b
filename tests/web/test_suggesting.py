"""Asking somebody who knows: they see the questions alone, what they say is a suggestion, and the owner decides."""

from html import escape
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import select

from assessment.engine.questions import NOT_SURE
from assessment.storage import assessments
from assessment.storage.assessments import LinkKind
from assessment.storage.suggesting import Suggestion
from assessment.storage.tables import Answer, Link
from assessment.web.suggesting import LONGEST_NOTE
from tests.web.conftest import Clock, Page, Visitor, real, token_of, words

BASE = "https://check.example.com"
HOSTILE = '<script>alert(1)</script> "quoted" {{ 7 * 7 }} \U0001f4a3\u202e'


def unsure(page: Page, _: str) -> str:
    """Not sure wherever that is offered."""
    return NOT_SURE if NOT_SURE in page.offered() else real(page)[0]


def answered(visitor: Visitor) -> str:
    """A whole check, mostly not sure; gives the address of its check page."""
    return visitor.answer_all(visitor.begin("quick"), unsure)


def asked(visitor: Visitor, place: str, **form: str) -> str:
    """Make the link; gives its path."""
    base, page = place.replace("/check", ""), visitor.post(f"{place.replace('/check', '')}/ask", form)
    assert page.startswith(base)
    return visitor.get(place).one("input", id="asked").get("value", "").removeprefix(BASE)


def listed(visitor: Visitor, link: str) -> list[str]:
    """The addresses of the questions on the list."""
    return list(dict.fromkeys(one for one in visitor.get(link).links() if one.startswith(f"{link}/")))


def picks(page: Page) -> list[str]:
    return [box.get("value", "") for box in page.all("input", name="answer") if box.get("type") != "text"]


def suggest(visitor: Visitor, link: str, note: str = "", place: int = -1) -> str:
    """Suggest an answer to the first question; gives its id."""
    question = listed(visitor, link)[0]
    visitor.post(question, {"answer": picks(visitor.get(question))[place], "note": note})
    return question.rsplit("/", 1)[1]


def decide(visitor: Visitor, place: str, do: str, number: int = 0) -> str:
    """Use or leave a suggestion as it stands on a page of the owner."""
    form = [form for form in visitor.get(place).all("form") if "/suggestions/" in form.get("action", "")][number]
    stamp = next(field.get("value", "") for field in form.iter() if field.get("name") == "stamp")
    return visitor.post(form.get("action", ""), {"do": do, "stamp": stamp})


def given(app: Flask) -> dict[str, str]:
    with app.extensions["site"].database.reading() as session:
        return {row.question: row.value for row in session.scalars(select(Answer).order_by(Answer.assessment_id))}


def test_the_list_holds_what_they_were_not_sure_about_and_nothing_else_of_theirs(visitor: Visitor, app: Flask) -> None:
    check = answered(visitor)
    link = asked(visitor, check, named="Brown & Co")
    page = visitor.get(link)
    unsure_of = {question for question, value in given(app).items() if value == f'"{NOT_SURE}"'}
    assert {one.rsplit("/", 1)[1] for one in listed(visitor, link)} == unsure_of
    assert "Asked by: Brown & Co" in page.says()
    for private in ("of 100", token_of(check), "score", "not-sure", "Check your answers"):
        assert private not in page.text
    for question in listed(visitor, link):
        assert "not-sure" not in visitor.get(question).text


def test_what_is_unanswered_is_asked_only_if_the_owner_wants_that(visitor: Visitor) -> None:
    check = visitor.begin("quick").rsplit("/", 1)[0] + "/check"
    location = check.replace("check", "")
    first = visitor.client.get(location.rstrip("/")).headers["Location"]
    for _ in range(9):
        first = visitor.post(first, {"answer": unsure(visitor.get(first), "")})
    few = len(listed(visitor, asked(visitor, check)))
    many = len(listed(visitor, asked(visitor, check, unanswered="yes")))
    assert 0 < few < many


def test_the_words_to_send_hold_the_link_and_nothing_is_sent(visitor: Visitor) -> None:
    check = answered(visitor)
    link = asked(visitor, check, named="Brown & Co")
    page = visitor.get(check)
    (mail,) = [one for one in page.links() if one.startswith("mailto:?")]
    assert f"{BASE}{link}" in unquote(mail)
    assert f"{BASE}{link}" in words(page.one("textarea", id="letter"))
    assert "Brown & Co" in unquote(mail)
    assert "&body=" in mail
    assert unquote(mail).count("body=") == 1


def test_nothing_changes_until_the_owner_uses_it_and_then_that_answer_does(visitor: Visitor, app: Flask) -> None:
    check = answered(visitor)
    link = asked(visitor, check)
    question = suggest(visitor, link, "since March")
    assert given(app)[question] == f'"{NOT_SURE}"'
    page = visitor.get(check)
    assert "1 suggestion from the person you asked" in page.says()
    assert "since March" in page.says()
    assert decide(visitor, check, "use").endswith("?notice=used")
    assert given(app)[question] != f'"{NOT_SURE}"'
    assert "Settled" in visitor.get(link).says()
    assert visitor.post(f"{link}/{question}", {"answer": "x"}).endswith("?notice=settled")


def test_the_owner_can_leave_it_and_use_it_after_all(visitor: Visitor, app: Flask) -> None:
    check = answered(visitor)
    question = suggest(visitor, asked(visitor, check))
    assert decide(visitor, check, "leave").endswith("?notice=left")
    assert given(app)[question] == f'"{NOT_SURE}"'
    assert "You left this" in visitor.get(check).says()
    decide(visitor, check, "use")
    assert given(app)[question] != f'"{NOT_SURE}"'


def test_the_same_tap_twice_is_once_and_is_told(visitor: Visitor, app: Flask) -> None:
    check = answered(visitor)
    question = suggest(visitor, asked(visitor, check))
    page = visitor.get(check)
    (form,) = [form for form in page.all("form") if "/suggestions/" in form.get("action", "")]
    stamp = next(field.get("value", "") for field in form.iter() if field.get("name") == "stamp")
    path = form.get("action", "")
    assert visitor.post(path, {"do": "use", "stamp": stamp}).endswith("?notice=used")
    first = given(app)[question]
    for again in ("use", "leave"):
        location = visitor.post(path, {"do": again, "stamp": stamp})
        assert "decided already" in visitor.get(location.partition("#")[0]).says()
    assert given(app)[question] == first


def test_an_answer_changed_while_the_owner_looked_is_not_taken_unseen(visitor: Visitor, app: Flask) -> None:
    check = answered(visitor)
    link = asked(visitor, check)
    question = suggest(visitor, link, place=-1)
    (form,) = [form for form in visitor.get(check).all("form") if "/suggestions/" in form.get("action", "")]
    stamp = next(field.get("value", "") for field in form.iter() if field.get("name") == "stamp")
    page = visitor.get(f"{link}/{question}")
    assert [box for box in page.all("input", name="answer") if box.get("checked") is not None]
    visitor.post(f"{link}/{question}", {"answer": picks(page)[0]})
    assert visitor.post(form.get("action", ""), {"do": "use", "stamp": stamp}).endswith("?notice=moved")
    assert given(app)[question] == f'"{NOT_SURE}"'


def test_what_the_owner_found_out_alone_is_not_asked_any_more(visitor: Visitor) -> None:
    check = answered(visitor)
    link = asked(visitor, check)
    question = listed(visitor, link)[0]
    own = check.replace("check", question.rsplit("/", 1)[1])
    visitor.post(own, {"answer": real(visitor.get(own))[0]})
    assert question not in listed(visitor, link)
    assert visitor.client.get(question).headers["Location"].endswith("?notice=settled")
    assert visitor.post(question, {"answer": "x"}).endswith("?notice=settled")
    assert "settled by now" in visitor.get(f"{link}?notice=settled").says()


def reported(visitor: Visitor) -> tuple[str, str]:
    """A report and the link of somebody who was asked from it."""
    report = visitor.post(answered(visitor).replace("/check", "/submit"))
    return report, asked(visitor, report)


def test_from_the_report_what_is_chosen_begins_a_new_check_and_the_report_stays(visitor: Visitor, app: Flask) -> None:
    report, link = reported(visitor)
    question = suggest(visitor, link)
    outcome = visitor.get(report).says().partition("Do ")[0]
    before = given(app)
    assert "1 suggestion from the person you asked" in visitor.get(report).says()
    assert decide(visitor, report, "use").endswith("?notice=chosen#suggestions")
    assert given(app) == before
    assert "Begin with this answer" in visitor.get(report).says()
    new = visitor.post(f"{report}/suggestions")
    check = visitor.client.get(new).headers["Location"]
    after = given(app)
    assert after[question] != before[question]
    assert {q: a for q, a in after.items() if q != question} == {q: a for q, a in before.items() if q != question}
    assert "1 suggestion" not in visitor.get(report).says()
    assert outcome.split("Your report", 1)[1][:40] in visitor.get(report).says()
    check = visitor.answer_all(check, unsure)
    assert "Then and now" in visitor.get(visitor.post(check.replace("/check", "/submit"))).says()
    assert visitor.post(f"{report}/suggestions").endswith("?notice=moved")


def test_what_came_while_answering_is_on_the_report_and_the_link_is_still_known_there(visitor: Visitor) -> None:
    check = answered(visitor)
    link = asked(visitor, check)
    report = visitor.post(check.replace("/check", "/submit"))
    assert visitor.get(report).one("input", id="asked").get("value") == f"{BASE}{link}"
    suggest(visitor, link)
    assert "1 suggestion" in visitor.get(report).says()
    for path in ("/ask", "/ask/stop", f"/suggestions/{listed(visitor, link)[1].rsplit('/', 1)[1]}"):
        assert visitor.post(check.replace("/check", path), {"do": "use"}).endswith("?notice=closed")


def test_on_a_mailed_link_the_address_is_not_known_and_can_be_stopped(visitor: Visitor, app: Flask) -> None:
    report, link = reported(visitor)
    mailed = another(app)
    page = visitor.get(f"/r/{mailed}")
    assert link.rsplit("/", 1)[1] not in page.text
    assert "shown only where you made it" in page.says()
    visitor.post(f"/r/{mailed}/ask/stop")
    visitor.get(link, 410)
    assert "Make a link" in visitor.get(report).says()


def another(app: Flask, staff: bool = False) -> str:
    """A second link to the only report: mailed, or made by staff."""
    site = app.extensions["site"]
    with site.database.writing() as session:
        link = session.scalars(select(Link).where(Link.kind == LinkKind.REPORT)).one()
        token = assessments.open_report(session, link.assessment, None, site.now(), site.readable_for)
        made = assessments.link_by_token(session, token, LinkKind.REPORT, site.now())
        assert made is not None
        made.mailed_to = "" if staff else "somebody"
        return token


def test_staff_never_see_what_was_suggested(visitor: Visitor, app: Flask) -> None:
    report, link = reported(visitor)
    question = suggest(visitor, link, "told in confidence")
    token = another(app, staff=True)
    page = visitor.get(f"/r/{token}")
    assert "told in confidence" not in page.text
    assert 'id="ask"' not in page.text
    assert b"told in confidence" not in visitor.client.get(f"/r/{token}/data.json").data
    assert "told in confidence" in visitor.client.get(f"{report}/data.json").get_data(as_text=True)
    for path in ("ask", "ask/stop", "suggestions", f"suggestions/{question}"):
        visitor.refused(f"/r/{token}/{path}", {"do": "use"}, expect=404)


def test_in_a_meeting_nobody_else_is_asked(visitor: Visitor, app: Flask) -> None:
    check = answered(visitor)
    with app.extensions["site"].database.writing() as session:
        session.scalars(select(Link)).one().assessment.led_by_id = 1
    assert 'id="ask"' not in visitor.get(check).text
    visitor.refused(check.replace("check", "ask"), expect=404)


def test_a_link_that_was_stopped_or_has_run_out_says_so_and_keeps_nothing(
    visitor: Visitor, app: Flask, clock: Clock
) -> None:
    check = answered(visitor)
    link = asked(visitor, check)
    question = suggest(visitor, link)
    kept = rows(app)
    visitor.post(check.replace("check", "ask/stop"))
    assert "stopped this link" in visitor.get(link, 410).says()
    assert "stopped" in visitor.refused(f"{link}/{question}", {"answer": "x"}, expect=410).says()
    assert rows(app) == kept
    assert "1 suggestion" in visitor.get(check).says()
    second = asked(visitor, check)
    assert second != link
    visitor.get(second)
    clock.passes(days=29, hours=23)
    visitor.get(second)
    clock.passes(hours=1)
    assert "Its time is up" in visitor.get(second, 410).says()
    assert visitor.refused(f"{second}/{question}", {"answer": "x"}, expect=410)
    assert rows(app) == kept


def rows(app: Flask) -> list[tuple[Any, ...]]:
    with app.extensions["site"].database.reading() as session:
        found = session.scalars(select(Suggestion).order_by(Suggestion.question))
        return [(row.question, row.state, row.value, row.note) for row in found]


def test_once_the_check_is_deleted_the_link_opens_nothing_and_nothing_is_left(visitor: Visitor, app: Flask) -> None:
    report, link = reported(visitor)
    question = suggest(visitor, link)
    visitor.post(f"{report}/delete")
    assert "deleted" in visitor.get(link, 404).says()
    visitor.refused(f"{link}/{question}", {"answer": "x"}, expect=404)
    assert rows(app) == []


def test_nobody_reaches_anything_with_a_token_of_another_kind(visitor: Visitor, app: Flask) -> None:
    report, link = reported(visitor)
    question, token = suggest(visitor, link), token_of(link)
    for path in (f"/t/{token}", f"/r/{token}", f"/s/{token}", f"/t/{token}/check", f"/r/{token}/data.json"):
        visitor.get(path, 404)
    visitor.get(f"/a/{token_of(report)}", 404)
    before = rows(app)
    for path in (f"/r/{token}/suggestions/{question}", f"/t/{token}/suggestions/{question}", f"/r/{token}/ask"):
        visitor.refused(path, {"do": "use"}, expect=404)
    other = visitor.post(answered(visitor).replace("/check", "/submit"))
    visitor.refused(f"{other}/suggestions/{question}", {"do": "use"}, expect=404)
    assert rows(app) == before


def test_questions_that_are_not_on_the_list_cannot_be_opened_or_answered(visitor: Visitor, app: Flask) -> None:
    link = asked(visitor, answered(visitor))
    before = rows(app)
    listed_ids = {row[0] for row in before}
    other = next(name for name in app.extensions["site"].questionnaire.questions if name not in listed_ids)
    for name in (other, "profile.nothing", "%00", "a" * 300):
        assert visitor.client.get(f"{link}/{name}").status_code == 404
        assert visitor.client.post(f"{link}/{name}", data={"answer": "x"}).status_code == 404
    assert rows(app) == before


@pytest.mark.parametrize("answer", ["", " ", "nonsense", "not-sure", "x" * 5000, "\x00", ["a", "b"]])
def test_a_wrong_answer_is_shown_again_with_the_note_and_nothing_is_kept(
    visitor: Visitor, app: Flask, answer: object
) -> None:
    question = listed(visitor, asked(visitor, answered(visitor)))[0]
    before = rows(app)
    page = visitor.refused(question, {"answer": answer, "note": "what I wrote"})
    assert "There is a problem" in page.says()
    assert words(page.one("textarea", id="note")) == "what I wrote"
    assert rows(app) == before


def test_a_note_that_is_too_long_is_told_and_what_was_picked_stays(visitor: Visitor, app: Flask) -> None:
    question = listed(visitor, asked(visitor, answered(visitor)))[0]
    pick = picks(visitor.get(question))[0]
    page = visitor.refused(question, {"answer": pick, "note": "n" * (LONGEST_NOTE + 1)})
    assert f"{LONGEST_NOTE} characters" in page.says()
    assert [box.get("value") for box in page.all("input", name="answer") if box.get("checked") is not None] == [pick]
    assert {row[1] for row in rows(app)} == {"asked"}


def test_hostile_text_is_text(visitor: Visitor) -> None:
    check = answered(visitor)
    link = asked(visitor, check, named=HOSTILE)
    assert "<script>alert" not in visitor.get(link).text
    suggest(visitor, link, HOSTILE)
    page = visitor.get(check)
    assert "<script>alert" not in page.text
    assert escape("<script>", quote=False) in page.text
    assert "\u202e" not in page.text
    assert "{{ 7 * 7 }}" in page.says()
    visitor.get(link)
    assert "<script>alert" not in visitor.get(visitor.post(check.replace("/check", "/submit"))).text


@pytest.mark.parametrize("form", [{}, {"do": ""}, {"do": "use"}, {"do": "use", "stamp": "x"}, {"do": "other"}])
def test_a_garbled_decision_changes_nothing(visitor: Visitor, app: Flask, form: dict[str, str]) -> None:
    check = answered(visitor)
    question = suggest(visitor, asked(visitor, check))
    before, kept = given(app), rows(app)
    response = visitor.client.post(check.replace("check", f"suggestions/{question}"), data=form)
    assert response.status_code in (303, 400)
    assert (given(app), rows(app)) == (before, kept)


def test_asking_too_often_from_one_network_is_stopped_and_keeps_what_there_is(visitor: Visitor) -> None:
    check = answered(visitor)
    link = asked(visitor, check)
    for _ in range(19):
        visitor.post(check.replace("check", "ask"))
    visitor.refused(check.replace("check", "ask"), expect=429)
    visitor.get(link)


def test_with_nothing_open_there_is_nothing_to_ask(visitor: Visitor, app: Flask) -> None:
    check = visitor.answer_all(visitor.begin("quick"), lambda page, _: real(page)[0])
    assert 'id="ask"' not in visitor.get(check).text
    visitor.post(check.replace("check", "ask"))
    assert rows(app) == []


def test_a_broken_query_says_nothing_and_breaks_nothing(visitor: Visitor) -> None:
    link = asked(visitor, answered(visitor))
    assert 'role="status"' not in visitor.get(f"{link}?notice=%ff<script>&notice=x").text
