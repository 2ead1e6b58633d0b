"""Signing in: from the invitation to the recovery codes, and everything that must not let anybody in."""

import re
from typing import Any

import pytest
from argon2 import extract_parameters, low_level
from flask import Flask

from assessment.storage import staff
from assessment.storage.staff import Role
from assessment.web.console.entrance.passwords import TOO_COMMON, TOO_LONG, TOO_SHORT, wrong_with
from tests.console.conftest import HOME, PASSWORD, Join, Make, Worker, cookie, invite, read, token_of, with_cookie

WAITED = "That was tried too often"
HOSTS = (
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example"},
    {"Host": "evil.example", "X-Forwarded-Proto": "http"},
    {"Forwarded": "host=evil.example"},
    {"X-Original-Host": "evil.example"},
    {"Host": "check.example.com@evil.example"},
)

ELSEWHERE = (
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "%20//evil.example",
    "/%09/evil.example",
    "/%5cevil.example",
    "/console/..//evil.example",
    "/console/%2e%2e/q/check",
    "/console/../q/check",
    "/console//evil.example",
    "/console\\evil.example",
    "/console@evil.example",
    "/consoles",
    "/q/check",
    "/",
    "q/check",
    "console/account",
    "https:evil.example",
    "http:///evil.example",
    "https://check.example.com.evil.example",
    "https://check.example.com@evil.example",
    "https://check.example.com/console/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/console/\r\nLocation: https://evil.example",
    "/console/%0d%0aSet-Cookie:x",
    "/console/\u2044evil",
    "//evil\u3002example",
    "/console/?next=//evil.example",
    "/console/#//evil.example",
    "/console/account;//evil.example",
    "\u0000/console/",
    "https://[::1]/",
)
"""Forty ways to write another place than a page of the console."""


def test_from_an_invitation_to_signing_in_again(newcomer: Worker) -> None:
    link = invite(newcomer.app, newcomer.email)
    assert newcomer.accept(link).location == "/console/second-step"
    assert not newcomer.is_in()
    newcomer.set_up_second_step()
    assert newcomer.is_in()
    assert newcomer.get("/").location == "/console/recovery-codes"
    newcomer.make_recovery_codes()
    assert len(set(newcomer.codes)) == 8
    newcomer.sign_out()
    assert not newcomer.is_in()
    newcomer.sign_in()
    assert newcomer.is_in()


def test_a_code_counts_once_and_older_ones_not_at_all(kim: Worker) -> None:
    older = kim.code()
    kim.sign_out()
    kim.sign_in()
    used = kim.code()
    kim.sign_out()
    kim.give_password()
    for code in (used, older):
        page = read(kim.send("/code", {"code": code}, 422, kim.token("/code")), 422)
        assert "it was used before" in page.says()
    assert not kim.is_in()
    kim.clock.passes(seconds=30)
    kim.send("/code", {"code": f"{kim.code()[:3]} {kim.code()[3:]}"}, token=kim.token("/code"))
    assert kim.is_in()


def test_a_recovery_code_lets_somebody_in_once(kim: Worker) -> None:
    kim.make_recovery_codes()
    code, other = kim.codes[0], kim.codes[1].replace("-", " ").upper()
    kim.sign_out()
    for typed, lets_in in ((code, True), (code, False), (other, True)):
        kim.give_password()
        kim.send("/recovery-code", {"code": typed}, 302 if lets_in else 422, kim.token("/recovery-code"))
        assert kim.is_in() is lets_in
        if lets_in:
            kim.sign_out()


def test_neither_codes_nor_passwords_nor_keys_can_be_read_in_the_database(kim: Worker, app: Flask) -> None:
    kim.make_recovery_codes()
    with app.extensions["site"].database.reading() as session:
        row = staff.by_email(session, kim.email)
        assert row is not None
        stored = " ".join(map(str, vars(row).values()))
    assert row.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    for secret in (PASSWORD, kim.secret, *kim.codes, *(code.replace("-", "") for code in kim.codes)):
        assert secret not in stored


def test_a_password_alone_opens_nothing_and_its_second_step_waits_a_quarter_of_an_hour(kim: Worker) -> None:
    kim.sign_out()
    kim.give_password()
    assert kim.get("/account").location == "/console/sign-in?next=/console/account"
    kim.clock.passes(minutes=16)
    assert kim.get("/code").location == "/console/sign-in"


