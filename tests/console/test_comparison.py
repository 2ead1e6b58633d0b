"""Two assessments compared, in the console: the page, its PDF that says the same, and the way to it."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from pypdf import PdfReader

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load_scenarios
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.storage import assessments, browsing, leads, questionnaires, tenants
from assessment.storage.session import Session
from assessment.storage.staff import Role
from assessment.storage.standing import standing
from assessment.storage.tables import Tenant
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Grade
from assessment.web.console.assessments import comparison
from assessment.web.site import Site
from tests.console.conftest import Join, Worker
from tests.reports.conftest import FOLDER
from tests.storage.conftest import changed

pytestmark = pytest.mark.databases

JANE = {"name": "Jane Brown", "company": "Brown & Co", "email": "jane@brown.example"}
JIM = {"name": "Jim Green", "company": "Brown and Co. Ltd", "email": "jim@green.example"}
GRADE = Grade("A", 1, True, ("Fit A.",))
DAY = timedelta(days=1)
C1, C8 = "c1-dental-practice", "c8-architecture-firm"
BETTER = {"access.email-mfa": "every-mailbox", "backups.tested-restore": "every-quarter"}


def site_of(app: Flask) -> Site:
    found: Site = app.extensions["site"]
    return found


Send = Callable[..., str]


@pytest.fixture
def send(app: Flask, clock: Any) -> Send:
    """Sends an assessment in as a labelled firm would, eight months ago and then every month; gives its reference."""
    months = iter(range(8, 0, -1))

    def one(
        firm: str = C1,
        contact: dict[str, str] | None = JANE,
        yes: bool = True,
        slug: str = "check",
        depth: str = "",
        test: bool = False,
        pinned: Questionnaire | None = None,
        **given: str,
    ) -> str:
        site = site_of(app)
        now = clock() - 30 * DAY * next(months)
        scenario = next(one for one in load_scenarios(FOLDER)[0] if one.id == firm)
        answers = {**scenario.answers, **{name.replace("__", "."): value for name, value in given.items()}}
        questionnaire = pinned or site.questionnaire
        sheet = read_sheet(questionnaire, {"depth": depth or scenario.depth, "answers": answers})
        outcome = assess(questionnaire, sheet.answers, sheet.depth)
        with site.database.writing() as session:
            tenant = tenants.by_slug(session, slug) or tenants.add(session, slug, {"name": "Other"}, now)
            pin = site.pin
            if pinned is not None:
                questionnaires.publish(session, pinned, now)
                pin = (pinned.id, pinned.version)
            sitting, token = assessments.start(session, tenant, pin, sheet.depth, now, DAY)
            sitting.test = test
            figures = standing(outcome)
            assessments.submit(session, sitting, outcome.to_json(), token, now, DAY, standing=figures)
            if contact is not None:
                boxes = [(text, yes) for text in consents(tenant.profile)]
                leads.receive(session, sitting, contact, boxes, GRADE, now)
            return sitting.reference

    return one


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def unspaced(text: str) -> str:
    return "".join(text.replace("\u00ad", "").split())


def listed(app: Flask, reference: str, slug: str = "check") -> tuple[comparison.Comparable, ...]:
    """What this assessment can be compared with, as its own page is given it."""
    console = app.wsgi_app.mounts["/console"]  # type: ignore[attr-defined]
    with console.test_request_context("/"), site_of(app).database.reading() as session:
        tenant = found(session, slug)
        sitting = browsing.sitting(session, tenant.id, reference)
        assert sitting is not None
        return comparison.comparable(session, tenant, sitting)


def found(session: Session, slug: str) -> Tenant:
    tenant = tenants.by_slug(session, slug)
    assert tenant is not None
    return tenant


def test_the_page_tells_what_moved_in_plain_words(kim: Worker, send: Send) -> None:
    before = send()
    after = send(**{name.replace(".", "__"): value for name, value in BETTER.items()})
    page = kim.open(f"/check/compare/{before}/{after}")
    assert page.h1 == "Brown & Co: then and now"
    for said in (
        "critical findings are gone",
        "A password alone opens every mailbox in your business.",
        "“Nobody has it; a password is enough” → “Every mailbox must use it, and nobody can switch it off”",
        "Done (",
        "Still open (",
        "Better (2)",
        "Backups and recovery",
        "the same.",
    ):
        assert said in page.says(), said
    assert f"/console/check/assessments/{before}" in page.links()
    assert f"/console/check/assessments/{after}" in page.links()


@pytest.mark.parametrize(
    "later", [{}, {"firm": C8}, {"depth": "quick"}, {"access__remote_access": "not-sure"}], ids=repr
)
def test_the_pdf_says_the_same_as_the_page(kim: Worker, send: Send, later: dict[str, str]) -> None:
    before, after = send(), send(**later)
    path = f"/check/compare/{before}/{after}"
    page, response = kim.open(path), kim.get(f"{path}/comparison.pdf")
    assert f"/console{path}/comparison.pdf" in page.links()
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].endswith('-brown-co-comparison.pdf"')
    pdf = unspaced(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(response.data), strict=True).pages))
    said = [words(one) for tag in ("h2", "h4", "dd", "dt") for one in page.all(tag)]
    said += [words(one) for name in ("lead", "box") for one in page.all("p", class_=name)]
    said += [words(item) for box in page.all("section", class_="box") for item in box.iter() if item.tag.endswith("li")]
    own = re.compile(r"^(Then|Now) |^(The earlier plan|New in the later plan)$")
    missing = [one for one in said if (text := own.sub("", one)) and unspaced(text) not in pdf]
    assert missing == []


def test_the_earlier_one_stands_first_whatever_the_address_says(kim: Worker, send: Send) -> None:
    before, after = send(), send()
    for tail in ("", "/comparison.pdf"):
        response = kim.get(f"/check/compare/{after}/{before}{tail}")
        assert response.status_code == 303
        assert response.location == f"/console/check/compare/{before}/{after}{tail}"


def test_what_cannot_be_compared_is_not_there(app: Flask, kim: Worker, join: Join, send: Send, clock: Any) -> None:
    mine, test, theirs = send(), send(test=True), send(slug="other")
    sam = join("sam@other.example", Role.VIEWER, "other")
    other = send(contact=None, pinned=changed(site_of(app).questionnaire, id="another"))
    for pair in ((mine, mine), (mine, test), (mine, theirs), (theirs, mine), (mine, other), (mine, "0" * 16)):
        for tail in ("", "/comparison.pdf"):
            for worker in (kim, sam):
                for slug in ("check", "other"):
                    assert worker.get(f"/{slug}/compare/{'/'.join(pair)}{tail}").status_code == 404, pair
    assert sam.get(f"/other/compare/{theirs}/{send(slug='other')}").status_code == 200


def test_two_firms_are_compared_only_with_a_warning_and_under_no_name(kim: Worker, send: Send) -> None:
    before, after = send(contact={**JANE, "email": "x@other.example", "company": "Other"}), send(C8)
    page = kim.open(f"/check/compare/{before}/{after}")
    assert page.h1 == "Two assessments compared"
    assert "Nothing shows that these two are of the same firm" in page.says()
    name = kim.get(f"/check/compare/{before}/{after}/comparison.pdf").headers["Content-Disposition"]
    assert after in name
    assert "brown" not in name


def test_whoever_may_not_be_contacted_is_not_named(kim: Worker, send: Send, app: Flask) -> None:
    before, after = send(yes=False), send(yes=False)
    path = f"/check/compare/{before}/{after}"
    assert "brown" not in kim.open(path).text.lower()
    assert "brown" not in kim.get(f"{path}/comparison.pdf").headers["Content-Disposition"]


def test_one_of_a_firm_offers_the_others_of_it_newest_first(app: Flask, send: Send) -> None:
    first, second = send(depth="quick"), send()
    third = send(contact=JIM)
    send(C8, contact={**JANE, "company": "Else", "email": "j@else.example"})
    offered = listed(app, second)
    assert [one.open.rsplit("/", 1)[1] for one in offered] == [third, first]
    assert [one.compare for one in offered] == [
        f"/console/check/compare/{second}/{third}",
        f"/console/check/compare/{first}/{second}",
    ]
    assert [(one.earlier, one.depth, one.tie) for one in offered] == [
        (False, "Full check", "by somebody at the same company"),
        (True, "Quick check", "by the same person"),
    ]


def test_who_did_not_agree_is_never_linked_by_company(app: Flask, send: Send) -> None:
    agreed, silent, nobody = send(), send(contact=JIM, yes=False), send(contact=None)
    for reference in (agreed, silent, nobody):
        assert listed(app, reference) == ()


def test_the_list_is_drawn_with_the_ways_to_go(app: Flask, send: Send) -> None:
    send()
    offered = listed(app, send())
    console = app.wsgi_app.mounts["/console"]  # type: ignore[attr-defined]
    template = console.jinja_env.get_template("console/parts/compare.html")
    drawn = html5lib.parse(template.render(page=SimpleNamespace(comparable=offered)))
    assert "Compare with" in words(drawn)
    assert "full check, 22 of 100, by the same person" in words(drawn)
    assert template.render(page=SimpleNamespace(comparable=())).strip() == ""


def test_a_newer_version_of_the_questions_is_named(app: Flask, kim: Worker, send: Send) -> None:
    before, after = send(), send(pinned=changed(site_of(app).questionnaire, version="2027.03"))
    page = kim.open(f"/check/compare/{before}/{after}")
    assert "The questions changed between the two (version 2026.11.2, then 2027.03)" in page.says()


def test_stored_outcomes_are_compared_and_nothing_is_scored_again(app: Flask, kim: Worker, send: Send) -> None:
    before, after = send(), send()
    with site_of(app).database.writing() as session:
        sitting = browsing.sitting(session, 1, after)
        assert sitting is not None
        assert sitting.outcome is not None
        sitting.outcome = re.sub(r'("raw_exact":"[^"]*",)("score":)\d+', r"\g<1>\g<2>99", sitting.outcome)
    assert "From 22 to 99" in kim.open(f"/check/compare/{before}/{after}").says()


def test_an_unfinished_one_is_not_compared(app: Flask, kim: Worker, send: Send, clock: Any) -> None:
    done, site = send(), site_of(app)
    with site.database.writing() as session:
        begun, _ = assessments.start(session, found(session, "check"), site.pin, Depth.QUICK, clock(), DAY)
        reference = begun.reference
    assert kim.get(f"/check/compare/{done}/{reference}").status_code == 404
