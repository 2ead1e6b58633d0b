"""Two servers, a worker and nginx on one PostgreSQL, each hurt while people walk through: `make several`.

Every visitor has a network and a connection of their own, presses the button again when nothing good came of it, and
remembers what they were told is kept. At the end all of that is looked for. Exit status 1 when anything is missing.
"""

import argparse
import http.client
import json
import platform
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from assessment.storage.outbox import Channel
from assessment.web import utc_now
from benchmarks.nginx import NGINX, certified, context_of, proxy
from tests.delivery.sink import Sink
from tests.faults.instance import STAFF_MAIL, Instance
from tests.faults.processes import Mortal, PostgreSQL, become, command, free_port, listens, until
from tests.faults.respondents import Connect, Crowd, Try, lost
from tests.faults.soundness import half_written, people
from tests.faults.storm import Arrivals

HERE, NAME = "127.0.0.1", "check.example.com"
NO_NGINX = "nginx is not installed here, and this run needs it in front of the two servers (apt install nginx)."
CALM = 5
"""How many seconds everything is left alone before something is hurt, and after it."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What visitors saw from one thing that was done until the next."""

    what: str
    seconds: float
    tried: int
    kept: int
    failures: dict[str, int]
    failing_for: float
    """Seconds from the first failure to the last."""

    longest_wait: float
    """Seconds the unluckiest visitor pressed the same button for."""

    recovered: bool

    def line(self) -> str:
        failed = ", ".join(f"{count}× {status}" for status, count in self.failures.items()) or "none"
        times = f"{self.failing_for:>8.1f} {self.longest_wait:>8.1f}"
        return (
            f"{self.what:<46} {self.tried:>7,} {self.kept:>7,} {times} {'yes' if self.recovered else 'NO':>6}  {failed}"
        )


@dataclass
class Place:
    """Everything that is hurt, the people who use it, and what arrived at the other end."""

    postgresql: PostgreSQL
    server: Mortal
    instance: Instance
    crowd: Crowd
    arrivals: Arrivals

    def after(self, what: str, *done: Callable[[], object], seconds: float = CALM) -> Phase:
        """Do something to it, leave it alone for so long, and tell what visitors saw meanwhile."""
        began, tried, waits = time.monotonic(), len(self.crowd.tried), len(self.crowd.waits)
        for one in done:
            one()
        time.sleep(seconds)
        waited = [seconds for _, seconds in self.crowd.waits[waits:]]
        return phase(what, time.monotonic() - began, self.crowd.tried[tried:], waited)


def phase(what: str, seconds: float, seen: list[Try], waited: list[float]) -> Phase:
    """A phase from the requests that were made in it."""
    failed = [one.at for one in seen if one.failed] or [0.0]
    kept = [one.at for one in seen if one.posted and one.status == 303]
    return Phase(
        what=what,
        seconds=seconds,
        tried=len(seen),
        kept=len(kept),
        failures=dict(Counter(str(one.status or "no answer") for one in seen if one.failed)),
        failing_for=max(failed) - min(failed),
        longest_wait=max(waited, default=0.0),
        recovered=max(kept, default=0.0) > max(failed),
    )


def hurt(place: Place, rounds: int) -> Iterator[Phase]:
    """One thing after the other, with calm between them."""
    postgresql, server = place.postgresql, place.server
    yield place.after("all is well")
    for _ in range(rounds):
        yield place.after("one of two servers is killed (kill -9)", server.kill)
        yield place.after("and is started again", server.start)
        yield place.after(
            "PostgreSQL is stopped for two seconds", postgresql.stop, lambda: time.sleep(2), postgresql.start
        )
        yield place.after(
            "a process of PostgreSQL is killed (kill -9)", lambda: postgresql.kill_one(place.instance.database)
        )


def settings(folder: Path, trusted: Path, **shared: str) -> Callable[[str], dict[str, str]]:
    """The settings of a machine by its name: what they share is the same, the folder its own, the rest as shipped."""
    common = {
        "SECRET_KEY": "a key that all the machines of this run share",
        "BASE_URL": f"https://{NAME}",
        "PROXY_HOPS": "1",
        "DELIVERY": "apart",
        "LOG_FORMAT": "json",
        "MAIL_FOLDER": str(folder / "mail"),
        "MAILS_PER_DAY": "0",
        "WEBHOOK_NETWORKS": "127.0.0.0/8",
        **shared,
    }

    def of(machine: str) -> dict[str, str]:
        own = {**common, "INSTANCE": str(folder / machine)}
        return {**{f"ASSESSMENT_{name}": value for name, value in own.items()}, "SSL_CERT_FILE": str(trusted)}

    return of


