"""What a tenant sets shows on its visitors' pages; what it cannot set is the score."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from assessment.engine.questions import Depth
from assessment.storage import tenants
from assessment.storage.session import Unavailable
from assessment.storage.tables import Assessment
from assessment.tenancy.logos import read_logo
from tests.web.conftest import Clock, Visitor, real


def logo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (300, 90), "#7a1f5c").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def north(app: Flask, clock: Clock) -> str:
    """A tenant with everything of its own."""
    with app.extensions["site"].database.writing() as session:
        tenant = tenants.add(session, "north", {"name": "North Star IT", "accent": "#7a1f5c"}, clock())
        tenants.set_logo(session, tenant, read_logo(logo()))
    return "/q/north"


def change(app: Flask, slug: str = "north", **changes: Any) -> None:
    with app.extensions["site"].database.writing() as session:
        tenant = tenants.by_slug(session, slug)
        assert tenant
        tenants.change(tenant, changes)


def through(visitor: Visitor, start: str, depth: str = "quick", level: int = 1) -> str:
    first = visitor.post(f"{start}/start", {"depth": depth})
    check = visitor.answer_all(first, lambda page, _: real(page)[min(level, len(real(page)) - 1)])
    return visitor.post(check.replace("/check", "/submit"))


def test_colours_and_logo_are_loaded_from_our_own_site_and_kept_for_good(visitor: Visitor, north: str) -> None:
    page = visitor.get(north)
    brand = page.all("link", rel="stylesheet")[1].get("href", "")
    picture = page.one("img")
    for address, kind in ((brand, "text/css"), (picture.get("src", ""), "image/png")):
        response = visitor.client.get(address)
        assert (response.status_code, response.mimetype) == (200, kind)
        assert "immutable" in response.headers["Cache-Control"]
    assert picture.get("alt") == "North Star IT"
    assert "#7a1f5c" in visitor.client.get(brand).get_data(as_text=True)


def test_the_pdf_carries_logo_name_and_colour(visitor: Visitor, north: str) -> None:
    report = through(visitor, north)
    pages = PdfReader(BytesIO(visitor.client.get(f"{report}/report.pdf").data)).pages
    assert len(pages[0].images) == 1
    assert "North Star IT" in pages[0].extract_text()


@pytest.mark.parametrize("depth", list(Depth))
def test_a_tenant_may_fix_the_depth(visitor: Visitor, app: Flask, north: str, depth: Depth) -> None:
    change(app, depth=depth)
    assert len(visitor.get(north).all("button", name="depth")) == 1
    visitor.post(f"{north}/start", {"depth": "quick"})
    with app.extensions["site"].database.reading() as session:
        assert session.scalars(select(Assessment.depth)).one() == depth


def test_a_paused_check_says_so_kindly_and_those_under_way_may_go_on(visitor: Visitor, app: Flask, north: str) -> None:
    first = visitor.post(f"{north}/start", {"depth": "quick"})
    change(app, state="paused")
    assert "taking a break" in visitor.get(north).h1
    assert visitor.post(f"{north}/start", {"depth": "quick"}) == north
    visitor.post(first, {"answer": "5-9"})


def test_a_sample_shows_the_report_before_anybody_takes_the_check(visitor: Visitor, north: str) -> None:
    page = visitor.get(f"{north}/sample")
    assert "This is a sample" in page.says()
    assert "North Star IT" in page.says()
    assert page.all("form") == []


def test_score_findings_and_order_are_the_same_whoever_runs_the_check(visitor: Visitor, app: Flask, north: str) -> None:
    change(app, action_says="Buy now", action_link="https://north.example/buy", gate="soft", fit_from=1)
    ours, theirs = through(visitor, "/q/check", "standard"), through(visitor, north, "standard")
    with app.extensions["site"].database.reading() as session:
        one, other = session.scalars(select(Assessment).order_by(Assessment.id)).all()
        assert one.outcome == other.outcome
    first, second = (visitor.get(report) for report in (ours, theirs))
    for part in ("critical", "first"):
        assert "".join(first.one("section", id=part).itertext()) == "".join(second.one("section", id=part).itertext())


def test_only_the_tenant_s_websites_may_frame_its_pages(visitor: Visitor, app: Flask, north: str) -> None:
    change(app, origins="https://www.north.example")
    report = through(visitor, north)
    first = visitor.post(f"{north}/start", {"depth": "quick"})
    for path in (north, first, report, f"{report}/delete", f"{report}/report.pdf", f"{first}x", f"{north}/sample"):
        response = visitor.client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors 'self' https://www.north.example"), path
        assert "X-Frame-Options" not in response.headers
    assert "north.example" not in visitor.client.get("/q/check").headers["Content-Security-Policy"]


def test_where_a_visitor_came_from_is_kept_if_it_is_on_the_list_and_says_nothing_of_who(
    visitor: Visitor, app: Flask, north: str
) -> None:
    change(app, origins="https://www.north.example")
    query = "utm_source=letter&utm_medium=&email=a@b.example&ref=x%00y&utm_term=" + "x" * 201
    page = visitor.get(f"{north}?{query}&embed=inline&host=https://www.north.example")
    hidden = {field.get("name"): field.get("value") for field in page.all("input", type="hidden")}
    assert hidden == {"utm_source": "letter", "embed": "inline", "host": "https://www.north.example"}
    first = visitor.post(f"{north}/start", {**hidden, "depth": "quick", "utm_email": "x"})
    with app.extensions["site"].database.reading() as session:
        assert json.loads(session.scalars(select(Assessment.source)).one()) == hidden
    assert visitor.get(first).one("div", id="app").get("data-host") == "https://www.north.example"


def test_a_website_that_is_not_listed_is_told_nothing(visitor: Visitor, north: str) -> None:
    page = visitor.get(f"{north}?embed=inline&host=https://stranger.example")
    assert page.one("div", id="app").get("data-host") is None


def test_the_loader_is_small_and_may_be_loaded_by_any_website(visitor: Visitor) -> None:
    response = visitor.client.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert len(response.data) <= 3 * 1024
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=3600" in response.headers["Cache-Control"]


def test_too_many_starts_from_one_network_are_asked_to_wait(visitor: Visitor, app: Flask, clock: Clock) -> None:
    object.__setattr__(app.extensions["site"].settings, "starts_per_hour", 3)
    for _ in range(3):
        visitor.begin()
    assert "Too many at once" in visitor.refused("/q/check/start", {"depth": "quick"}, 429).h1
    clock.passes(hours=1, seconds=1)
    visitor.begin()


def test_an_error_in_a_frame_stays_in_the_frame_when_the_database_is_gone(
    visitor: Visitor, app: Flask, north: str
) -> None:
    change(app, origins="https://www.north.example")
    first = visitor.post(f"{north}/start", {"depth": "quick"})
    visitor.get(first)

    def gone() -> None:
        raise Unavailable("gone")

    object.__setattr__(app.extensions["site"].database, "reading", gone)
    page = visitor.get(first, 503)
    assert page.headers["Content-Security-Policy"].endswith("https://www.north.example")
    assert page.one("img").get("alt") == "North Star IT"
