"""Exports and documents in bulk: for editors who have just shown who they are, of their own tenant, as filtered."""

import csv
import json
import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import delete, select

from assessment.delivery.bulk import Maker
from assessment.reports.formats import FORMATS
from assessment.storage import bulk, leads
from assessment.storage.browsing import Sort, Wanted
from assessment.storage.session import Database, Unavailable
from assessment.storage.staff import AuditEntry, Role
from assessment.storage.tables import Assessment
from assessment.web.console.assessments.listing import address_of
from assessment.web.console.files.bulk import FILTERS, MOST_DOCUMENTS
from assessment.web.console.freshness import ASKING
from tests.console.conftest import BROWN, HOME, PASSWORD, Join, Send, Worker, site_of
from tests.console.test_access import console_of
from tests.console.test_assessments import sitting
from tests.reports.test_formats import read_xlsx, sheets

pytestmark = pytest.mark.databases


def export(worker: Worker, kind: str, asked: str = "", expect: int = 200) -> Any:
    token = worker.token("/account")
    return worker.send(f"/check/export.{kind}{'?' if asked else ''}{asked}", expect=expect, token=token)


def rows(worker: Worker, asked: str = "") -> list[dict[str, str]]:
    text = export(worker, "csv", asked).get_data().decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


def order(worker: Worker, documents: str = "report", asked: str = "", expect: int = 303) -> Any:
    return worker.send(f"/check/bulk?{asked}", {"documents": documents}, expect, worker.token("/account"))


def make_all(app: Flask, worker: Worker) -> None:
    maker = Maker(site_of(app).database, site_of(app).settings, worker.clock)
    while maker():
        pass


def audited(app: Flask) -> list[tuple[str, str]]:
    with site_of(app).database.reading() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(one.action, one.object) for one in found if "export" in one.action or "bulk" in one.action]


def test_a_list_leads_to_an_export_of_what_it_shows(kim: Worker, send: Send) -> None:
    assert not [link for link in kim.open("/check/assessments").links() if "/export" in link], "nothing to export"
    send(contact=BROWN)
    send("c8-architecture-firm")
    page = kim.open("/check/assessments?band=urgent&q=brown&before=x")
    link = next(link for link in page.links() if "/export" in link)
    assert link == "/console/check/export?q=brown&band=urgent"
    page = kim.open(link.removeprefix("/console"))
    for said in ("1 assessment, filtered by:", "Search: brown", "Band: Urgent", "Excel workbook", "CSV", "JSON"):
        assert said in page.says(), said
    assert "/console/check/assessments?q=brown&band=urgent" in page.links()
    action = next(form.get("action") for form in page.all("form") if "export.csv" in (form.get("action") or ""))
    response = kim.send((action or "").removeprefix("/console"), expect=200, token=kim.token("/account"))
    assert len(response.text.splitlines()) == 2


def test_every_format_tells_the_same(kim: Worker, send: Send) -> None:
    weak, strong = send(contact=BROWN, source={"utm_source": "spring"}), send("c8-architecture-firm")
    (second, first) = rows(kim)
    assert (first["Reference"], second["Reference"]) == (weak, strong)
    wanted = {
        "Sent in (UTC)": "2026-11-22T09:00:00Z",
        "Questionnaire": "it-health",
        "Depth": "Full check",
        "Score": "22",
        "Band": "Urgent",
        "Grade": "A1",
        "Status": "New",
        "People": "10 to 19",
        "Came from": "spring",
        "Test": "no",
        "May be contacted": "yes",
        "Company": "Brown & Co",
        "Phone number": "'+44 20 7946 0000",
        "Agreed to": "Northgate Computers may contact me about these results.",
    }
    assert {name: first[name] for name in wanted} == {**wanted, "Sent in (UTC)": first["Sent in (UTC)"]}
    assert int(first["Critical findings"]) == len(first["What is critical"].split("; ")) > 0
    assert int(first["Low end"]) <= 22 <= int(first["High end"])
    assert first["Action 1"]
    assert [name for name in first if re.match(r"B5 ", name)], "a column for each question, by its code"
    response = export(kim, "xlsx")
    (header, *found) = read_xlsx(response.data)
    assert list(header.values()) == list(first)
    assert found[1]["A"] == weak
    assert found[1]["F"] == 22, "a number"
    by_name = {title: found[1].get(letter, "") for letter, title in header.items()}
    assert by_name["Phone number"] == "+44 20 7946 0000", "a text in a workbook needs no apostrophe"
    told = json.loads(export(kim, "json").data)
    assert [one["reference"] for one in told] == [strong, weak]
    about = told[1]
    assert (about["score"]["score"], about["contact"]["company"], about["source"]) == (
        22,
        "Brown & Co",
        {"utm_source": "spring"},
    )
    assert about["answers"]["backups.tested-restore"]["code"] == "B5"
    assert {"id", "says", "critical", "after"} <= set(about["actions"][0])


