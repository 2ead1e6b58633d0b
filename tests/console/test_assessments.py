"""The list of assessments, one of them, its report and brief: for staff of the tenant, and for nobody else."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from assessment.delivery.outgoing import REPORT_MAIL
from assessment.engine.questions import Depth
from assessment.storage import assessments, browsing, endpoints, leads, tenants
from assessment.storage.browsing import PAGE
from assessment.storage.outbox import Channel, Parcel, State, claim, enqueue, settle
from assessment.storage.session import Session
from assessment.storage.staff import Role
from assessment.storage.tables import Assessment, Attempt
from tests.console.conftest import BROWN, DAY, HOME, Join, Send, Worker, site_of

pytestmark = pytest.mark.databases


def test_an_empty_list_says_where_the_check_and_the_snippet_are(kim: Worker) -> None:
    page = kim.open("/check/assessments")
    assert "No assessment has been sent in yet" in page.says()
    assert f"{HOME}/q/check" in page.links()
    assert "/console/check/settings/website" in page.links()
    assert page.all("form", method="get") == []


def test_the_list_tells_who_how_and_when(kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN, source={"embed": "inline", "host": "www.northgate.example"})
    page = kim.open("/check/assessments")
    for said in ("1 assessment", "Brown & Co", "Jane Brown", "22", "Urgent", "A1", "10 to 19", "www.northgate.example"):
        assert said in page.says()
    assert f"/console/check/assessments/{reference}" in page.links()


def test_whoever_may_not_be_contacted_is_not_named_anywhere(kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN, yes=False)
    for path in ("/check/assessments", f"/check/assessments/{reference}", f"/check/assessments/{reference}/report"):
        page = kim.open(path)
        assert not re.search(r"brown|7946", page.text, re.IGNORECASE), path
    assert "asked for the report only, and may not be contacted" in kim.open(f"/check/assessments/{reference}").says()
    assert "Nothing found" in kim.open("/check/assessments?q=brown").says()
    for kind in ("report", "brief"):
        disposition = kim.get(f"/check/assessments/{reference}/{kind}.pdf").headers["Content-Disposition"]
        assert disposition == f'inline; filename="2026-11-22-{reference}-{kind}.pdf"'


def test_details_stand_there_once_somebody_agreed_and_go_when_they_take_it_back(
    app: Flask, kim: Worker, send: Send
) -> None:
    reference = send(contact=BROWN)
    page = kim.open(f"/check/assessments/{reference}")
    assert page.h1 == "Brown & Co"
    assert "mailto:jane@brown.example" in page.links()
    assert "tel:+442079460000" in page.links()
    assert "Northgate Computers may contact me about these results." in page.says()
    with site_of(app).database.writing() as session:
        lead = sitting(session, reference).lead
        assert lead is not None
        leads.withdraw(lead, kim.clock())
    page = kim.open(f"/check/assessments/{reference}")
    assert "took their consent back" in page.says()
    assert "brown" not in page.text.lower()


def sitting(session: Session, reference: str) -> Assessment:
    found = browsing.sitting(session, 1, reference)
    assert found is not None
    return found


def test_search_filters_and_order_stand_in_the_address(kim: Worker, send: Send) -> None:
    weak, strong = send(contact=BROWN), send("c8-architecture-firm")
    for asked, found in (
        ("q=brown", [weak]),
        ("q=BROWN+co", [weak]),
        ("q=jane@", [weak]),
        (f"q={strong[:6]}", [strong]),
        ("band=urgent", [weak]),
        ("critical=no", [strong]),
        ("contact=yes", [weak]),
        ("from=2026-11-22&to=2026-11-22", [strong, weak]),
        ("from=2026-11-23", []),
        ("test=yes", []),
        ("source=direct", [strong, weak]),
        ("sort=lowest", [weak, strong]),
        ("sort=grade", [weak, strong]),
        ("sort=%00&band=x&from=nonsense&staff=x&before=x&after=%27", [strong, weak]),
    ):
        page = kim.open(f"/check/assessments?{asked}")
        rows = [link for link in page.links() if re.search(r"/assessments/\w+$", link)]
        assert [row.rsplit("/", 1)[1] for row in rows] == found, asked
    page = kim.open("/check/assessments?q=brown&band=urgent")
    assert page.one("input", name="q").get("value") == "brown"
    chosen = [option.get("value") for option in page.all("option") if option.get("selected") is not None]
    assert "urgent" in chosen
    assert page.one("details", **{"class": "filters"}).get("open") is not None


def test_paging_goes_through_everything_once(app: Flask, kim: Worker, send: Send) -> None:
    reference = send()
    with site_of(app).database.writing() as session:
        first = sitting(session, reference)
        columns = [column.key for column in Assessment.__table__.columns if column.key != "id"]
        kept = {name: getattr(first, name) for name in columns}
        for number in range(2 * PAGE + 3):
            session.add(Assessment(**{**kept, "reference": f"copy{number:04}"}))
    path, seen = "/check/assessments?sort=lowest&band=urgent", []
    while path:
        page = kim.open(path)
        links = page.links()
        seen += [link for link in links if re.search(r"/assessments/\w+$", link)]
        path = next((link.removeprefix("/console") for link in links if "after=" in link), "")
    assert len(seen) == len(set(seen)) == 2 * PAGE + 4
    assert "before=" in " ".join(page.links())
    assert "sort=lowest" in " ".join(page.links())


def test_one_assessment_says_what_happened_and_what_to_say(app: Flask, kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN, source={"utm_source": "spring"})
    page = kim.open(f"/check/assessments/{reference}")
    for said in (
        "Grade A1",
        "Need 1, the greatest.",
        "spring",
        "Begun",
        "Sent in",
        "Details left",
        "Say this first",
        "Critical now",
        "K7",
        "We are happy with our technician.",
        "Who has to do what",
        "NIST CSF 2.0",
        reference,
    ):
        assert said in page.says(), said


def test_deliveries_stand_with_their_attempts_and_name_nobody_who_may_not_be_named(
    app: Flask, kim: Worker, send: Send
) -> None:
    reference = send(contact=BROWN, yes=False)
    site = site_of(app)
    with site.database.writing() as session:
        found = sitting(session, reference)
        url = "https://hooks.example/secret-path"
        hook = endpoints.add(session, found.tenant, url, "x", site.vault, kim.clock(), flat=False, events="")
        for channel, event, endpoint in (
            (Channel.MAIL, REPORT_MAIL, None),
            (Channel.WEBHOOK, "assessment.completed", hook.id),
        ):
            enqueue(session, Parcel(1, channel, event, "{}", endpoint, found.id, found.lead_id), kim.clock())
            taken = claim(session, kim.clock(), DAY)
            assert taken is not None
            says = "550 no such user <jane@brown.example>"
            attempt = Attempt(at=kim.clock(), verdict="dead", status=550, says=says)
            settle(session, taken, State.DEAD, attempt, None)
    page = kim.open(f"/check/assessments/{reference}")
    assert "Mail to the owner with the link to the report: given up" in page.says()
    assert "550 no such user" in page.says()
    assert "hooks.example" in page.says()
    assert "secret-path" not in page.text
    assert "jane" not in page.text.lower()


def test_the_report_is_drawn_as_its_owner_sees_it_with_no_way_to_change_it(kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN)
    page = kim.open(f"/check/assessments/{reference}/report")
    for said in ("Critical now", "Where you stand", "Your plan", "How this score came about", "Your answers"):
        assert said in page.says()
    assert not [link for link in page.links() if "/r/" in link or "/t/" in link or "/s/" in link]
    assert [form.get("action") for form in page.all("form")] == ["/console/sign-out"]


@pytest.mark.parametrize("kind", ["report", "brief"])
def test_both_pdfs_carry_a_name_that_says_what_they_are(kim: Worker, send: Send, kind: str) -> None:
    reference = send(contact={**BROWN, "company": 'Brøwn & Çö "; x=/../\r\n'})
    response = kim.get(f"/check/assessments/{reference}/{kind}.pdf")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == f'inline; filename="2026-11-22-brwn-co-x-{kind}.pdf"'
    assert response.headers["Cache-Control"] == "no-store"
    assert len(PdfReader(BytesIO(response.data), strict=True).pages) >= 2


def test_another_tenants_assessment_is_not_there(kim: Worker, join: Join, send: Send) -> None:
    other = send(slug="other", contact=BROWN)
    sam = join("sam@other.example", Role.VIEWER, "other")
    for tail in ("", "/report", "/report.pdf", "/brief.pdf"):
        assert kim.get(f"/check/assessments/{other}{tail}").status_code == 404
        assert kim.get(f"/other/assessments/{other}{tail}").status_code == 404
        assert sam.get(f"/other/assessments/{other}{tail}").status_code == 200
        assert kim.get(f"/check/assessments/{'0' * 16}{tail}").status_code == 404
    assert kim.get("/other/assessments").status_code == 404
    assert "Brown & Co" not in kim.open("/check/assessments").says()


def test_nobody_else_gets_in(app: Flask, clock: Any, send: Send) -> None:
    reference = send()
    stranger = Worker(app, clock)
    for tail in ("", f"/{reference}", f"/{reference}/report", f"/{reference}/report.pdf", f"/{reference}/brief.pdf"):
        assert "/console/sign-in" in stranger.get(f"/check/assessments{tail}").headers["Location"]


def test_an_unfinished_assessment_is_nobodys_business(app: Flask, kim: Worker) -> None:
    site = site_of(app)
    with site.database.writing() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant is not None
        begun, _ = assessments.start(session, tenant, site.pin, Depth.QUICK, kim.clock(), DAY)
        reference = begun.reference
    assert "No assessment has been sent in yet" in kim.open("/check/assessments").says()
    assert kim.get(f"/check/assessments/{reference}").status_code == 404


HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "javascript:alert(1)")


def test_what_strangers_typed_is_only_ever_text(kim: Worker, send: Send) -> None:
    for text in HOSTILE:
        reference = send(contact={**BROWN, "company": text, "name": text}, source={"utm_source": text, "host": text})
        for path in ("/check/assessments", f"/check/assessments/{reference}", f"/check/assessments?q={text}"):
            page = kim.open(path)
            assert page.all("img") == []
            assert all(script.get("src") for script in page.all("script"))
            assert not [link for link in page.links() if link.startswith("javascript")]


def test_the_outcome_is_read_and_never_scored_again(kim: Worker, send: Send, app: Flask) -> None:
    reference = send()
    with site_of(app).database.writing() as session:
        found = sitting(session, reference)
        assert found.outcome is not None
        outcome = json.loads(found.outcome)
        outcome["overall"]["score"] = 99
        found.outcome = json.dumps(outcome)
    assert "99 of 100" in kim.open(f"/check/assessments/{reference}").says()
