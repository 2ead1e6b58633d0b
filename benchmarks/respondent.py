"""One respondent in a process of its own: a browser without scripts that walks assessments until it is ended.

It says what it measured once its time is over, and goes on: so the last of several respondents to finish has as much
company as the first.
"""

import argparse
import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from random import Random
from time import perf_counter, process_time
from urllib.parse import urlencode

OFFERED = re.compile(r'name="answer"[^>]*? value="([^"]+)"')
TYPED = "5"
"""What is typed where nothing is offered: a number, and words too."""


@dataclass
class Browser:
    """One connection that is kept, and how long was waited for each kind of step, in seconds."""

    server: str
    steps: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    pages: int = 0

    def __post_init__(self) -> None:
        self._connection = HTTPConnection(self.server, timeout=120)

    def get(self, path: str) -> str:
        self.pages += 1
        return self._ask("GET", path, 200)

    def post(self, path: str, **form: str) -> str:
        """Send a form; gives where it leads."""
        return self._ask("POST", path, 303, urlencode(form))

    def _ask(self, method: str, path: str, status: int, body: str | None = None) -> str:
        headers = {"Accept": "text/html", "Accept-Encoding": "gzip", "Origin": f"http://{self.server}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        data = response.read()
        if response.status != status:
            raise SystemExit(f"{method} {path.split('/')[1]} was answered with {response.status}")
        if response.getheader("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        return data.decode() if status == 200 else str(response.getheader("Location"))

    def timed(self, into: list[float], post: Callable[[], str]) -> tuple[str, str]:
        """POST, redirect, GET; gives the address of the page, and the page."""
        begun = perf_counter()
        location = post()
        page = self.get(location)
        into.append(perf_counter() - begun)
        return location, page


def walk(browser: Browser, depth: str, random: Random) -> None:
    """One assessment from the first page to the report, each question answered with any option that is offered."""
    browser.get("/q/check")
    location = browser.post("/q/check/start", depth=depth)
    page = browser.get(location)
    while not location.endswith("/check"):
        answer = random.choice(OFFERED.findall(page) or [TYPED])
        location, page = browser.timed(browser.steps, partial(browser.post, location, answer=answer))
    browser.timed(browser.sent, partial(browser.post, location.replace("/check", "/submit")))


def main() -> None:
    """Walk, tell, and go on."""
    parser = argparse.ArgumentParser(prog="benchmarks.respondent", description=__doc__)
    parser.add_argument("server", help="host:port")
    parser.add_argument("--depth", default="standard")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same answers")
    asked = parser.parse_args()
    random = Random(asked.seed)
    walk(Browser(asked.server), asked.depth, random)  # by then everything there is loaded
    browser, begun, busy, completed = Browser(asked.server), perf_counter(), process_time(), 0
    while (taken := perf_counter() - begun) < asked.seconds:
        walk(browser, asked.depth, random)
        completed += 1
    told = {"seconds": taken, "cpu": process_time() - busy, "completed": completed}
    print(json.dumps({**told, "pages": browser.pages, "steps": browser.steps, "sent": browser.sent}), flush=True)
    while True:
        walk(browser, asked.depth, random)


if __name__ == "__main__":
    main()