@pytest.mark.parametrize("kind", list(FORMATS))
def test_a_file_says_what_it_is_and_is_kept_nowhere(kim: Worker, send: Send, kind: str) -> None:
    send()
    response = export(kim, kind)
    assert response.headers["Content-Type"] == FORMATS[kind].media
    assert response.headers["Content-Disposition"] == f'attachment; filename="2026-11-22-check-assessments.{kind}"'
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_filters_and_order_are_those_of_the_list(kim: Worker, send: Send) -> None:
    weak, strong = send(contact=BROWN), send("c8-architecture-firm")
    for asked, wanted in (
        ("", [strong, weak]),
        ("q=brown", [weak]),
        ("band=urgent", [weak]),
        ("critical=no", [strong]),
        ("contact=no", [strong]),
        ("sort=lowest", [weak, strong]),
        ("from=2026-11-23", []),
        ("test=yes", []),
        ("sort=%00&band=x&from=nonsense&staff=x&before=x&after=%27&q=&source=%00", [strong, weak]),
        ("q=%ff%fe", []),
    ):
        assert [row["Reference"] for row in rows(kim, asked)] == wanted, asked
        assert kim.get(f"/check/export?{asked}").status_code == 200


def test_whoever_may_not_be_contacted_is_in_no_file(app: Flask, kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN, yes=False)
    for kind in FORMATS:
        made = export(kim, kind).data
        text = made if kind != "xlsx" else ZipFile(BytesIO(made)).read("xl/worksheets/sheet1.xml")
        assert reference.encode() in text
        assert not re.search(rb"brown|7946", text, re.IGNORECASE), kind
    assert rows(kim)[0]["May be contacted"] == "no"
    other = send(contact=BROWN)
    assert b"jane@brown.example" in export(kim, "json").data
    with site_of(app).database.writing() as session:
        lead = sitting(session, other).lead
        assert lead is not None
        leads.withdraw(lead, kim.clock())
    assert not re.search(rb"brown|7946", export(kim, "json").data, re.IGNORECASE)


def test_another_tenants_rows_are_in_no_file(kim: Worker, join: Join, send: Send) -> None:
    mine, theirs = send(), send(slug="other", contact=BROWN)
    join("sam@other.example", Role.OWNER, "other")
    for kind in ("csv", "json"):
        text = export(kim, kind).text
        assert mine in text
        assert theirs not in text
    assert kim.send("/other/export.csv", expect=404, token=kim.token("/account"))
    assert kim.get("/other/export").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.OWNER])
def test_who_may_only_look_exports_nothing(join: Join, send: Send, role: Role) -> None:
    send()
    worker = join("lee@northgate.example", role)
    may = role is not Role.VIEWER
    assert bool([link for link in worker.open("/check/assessments").links() if "/export" in link]) is may
    assert worker.get("/check/export").status_code == (200 if may else 404)
    export(worker, "csv", expect=200 if may else 404)
    order(worker, expect=303 if may else 404)
    assert worker.get("/check/bulk").status_code == (200 if may else 404)


def stale(worker: Worker) -> None:
    worker.clock.passes(minutes=16)


