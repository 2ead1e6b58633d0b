"""Every route stands in one table, and the table holds nothing else."""

import re

import pytest
from flask import Flask

from assessment.web.access import ROUTES, Access
from tests.web.conftest import Visitor


def test_the_table_of_routes_is_the_app_s_own_list_both_ways(app: Flask) -> None:
    found = {
        rule.endpoint: (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == {endpoint: (method, path) for endpoint, (_, method, path) in ROUTES.items()}


def test_no_route_that_needs_a_link_opens_without_one(visitor: Visitor) -> None:
    for access, method, path in ROUTES.values():
        if access is not Access.ANYONE:
            address = re.sub(r"<\w+>", "profile.staff", path)
            response = visitor.client.open(address, method=method)
            expected = 401 if access is Access.API_TOKEN else 404
            assert response.status_code == expected, (method, path, response.status)


def test_a_get_never_writes(visitor: Visitor, app: Flask) -> None:
    first = visitor.begin()
    report = visitor.finish()
    database = app.extensions["site"].database

    def refuse() -> None:
        raise AssertionError("a GET opened a writing transaction")

    object.__setattr__(database, "writing", refuse)
    files = [f"{report}/report.pdf", f"{report}/plan.ics"]
    for path in ("/", "/q/check", first, first.rsplit("/", 1)[0], report, f"{report}/delete", *files):
        assert visitor.client.get(path).status_code in (200, 303), path


def test_a_cookie_changes_nothing(app: Flask) -> None:
    with_cookie = app.test_client()
    with_cookie.set_cookie("session", "anything")
    plain = app.test_client(use_cookies=False)
    assert with_cookie.get("/q/check").data == plain.get("/q/check").data


@pytest.mark.parametrize("asked", ["de", "ar;q=1, *;q=0", "x" * 900, ";;;"])
def test_the_language_somebody_asks_for_changes_nothing(app: Flask, asked: str) -> None:
    client = app.test_client(use_cookies=False)
    assert client.get("/q/check", headers={"Accept-Language": asked}).data == client.get("/q/check").data


def test_the_host_header_is_never_believed(visitor: Visitor) -> None:
    first = visitor.begin()
    page = visitor.client.get(first, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert b"evil.example" not in page.data
    assert visitor.client.get("/", headers={"Host": "evil.example"}).headers["Location"] == "/q/check"


def test_nobody_may_frame_what_belongs_to_no_tenant(visitor: Visitor) -> None:
    for path in ("/nowhere", "/q/nobody", "/t/nothing/check", "/r/nothing", "/static/nothing.css"):
        headers = visitor.client.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Frame-Options"] == "DENY", path


def test_pages_are_compressed_for_those_who_can_read_that(visitor: Visitor) -> None:
    packed = visitor.client.get("/q/check", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(visitor.client.get("/q/check").data)


def test_style_sheet_and_script_are_served_for_good(visitor: Visitor) -> None:
    page = visitor.get("/q/check")
    names = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(names) == 2
    for name in names:
        response = visitor.client.get(name)
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]
    visitor.get("/static/app.css", 404)
