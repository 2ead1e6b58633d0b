"""Who may open what: the table of routes against the app both ways, and every role at every route."""

import itertools
import re
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask

from assessment.storage.staff import Role
from assessment.web import console
from assessment.web.console import access
from assessment.web.console.access import ROUTES, Access
from assessment.web.console.person import member
from tests.console.conftest import HOME, Join, Make, Worker

ROLES = (Access.VIEWER, Access.EDITOR, Access.OWNER)
CASES = [(name, method) for name, (_, methods, _) in sorted(ROUTES.items()) for method in methods.split()]


def console_of(app: Flask) -> Flask:
    mounted = app.wsgi_app.mounts["/console"]  # type: ignore[attr-defined]
    assert isinstance(mounted, Flask)
    return mounted


def fill(path: str, slug: str) -> str:
    return re.sub(r"<(?:int:)?\w+>", "1", path.replace("<slug>", slug))


def test_the_table_of_routes_is_the_console_s_own_list_both_ways(app: Flask) -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for rule in console_of(app).url_map.iter_rules():
        found.setdefault((rule.endpoint, rule.rule), set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    table = {(endpoint, path): set(methods.split()) for endpoint, (_, methods, path) in ROUTES.items()}
    assert found == table


def test_what_asks_for_a_role_names_its_tenant_first_and_nothing_else_does() -> None:
    for endpoint, (wanted, _, path) in ROUTES.items():
        assert path.startswith("/<slug>/") is (wanted in ROLES), endpoint


@pytest.fixture(scope="module")
def probes() -> Iterator[Blueprint]:
    """A route for each role and method, as a view of the console would have it."""
    blueprint = Blueprint("probe", __name__)
    rows = {}
    for wanted, method in itertools.product(ROLES, ("GET", "POST")):
        name = f"{wanted}_{method.lower()}"
        path = f"/<slug>/probe/{name}"
        blueprint.add_url_rule(path, name, lambda slug: f"{member().slug} {member().role}", methods=[method])
        rows[f"probe.{name}"] = (wanted, method, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "ROUTES", {**ROUTES, **rows})
        patch.setattr(console, "BLUEPRINTS", (*console.BLUEPRINTS, blueprint))
        yield blueprint


def test_every_role_opens_what_it_may_in_its_own_tenant_and_nothing_anywhere_else(
    probes: Blueprint, make: Make, join: Join
) -> None:
    app = make()
    people = {role: join(f"{role}@northgate.example", role, "mine").elsewhere(app) for role in Role}
    for worker in people.values():
        worker.sign_in()
    join("other@northgate.example", Role.OWNER, "other")
    for (role, worker), wanted, method, slug in itertools.product(
        people.items(), ROLES, ("GET", "POST"), ("mine", "other", "nobody")
    ):
        data = {"csrf_token": worker.token("/account")} if method == "POST" else None
        response = worker.client.open(
            f"/console/{slug}/probe/{wanted}_{method.lower()}",
            method=method,
            data=data,
            headers=worker.headers,
            base_url=HOME,
        )
        may = slug == "mine" and role.covers(Role(wanted.value))
        assert response.status_code == (200 if may else 404), (role, wanted, method, slug)
        assert not may or response.text == f"mine {role}"


@pytest.mark.parametrize(("endpoint", "method"), CASES)
def test_who_is_not_signed_in_gets_nowhere(newcomer: Worker, endpoint: str, method: str) -> None:
    wanted, _, path = ROUTES[endpoint]
    data = {"csrf_token": newcomer.token()} if method == "POST" else None
    address = f"/console{fill(path, 'check')}"
    response = newcomer.client.open(address, method=method, data=data, headers=newcomer.headers, base_url=HOME)
    if wanted is Access.NOBODY:
        assert response.status_code == 404
    elif wanted is not Access.ANYONE:
        assert response.status_code == 303
        assert response.location.startswith("/console/sign-in")


def test_a_tenant_s_pages_are_not_there_for_those_who_do_not_work_for_it(join: Join) -> None:
    viewer, stranger = (
        join("v@northgate.example", Role.VIEWER, "mine"),
        join("s@northgate.example", Role.OWNER, "other"),
    )
    for endpoint, (wanted, methods, path) in ROUTES.items():
        for method in methods.split() if wanted in ROLES else ():
            for worker in (viewer, stranger):
                if worker is viewer and wanted is Access.VIEWER:
                    continue
                data = {"csrf_token": worker.token("/account")} if method == "POST" else None
                response = worker.client.open(
                    f"/console{fill(path, 'mine')}", method=method, data=data, headers=worker.headers, base_url=HOME
                )
                assert response.status_code == 404, (endpoint, method)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": HOME},
        {"Origin": "https://evil.example"},
        {"Origin": "https://www.example.com"},
        {"Origin": "http://check.example.com"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_no_other_website_sends_anything_with_somebody_s_cookie(kim: Worker, headers: dict[str, str]) -> None:
    token = kim.token("/account")
    for _, methods, path in ROUTES.values():
        if "POST" in methods:
            address = f"/console{fill(path, 'check')}"
            sent = kim.client.post(address, data={"csrf_token": token}, headers=headers, base_url=HOME)
            assert sent.status_code == 403, path
    assert kim.is_in()


def test_a_form_that_is_not_ours_is_refused_from_a_browser_that_says_nothing(kim: Worker, newcomer: Worker) -> None:
    kim.headers, stranger = {}, newcomer.elsewhere()
    for token in ("", "x", stranger.token(), kim.token("/account")[:-1]):
        for endpoint, (wanted, methods, path) in ROUTES.items():
            if "POST" in methods and wanted is not Access.NOBODY:
                answer = kim.client.post(f"/console{fill(path, 'check')}", data={"csrf_token": token}, base_url=HOME)
                assert answer.status_code in (403, 404), endpoint
    stranger.send("/sign-in", {"email": kim.email}, 403, kim.token("/account"))
    assert kim.is_in()
    kim.sign_out()
    assert not kim.is_in()


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_only_forms_are_read(kim: Worker, kind: str) -> None:
    answer = kim.client.post(
        "/console/sign-in", data=b'{"email": "x"}', content_type=kind, headers=kim.headers, base_url=HOME
    )
    assert answer.status_code in (400, 415)


def test_public_pages_know_nothing_of_the_console(kim: Worker) -> None:
    plain = kim.app.test_client(use_cookies=False)
    for path in ("/q/check", "/", "/static/nothing.css", "/nowhere", "/embed.js"):
        with_cookie, without = kim.client.get(path, base_url=HOME), plain.get(path, base_url=HOME)
        assert with_cookie.data == without.data
        assert "Set-Cookie" not in with_cookie.headers
        assert "Cookie" not in with_cookie.headers.get("Vary", "")
    begun = kim.client.post("/q/check/start", data={"depth": "quick"}, base_url=HOME)
    assert "Set-Cookie" not in begun.headers


def test_pages_for_when_something_is_wrong_look_like_the_console(kim: Worker) -> None:
    assert kim.open("/nowhere", 404).h1 == "There is nothing at this address"
    assert kim.open("/sign-out", 405).h1 == "That does not work here"
    big = kim.client.post("/console/sign-in", data={"email": "x" * 70_000}, headers=kim.headers, base_url=HOME)
    assert big.status_code == 413