def test_after_a_while_the_password_is_asked_for_and_leads_back_to_the_same_filters(kim: Worker, send: Send) -> None:
    send(contact=BROWN)
    stale(kim)
    page = kim.open("/check/export?q=brown+%26+co")
    assert "please give your password once more" in page.says()
    assert [form.get("action") for form in page.all("form")] == ["/console/sign-out"]
    confirm = next(link for link in page.links() if "/confirm" in link)
    page = kim.open(confirm.removeprefix("/console"))
    wanted = page.one("input", name="next").get("value") or ""
    assert wanted == "/console/check/export?q=brown+%26+co"
    sent = {"password": PASSWORD, "next": wanted}
    page = kim.follow(kim.send("/confirm", sent, token=kim.token("/confirm")))
    assert "Search: brown & co" in page.says()
    assert len(rows(kim, "q=brown")) == 1


@pytest.mark.parametrize("path", ["/check/export.csv", "/check/export.xlsx", "/check/bulk"])
def test_nothing_is_given_to_somebody_who_has_not_shown_who_they_are_for_a_while(
    app: Flask, kim: Worker, send: Send, path: str
) -> None:
    send()
    stale(kim)
    answer = kim.send(f"{path}?band=urgent&q=a/b(c)'", {"documents": "report"}, 303, kim.token("/account"))
    assert answer.location.startswith("/console/confirm?next=")
    page = kim.follow(answer)
    assert page.one("input", name="next").get("value") == "/console/check/export?band=urgent&q=a%2Fb%28c%29%27"
    assert audited(app) == []


def test_a_search_too_long_for_an_address_still_leads_back(kim: Worker, send: Send) -> None:
    send()
    stale(kim)
    answer = kim.send(f"/check/export.csv?q={'%E6%BC%A2' * 200}", expect=303, token=kim.token("/account"))
    assert len(answer.location) < 2000
    assert kim.follow(answer).one("input", name="next").get("value") == "/console/check/export"


def test_what_asks_for_the_password_is_known_by_name(app: Flask) -> None:
    console = console_of(app)
    asking = {name for name, view in console.view_functions.items() if view in ASKING}
    assert {"exports.download", "bulk.order"} <= asking
    assert set(ASKING.values()) <= set(console.view_functions), "each leads back to a page there is"
    for name in asking:
        rules = [rule for rule in console.url_map.iter_rules(name) if rule.endpoint == name]
        assert all("POST" in (rule.methods or ()) for rule in rules), name


def test_exports_are_written_down_without_what_was_searched_for(app: Flask, kim: Worker, send: Send) -> None:
    send(contact=BROWN)
    export(kim, "csv")
    export(kim, "xlsx", "q=brown&contact=yes&sort=lowest")
    order(kim, "brief", "q=brown&band=urgent")
    found = audited(app)
    assert found[:2] == [("export", "csv 1"), ("export", "xlsx 1 q contact")]
    assert re.fullmatch(r"bulk [0-9a-f]{16} 1 q band", found[2][1])
    every = "&".join(
        ("q=a", "band=urgent", "critical=yes", "from=2026-01-01", "to=2026-12-12", "source=direct", "staff=5-9")
    )
    export(kim, "json", f"{every}&contact=yes&status=new&assignee=nobody&test=yes")
    assert len(audited(app)[-1][1]) <= 80
    assert not [entry for entry in audited(app) if "brown" in entry[1]]


def test_every_filter_there_is_can_be_named(app: Flask) -> None:
    assert set(address_of(Wanted(), Sort.NEWEST)) - {"sort"} == set(FILTERS)


def test_a_kind_of_file_there_is_not_is_not_there(kim: Worker, send: Send) -> None:
    send()
    for name in ("exe", "CSV", "csv.bak", "%00"):
        kim.send(f"/check/export.{name}", expect=404, token=kim.token("/account"))
    assert kim.get("/check/export.csv").status_code == 405


class Failing(Database):
    """A database that goes away after a number of readings."""

    left = 1_000

    def reading(self) -> Any:
        self.left -= 1
        if self.left < 0:
            raise Unavailable("away")
        return super().reading()


