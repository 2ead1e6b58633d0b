"""The dashboard: what visitors do is on it once, a chart and its table have the same numbers, and nobody else's are."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from assessment.delivery.chores import Chores
from assessment.reports.dashboard.charts import charts
from assessment.reports.dashboard.cohort import Cohort, average, percent
from assessment.settings import Settings
from assessment.storage import tallies, tenants
from assessment.storage.session import Unavailable
from assessment.storage.staff import Role
from assessment.tenancy.counting import BEFORE, Counted, Kind, Sum
from assessment.web import plotly
from tests.console.conftest import BROWN, HOME, Join, Worker, site_of
from tests.web.conftest import Clock, Page, Visitor, words

CONSENT = {"consent_contact": "yes"}


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app.test_client(use_cookies=False))


def table(page: Page, chart: str) -> dict[str, tuple[str, ...]]:
    """The rows of a chart's table, by their first cell."""
    section = next(one for one in page.all("section") if one.get("aria-labelledby") == f"chart-{chart}")
    rows = [row for row in section.iter() if row.tag.endswith("}tr")][1:]
    cells = [[words(cell) for cell in row] for row in rows]
    return {first: tuple(rest) for first, *rest in cells}


def drawn(page: Page, chart: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.one("div", id=f"drawn-{chart}").get("data-figure", ""))
    return found


def leave_details(visitor: Visitor, clock: Clock, report: str) -> None:
    page = visitor.get(report)
    stamp = page.one("input", name="stamp").get("value", "")
    clock.passes(seconds=30)
    visitor.post(f"{report}/contact", {"stamp": stamp, **BROWN, **CONSENT})


def test_before_anybody_came_it_says_how_to_get_the_first(kim: Worker) -> None:
    page = kim.open("/check/dashboard")
    assert "Nobody has opened your check in this time" in page.says()
    assert f"{HOME}/q/check" in page.links()
    assert page.all("table") == []
    assert "No test was counted" in kim.open("/check/dashboard?test=yes").says()


def test_what_visitors_do_is_on_it(app: Flask, kim: Worker, visitor: Visitor, clock: Clock) -> None:
    for _ in range(3):
        visitor.get("/q/check")
    visitor.begin()
    report = visitor.finish()
    leave_details(visitor, clock, report)
    page = kim.open("/check/dashboard")
    steps = table(page, "funnel")
    assert steps["Saw the first page"] == ("3", "–")
    assert steps["Began"] == ("2", "67%")
    assert steps["Sent in their answers"] == ("1", "50%")
    assert steps["Left contact details"] == ("1", "100%")
    assert table(page, "sources") == {"Straight to the address": ("2", "1", "1")}
    assert table(page, "trend")["16 Nov 2026"][:2] == ("1", "1")
    assert sum(int(row[1]) for row in table(page, "scores").values()) == 1
    assert {cell for row in table(page, "banks").values() for cell in row} == {"–"}, (
        "one firm is too few for an average"
    )
    assert all(row == ("1", "100%") for row in table(page, "actions").values())
    assert len(table(page, "actions")) == 3
    for nowhere in ("Brown", "brown.example", "7946"):
        assert nowhere not in page.text


def test_what_is_sent_or_left_twice_counts_once(kim: Worker, visitor: Visitor, clock: Clock) -> None:
    check = visitor.answer_all(visitor.begin("quick"), lambda page, _: page.offered()[0])
    submit = check.replace("/check", "/submit")
    report = visitor.post(submit)
    assert visitor.post(submit) == report
    for _ in range(2):
        leave_details(visitor, clock, report)
    steps = table(kim.open("/check/dashboard"), "funnel")
    assert [steps[name][0] for name in ("Sent in their answers", "Left contact details")] == ["1", "1"]


