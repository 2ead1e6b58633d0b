"""Taking the check again: last time's answers are shown, count once they are said again, and the report tells both."""

import re
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from assessment.engine.questionnaire import Questionnaire
from assessment.storage import tenants
from assessment.storage.questionnaires import publish
from assessment.storage.session import Session
from assessment.storage.tables import Answer, Assessment
from tests.storage.conftest import changed
from tests.web.conftest import Clock, Page, Visitor, real, token_of, words


def still(page: Page, _: str) -> str:
    """What “Still so” would send."""
    (form,) = [form for form in page.all("form") if "earlier" in (form.get("class") or "")]
    return next(field.get("value", "") for field in form.iter() if field.get("name") == "answer")


def begun_again(visitor: Visitor, report: str) -> str:
    """Begin again from a report; gives the address of the check page."""
    return visitor.post(f"{report}/again")


def use(app: Flask, questionnaire: Questionnaire, version: str) -> None:
    """From now on the questions are these."""
    site = app.extensions["site"]
    with site.database.writing() as session:
        publish(session, questionnaire, site.now())
    object.__setattr__(site, "questionnaire", questionnaire)
    object.__setattr__(site, "version", version)


def set_up(session: Session, **changes: str) -> None:
    tenant = tenants.by_slug(session, "check")
    assert tenant is not None
    tenants.change(tenant, changes)


def first_open(visitor: Visitor, check: str) -> str:
    (link,) = [a.get("href", "") for a in visitor.get(check).all("a") if words(a).startswith(("Begin with", "Go on"))]
    return link


def test_each_question_shows_what_was_said_last_time_and_none_of_it_counts_yet(
    visitor: Visitor, app: Flask, clock: Clock
) -> None:
    report = visitor.finish()
    clock.passes(days=60)
    check = begun_again(visitor, report)
    page = visitor.get(check)
    assert "left to confirm" in page.says()
    assert "Not confirmed yet. Last time: “" in page.says()
    assert page.says().count("See my report") == 1
    numbers = re.findall(r"(\d+) (?:answers? of last time|questions? (?:is|are) still open)", page.says())
    assert sum(map(int, numbers)) == len(page.all("div", class_="open"))
    with app.extensions["site"].database.reading() as session:
        new = session.scalars(select(Assessment).order_by(Assessment.id.desc())).first()
        assert new is not None
        assert session.scalars(select(Answer).where(Answer.assessment_id == new.id)).all() == []
    asked = visitor.get(first_open(visitor, check))
    assert "Last time, on 22 November 2026: “" in asked.says()
    assert words(asked.all("button")[0]) == "Still so"
    assert visitor.post(check.replace("/check", "/submit")).endswith("?notice=nothing-scored")


def test_what_is_confirmed_counts_and_what_is_not_does_not(visitor: Visitor, app: Flask) -> None:
    report = visitor.finish("quick", level=2)
    check = begun_again(visitor, report)
    location = first_open(visitor, check)
    count = 0
    while not location.endswith("/check") and count < 14:
        page = visitor.get(location)
        location = visitor.post(location, {"answer": still(page, location)})
        count += 1
    left = visitor.get(check).says()
    assert "left to confirm" in left
    new = visitor.post(check.replace("/check", "/submit"))
    with app.extensions["site"].database.reading() as session:
        found = session.scalars(select(Assessment).order_by(Assessment.id.desc())).first()
        assert found is not None
        given = session.scalars(select(Answer).where(Answer.assessment_id == found.id)).all()
    assert len(given) == count
    assert "Not answered" in visitor.get(new).says()


def test_the_same_said_again_gives_the_same_score_and_the_old_report_stays(visitor: Visitor, clock: Clock) -> None:
    report = visitor.finish("standard", level=1)
    before = visitor.get(report).says()
    clock.passes(days=20)
    check = begun_again(visitor, report)
    new = visitor.post(visitor.answer_all(first_open(visitor, check), still).replace("/check", "/submit"))
    assert visitor.get(report).says() == before
    told = visitor.get(new).says()
    assert "Then and now" in told
    assert "the same number" in told
    assert "Every area has the score it had then." in told
    assert "Then and now" not in before


def test_better_answers_show_what_moved_in_page_and_pdf_and_to_whom_it_is_shared(
    visitor: Visitor, clock: Clock
) -> None:
    report = visitor.finish("standard", level=0)
    clock.passes(days=20)
    check = begun_again(visitor, report)
    done = visitor.answer_all(first_open(visitor, check), lambda page, at: best(page, at))
    new = visitor.post(done.replace("/check", "/submit"))
    page = visitor.get(new)
    assert "On 22 November 2026 your score was" in page.says()
    assert "Critical then, and not any more" in page.says()
    assert " done " in page.says()
    assert "Well done." in page.says()
    response = visitor.client.get(f"{new}/report.pdf")
    text = " ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(response.data)).pages)
    assert "Then and now" in text
    assert "Critical then, and not any more" in text
    visitor.post(f"{new}/share")
    address = visitor.get(new).one("input", id="shared").get("value", "")
    assert "Then and now" in visitor.get(address.removeprefix("https://check.example.com")).says()
    visitor.post(f"{report}/delete")
    assert "Then and now" not in visitor.get(new).says()


def best(page: Page, at: str) -> str:
    """The best answer to a scored question; what they said before about the firm."""
    return still(page, at) if "/profile." in at else real(page)[-1]