def test_a_file_breaks_off_where_the_database_does(app: Flask, kim: Worker, send: Send) -> None:
    reference = send()
    site = site_of(app)
    with site.database.writing() as session:
        first = sitting(session, reference)
        kept = {c.key: getattr(first, c.key) for c in Assessment.__table__.columns if c.key != "id"}
        for number in range(900):
            session.add(Assessment(**{**kept, "reference": f"copy{number:04}"}))
    token = kim.token("/account")
    failing = Failing(site.settings.database, busy_seconds=1)
    console_of(app).extensions["site"] = replace(site, database=failing)
    for kind in FORMATS:
        for batches in (0, 4):
            failing.left = 2 + batches  # who asks, which rows, and then the rows
            if batches and kind != "xlsx":
                with pytest.raises(Unavailable):
                    kim.send(f"/check/export.{kind}", expect=200, token=token).get_data()
            else:
                kim.send(f"/check/export.{kind}", expect=503, token=token)
    failing.engine.dispose()


def test_documents_are_ordered_watched_left_and_fetched(app: Flask, kim: Worker, send: Send) -> None:
    send(contact=BROWN)
    send(contact=BROWN)
    nameless = send("c8-architecture-firm", contact={**BROWN, "email": "x@y.example"}, yes=False)
    assert "No ZIP was ordered" in kim.open("/check/bulk").says()
    answer = order(kim, "report brief")
    page = kim.follow(answer)
    assert "0 of 6 documents made" in page.says()
    assert (page.one("progress").get("value"), page.one("progress").get("max")) == ("0", "6")
    assert page.headers["Refresh"]
    path = answer.location.removeprefix("/console")
    assert kim.get(f"{path}.zip").status_code == 404, "not before it is made"
    still = kim.open(next(link for link in page.links() if "still=yes" in link).removeprefix("/console"))
    assert "Refresh" not in still.headers
    assert "A ZIP is being made" in kim.open("/check/export").says()
    make_all(app, kim)
    page = kim.open(path)
    assert "6 of 6 documents are in it" in page.says()
    assert "Refresh" not in page.headers
    assert "Ready" in kim.open("/check/bulk").says()
    response = kim.get(f"{path}.zip")
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Disposition"] == 'attachment; filename="2026-11-22-check-report-and-brief.zip"'
    with ZipFile(BytesIO(response.data)) as found:
        assert sorted(found.namelist()) == sorted(
            [
                f"2026-11-22-{nameless}-report.pdf",
                f"2026-11-22-{nameless}-brief.pdf",
                "2026-11-22-brown-co-report.pdf",
                "2026-11-22-brown-co-report-2.pdf",
                "2026-11-22-brown-co-brief.pdf",
                "2026-11-22-brown-co-brief-2.pdf",
            ]
        )
        assert all(len(PdfReader(BytesIO(found.read(name)), strict=True).pages) >= 2 for name in found.namelist())
    assert [action for action, _ in audited(app)] == ["order bulk", "fetch bulk"]


def test_a_consent_taken_back_since_takes_the_name_off_the_file(app: Flask, kim: Worker, send: Send) -> None:
    reference = send(contact=BROWN)
    path = order(kim).location.removeprefix("/console")
    make_all(app, kim)
    with site_of(app).database.writing() as session:
        lead = sitting(session, reference).lead
        assert lead is not None
        leads.withdraw(lead, kim.clock())
    with ZipFile(BytesIO(kim.get(f"{path}.zip").data)) as found:
        assert found.namelist() == [f"2026-11-22-{reference}-report.pdf"]


def test_what_was_erased_since_is_missing_and_the_page_says_so(app: Flask, kim: Worker, send: Send) -> None:
    gone, left = send(), send()
    path = order(kim).location.removeprefix("/console")
    make_all(app, kim)
    with site_of(app).database.writing() as session:
        session.execute(delete(Assessment).where(Assessment.reference == gone))
    assert "1 of 2 documents are in it. 1 is missing: its assessment was erased" in kim.open(path).says()
    with ZipFile(BytesIO(kim.get(f"{path}.zip").data)) as found:
        assert found.namelist() == [f"2026-11-22-{left}-report.pdf"]


