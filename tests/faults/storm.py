"""A storm: owners who keep pressing the same button while the server is killed under them, and receivers that count."""

import http.client
import random
import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from standardwebhooks import Webhook

from tests.delivery.sink import Call, Request
from tests.faults.instance import Instance, Sitting
from tests.faults.processes import Mortal, listens, until

CLIENTS = 4
SHORTEST, LONGEST = 0.05, 0.35
"""How many seconds after its first sign of life a process is killed."""

FEWEST = 4
"""A storm goes on until so many were killed, however slow the machine is."""

CAUGHT = 0.15
"""The share of messages whose sender a receiver keeps waiting until a worker is killed."""


@dataclass
class Owners:
    """Owners at work: each sends in an assessment, leaves details, and tries again until both are taken."""

    instance: Instance
    port: int
    waiting: deque[Sitting]
    tried: int = 0
    submitted: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    in_doubt: list[Sitting] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def acknowledged(self) -> int:
        return len(self.submitted) + len(self.left)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Several of them at once, until the block ends."""
        threads = [threading.Thread(target=self._work) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()

    def _work(self) -> None:
        while not self.stopping.is_set():
            try:
                sitting = self.waiting.popleft()
            except IndexError:
                return
            if not self.see_through(sitting):
                self.in_doubt.append(sitting)

    def see_through(self, sitting: Sitting) -> bool:
        """Both forms, until both are taken; False when the storm ended first."""
        if not self._insist(sitting.submit, {}, sitting.report):
            return False
        self.submitted.add(sitting.reference)
        form = self.forms.setdefault(sitting.reference, self.instance.form(sitting))  # who tries again sends the same
        if not self._insist(sitting.contact, form, f"{sitting.report}?notice=received#contact"):
            return False
        self.left.add(sitting.reference)
        return True

    def _insist(self, path: str, form: Mapping[str, str], leads_to: str) -> bool:
        while not self.stopping.is_set():
            self.tried += 1
            try:
                status, location = posted(self.port, path, form)
            except (OSError, http.client.HTTPException):
                self.stopping.wait(0.02)  # nobody listens at the moment
                continue
            if (status, location) == (303, leads_to):
                return True
            if status < 500:
                self.refused.append(f"{status} for {path} to {location}")
                return False
        return False


def posted(port: int, path: str, form: Mapping[str, str]) -> tuple[int, str]:
    """Post a form as a browser does; gives the status and where it leads."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode(form), kind)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")
    finally:
        connection.close()


def after(seconds: float) -> threading.Event:
    """Set when so many seconds are over."""
    over = threading.Event()
    timer = threading.Timer(seconds, over.set)
    timer.daemon = True
    timer.start()
    return over


def kill_the_server(owners: Owners, server: Mortal, seconds: float, chance: random.Random) -> None:
    """Start and kill it for so long; each life counts from its first answer, and the last one ends in a kill too."""
    over = after(seconds)
    while owners.waiting and not (over.is_set() and server.kills >= FEWEST):
        before = owners.acknowledged
        server.start()
        until(lambda before=before: owners.acknowledged > before or not owners.waiting, "a first answer")
        owners.stopping.wait(chance.uniform(SHORTEST, LONGEST))
        server.kill()


def finish(owners: Owners, server: Mortal) -> None:
    """Calm: what was in doubt when the storm ended is sent once more, the same as before."""
    server.start()
    until(lambda: listens(owners.port), "a server that listens")
    owners.stopping.clear()
    for sitting in owners.in_doubt:
        owners.see_through(sitting)
    server.kill()


@dataclass
class Trap:
    """A receiver's script: takes every message; the first sender, and a few more, wait until some worker is killed."""

    chance: random.Random
    caught: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    calm: bool = False
    sprung: bool = False

    def __call__(self, call: Call) -> None:
        if not self.calm and (not self.sprung or self.chance.random() < CAUGHT):
            self.sprung = True
            self.caught.set()
            self.released.wait(30)
        call.answer(200)

    def let_go(self) -> None:
        """Whoever is kept waiting gets the answer now, if they are alive; the next may be caught again."""
        self.released.set()
        self.caught.clear()
        self.released.clear()


@dataclass
class Arrivals:
    """What a receiver took: every message verified while it is fresh, with the same text each time."""

    requests: list[Request]
    secrets: Mapping[str, str]
    counted: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, bytes] = field(default_factory=dict)

    def count(self) -> int:
        """Verify what came since the last time; gives how many came in all, those that came twice counted twice."""
        for request in self.requests[self.counted.total() :]:
            headers = {name.lower(): value for name, value in request.headers.items()}
            Webhook(self.secrets[urlsplit(request.path).path]).verify(request.body, headers)
            assert self.bodies.setdefault(headers["webhook-id"], request.body) == request.body
            self.counted[headers["webhook-id"]] += 1
        return self.counted.total()


def kill_workers(
    instance: Instance, workers: list[Mortal], trap: Trap, arrivals: Arrivals, seconds: float, chance: random.Random
) -> None:
    """Kill them in the middle of what they send, one after the other; then let the last ones finish in peace."""
    over = after(seconds)
    for worker in workers:
        worker.start()
    assert trap.caught.wait(30)
    for worker in workers:  # one of them is in the middle of a message
        worker.kill()
    trap.let_go()
    for worker in workers:
        worker.start()
    while instance.undelivered() and not (over.is_set() and sum(one.kills for one in workers) >= FEWEST):
        trap.caught.wait(chance.uniform(SHORTEST, LONGEST))
        victim = chance.choice(workers)
        victim.kill()
        trap.let_go()
        victim.start()
        arrivals.count()
    trap.calm = True
    trap.let_go()
    while left := instance.undelivered():
        until(lambda left=left: instance.undelivered() < left, "a next message that arrives")
        arrivals.count()
