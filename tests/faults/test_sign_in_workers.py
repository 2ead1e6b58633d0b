"""Sign-in with two real workers behind one address: what one of them ends or counts, the other knows at once."""

import http.client
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from passlib.totp import TOTP

from assessment.settings import read_settings
from assessment.storage import staff, tenants
from assessment.storage.staff import Role
from assessment.web import create_app, utc_now
from tests.console.conftest import PASSWORD
from tests.faults.instance import environment
from tests.faults.processes import Mortal, free_port, listens, serve, until

WAIT = "tried too often"


@dataclass
class Browser:
    """One browser that keeps its cookies and opens a new connection each time, so that any worker may answer."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where it leads, and the page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=25)
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": kept, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("GET" if form is None else "POST", f"/console{path}", urlencode(form or {}), headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        connection.close()
        return answer.status, answer.headers.get("Location", ""), page

    def send(self, page: str, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        """Send a form with the token of a page."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.ask(page)[2])
        assert token, page
        return self.ask(path, {"csrf_token": token[1], **form})

    def is_in(self) -> bool:
        return self.ask("/account")[0] == 200

    def thief(self) -> "Browser":
        """Somebody who copied this browser's cookies."""
        return Browser(self.port, dict(self.cookies))


@dataclass
class Served:
    """A server with two workers, which can be killed and started again on the same database."""

    process: Mortal
    port: int
    invitation: str

    def start(self) -> None:
        self.process.start()
        until(lambda: listens(self.port), "the server")
        until(lambda: len(self.workers()) == 2 and self.both_answer(), "both workers")

    def workers(self) -> list[int]:
        master = self.process._process.pid
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def both_answer(self) -> bool:
        for number in (0, 1):
            with self.only(number):
                assert Browser(self.port).ask("/sign-in")[0] == 200
        return True

    @contextmanager
    def only(self, number: int) -> Iterator[None]:
        """The other worker holds still, so that this one answers."""
        other = self.workers()[1 - number]
        os.kill(other, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(other, signal.SIGCONT)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    port = free_port()
    more = {"CONSOLE": "yes", "WORKERS": "2", "BASE_URL": f"http://127.0.0.1:{port}"}
    settings = environment(tmp_path, **more)
    site = create_app(read_settings(settings)).extensions["site"]
    with site.database.closing(), site.database.writing() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant
        token = staff.invite(session, tenant, Role.OWNER, "kim@northgate.example", utc_now())
    with Mortal(tmp_path / "log", serve, settings, port) as process:
        found = Served(process, port, f"/invitation/{token}")
        found.start()
        yield found


def come_in(served: Served) -> tuple[Browser, list[str]]:
    """Kim accepts, sets up a second step and makes recovery codes, answered by whichever worker."""
    kim = Browser(served.port)
    kim.send(served.invitation, served.invitation, {"name": "Kim Lee", "password": PASSWORD})
    scan = kim.send("/second-step", "/second-step", {"setup": "authenticator"})[2]
    key = re.search(r'class="key">([^<]+)<', scan)
    token = re.search(r'name="csrf_token" value="([^"]+)"', scan)
    assert key
    assert token
    code = str(TOTP(key=key[1].replace("-", "")).generate(time=datetime.now().astimezone()).token)
    kim.ask("/code", {"csrf_token": token[1], "code": code})
    codes = re.findall(r"<li><code>([^<]+)</code>", kim.send("/recovery-codes", "/recovery-codes", {})[2])
    assert kim.is_in()
    return kim, codes


def sign_in(served: Served, code: str) -> Browser:
    other = Browser(served.port)
    other.send("/sign-in", "/sign-in", {"email": "kim@northgate.example", "password": PASSWORD})
    other.send("/recovery-code", "/recovery-code", {"code": code})
    assert other.is_in()
    return other


def test_a_session_ended_through_one_worker_is_refused_by_the_other_at_once(served: Served) -> None:
    kim, codes = come_in(served)
    for ending, number in ((0, 1), (1, 0)):
        other = sign_in(served, codes.pop())
        thief = other.thief()
        with served.only(number):
            assert thief.is_in(), "this worker has seen it standing"
        with served.only(ending):
            kim.send("/account", "/account/sessions/end-others", {})
        with served.only(number):
            assert not thief.is_in()
            assert not other.is_in()
            assert kim.is_in()
    last = sign_in(served, codes.pop())
    thief = last.thief()
    with served.only(0):
        last.send("/account", "/sign-out", {})
    with served.only(1):
        assert not thief.is_in()


def test_tries_are_counted_across_both_workers_and_a_restart(served: Served) -> None:
    def attempt(password: str = "wrong") -> tuple[int, str]:
        status, _, page = Browser(served.port).send(
            "/sign-in", "/sign-in", {"email": "kim@northgate.example", "password": password}
        )
        return status, page

    for n in range(5):
        with served.only(n % 2):
            assert attempt()[0] == 422
    for number in (0, 1):
        with served.only(number):
            status, page = attempt(PASSWORD)
            assert (status, WAIT in page) == (429, True)
    served.process.kill()
    served.start()
    for number in (0, 1):
        with served.only(number):
            assert attempt(PASSWORD)[0] == 429


def test_a_session_outlives_a_restart_and_its_end_does_too(served: Served) -> None:
    kim, codes = come_in(served)
    other = sign_in(served, codes.pop())
    kim.send("/account", "/account/sessions/end-others", {})
    served.process.kill()
    served.start()
    for number in (0, 1):
        with served.only(number):
            assert kim.is_in()
            assert not other.is_in()
