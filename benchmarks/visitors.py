"""Two hundred visitors at once, and what the server holds after fifty thousand requests: `make visitors`.

Each visitor reads a page for a moment, presses an answer, follows where it leads, and begins anew after the report.
They are one process beside the server, on the same cores; what they take themselves is told.
"""

import argparse
import asyncio
import gzip
import json
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from statistics import linear_regression, quantiles
from urllib.parse import urlencode

from benchmarks import here
from benchmarks.respondent import OFFERED
from benchmarks.server import DATABASES, Server, serving
from benchmarks.table import head, line, number

QUICK_ENOUGH, GROWTH = 0.3, 1.0
"""Budgets: seconds for 95 of 100 requests of each kind, megabytes in 10,000 requests."""

WARM = 0.5
"""The share of the run after which a process should hold all it will ever need: each of its connections to SQLite keeps
pages of the database until its store of them is full, and each thread what it asked of the system."""

IDLE = 1.0
"""Seconds after which a visitor opens a new connection, as the server hangs up after two."""

SAMPLES = 100
WIDTHS = (15, 8, 8, 8, 8)
HEADERS = "Host: {host}\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """What the server's processes held after so many requests."""

    requests: int
    megabytes: float
    files: int
    sockets: int


@dataclass
class Seen:
    """What all visitors came to together."""

    wanted: int
    pause: float
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)
    requests: int = 0

    @property
    def enough(self) -> bool:
        return self.requests >= self.wanted


class Failed(Exception):
    """Something came back that no visitor should see."""


class Visitor:
    """A browser without scripts, as far as it matters here: one connection that is kept."""

    def __init__(self, server: str, seen: Seen, number: int) -> None:
        self._host, self._port = server.split(":")
        self._head = HEADERS.format(host=server)
        self._seen, self._chance = seen, Random(number)
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._used = 0.0

    async def stay(self) -> None:
        """Walk one assessment after the other until there were enough requests."""
        await asyncio.sleep(self._seen.pause * self._chance.uniform(0, 2))  # nobody arrives at the same moment
        while not self._seen.enough:
            try:
                await self._walk()
            except (Failed, OSError, asyncio.IncompleteReadError) as error:
                self._seen.failures[str(error)] += 1
                await self._close()
        await self._close()

    async def _walk(self) -> None:
        await self._ask("the first page", "/q/check")
        path = await self._ask("beginning", "/q/check/start", depth="quick")
        while not path.endswith("/check"):
            page = await self._ask("a question", path)
            await asyncio.sleep(self._seen.pause * self._chance.uniform(0.5, 1.5))
            if self._seen.enough:
                return
            path = await self._ask("an answer", path, answer=self._chance.choice(OFFERED.findall(page)))
        await self._ask("all answers", path)
        await self._ask("the report", await self._ask("sending in", path.replace("/check", "/submit"), sent="yes"))

    async def _ask(self, what: str, path: str, **form: str) -> str:
        """The page, or where a form leads."""
        body = urlencode(form).encode()
        more = FORM.format(length=len(body)) if form else ""
        began = time.perf_counter()
        reader, writer = await self._connected()
        writer.write(f"{'POST' if form else 'GET'} {path} HTTP/1.1\r\n{self._head}{more}\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        content = await reader.readexactly(int(_header(head, "Content-Length") or 0))
        self._used = time.perf_counter()
        self._seen.taken[what].append(self._used - began)
        self._seen.requests += 1
        status = int(head.split(" ", 2)[1])
        if status != (303 if form else 200):
            raise Failed(f"{status} for {what}")
        if form:
            return _header(head, "Location")
        return gzip.decompress(content).decode() if what == "a question" else ""

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._connection is None or time.perf_counter() - self._used > IDLE:
            await self._close()
            self._connection = await asyncio.open_connection(self._host, int(self._port))
        return self._connection

    async def _close(self) -> None:
        if self._connection is not None:
            self._connection[1].close()
            with suppress(OSError):
                await self._connection[1].wait_closed()
            self._connection = None


def _header(head: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*)\r$", head, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def sample(server: Server, requests: int) -> Sample:
    """What the first process and those it started hold now."""
    first = str(server.processes[0])
    others = Path("/proc", first, "task", first, "children").read_text().split()
    resident, files, sockets = 0, 0, 0
    for pid in (first, *others):
        (line,) = re.findall(r"^VmRSS:\s+(\d+)", Path("/proc", pid, "status").read_text(), re.MULTILINE)
        held = [_target(one) for one in Path("/proc", pid, "fd").iterdir()]
        resident += int(line)
        sockets += sum(one.startswith("socket:") for one in held)
        files += sum(not one.startswith("socket:") for one in held)
    return Sample(requests, resident / 1024, files, sockets)


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:  # closed meanwhile
        return "socket: of before"


async def watch(server: Server, seen: Seen) -> list[Sample]:
    """Samples from the first request to the last."""
    found = [sample(server, 0)]
    while not seen.enough:
        if seen.requests >= found[-1].requests + seen.wanted // SAMPLES:
            found.append(sample(server, seen.requests))
        await asyncio.sleep(0.1)
    return found


async def visit(server: Server, seen: Seen, visitors: int) -> list[Sample]:
    """All of them at once, after a few who wake every process; the last sample is taken when everybody has gone."""
    await asyncio.gather(*_crowd(server, Seen(500, 0), 10))
    crowd = _crowd(server, seen, visitors)
    found = await watch(server, seen)
    await asyncio.gather(*crowd)
    deadline = time.monotonic() + 10
    while (last := sample(server, seen.requests)).sockets > found[0].sockets and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    return [*found, last]


def _crowd(server: Server, seen: Seen, visitors: int) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(Visitor(server.address, seen, number).stay()) for number in range(visitors)]