def worst(page: Page, at: str) -> str:
    return still(page, at) if "/profile." in at else real(page)[0]


def test_what_got_worse_is_said(visitor: Visitor) -> None:
    check = begun_again(visitor, visitor.finish("quick", level=3))
    new = visitor.post(visitor.answer_all(first_open(visitor, check), worst).replace("/check", "/submit"))
    told = visitor.get(new).says()
    assert "fewer." in told
    assert "What got worse" in told


def test_answers_that_do_not_fit_the_new_questions_are_dropped_and_said(visitor: Visitor, app: Flask) -> None:
    report = visitor.finish("quick", level=1)
    site = app.extensions["site"]
    data = site.questionnaire.model_dump(mode="json", by_alias=True)
    given = answers(app)
    asked = next(q for bank in data["banks"] for q in bank["questions"] if q["id"] in given and q["kind"] == "single")
    for option in asked["options"]:
        if option["id"] == given[asked["id"]].strip('"'):
            option["id"] = "another"
    use(app, changed(site.questionnaire, banks=data["banks"], version="99"), "99")
    check = begun_again(visitor, report)
    page = visitor.get(check)
    assert "The questions have changed since last time." in page.says()
    assert "not offered any more" in page.says()
    asking = visitor.get(check.replace("check", asked["id"]))
    assert "That answer is not offered any more" in asking.says()
    assert "Still so" not in asking.says()


def answers(app: Flask) -> dict[str, str]:
    with app.extensions["site"].database.reading() as session:
        return {row.question: row.value for row in session.scalars(select(Answer))}


def test_where_the_questions_changed_the_movement_is_said_to_come_from_them_perhaps(
    visitor: Visitor, app: Flask
) -> None:
    report = visitor.finish("quick", level=1)
    site = app.extensions["site"]
    data = site.questionnaire.model_dump(mode="json", by_alias=True)
    for bank in data["banks"]:
        for asked in bank["questions"]:
            if asked["weight"] > 1:
                asked["weight"] -= 1
    use(app, changed(site.questionnaire, banks=data["banks"], version="99"), "99")
    check = begun_again(visitor, report)
    new = visitor.post(visitor.answer_all(first_open(visitor, check), best).replace("/check", "/submit"))
    told = visitor.get(new).says()
    assert "may come from the questions, and not from you" in told
    assert "The questions here have changed since then" in told


def test_another_questionnaire_carries_nothing(visitor: Visitor, app: Flask) -> None:
    report = visitor.finish("quick", level=1)
    site = app.extensions["site"]
    with site.database.writing() as session:
        publish(session, changed(site.questionnaire, id="other"), site.now())
        set_up(session, questionnaire="other")
    location = begun_again(visitor, report)
    assert not location.endswith("/check")
    page = visitor.get(visitor.client.get(location).headers["Location"])
    assert "Last time" not in page.says()
    done = visitor.answer_all(visitor.client.get(location).headers["Location"], lambda page, _: real(page)[0])
    assert "Then and now" not in visitor.get(visitor.post(done.replace("/check", "/submit"))).says()


def test_several_ticks_are_there_to_start_from(visitor: Visitor) -> None:
    check = begun_again(visitor, visitor.finish("quick", level=1))
    page = visitor.get(check.replace("check", "profile.sensitive-data"))
    assert [box.get("value") for box in page.all("input", type="checkbox") if box.get("checked") is not None]
    assert words(page.all("button")[0]) == "Still so"


def test_a_wrong_answer_is_shown_with_last_time_beside_it(visitor: Visitor) -> None:
    location = first_open(visitor, begun_again(visitor, visitor.finish()))
    page = visitor.refused(location, {"answer": "nonsense"})
    assert "Last time, on" in page.says()


def test_a_paused_firm_begins_nothing_anew(visitor: Visitor, app: Flask) -> None:
    report = visitor.finish()
    with app.extensions["site"].database.writing() as session:
        set_up(session, state="paused")
    assert begun_again(visitor, report) == "/q/check"


@pytest.mark.parametrize("path", ["/r/{token}/again"])
def test_a_link_that_is_none_begins_nothing(visitor: Visitor, path: str) -> None:
    first = visitor.begin()
    visitor.refused(path.format(token=token_of(first)), expect=404)
    visitor.refused(path.format(token="nothing"), expect=404)


def test_going_deeper_is_not_told_as_then_and_now(visitor: Visitor) -> None:
    report = visitor.finish("quick")
    location = visitor.client.get(visitor.post(f"{report}/deepen", {"depth": "standard"})).headers["Location"]
    new = visitor.post(visitor.answer_all(location, lambda page, _: real(page)[0]).replace("/check", "/submit"))
    assert "Then and now" not in visitor.get(new).says()


def test_who_deletes_the_old_report_sees_none_of_it_any_more_and_goes_on_with_what_was_confirmed(
    visitor: Visitor,
) -> None:
    report = visitor.finish("quick", level=2)
    check = begun_again(visitor, report)
    asked = first_open(visitor, check)
    visitor.post(asked, {"answer": still(visitor.get(asked), asked)})
    assert "Last time" in visitor.get(check).says()
    visitor.post(f"{report}/delete")
    page = visitor.get(check)
    (following,) = [a.get("href", "") for a in page.all("a") if words(a) == "Go to the first open question"]
    assert following != asked
    assert "Last time" not in page.says() + visitor.get(following).says()