def test_a_set_up_that_was_left_open_does_not_replace_a_second_step(newcomer: Worker) -> None:
    newcomer.accept(invite(newcomer.app, newcomer.email))
    late = newcomer.elsewhere()
    late.give_password()
    newcomer.set_up_second_step()
    page = read(late.send("/second-step", {"setup": "authenticator"}, 200, late.token("/second-step")), 200)
    late.secret = "".join("".join(page.one("code").itertext()).replace("-", "").split())
    late.clock.passes(seconds=60)
    late.send("/code", {"code": late.code()}, 422, token_of(page))
    newcomer.sign_out()
    newcomer.sign_in()
    assert newcomer.is_in()
    assert not late.is_in()


def test_a_wrong_password_is_answered_alike_whoever_is_asked_for(join: Join, app: Flask) -> None:
    kim = join()
    off = join("off@northgate.example")
    with app.extensions["site"].database.writing() as session:
        found = staff.by_email(session, off.email)
        assert found is not None
        staff.change(session, found.id, {"active": False})
    stranger = Worker(app, kim.clock)

    def answer(email: str, password: str) -> tuple[int, str]:
        response = stranger.send("/sign-in", {"email": email, "password": password}, 422)
        text = re.sub(r'value="[^"]*"', "", response.text)
        return response.status_code, text

    expected = answer("kim@northgate.example", "not the password")
    for email in ("nobody@northgate.example", "off@northgate.example", "no address", ""):
        assert answer(email, "not the password") == expected, email
    assert answer("off@northgate.example", PASSWORD) == expected
    assert "do not belong together" in expected[1]


def test_a_password_may_be_tried_five_times_in_a_quarter_of_an_hour(kim: Worker, make: Make) -> None:
    kim.sign_out()
    instances = (kim, kim.elsewhere(make()))
    for n in range(5):
        instances[n % 2].give_password("wrong", 422)
    for one in instances:
        assert WAITED in one.give_password(expect=429).text
    other = kim.elsewhere()
    other.email = "nobody@northgate.example"
    assert WAITED not in other.give_password("wrong", 422).text
    kim.clock.passes(minutes=15)
    kim.give_password()


def test_an_address_nobody_has_is_limited_like_any_other(newcomer: Worker) -> None:
    for _ in range(5):
        newcomer.give_password("wrong", 422)
    newcomer.email = newcomer.email.upper() + " "
    assert WAITED in newcomer.give_password("wrong", 429).text


def test_a_network_may_try_twenty_passwords_in_a_quarter_of_an_hour(newcomer: Worker) -> None:
    for n in range(20):
        newcomer.email = f"nobody{n}@northgate.example"
        newcomer.give_password("wrong", 422)
    newcomer.email = "another@northgate.example"
    assert WAITED in newcomer.give_password("wrong", 429).text


def test_a_right_password_wipes_the_slate_of_the_account(kim: Worker) -> None:
    kim.sign_out()
    for _ in range(2):
        for _ in range(4):
            kim.give_password("wrong", 422)
        kim.give_password()


def test_codes_may_be_tried_five_times_in_five_minutes_of_either_kind(kim: Worker) -> None:
    kim.make_recovery_codes()
    kim.sign_out()
    kim.clock.passes(seconds=60)
    kim.give_password()
    token = kim.token("/code")
    for n in range(5):
        path = ("/code", "/recovery-code")[n % 2]
        kim.send(path, {"code": "000000"}, 422, token)
    assert WAITED in kim.send("/code", {"code": kim.code()}, 429, token).text
    assert WAITED in kim.send("/recovery-code", {"code": kim.codes[0]}, 429, token).text
    kim.clock.passes(minutes=5)
    kim.send("/code", {"code": kim.code()}, token=token)
    assert kim.is_in()


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("marble otter", ""),
        ("correct horse stapler", ""),
        ("päßwörter sind schön", ""),
        ("short enough", ""),
        ("elevenchars", TOO_SHORT),
        ("x" * 201, TOO_LONG),
        ("password1234", TOO_COMMON),
        ("P@ssw0rd!2026", TOO_COMMON),
        ("123456789012", TOO_COMMON),
        ("qwertyuiop123", TOO_COMMON),
        ("abcabcabcabcabc", TOO_COMMON),
        ("aaaaaaaaaaaa", TOO_COMMON),
        ("kim.northgate.2026", TOO_COMMON),
        ("Welcome-Kim-123", TOO_COMMON),
        ("letmein please!", TOO_COMMON),
        ("2026-11-22-2026", TOO_COMMON),
    ],
)
def test_passwords_that_are_tried_first_are_refused(password: str, wrong: str) -> None:
    assert wrong_with(password, "Kim Lee", "kim@northgate.example") == wrong


def test_a_password_is_the_same_however_a_keyboard_puts_its_letters_together(newcomer: Worker) -> None:
    composed, apart = "caf\u00e9 marble otter", "cafe\u0301 marble otter"
    newcomer.accept(invite(newcomer.app, newcomer.email), password=composed)
    newcomer.elsewhere().give_password(apart)