def growth(samples: Sequence[Sample], what: str = "megabytes") -> float:
    """How much more there is of something in 10,000 requests, of all processes together, once they are warm."""
    warm = [one for one in samples if one.requests > WARM * samples[-1].requests]
    held = [getattr(one, what) for one in warm]
    return 10_000 * linear_regression([one.requests for one in warm], held).slope


@dataclass(frozen=True, slots=True)
class Found:
    """The whole run in figures."""

    visitors: int
    pause: float
    requests: int
    seconds: float
    failures: dict[str, int]
    milliseconds: dict[str, tuple[float, float, float, float]]
    """By kind of request: 50, 95 and 99 of 100 took no longer, and the longest."""

    cpu: dict[str, float]
    """The shares of all cores that server and visitors took."""

    samples: list[Sample]

    @property
    def late(self) -> list[str]:
        """The kinds of requests that took too long."""
        return [what for what, (_, p95, _, _) in self.milliseconds.items() if p95 > 1000 * QUICK_ENOUGH]

    @property
    def steady(self) -> bool:
        """Whether it holds no more at the end: memory, files, and connections of visitors who have gone."""
        given_back = self.samples[-1].sockets <= self.samples[0].sockets
        return growth(self.samples) <= GROWTH and growth(self.samples, "files") < 1 and given_back


def measured(database: str, visitors: int, requests: int, pause: float) -> Found:
    """A server as shipped in a folder of its own, and what became of it."""
    seen = Seen(requests, pause)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder, "server"), database) as server:
        began, busy, own = time.perf_counter(), here.cpu_seconds(server.processes[0]), time.process_time()
        samples = asyncio.run(visit(server, seen, visitors))
        seconds = time.perf_counter() - began
        offered = seconds * here.cores()
        shares = {
            "server": (here.cpu_seconds(server.processes[0]) - busy) / offered,
            "visitors": (time.process_time() - own) / offered,
        }
    times = {what: _spread(taken) for what, taken in seen.taken.items()}
    return Found(visitors, pause, seen.requests, seconds, dict(seen.failures), times, shares, samples)


def _spread(taken: list[float]) -> tuple[float, float, float, float]:
    cuts = quantiles([1000 * one for one in taken], n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98], 1000 * max(taken)


def show(found: Found) -> None:
    """The tables."""
    print(f"{here.described()}\n")
    pauses = f"about {found.pause:g} s of reading before each answer" if found.pause else "none of whom ever pauses"
    rate = found.requests / found.seconds
    print(f"{found.visitors} visitors, {pauses}: {found.requests:,} requests in {found.seconds:.0f} s, {rate:.0f}/s")
    print("of all cores: " + ", ".join(f"{share:.0%} {who}" for who, share in found.cpu.items()))
    print("failures: " + (", ".join(f"{count}× {what}" for what, count in found.failures.items()) or "none"))
    print("\n" + head(("milliseconds", "p50", "p95", "p99", "longest"), WIDTHS))
    for what, times in found.milliseconds.items():
        print(line((what, *map(number, times)), WIDTHS))
    print("\n" + head(("after requests", "MB", "files", "sockets", ""), WIDTHS))
    for one in [*found.samples[:: max(1, len(found.samples) // 10)], found.samples[-1]]:
        print(line((f"{one.requests:,}", number(one.megabytes), str(one.files), str(one.sockets), ""), WIDTHS))
    print(f"\n{growth(found.samples):+.2f} MB in 10,000 requests, all processes together, once warm")
    if not found.steady:
        print(f"MISSED: it grows by more than {GROWTH:g} MB, or keeps files or connections")
    for what in found.late:
        print(f"MISSED: {what} takes more than {1000 * QUICK_ENOUGH:g} ms for more than 5 in 100")


def main() -> None:
    """Measure and print; exit status 1 when somebody is kept waiting, is failed, or the server grows."""
    parser = argparse.ArgumentParser(prog="benchmarks.visitors", description=__doc__)
    parser.add_argument("--visitors", type=int, default=200, help="how many at once (200)")
    parser.add_argument("--requests", type=int, default=50_000, help="how many in all (50,000)")
    parser.add_argument("--pause", type=float, default=2, help="seconds of reading before each answer (2); 0: none")
    parser.add_argument("--database", default="SQLite", choices=DATABASES)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked = parser.parse_args()
    found = measured(asked.database, asked.visitors, asked.requests, asked.pause)
    if asked.json:
        print(json.dumps({**asdict(found), "growth": growth(found.samples), "steady": found.steady}, indent=2))
    else:
        show(found)
    sys.exit(1 if found.failures or found.late or not found.steady else 0)


if __name__ == "__main__":
    main()