def visitors(port: int, trusted: Path) -> Callable[[int], Connect]:
    """How visitor n reaches nginx: with https, from a network of their own, as limits go by network."""
    context = ssl.create_default_context(cafile=str(trusted))

    def connect(visitor: int) -> Connect:
        source = f"127.{1 + visitor // 250}.{visitor % 250}.9"
        return lambda: http.client.HTTPSConnection(HERE, port, timeout=90, context=context, source_address=(source, 0))

    return connect


@contextmanager
def running(folder: Path) -> Iterator[Place]:
    """Everything started, in the order an operator would."""
    trusted, certificate = certified(folder, HERE, NAME)
    with ExitStack() as stack:
        sink = stack.enter_context(Sink(lambda call: call.answer(200), context_of(certificate)))
        postgresql = stack.enter_context(PostgreSQL(folder))
        of = settings(folder, trusted, DATABASE_URL=postgresql.url, WEBHOOK_PORTS=str(sink.port))
        instance = Instance(of("beside"), utc_now)
        stack.enter_context(instance.database.closing())
        instance.change(staff_mail=[STAFF_MAIL])
        arrivals = Arrivals(sink.requests, {"/lead": instance.listen(sink.url("/lead", HERE))})
        ports, front = [free_port(), free_port()], free_port()
        commands = {str(port): command("serve", "--port", str(port)) for port in ports}
        commands |= {"worker": command("worker"), "nginx": proxy(folder / "nginx", front, ports, certificate)}
        machines = [Mortal(folder / f"{name}.log", become, one, of(name)) for name, one in commands.items()]
        for one in machines:
            stack.enter_context(one).start()
        until(lambda: all(map(listens, (*ports, front))), "servers that listen")
        crowd = Crowd(instance.site.questionnaire, visitors(front, trusted), leaves_details=True)
        yield Place(postgresql, machines[0], instance, crowd, arrivals)


def promises(place: Place) -> dict[str, int]:
    """What people were told is kept, and what of it is not there; what came twice."""
    told, database, arrivals = place.crowd.told, place.instance.database, place.arrivals
    until(lambda: not place.instance.undelivered(), "the last message that arrives", 120)
    arrived, due = arrivals.count(), place.instance.messages(Channel.WEBHOOK)
    missing = lost(database, told, utc_now())
    left = sum(one.left for one in told)
    for sentence in (*missing, *place.crowd.refused):
        print(sentence, file=sys.stderr)
    return {
        "answers acknowledged": sum(len(one.answers) for one in told),
        "assessments sent in": sum(one.sent_in for one in told),
        "details left": left,
        "lost of these": len(missing),
        "half-written": len(half_written(database)),
        "respondents who could not go on": len(place.crowd.refused),
        "people more than left details": people(database) - left,
        "webhooks due": len(due),
        "webhooks that did not arrive": len(due - set(arrivals.counted)),
        "webhooks that came twice under one id": arrived - len(arrivals.counted),
    }


BAD = (
    "lost of these",
    "half-written",
    "respondents who could not go on",
    "people more than left details",
    "webhooks that did not arrive",
)
"""What must be 0."""


def main() -> None:
    """Run, and print; exit status 1 when anything is lost, or does not recover alone."""
    parser = argparse.ArgumentParser(prog="benchmarks.several", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--respondents", type=int, default=8, help="how many walk through at once (8)")
    parser.add_argument("--rounds", type=int, default=1, help="how often everything is hurt (1)")
    asked = parser.parse_args()
    if NGINX is None:
        sys.exit(NO_NGINX)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as place:
        with place.crowd.at_work(asked.respondents):
            phases = list(hurt(place, asked.rounds))
        found = promises(place)
    if asked.json:
        print(json.dumps({"phases": [asdict(one) for one in phases], "promises": found}, indent=2))
    else:
        show(phases, found, asked.respondents)
    sys.exit(0 if all(one.recovered for one in phases) and not any(found[name] for name in BAD) else 1)


def show(phases: list[Phase], found: dict[str, int], respondents: int) -> None:
    """The two tables."""
    print(f"{platform.platform()}, Python {platform.python_version()}; {respondents} respondents at once")
    print(f"{'':<46} {'tried':>7} {'kept':>7} {'failing':>8} {'longest':>8} {'alone':>6}  failures seen")
    for one in phases:
        print(one.line())
    for name, count in found.items():
        print(f"{name:<46} {count:>7,}{'  NOT 0' if count and name in BAD else ''}")


if __name__ == "__main__":
    main()