def test_going_deeper_is_another_check_of_somebody_who_is_known(kim: Worker, visitor: Visitor, clock: Clock) -> None:
    report = visitor.finish()
    leave_details(visitor, clock, report)
    deeper = visitor.post(f"{report}/deepen", {"depth": "standard"})
    deeper = visitor.client.get(deeper).headers["Location"]
    check = visitor.answer_all(deeper, lambda page, _: page.offered()[0])
    visitor.post(check.replace("/check", "/submit"))
    steps = table(kim.open("/check/dashboard"), "funnel")
    assert [steps[name][0] for name in steps][1:] == ["2", "2", "1"]


def test_who_stops_is_counted_a_day_later_and_taken_out_when_they_finish(
    app: Flask, kim: Worker, visitor: Visitor, clock: Clock, settings: Settings
) -> None:
    chores = Chores(site_of(app).database, settings, site_of(app).vault, clock)
    visitor.begin()
    first = visitor.begin("quick")
    second = visitor.post(first, {"answer": visitor.get(first).offered()[0]})
    chores()
    assert table_or_none(kim.open("/check/dashboard"), "left") is None
    clock.passes(hours=25)
    chores()
    kim.sign_in()
    page = kim.open("/check/dashboard")
    question = site_of(app).questionnaire.questions[first.rsplit("/", 1)[1]]
    assert table(page, "left") == {"Before the first answer": ("1", "50%", "1"), question.short: ("1", "50%", "0")}
    check = visitor.answer_all(second, lambda page, _: page.offered()[0])
    visitor.post(check.replace("/check", "/submit"))
    assert list(table(kim.open("/check/dashboard"), "left")) == ["Before the first answer"]


def table_or_none(page: Page, chart: str) -> dict[str, tuple[str, ...]] | None:
    return table(page, chart) or None


def test_views_wait_in_memory_for_a_minute_and_are_no_write_of_the_visitor(
    app: Flask, kim: Worker, visitor: Visitor, clock: Clock
) -> None:
    client, database = visitor.client, site_of(app).database
    ahead = [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}]
    for headers in ahead:
        client.get("/q/check", headers=headers).close()
    client.head("/q/check").close()
    client.get("/q/check").close()
    clock.passes(seconds=59)
    client.get("/q/check").close()
    assert kim.open("/check/dashboard").all("table") == []
    clock.passes(seconds=1)
    response = client.get("/q/check")
    assert kim.open("/check/dashboard").all("table") == [], "the answer is not sent yet"
    response.close()
    assert table(kim.open("/check/dashboard"), "funnel")["Saw the first page"][0] == "3"
    client.get("/q/check").close()
    site_of(app).visits.write(database)
    assert table(kim.open("/check/dashboard"), "funnel")["Saw the first page"][0] == "4"


def test_views_are_kept_when_they_cannot_be_written(app: Flask, kim: Worker, visitor: Visitor, clock: Clock) -> None:
    visits, database = site_of(app).visits, site_of(app).database
    visitor.get("/q/check")
    with pytest.raises(Unavailable), visits.handed_over():
        raise Unavailable("locked")
    with database.writing():  # somebody else writes all the time
        visits.write(site_of(app).database)
    visitor.post("/q/check/start", {"depth": "no such depth"})
    assert table(kim.open("/check/dashboard"), "funnel")["Saw the first page"][0] == "1"


def test_tests_are_apart(app: Flask, kim: Worker, visitor: Visitor, clock: Clock) -> None:
    with site_of(app).database.writing() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant is not None
        tenants.change(tenant, {"test": True})
    visitor.get("/q/check")
    visitor.finish()
    assert kim.open("/check/dashboard").all("table") == []
    steps = table(kim.open("/check/dashboard?test=yes"), "funnel")
    assert [steps[name][0] for name in steps] == ["1", "1", "1", "0"]


def test_another_tenant_sees_none_of_it(join: Join, kim: Worker, visitor: Visitor) -> None:
    visitor.finish()
    olga = join("olga@other.example", Role.VIEWER, "other")
    assert olga.open("/other/dashboard").all("table") == []
    assert olga.get("/check/dashboard").status_code == 404
    assert kim.open("/check/dashboard").all("table") != []


