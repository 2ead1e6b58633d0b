"""The report page, its PDF, going deeper and deleting."""

from io import BytesIO

from flask import Flask
from icalendar import Calendar
from pypdf import PdfReader
from sqlalchemy import select

from assessment.engine.result import Outcome
from assessment.storage.tables import Answer, Assessment, Link
from tests.storage.conftest import changed
from tests.web.conftest import Visitor, real


def outcome_of(app: Flask) -> str:
    with app.extensions["site"].database.reading() as session:
        return session.scalars(select(Assessment.outcome).order_by(Assessment.id)).first() or ""


def test_the_report_names_the_sponsor_and_the_score(visitor: Visitor) -> None:
    page = visitor.get(visitor.finish("standard", level=0))
    assert "Northgate Computers" in page.says()
    assert "of 100" in page.says()


def test_the_report_is_not_to_be_kept_or_indexed(visitor: Visitor) -> None:
    page = visitor.get(visitor.finish())
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]


def test_the_pdf_says_the_same_score(visitor: Visitor) -> None:
    report = visitor.finish("standard", level=1)
    response = visitor.client.get(f"{report}/report.pdf")
    assert response.content_type == "application/pdf"
    assert "it-health-report-2026-11-22.pdf" in response.headers["Content-Disposition"]
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(response.data)).pages)
    assert "Northgate Computers" in text


def test_the_stored_outcome_is_rendered_and_never_scored_again(visitor: Visitor, app: Flask) -> None:
    report = visitor.finish()
    with app.extensions["site"].database.writing() as session:
        assessment = session.scalars(select(Assessment)).one()
        assert assessment.outcome
        assessment.outcome = assessment.outcome.replace('"provisional":false', '"provisional":true')
    assert "if" in visitor.get(report).says()


def test_a_report_keeps_the_words_of_its_own_questionnaire_version(visitor: Visitor, app: Flask) -> None:
    report = visitor.finish()
    site = app.extensions["site"]
    renamed = changed(site.questionnaire, title="Another title", version="9")
    before = visitor.get(report).says()
    object.__setattr__(site, "questionnaire", renamed)
    object.__setattr__(site, "version", "9")
    assert visitor.get(report).says() == before


def test_going_deeper_begins_with_the_same_answers_and_keeps_the_old_report(visitor: Visitor, app: Flask) -> None:
    report = visitor.finish("quick", level=3)
    before, old = visitor.get(report).says(), outcome_of(app)
    location = visitor.client.get(visitor.post(f"{report}/deepen", {"depth": "standard"})).headers["Location"]
    assert "/check" not in location
    assert "Keep this and go on" not in visitor.get(location).says()
    check = visitor.answer_all(location, lambda page, at: real(page)[0])
    deeper = visitor.post(check.replace("/check", "/submit"))
    assert deeper != report
    assert visitor.get(report).says() == before
    assert outcome_of(app) == old


def test_an_unknown_depth_leaves_the_report(visitor: Visitor) -> None:
    report = visitor.finish()
    assert visitor.post(f"{report}/deepen", {"depth": "x"}) == report


def test_deleting_is_explained_first_and_then_leaves_nothing(visitor: Visitor, app: Flask) -> None:
    report = visitor.finish()
    page = visitor.get(f"{report}/delete")
    assert visitor.get(report)
    assert page.one("form").get("action") == f"{report}/delete"
    assert "deleted" in visitor.get(visitor.post(f"{report}/delete")).h1
    visitor.get(report, 404)
    with app.extensions["site"].database.reading() as session:
        for table in (Assessment, Answer, Link):
            assert session.scalars(select(table)).all() == []


def test_the_dates_of_the_plan_come_as_a_calendar_file_with_the_way_back(visitor: Visitor) -> None:
    report = visitor.finish("standard", level=0)
    assert f"{report}/plan.ics" in visitor.get(report).links()
    response = visitor.client.get(f"{report}/plan.ics", headers={"Host": "evil.example"})
    assert response.content_type == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="it-health-plan-2026-11-22.ics"'
    found = list(Calendar.from_ical(response.data).walk("VEVENT"))
    assert len(found) > 2
    assert {event["url"] for event in found} == {f"https://check.example.com{report}"}


def test_a_report_shared_for_reading_does_not_hand_out_the_key_in_a_calendar(visitor: Visitor) -> None:
    report = visitor.finish()
    visitor.post(f"{report}/share")
    shared = visitor.get(report).one("input", id="shared").get("value", "").removeprefix("https://check.example.com")
    assert not [link for link in visitor.get(shared).links() if link.endswith(".ics")]
    visitor.get(f"{shared}/plan.ics", 404)


def test_where_there_is_no_plan_there_are_no_dates(visitor: Visitor, app: Flask) -> None:
    report = visitor.finish()
    with app.extensions["site"].database.writing() as session:
        assessment = session.scalars(select(Assessment)).one()
        done = Outcome.model_validate_json(assessment.outcome or "")
        assessment.outcome = done.model_copy(update={"plan": (), "next_band": None}).to_json()
    page = visitor.get(report)
    assert "Your year at a glance" not in page.says()
    assert f"{report}/plan.ics" not in page.links()
    visitor.get(f"{report}/plan.ics", 404)
