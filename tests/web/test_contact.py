"""Contact details beside a report: kept once with what was agreed to, sent to whoever is to hear, never lost."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from assessment.storage import endpoints, outbox, tenants
from assessment.storage.outbox import State
from assessment.storage.session import Database
from assessment.storage.tables import Assessment, Consent, Delivery, Endpoint, Lead, Link
from tests.web.conftest import Clock, Page, Visitor, real

ANA = {"name": "Ana Brown", "email": "Ana@Example.com", "company": "Brown & Co", "phone": "+44 20 7946 0000"}
AGREED = {"consent_contact": "yes"}


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["site"].database
    return found


@pytest.fixture
def setting(app: Flask, database: Database) -> Callable[..., None]:
    """Changes what the tenant has set."""

    def change(**changes: Any) -> None:
        with database.writing() as session:
            tenant = tenants.by_slug(session, "check")
            assert tenant
            tenants.change(tenant, changes)

    return change


@pytest.fixture
def listening(app: Flask, database: Database) -> None:
    """An endpoint of the tenant that wants everything."""
    site = app.extensions["site"]
    with database.writing() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant
        usual = "assessment.completed lead.received contact.erased"
        endpoints.add(
            session, tenant, "https://crm.example/in", "whsec_x", site.vault, site.now(), flat=False, events=usual
        )


def stamp(page: Page) -> str:
    return page.one("input", name="stamp").get("value", "")


def leave(visitor: Visitor, clock: Clock, report: str, data: dict[str, str]) -> str:
    """Fill in the form as somebody who reads it first; gives where it leads."""
    drawn = stamp(visitor.get(report))
    clock.passes(seconds=20)
    return visitor.post(f"{report}/contact", {**data, "stamp": drawn})


def sent(database: Database, event: str) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.scalars(select(Delivery).where(Delivery.event == event).order_by(Delivery.id)).all()
        return [json.loads(row.payload) for row in rows]


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_details_are_kept_with_what_was_agreed_to_word_for_word(
    visitor: Visitor, clock: Clock, database: Database
) -> None:
    report = visitor.finish()
    assert leave(visitor, clock, report, {**ANA, **AGREED}) == f"{report}?notice=received#contact"
    with database.reading() as session:
        lead = session.scalars(select(Lead)).one()
        assert json.loads(lead.contact)["email"] == "Ana@example.com"
        consent = session.scalars(select(Consent)).one()
        assert consent.says == "Northgate Computers may contact me about these results."
        assert (consent.given, consent.controller, consent.language) == (True, "Northgate Computers", "en-GB")
        assert consent.version
    assert "Northgate Computers has your details" in visitor.get(report).says()


def test_no_box_is_ticked_in_advance(visitor: Visitor, setting: Callable[..., None]) -> None:
    setting(ask_news=True)
    page = visitor.get(visitor.finish())
    boxes = page.all("input", type="checkbox")
    assert len(boxes) == 2
    assert all(box.get("checked") is None for box in boxes)


def test_the_score_the_criticals_and_the_first_steps_need_no_details(
    visitor: Visitor, app: Flask, setting: Callable[..., None]
) -> None:
    setting(gate="soft")
    object.__setattr__(app.extensions["site"].settings, "mail_folder", "anywhere")
    report = visitor.finish("standard", level=0)
    page = visitor.get(report)
    assert "of 100" in page.says()
    assert "Critical now" in page.says()
    assert len(page.all("article")) >= 4
    assert "Where every point went" not in page.says()
    assert "Your plan" not in page.says()
    assert "Your year at a glance" not in page.says()
    assert "What is good already" not in page.says()
    assert "Get the whole report by e-mail" in page.says()
    for held in ("report.pdf", "plan.ics"):
        assert visitor.client.get(f"{report}/{held}").headers["Location"] == f"{report}#contact"


def test_the_mailed_link_opens_the_whole_report(
    visitor: Visitor, clock: Clock, app: Flask, database: Database, setting: Callable[..., None]
) -> None:
    setting(gate="soft")
    object.__setattr__(app.extensions["site"].settings, "mail_folder", "anywhere")
    report = visitor.finish("standard", level=1)
    leave(visitor, clock, report, {"email": "ana@example.com"})
    (mail,) = sent(database, "mail.report")
    assert mail["report_url"].startswith("https://check.example.com/r/")
    whole = visitor.get(mail["report_url"].removeprefix("https://check.example.com"))
    assert "Your plan" in whole.says()
    assert "Your plan" not in visitor.get(report).says(), "the first link stays what it was"
    assert "a…@example.com" in visitor.get(report).says()
    assert sent(database, "lead.received") == [], "nobody agreed to be contacted"


def test_where_no_mail_can_be_sent_nothing_is_held_back(visitor: Visitor, setting: Callable[..., None]) -> None:
    setting(gate="soft")
    assert "Your plan" in visitor.get(visitor.finish()).says()


@pytest.mark.usefixtures("listening")
def test_a_lead_is_told_once_with_its_grade_and_without_a_key_to_the_report(
    visitor: Visitor, clock: Clock, database: Database
) -> None:
    report = visitor.finish("standard", level=0)
    leave(visitor, clock, report, {**ANA, **AGREED})
    (event,) = sent(database, "lead.received")
    data = event["data"]
    assert data["contact"]["email"] == "Ana@example.com"
    assert data["lead"]["grade"] == "C1"
    assert data["lead"]["new"] is True
    assert len(data["lead"]["reasons"]) == 3
    assert report.removeprefix("/r/") not in json.dumps(event)
    assert len(sent(database, "assessment.completed")) == 1
    assert "contact" not in sent(database, "assessment.completed")[0]["data"]


@pytest.mark.usefixtures("listening")
def test_the_same_form_sent_twice_is_one_lead_and_one_message(
    visitor: Visitor, clock: Clock, database: Database
) -> None:
    report = visitor.finish()
    drawn = stamp(visitor.get(report))
    clock.passes(seconds=20)
    for _ in range(3):
        visitor.post(f"{report}/contact", {**ANA, **AGREED, "stamp": drawn})
    assert (count(database, Lead), count(database, Consent)) == (1, 1)
    assert len(sent(database, "lead.received")) == 1


@pytest.mark.usefixtures("listening")
def test_the_same_person_twice_is_one_lead_with_two_assessments(
    visitor: Visitor, clock: Clock, database: Database
) -> None:
    leave(visitor, clock, visitor.finish(), {**ANA, **AGREED})
    leave(visitor, clock, visitor.finish("standard"), {"email": "ana@EXAMPLE.com", "company": "Brown Ltd", **AGREED})
    with database.reading() as session:
        lead = session.scalars(select(Lead)).one()
        assert len(lead.assessments) == 2
        contact = json.loads(lead.contact)
        assert (contact["company"], contact["name"]) == ("Brown Ltd", "Ana Brown")
    first, second = sent(database, "lead.received")
    assert first["data"]["lead"]["reference"] == second["data"]["lead"]["reference"]
    assert (first["data"]["lead"]["new"], second["data"]["lead"]["new"]) == (True, False)


def test_a_wrong_address_can_be_put_right(visitor: Visitor, clock: Clock, database: Database) -> None:
    report = visitor.finish()
    leave(visitor, clock, report, {"email": "ana@exmaple.com", **AGREED})
    leave(visitor, clock, report, {"email": "ana@example.com", **AGREED})
    with database.reading() as session:
        assert json.loads(session.scalars(select(Lead)).one().contact)["email"] == "ana@example.com"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "E-mail address: please fill this in"),
        ({"email": "nobody"}, "such as name@example.com"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "such as name@example.com"),
        ({"email": "a@example.com", "phone": "ring me"}, "phone number with digits"),
        ({"email": "a@example.com", "name": "x" * 121}, "at most 120 characters"),
        ({"email": "a@example.com"}, "Tick the box"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    visitor: Visitor, clock: Clock, database: Database, data: dict[str, str], says: str
) -> None:
    report = visitor.finish()
    drawn = stamp(visitor.get(report))
    clock.passes(seconds=20)
    page = visitor.refused(f"{report}/contact", {**data, "message": "We open at nine.", "stamp": drawn})
    assert says in page.says()
    assert page.title.startswith("Error: ")
    assert "We open at nine." in page.text
    assert count(database, Lead) == 0


@pytest.mark.parametrize("trick", ["at once", "no stamp", "another report's stamp", "trap"])
def test_machines_are_asked_once_more_and_people_lose_nothing(
    visitor: Visitor, clock: Clock, database: Database, trick: str
) -> None:
    report, other = visitor.finish(), visitor.finish()
    drawn = stamp(visitor.get(other if trick.startswith("another") else report))
    clock.passes(seconds=0 if trick == "at once" else 20)
    posted = {**ANA, **AGREED, "stamp": "" if trick == "no stamp" else drawn}
    if trick == "trap":
        posted["fax_extension"] = "12"
    page = visitor.refused(f"{report}/contact", posted)
    assert count(database, Lead) == 0
    assert "Ana Brown" in page.text
    clock.passes(seconds=5)
    again = {**ANA, "consent_contact": "yes", "stamp": stamp(page)}
    visitor.post(f"{report}/contact", again)
    assert count(database, Lead) == 1


def test_one_network_cannot_send_the_form_without_end(visitor: Visitor, clock: Clock) -> None:
    report = visitor.finish()
    for number in range(20):
        leave(visitor, clock, report, {"email": f"a{number}@example.com", **AGREED})
    drawn = stamp(visitor.get(report))
    clock.passes(seconds=20)
    page = visitor.refused(f"{report}/contact", {"email": "a@example.com", **AGREED, "stamp": drawn}, 429)
    assert "from your network" in page.says()
    clock.passes(hours=2)
    leave(visitor, clock, report, {"email": "b@example.com", **AGREED})


def test_one_address_gets_three_reports_a_day(visitor: Visitor, app: Flask, clock: Clock) -> None:
    object.__setattr__(app.extensions["site"].settings, "mail_folder", "anywhere")
    for _ in range(3):
        leave(visitor, clock, visitor.finish(), {"email": "victim@example.com", **AGREED})
    report = visitor.finish()
    drawn = stamp(visitor.get(report))
    clock.passes(seconds=20)
    data = {"email": "victim@example.com", **AGREED, "stamp": drawn}
    assert "three times today" in visitor.refused(f"{report}/contact", data, 429).says()


def test_staff_hear_of_a_lead_by_mail(
    visitor: Visitor, clock: Clock, app: Flask, database: Database, setting: Callable[..., None]
) -> None:
    setting(staff_mail=["a@northgate.example", "b@northgate.example"])
    object.__setattr__(app.extensions["site"].settings, "mail_folder", "anywhere")
    leave(visitor, clock, visitor.finish("standard", level=0), {**ANA, **AGREED})
    mails = sent(database, "mail.lead")
    assert [mail["to"] for mail in mails] == ["a@northgate.example", "b@northgate.example"]
    assert ["Your name", "Ana Brown"] in mails[0]["lead"]


def test_test_mode_keeps_leads_apart(
    visitor: Visitor, clock: Clock, database: Database, setting: Callable[..., None]
) -> None:
    setting(test=True)
    assert "Test mode" in visitor.get("/q/check").says()
    leave(visitor, clock, visitor.finish(), {**ANA, **AGREED})
    setting(test=False)
    leave(visitor, clock, visitor.finish(), {**ANA, **AGREED})
    with database.reading() as session:
        assert sorted(lead.test for lead in session.scalars(select(Lead))) == [False, True]


@pytest.mark.usefixtures("listening")
def test_deleting_takes_the_details_along_and_tells_those_who_were_told(
    visitor: Visitor, clock: Clock, database: Database
) -> None:
    report = visitor.finish()
    leave(visitor, clock, report, {**ANA, **AGREED})
    assert visitor.post(f"{report}/delete") == "/q/check/deleted"
    assert "are deleted" in visitor.get("/q/check/deleted").h1
    for table in (Lead, Consent, Assessment, Link):
        assert count(database, table) == 0
    with database.reading() as session:
        states = {row.event: (row.state, row.payload) for row in session.scalars(select(Delivery))}
    assert states["lead.received"] == (State.CANCELLED, outbox.CROSSED_OUT)
    assert states["contact.erased"][0] == State.PENDING
    assert "Ana" not in states["contact.erased"][1]


def test_all_that_is_kept_can_be_taken_along(visitor: Visitor, clock: Clock) -> None:
    report = visitor.finish()
    leave(visitor, clock, report, {**ANA, **AGREED})
    (known,) = json.loads(visitor.client.get(f"{report}/data.json").data)
    assert known["contact"]["name"] == "Ana Brown"
    assert known["consents"][0]["given"] is True
    assert known["assessments"][0]["answers"]


def test_sharing_is_a_link_that_only_reads_and_can_be_stopped(visitor: Visitor, clock: Clock) -> None:
    report = visitor.finish()
    leave(visitor, clock, report, {**ANA, **AGREED})
    visitor.post(f"{report}/share")
    visitor.post(f"{report}/share")
    address = visitor.get(report).one("input", id="shared").get("value", "")
    path = address.removeprefix("https://check.example.com")
    page = visitor.get(path)
    assert "shared this report with you" in page.says()
    assert [form.get("action") for form in page.all("form") if form.get("method") == "post"] == []
    assert not re.search(f"Ana|Delete my|Download my|Go deeper|{report.removeprefix('/r/')}", page.text)
    assert visitor.client.get(f"{path}/report.pdf").content_type == "application/pdf"
    token = path.removeprefix("/s/")
    for kind in ("r", "t"):
        assert visitor.client.get(f"/{kind}/{token}").status_code == 404
    visitor.post(f"{report}/share/stop")
    visitor.get(path, 404)
    visitor.post(f"{report}/share")
    assert visitor.get(report).one("input", id="shared").get("value") != address


def test_a_share_link_ends_with_its_report(visitor: Visitor, clock: Clock) -> None:
    report = visitor.finish()
    clock.passes(days=80)
    visitor.post(f"{report}/share")
    path = visitor.get(report).one("input", id="shared").get("value", "").removeprefix("https://check.example.com")
    visitor.get(path)
    clock.passes(days=11)
    visitor.get(path, 404)


@pytest.mark.usefixtures("listening")
def test_consent_is_taken_back_as_easily_as_it_was_given(visitor: Visitor, clock: Clock, database: Database) -> None:
    report = visitor.finish()
    leave(visitor, clock, report, {**ANA, **AGREED})
    (form,) = [f for f in visitor.get(report).all("form") if f.get("action", "").endswith("/withdraw")]
    with database.writing() as session:  # it heard of the lead already
        told = session.scalars(select(Endpoint)).one()
        told.events += " consent.withdrawn"
    assert visitor.post(form.get("action", "")) == f"{report}#contact"
    assert "may no longer contact you" in visitor.get(report).says()
    with database.reading() as session:
        states = {row.event: row.state for row in session.scalars(select(Delivery))}
    assert states["lead.received"] == State.CANCELLED
    assert states["consent.withdrawn"] == State.PENDING
    assert sent(database, "consent.withdrawn")[0]["data"]["consents"][0]["given"] is False
    visitor.post(f"{report}/contact/withdraw")
    assert len(sent(database, "consent.withdrawn")) == 1


def test_who_goes_deeper_is_still_the_same_lead(visitor: Visitor, clock: Clock, database: Database) -> None:
    report = visitor.finish()
    leave(visitor, clock, report, {**ANA, **AGREED})
    location = visitor.client.get(visitor.post(f"{report}/deepen", {"depth": "standard"})).headers["Location"]
    check = visitor.answer_all(location, lambda page, at: real(page)[0])
    deeper = visitor.post(check.replace("/check", "/submit"))
    assert "has your details" in visitor.get(deeper).says()
    with database.reading() as session:
        assert len(session.scalars(select(Lead)).one().assessments) == 2