def add(
    app: Flask, clock: Clock, counts: Mapping[Counted, tuple[int, int]], weeks: int = 0, slug: str = "check"
) -> None:
    with site_of(app).database.writing() as session:
        tenant = tenants.by_slug(session, slug)
        assert tenant is not None
        tallies.add(session, tenant.id, False, tallies.week_of(clock() - timedelta(weeks=weeks)), counts)


def test_the_address_says_how_far_back_it_looks(app: Flask, kim: Worker, clock: Clock) -> None:
    for weeks in (0, 3, 4, 12, 13, 51, 52, 200):
        add(app, clock, {Counted(Kind.START): (1, 0)}, weeks)
    for asked, found in {"": 4, "?weeks=4": 2, "?weeks=13": 4, "?weeks=52": 6, "?weeks=all": 8}.items():
        assert table(kim.open(f"/check/dashboard{asked}"), "funnel")["Began"][0] == str(found), asked
    assert len(table(kim.open("/check/dashboard?weeks=4"), "trend")) == 4
    assert len(table(kim.open("/check/dashboard?weeks=all"), "trend")) == 201


@pytest.mark.parametrize(
    "query", ["weeks=-1", "weeks=4;4", "weeks=%00", "weeks=&weeks=4", "test=maybe", "weeks=" + 9 * "9"]
)
def test_an_address_that_makes_no_sense_shows_the_usual(kim: Worker, query: str) -> None:
    page = kim.open(f"/check/dashboard?{query}")
    assert [words(link) for link in page.all("a") if link.get("aria-current") == "true"] == ["13 weeks", "Visitors"]


HOSTILE = "</script><script>alert(1)</script>'\"<b>&amp;"
SOME = {
    Counted(Kind.VIEW): (4300, 0),
    Counted(Kind.START): (1200, 0),
    Counted(Kind.COMPLETE, "quick"): (700, 0),
    Counted(Kind.COMPLETE, "full"): (100, 0),
    Counted(Kind.LEAD): (90, 0),
    Counted(Kind.SCORE, "urgent"): (300, 6000),
    Counted(Kind.SCORE, "strong"): (499, 44910),
    Counted(Kind.SCORE, "no-such-band"): (1, 50),
    Counted(Kind.LEFT, BEFORE): (120, 0),
    Counted(Kind.LEFT, "backups.schedule"): (30, 0),
    Counted(Kind.LEFT, "no.such-question"): (2, 0),
    Counted(Kind.BANK, "backups", "5-9"): (3, 100),
    Counted(Kind.BANK, "backups", "1"): (2, 100),
    Counted(Kind.BANK, "no-such-bank", ""): (4, 400),
    Counted(Kind.CRITICAL, "backups.no-backups"): (300, 0),
    Counted(Kind.CRITICAL, "no.such-rule"): (2, 0),
    Counted(Kind.ACTION, "no-such-advice"): (200, 0),
    Counted(Kind.SOURCE, HOSTILE, Kind.START): (1200, 0),
    Counted(Kind.SOURCE, HOSTILE, Kind.COMPLETE): (800, 0),
}


def test_every_chart_has_a_table_with_the_numbers_of_its_figure(app: Flask, kim: Worker, clock: Clock) -> None:
    add(app, clock, SOME)
    page = kim.open("/check/dashboard")
    bars = {"funnel": 0, "left": 0, "scores": 1, "criticals": 0, "actions": 0, "sources": 1}
    for chart, column in bars.items():
        values = [int(row[column].replace(",", "")) for row in table(page, chart).values()]
        (trace,) = drawn(page, chart)["data"]
        assert trace["x"] == values, chart
        assert any(values), chart
    done, leads, scores = drawn(page, "trend")["data"]
    rows = list(table(page, "trend").values())[::-1]
    assert (
        [[str(n) for n in (done["y"][-1], leads["y"][-1], scores["y"][-1])]]
        == [list(rows[-1])]
        == [["800", "90", "64"]]
    )
    (grid,) = drawn(page, "banks")["data"]
    assert (
        [tuple(row) for row in grid["text"]]
        == list(table(page, "banks").values())
        == [("–", "33", "–"), ("–", "–", "100")]
    )


