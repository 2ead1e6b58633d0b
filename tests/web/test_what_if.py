"""Pages beside a report: trying out steps, and looking into it; for its owner and for those it is shared with."""

import gzip
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from assessment.engine.result import Outcome
from assessment.storage import tenants
from assessment.storage.tables import Assessment
from assessment.web import plotly
from tests.web.conftest import Page, Visitor, words

BESIDE = ("what-if", "explore")


def share(visitor: Visitor, report: str) -> str:
    visitor.post(f"{report}/share")
    return visitor.get(report).one("input", id="shared").get("value", "").removeprefix("https://check.example.com")


def offered(page: Page) -> list[str]:
    return [box.get("value", "") for box in page.all("input", name="do")]


def ticked(page: Page) -> list[str]:
    return [box.get("value", "") for box in page.all("input", name="do") if "checked" in box.attrib]


def test_steps_are_ticked_in_a_plain_form_and_the_address_holds_them(visitor: Visitor) -> None:
    report = visitor.finish("standard", level=0)
    assert f"{report}/what-if" in visitor.get(report).links()
    page = visitor.get(f"{report}/what-if")
    form = page.one("form")
    assert (form.get("method"), form.get("action")) == ("get", f"{report}/what-if")
    assert not ticked(page)
    steps = offered(page)
    again = visitor.get(f"{report}/what-if?do={steps[1]}&do={steps[4]}")
    assert ticked(again) == [steps[1], steps[4]]
    assert re.search(r"From \d+ to \d+", again.says())
    for link in (link for link in page.links() if "?do=" in link):
        assert ticked(visitor.get(link)) == steps[: len(ticked(visitor.get(link)))]


def test_the_whole_plan_ends_where_the_report_says(visitor: Visitor) -> None:
    report = visitor.finish("standard", level=0)
    *_, after = re.findall(r"after this: (\d+)", visitor.get(report).says().replace("\N{NO-BREAK SPACE}", " "))
    *_, whole = (link for link in visitor.get(f"{report}/what-if").links() if "?do=" in link)
    assert words(visitor.get(whole).one("h2", id="reached-head")).endswith(f"to {after}")


@pytest.mark.parametrize(
    "query", ["?do=", "?do=nothing.at-all", "?do=%00&do=%FF%FE", "?do[]=x&what=1&do", "?" + "do=x&" * 700]
)
def test_what_cannot_be_read_is_left_out(visitor: Visitor, query: str) -> None:
    report = visitor.finish()
    page = visitor.get(f"{report}/what-if{query}")
    assert not ticked(page)
    assert "Tick the steps" in page.says()


def test_those_it_is_shared_with_can_try_and_look_and_reach_nothing_else(visitor: Visitor) -> None:
    report = visitor.finish("standard", level=0)
    first = offered(visitor.get(f"{report}/what-if"))[0]
    assert "The same for others" not in visitor.get(f"{report}/what-if?do={first}").says()
    shared = share(visitor, report)
    mine = visitor.get(f"{report}/what-if?do={first}")
    assert f"https://check.example.com{shared}/what-if?do={first}" in mine.links()
    for path in BESIDE:
        assert f"{shared}/{path}" in visitor.get(shared).links()
        page = visitor.get(f"{shared}/{path}?do={first}")
        assert report not in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert "noindex" in page.headers["X-Robots-Tag"]
    assert ticked(visitor.get(f"{shared}/what-if?do={first}")) == [first]
    visitor.post(f"{report}/share/stop")
    for path in BESIDE:
        visitor.get(f"{shared}/{path}", 404)


def test_where_the_rest_of_a_report_is_held_back_so_is_what_stands_beside_it(app: Flask, visitor: Visitor) -> None:
    site = app.extensions["site"]
    object.__setattr__(site.settings, "mail_folder", str(site.settings.instance))
    with site.database.writing() as session:
        found = tenants.by_slug(session, "check")
        assert found
        tenants.change(found, {"gate": "soft"})
    report = visitor.finish()
    for path in BESIDE:
        assert f"{report}/{path}" not in visitor.get(report).links()
        response = visitor.client.get(f"{report}/{path}")
        assert (response.status_code, response.headers["Location"]) == (303, f"{report}#contact")


def kept(app: Flask, **changes: Any) -> None:
    """As if the stored outcome were another one."""
    with app.extensions["site"].database.writing() as session:
        assessment = session.scalars(select(Assessment)).one()
        outcome = Outcome.model_validate_json(assessment.outcome or "")
        assessment.outcome = outcome.model_copy(update=changes).to_json()


def test_an_older_report_with_other_sums_says_that_nothing_can_be_tried(app: Flask, visitor: Visitor) -> None:
    report = visitor.finish()
    kept(app, banks=())
    page = visitor.get(f"{report}/what-if?do=backups.test-a-restore")
    assert "earlier version" in page.says()
    assert not page.all("form")


def test_a_report_by_an_older_engine_invites_nobody_to_try(app: Flask, visitor: Visitor) -> None:
    report = visitor.finish()
    kept(app, engine="0")
    assert f"{report}/what-if" not in visitor.get(report).links()


def test_a_report_without_a_plan_or_a_score_has_nothing_beside_it(app: Flask, visitor: Visitor) -> None:
    report = visitor.finish()
    kept(app, plan=(), next_band=None)
    assert f"{report}/what-if" not in visitor.get(report).links()
    assert not visitor.get(f"{report}/what-if").all("form")
    kept(app, overall=None, trajectory={})
    assert f"{report}/explore" not in visitor.get(report).links()
    assert visitor.client.get(f"{report}/explore").headers["Location"] == report


def test_looking_into_a_report_shows_three_charts_each_with_its_table(visitor: Visitor) -> None:
    report = visitor.finish("standard", level=1)
    page = visitor.get(f"{report}/explore")
    assert len(page.all("table")) == 3
    figures = [box for box in page.all("div") if box.get("data-figure")]
    assert [box.get("id") for box in figures] == ["drawn-areas", "drawn-losses", "drawn-plan"]
    assert page.headers["Content-Security-Policy"] == visitor.get(report).headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    with visitor.client.get(f"/static/{plotly.NAME}", headers={"Accept-Encoding": "gzip"}) as script:
        assert gzip.decompress(script.data).startswith(b"/**")


def test_a_report_itself_never_loads_what_draws_its_charts(visitor: Visitor) -> None:
    report = visitor.finish("standard", level=1)
    for page in (visitor.get(report), visitor.get(f"{report}/what-if")):
        assert not re.search(r"plotly|charts\.\w+\.(?:js|css)", page.text)


def test_pages_beside_a_report_stay_in_the_frame_it_is_in(app: Flask, visitor: Visitor) -> None:
    with app.extensions["site"].database.writing() as session:
        found = tenants.by_slug(session, "check")
        assert found
        tenants.change(found, {"origins": ["https://north.example"]})
    source = {"depth": "quick", "embed": "inline", "host": "https://north.example"}
    check = visitor.answer_all(visitor.post("/q/check/start", source), lambda page, _: page.offered()[0])
    report = visitor.post(check.replace("/check", "/submit")).partition("?")[0]
    for path in BESIDE:
        page = visitor.get(f"{report}/{path}")
        assert page.one("div", id="app").get("data-place") == report
        assert "frame-ancestors 'self' https://north.example" in page.headers["Content-Security-Policy"]