def test_an_order_can_be_cancelled_once(app: Flask, kim: Worker, send: Send) -> None:
    send()
    path = order(kim).location.removeprefix("/console")
    page = kim.follow(kim.send(f"{path}/cancel", expect=303, token=kim.token("/account")))
    assert "This was cancelled" in page.says()
    page = kim.follow(kim.send(f"{path}/cancel", expect=303, token=kim.token("/account")))
    assert [action for action, _ in audited(app)] == ["order bulk", "cancel bulk"]
    assert kim.get(f"{path}.zip").status_code == 404
    make_all(app, kim)
    assert "This was cancelled" in kim.open(path).says()


def test_what_cannot_be_ordered_says_why(app: Flask, kim: Worker, send: Send) -> None:
    reference = send()
    for documents, asked, says in (
        ("", "", "Choose what the ZIP should hold."),
        ("report report", "", "Choose what the ZIP should hold."),
        ("report", "band=sound", "no assessment fits your search"),
    ):
        answer = order(kim, documents, asked, expect=422)
        assert says in answer.text
        assert "<title>Error: " in answer.text
    with site_of(app).database.writing() as session:
        first = sitting(session, reference)
        kept = {c.key: getattr(first, c.key) for c in Assessment.__table__.columns if c.key != "id"}
        for number in range(MOST_DOCUMENTS // 2):
            session.add(Assessment(**{**kept, "reference": f"copy{number:04}"}))
    assert "more than 500 documents" in order(kim, "report brief", expect=422).text
    order(kim, "report")
    assert "Another ZIP is still being made" in order(kim, "report", expect=422).text


def test_an_order_is_known_to_its_own_tenant_only(app: Flask, kim: Worker, join: Join, send: Send) -> None:
    send()
    reference = order(kim).location.rsplit("/", 1)[1]
    make_all(app, kim)
    sam = join("sam@other.example", Role.OWNER, "other")
    for slug in ("other", "check"):
        for tail in ("", ".zip"):
            assert sam.get(f"/{slug}/bulk/{reference}{tail}").status_code == 404
        sam.send(f"/{slug}/bulk/{reference}/cancel", expect=404, token=sam.token("/account"))
    assert reference not in sam.open("/other/bulk").text
    with site_of(app).database.reading() as session:
        assert bulk.by_reference(session, 1, reference) is not None


def test_an_order_keeps_nothing_of_what_was_searched_for(app: Flask, kim: Worker, send: Send) -> None:
    send(contact=BROWN)
    page = kim.follow(order(kim, asked="q=jane@brown.example&band=urgent"))
    assert "Filtered by search, band" in page.says()
    with site_of(app).database.reading() as session:
        (one,) = bulk.of_tenant(session, 1)
    assert "brown" not in f"{one.asked} {one.wanted} {one.says}"


def test_an_order_is_gone_a_day_after(app: Flask, kim: Worker, send: Send) -> None:
    send()
    path = order(kim).location.removeprefix("/console")
    make_all(app, kim)
    with site_of(app).database.writing() as session:
        bulk.sweep(session, kim.clock() + timedelta(hours=25))
    for tail in ("", ".zip"):
        assert kim.get(f"{path}{tail}").status_code == 404
    assert HOME not in kim.open("/check/bulk").text


def test_columns_are_those_of_the_questionnaire_taken_now(app: Flask, kim: Worker, send: Send) -> None:
    send()
    (row,) = rows(kim)
    questionnaire = site_of(app).questionnaire
    titles = [f"{one.code} {one.short}" if one.code else one.short for one in questionnaire.questions.values()]
    assert list(row)[-len(titles) :] == titles
    assert {bank.title for bank in questionnaire.banks} <= set(row)
    assert len(list(row)) == len(set(row)), "no title stands twice"
    assert len(sheets(export(kim, "xlsx").data)) == 1