def test_an_invitation_says_what_is_wrong_and_keeps_what_was_typed(newcomer: Worker) -> None:
    path = invite(newcomer.app, "").removeprefix(f"{HOME}/console")
    sent = {"email": "no address", "name": "Kim <b>", "password": "password1234"}
    page = read(newcomer.send(path, sent, 422, newcomer.token(path)), 422)
    assert "write one such as kim@example.com" in page.says()
    assert TOO_COMMON in page.says()
    assert page.one("input", name="name").get("value") == "Kim <b>"
    assert page.one("input", name="password").get("value") == ""


def test_an_invitation_opens_once_and_for_seven_days(newcomer: Worker) -> None:
    link, late = invite(newcomer.app, newcomer.email), invite(newcomer.app, "late@northgate.example")
    newcomer.accept(link)
    path = link.removeprefix(f"{HOME}/console")
    assert newcomer.get(path).status_code == 404
    newcomer.send(path, {"name": "Kim", "password": PASSWORD}, 404)
    newcomer.clock.passes(days=7)
    assert newcomer.get(late.removeprefix(f"{HOME}/console")).status_code == 404
    assert newcomer.get("/invitation/anything").status_code == 404


def test_an_invitation_without_an_address_takes_nobody_s_account_over(kim: Worker) -> None:
    path = invite(kim.app, "").removeprefix(f"{HOME}/console")
    stranger = Worker(kim.app, kim.clock)
    sent = {"email": kim.email.upper(), "name": "Eve", "password": "another otter kettle"}
    page = read(stranger.send(path, sent, 422, stranger.token(path)), 422)
    assert "has an account under this address already" in page.says()
    assert kim.is_in()


def test_a_second_invitation_gives_a_new_password_and_signs_out_whoever_had_the_old_one(kim: Worker) -> None:
    again = kim.elsewhere()
    again.accept(invite(kim.app, kim.email, Role.VIEWER, "other"), password="quite another otter")
    assert not kim.is_in()
    assert again.get("/second-step").location == "/console/sign-in", "the second step stays as it was"
    kim.give_password(expect=422)
    again.clock.passes(seconds=60)
    again.give_password("quite another otter")
    again.send("/code", {"code": again.code()}, token=again.token("/code"))
    assert again.is_in()
    again.make_recovery_codes()
    assert "Firm other as its viewer" in again.open("/").says()


def test_an_invitation_taken_up_where_somebody_is_signed_in_signs_them_out_first(kim: Worker) -> None:
    before = cookie(kim)
    lee = Worker(kim.app, kim.clock, "lee@northgate.example")
    lee.client = kim.client
    assert lee.accept(invite(kim.app, lee.email), "Lee").location == "/console/second-step"
    lee.set_up_second_step()
    assert "lee@northgate.example" in lee.open("/account").says()
    assert not with_cookie(kim, before).is_in()


def test_the_host_header_never_shows(newcomer: Worker) -> None:
    path = invite(newcomer.app, newcomer.email).removeprefix(HOME)
    for headers in HOSTS:
        for address in (path, "/console/", "/console/account", "/console//sign-in", "/console/nowhere", "/console"):
            response = newcomer.client.get(address, base_url=HOME, headers=headers)
            assert "evil" not in response.text
            assert "evil" not in str(response.headers)


def test_nobody_is_led_outside_the_console(kim: Worker) -> None:
    kim.sign_out()
    token = kim.token()
    for target in ELSEWHERE:
        asked = kim.client.get("/console/sign-in", base_url=HOME, query_string={"next": target})
        assert asked.status_code == 400, target
        kim.send("/sign-in", {"email": kim.email, "password": PASSWORD, "next": target}, 400, token)
    kim.clock.passes(seconds=60)
    token = token_of(kim.follow(kim.give_password()))
    for target in ELSEWHERE:
        kim.send("/code", {"code": kim.code(), "next": target}, 400, token)
    assert not kim.is_in()


def test_somebody_who_had_to_sign_in_first_is_led_on_to_where_they_wanted(kim: Worker) -> None:
    kim.sign_out()
    kim.clock.passes(seconds=60)
    page = kim.follow(kim.get("/account"))
    for sent in ({"email": kim.email, "password": PASSWORD}, {"code": kim.code()}):
        wanted = page.one("input", name="next").get("value") or ""
        (form,) = page.all("form")
        path = (form.get("action") or "").removeprefix("/console")
        page = kim.follow(kim.send(path, {**sent, "next": wanted}, token=token_of(page)))
    assert page.h1 == "Your account"


