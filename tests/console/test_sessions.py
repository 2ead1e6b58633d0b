"""Sessions: one for each browser, seen and ended by every instance on the same database, and never without an end."""

import pytest

from assessment.web.console.entrance.sessions import family
from tests.console.conftest import HOME, PASSWORD, Join, Make, Worker, cookie, with_cookie

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def two(kim: Worker, make: Make) -> tuple[Worker, Worker]:
    """The same person at two browsers, the second of which reaches another instance."""
    other = kim.elsewhere(make())
    other.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    other.sign_in()
    return kim, other


def test_a_session_ends_after_half_an_hour_without_use_and_says_so(kim: Worker) -> None:
    for _ in range(3):
        kim.clock.passes(minutes=29)
        assert kim.is_in()
    kim.clock.passes(minutes=30)
    assert "You were signed out" in kim.follow(kim.get("/account")).says()


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(kim: Worker) -> None:
    for _ in range(35):
        kim.clock.passes(minutes=20)
        assert kim.is_in()
    kim.clock.passes(minutes=20)
    assert not kim.is_in()


def test_signing_out_ends_every_copy_of_the_cookie(kim: Worker) -> None:
    thief = with_cookie(kim, cookie(kim))
    assert thief.is_in()
    kim.sign_out()
    assert not thief.is_in()


def test_a_cookie_from_before_signing_in_is_worth_nothing_after(kim: Worker) -> None:
    kim.sign_out()
    before = kim.token()
    planted = cookie(kim)
    kim.sign_in()
    assert not with_cookie(kim, planted).is_in()
    assert cookie(kim) != planted
    kim.send("/account/sessions/end-others", token=before, expect=403)


def test_sessions_are_listed_and_one_is_ended_from_the_other(two: tuple[Worker, Worker]) -> None:
    kim, other = two
    page = other.open("/account")
    listed = [item for item in page.all("li") if "Since" in "".join(item.itertext())]
    assert "Firefox on Linux (this one)" in " ".join("".join(listed[0].itertext()).split())
    ((path, token),) = [
        (form.get("action") or "", other.token("/account")) for form in page.all("form") if "/end" in str(form.attrib)
    ][:1]
    other.send(path.removeprefix("/console"), token=token, expect=303)
    assert not kim.is_in()
    assert other.is_in()


def test_all_others_are_ended_at_once(two: tuple[Worker, Worker]) -> None:
    kim, other = two
    kim.send("/account/sessions/end-others", token=kim.token("/account"), expect=303)
    assert kim.is_in()
    assert not other.is_in()


def test_nobody_ends_a_session_of_somebody_else(kim: Worker, join: Join) -> None:
    lee = join("lee@northgate.example")
    for session_id in (1, 2, 999):
        response = lee.client.post(
            f"/console/account/sessions/{session_id}/end",
            data={"csrf_token": lee.token("/account")},
            headers=lee.headers,
            base_url=HOME,
        )
        assert response.status_code == (303 if session_id == 2 else 404)
        if session_id == 2:
            lee.sign_in()
    assert kim.is_in()


def test_a_new_password_ends_every_other_session(two: tuple[Worker, Worker]) -> None:
    kim, other = two
    thief = with_cookie(kim, cookie(kim))
    new = "five quiet lanterns"
    sent = {"password": PASSWORD, "new_password": new, "new_password_confirm": new}
    page = kim.follow(kim.send("/change-password", sent, token=kim.token("/change-password")))
    assert "Your password is changed" in page.says()
    assert page.says().count("Since ") == 1, "the others are gone from the list too"
    assert not other.is_in()
    assert not thief.is_in(), "the session goes on under another key"
    other.give_password(expect=422)
    other.give_password(new)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"password": "wrong one here", "new_password": "five quiet lanterns"}, "not your password"),
        ({"password": PASSWORD, "new_password": PASSWORD}, "the password you have now"),
        ({"password": PASSWORD, "new_password": "kim lee kim lee"}, "among the first"),
        ({"password": PASSWORD, "new_password": "short"}, "at least 12 characters"),
        ({"password": PASSWORD, "new_password": "five quiet lanterns", "new_password_confirm": "x"}, "differ"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why_and_changes_nothing(
    kim: Worker, sent: dict[str, str], says: str
) -> None:
    sent = {"new_password_confirm": sent["new_password"], **sent}
    page = kim.send("/change-password", sent, 422, kim.token("/change-password"))
    assert says in page.text
    kim.sign_out()
    kim.give_password()


def test_a_new_second_step_ends_every_other_session_and_puts_the_old_one_out_of_use(two: tuple[Worker, Worker]) -> None:
    kim, other = two
    old = kim.secret
    kim.clock.passes(minutes=1)
    kim.send("/confirm", {"password": PASSWORD}, token=kim.token("/confirm"))
    page = kim.send("/second-step", {"setup": "authenticator"}, 200, kim.token("/second-step"))
    form = page.text.split('<form method="post" action="/console/second-step/')[1]
    path, token = form.split('"')[0], form.split('name="csrf_token" value="')[1].split('"')[0]
    kim.secret = page.text.split('class="key">')[1].split("<")[0].replace("-", "")
    assert kim.secret != old
    kim.send(f"/second-step/{path}", {"code": kim.code()}, token=token)
    assert kim.is_in()
    assert not other.is_in()
    other.clock.passes(seconds=60)
    other.give_password()
    other.send("/code", {"code": other.code()}, 422, other.token("/code"))
    other.secret = kim.secret
    other.send("/code", {"code": other.code()}, token=other.token("/code"))


def test_a_cookie_of_another_instance_opens_nothing(kim: Worker) -> None:
    assert not with_cookie(kim, cookie(kim)[:-2] + "xx").is_in()
    assert not with_cookie(kim, "").is_in()


def test_a_session_page_is_kept_by_nobody(kim: Worker) -> None:
    headers = kim.client.get("/console/account", base_url=HOME).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Vary"] == "Cookie"
    assert "Content-Encoding" not in headers


@pytest.mark.parametrize(
    ("agent", "says"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 (KHTML) Chrome/140 Safari/537 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604", "Safari on an iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Chrome/140 Safari/537", "Chrome on a Mac"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140 Mobile Safari/537", "Chrome on Android"),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_so_that_its_person_knows_it_again(agent: str, says: str) -> None:
    assert family(agent) == says