def test_what_the_questionnaire_knows_is_named_and_what_is_gone_stands_as_its_id(
    app: Flask, kim: Worker, clock: Clock
) -> None:
    add(app, clock, SOME)
    page = kim.open("/check/dashboard")
    questionnaire = site_of(app).questionnaire
    short = questionnaire.questions["backups.schedule"].short
    assert list(table(page, "left")) == ["Before the first answer", short, "no.such-question"]
    assert list(table(page, "banks")) == ["Backups and recovery", "no-such-bank"]
    assert [words(th) for th in page.all("th") if words(th) in ("Just me", "5 to 9", "Not said")]
    assert list(table(page, "criticals")) == [
        "The work on your own computers and drives is not backed up.",
        "no.such-rule",
    ]
    assert "no-such-band" in table(page, "scores")
    assert "no-such-advice" in table(page, "actions")


def test_what_strangers_put_into_an_address_stays_text(app: Flask, kim: Worker, clock: Clock) -> None:
    add(app, clock, SOME)
    page = kim.open("/check/dashboard")
    assert "<script>alert" not in page.text
    assert list(table(page, "sources")) == [" ".join(HOSTILE.split())]
    said = drawn(page, "sources")["layout"]["annotations"][0]["text"]
    assert "<b>" not in said, "Plotly would take it for markup"
    assert "&lt;b&gt;&amp;amp;" in said.replace("<br>", "")


def test_the_policy_of_the_page_is_that_of_every_other(app: Flask, kim: Worker, clock: Clock) -> None:
    add(app, clock, SOME)
    page = kim.open("/check/dashboard")
    policy = page.headers["Content-Security-Policy"]
    assert policy == kim.open("/check/assessments").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert f"/static/{plotly.NAME}" in page.text
    assert "plotly" not in kim.open("/check/assessments").text


def test_the_script_is_compressed_once_and_kept_for_good(app: Flask, settings: Settings, visitor: Visitor) -> None:
    address = f"/static/{plotly.NAME}"
    (settings.instance / "plotly-0.1.js.gz").write_bytes(b"old")
    for _ in range(2):
        with visitor.client.get(address, headers={"Accept-Encoding": "gzip"}) as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert response.mimetype == "text/javascript"
            assert len(response.data) < 1_600_000
    assert [path.name for path in settings.instance.glob("plotly*")] == [f"{plotly.NAME}.gz"]
    with visitor.client.get(address) as response:
        assert "Content-Encoding" not in response.headers
        assert re.match(rb"/\*\*\s*\* plotly.js v\d", response.data)
    with visitor.client.get("/static/plotly-0.1.js") as response:
        assert response.status_code == 404


def test_a_folder_that_cannot_be_written_to_is_no_reason_to_fail(
    visitor: Visitor, settings: Settings, app: Flask
) -> None:
    (settings.instance / f"{plotly.NAME}.gz").symlink_to("/nowhere/at/all")
    assert plotly.packed(settings.instance / "gone") is None


@pytest.mark.parametrize(
    ("count", "of", "says"),
    [(0, 0, "–"), (1, 0, "–"), (3, 2, "–"), (0, 5, "0%"), (1, 900, "under 1%"), (899, 900, "over 99%"), (5, 5, "100%")],
)
def test_a_share_never_says_more_than_is_so(count: int, of: int, says: str) -> None:
    assert percent(count, of) == says


def test_an_average_is_rounded_half_up_and_there_is_none_of_nothing() -> None:
    assert [average(total, 2) for total in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert average(0, 0) is average(5, -1) is None


def test_tallies_that_came_to_less_than_nothing_are_not_shown(app: Flask) -> None:
    questionnaire = site_of(app).questionnaire
    cohort = Cohort([Sum(None, Kind.LEFT, BEFORE, "", -2, 0)], questionnaire, str)
    assert cohort.named(Kind.LEFT) == {}
    week = tallies.week_of(Clock()())
    assert len(charts([], questionnaire, str, None, week)) == 8