def auth_token(worker: Worker) -> str:
    """A token as Flask-Security would sign one for this person."""
    console = worker.app.wsgi_app.mounts["/console"]  # type: ignore[attr-defined]
    with console.test_request_context():
        user = console.extensions["security"].datastore.find_user(email=worker.email)
        return str(user.get_auth_token())


def test_nothing_but_a_session_signs_anybody_in(kim: Worker) -> None:
    token = kim.token("/account")
    body = {"email": kim.email, "password": PASSWORD, "remember": "y", "csrf_token": token}
    stranger = kim.elsewhere()
    sent = stranger.client.post("/console/sign-in", json=body, base_url=HOME, headers=stranger.headers)
    assert sent.status_code in (403, 415)
    stranger.clock.passes(seconds=60)
    stranger.send("/sign-in", {**body, "csrf_token": stranger.token()})
    stranger.send("/code", {"code": stranger.code(), "remember": "y"}, token=stranger.token("/code"))
    assert {cookie.key for cookie in stranger.client._cookies.values()} == {"__Host-assessment"}
    signed = auth_token(kim)
    for header in (
        {"Authentication-Token": signed},
        {"Authorization": "Basic a2ltOng="},
        {"Accept": "application/json"},
    ):
        got = Worker(kim.app, kim.clock).client.get(
            "/console/account", query_string={"auth_token": signed}, base_url=HOME, headers=header
        )
        assert got.status_code == 303


def test_what_matters_asks_for_the_password_again_after_a_quarter_of_an_hour(kim: Worker) -> None:
    kim.clock.passes(minutes=14)
    kim.open("/recovery-codes")
    kim.clock.passes(minutes=2)
    for path in ("/recovery-codes", "/second-step"):
        assert kim.get(path).location.startswith("/console/confirm?next=")
        refused = kim.client.post(
            f"/console{path}", data={"csrf_token": kim.token("/account")}, headers=kim.headers, base_url=HOME
        )
        assert refused.location.startswith("/console/confirm?next=")
    kim.send("/confirm", {"password": "wrong"}, 422, kim.token("/confirm"))
    assert kim.get("/recovery-codes").status_code == 302
    kim.send("/confirm", {"password": PASSWORD}, token=kim.token("/confirm"))
    kim.open("/recovery-codes")


def test_a_cookie_is_bound_to_https_and_to_this_host(kim: Worker) -> None:
    kim.sign_out()
    cookies = kim.get("/sign-in").headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    name, *attributes = cookies[0].split("; ")
    assert name.startswith("__Host-assessment=")
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_who_does_what_is_written_down_without_a_word_about_them(kim: Worker, app: Flask) -> None:
    kim.make_recovery_codes()
    kim.sign_out()
    kim.give_password("wrong", 422)
    with app.extensions["site"].database.reading() as session:
        entries = session.query(staff.AuditEntry).order_by(staff.AuditEntry.id).all()
    actions = [entry.action for entry in entries]
    assert actions == ["invite", "accept", "set up second step", "sign in", "sign out", "fail to sign in"]
    assert {entry.staff_id for entry in entries} == {None, 1}
    written = " ".join(f"{entry.object} {entry.request_id}" for entry in entries)
    assert "kim" not in written.lower()


def test_a_try_costs_one_hash_whoever_is_asked_for(join: Join, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    kim, off = join(), join("off@northgate.example")
    with app.extensions["site"].database.writing() as session:
        found = staff.by_email(session, off.email)
        assert found is not None
        staff.change(session, found.id, {"active": False})
    costs: list[tuple[int, int, int]] = []

    def counted_hash(real: Any) -> Any:
        def hash_secret(*given: Any, **more: Any) -> Any:
            costs.append((more["memory_cost"], more["time_cost"], more["parallelism"]))
            return real(*given, **more)

        return hash_secret

    def counted_verify(real: Any) -> Any:
        def verify_secret(hashed: bytes, *given: Any, **more: Any) -> Any:
            kept = extract_parameters(hashed.decode())
            costs.append((kept.memory_cost, kept.time_cost, kept.parallelism))
            return real(hashed, *given, **more)

        return verify_secret

    monkeypatch.setattr(low_level, "hash_secret", counted_hash(low_level.hash_secret))
    monkeypatch.setattr(low_level, "verify_secret", counted_verify(low_level.verify_secret))
    for email in (kim.email, off.email, "nobody@northgate.example", "NOBODY@elsewhere.example "):
        stranger = Worker(app, kim.clock, email)
        for password in ("not the password", PASSWORD[:-1]):
            costs.clear()
            stranger.give_password(password, 422)
            assert costs == [(19456, 2, 1)], email
