"""A fuzzer with a seed: requests of every kind to every route, made of what the pages offer and of what they do not."""

import logging
import random
import socket
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from assessment.storage.tables import Table
from assessment.tenancy.contact import FIELDS
from assessment.tenancy.profile import Profile
from assessment.web.source import CAMPAIGN
from tests.console.conftest import HOME, PASSWORD
from tests.faults.grounds import ROUTES, Grounds, Pairs, lay_out, open_instance, somebody, weight
from tests.faults.instance import environment
from tests.faults.soundness import contradictions
from tests.web.corpus import HOSTILE_LINKS, PAYLOADS

A_ROUND = 1000
"""How many requests one tenant stands; then a new one with new people takes its place."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "LOCK", "X" * 40)
COLUMNS = sorted({column.name for table in Table.metadata.sorted_tables for column in table.columns})
NAMES = [
    *("answer", "depth", "stamp", "embed", "host", "next", "do", "note", "named", "sure", "page", "sort", "before"),
    *("after", "csrf_token", "_method", "__class__", "answer[]", "answer[0]", "answer.x", "lang", "search", "id", ""),
    *(one.name for one in FIELDS),
    *CAMPAIGN,
    *COLUMNS,
    *Profile.model_fields,
]
PLAIN = [
    *("", " ", "0", "-1", "1", "1e309", "NaN", "9" * 400, "0x10", "1,5", "null", "true", "[]", "{}", "yes", "on"),
    *("one", "none", "not-sure", "does-not-apply", "quick", "standard", "full", "never", "daily", "owner", "viewer"),
    *("ana@example.com", "a@b", "#1d4f7c", "https://hooks.example/in", "http://127.0.0.1:22/", "https://[::1]/"),
    *("2026-11-22", "0000-00-00", "9999-12-31", "1-999999999999999999", "99999999-1", "Pacific/Apia", "\x00"),
]
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Accept-Language": ("de;q=" + "9" * 300, ",".join(["x" * 8] * 200), ";;;", "*"),
    "Accept-Encoding": ("gzip;q=nan", "identity;q=0", "br, " * 300, "\xff"),
    "Accept": ("application/json", "*/*;q=x", "\x80"),
    "Authorization": ("Basic x", "Bearer " + "x" * 3000, "Basic " + "=" * 9, "\xe9"),
    "Cookie": ("assessment=x", "__Host-assessment=" + "x" * 3000, ";=;=", "a=\xff", "__Host-assessment=.e.x.y"),
    "Forwarded": ('for="[::1]:x";host=evil.example', ";"),
    "Host": ("evil.example", "", "[::1", "check.example.com:99999", "a b", "\xe4"),
    "If-Modified-Since": ("yesterday", "Mon, 99 Foo 9999 99:99:99 GMT"),
    "If-None-Match": ('"x"', "W/", "*", '"' * 99),
    "If-Range": ("x",),
    "Origin": ("null", "https://evil.example", "\x80"),
    "Range": ("bytes=0-", "bytes=-1", "bytes=9-1", "bytes=a-b", "lines=1", "bytes=" + "0-1," * 300),
    "Referer": ("https://evil.example/<script>", "\x80", "http://["),
    "Sec-Fetch-Site": ("cross-site", "same-site", "none", "x"),
    "Transfer-Encoding": ("chunked", "gzip"),
    "Content-Encoding": ("gzip",),
    "User-Agent": ("", "x" * 4000, "\x80\xff", "Mozilla/5.0 (" + ";" * 500),
    "X-Forwarded-For": ("x", "::1%eth0", "1.2.3.4, " * 200, "999.1.1.1"),
    "X-Forwarded-Host": ("evil.example",),
    "X-HTTP-Method-Override": ("DELETE",),
    "X-Original-URL": ("/console/check/assessments",),
}
LENGTHS = ("-1", "abc", "3", "99999999999999999999", "0", "1 2", "")
KINDS = (
    "application/json",
    "text/plain",
    "text/xml",
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/x-www-form-urlencoded; charset=nonsense",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "b" * 300,
    "multipart/mixed; boundary=b",
    "\xff/\xff",
    "",
)


@dataclass
class Shot:
    """One request: who sends it to which route, and all of it."""

    who: str
    route: str
    method: str
    path: str
    body: bytes = b""
    kind: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, str] = field(default_factory=dict)


def value(chance: random.Random) -> str:
    """Something nobody should type."""
    pick = chance.random()
    if pick < 0.35:
        return chance.choice(PAYLOADS)
    if pick < 0.65:
        return chance.choice(PLAIN)
    if pick < 0.7:
        return chance.choice(HOSTILE_LINKS)
    if pick < 0.8:
        return "".join(chr(chance.randrange(1, 0xD800)) for _ in range(chance.randrange(1, 40)))
    if pick < 0.9:
        return "".join(map(chr, chance.choices(range(256), k=chance.randrange(1, 60))))
    if pick < 0.97:
        return chance.choice(("x", "\u202e", "\N{GRINNING FACE}", "<", "{{", "9", "\x00", "\ud800")) * 300
    return chance.choice(("y", "é", " ", "%")) * chance.choice((501, 2001, 2001, 2001, 70_000))


def bent(chance: random.Random, fields: Pairs) -> Pairs:
    """The fields of a form as it was drawn, with up to three things wrong with them."""
    pairs = list(fields)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        at = chance.randrange(len(pairs)) if pairs else 0
        pick = chance.random()
        if not pairs or pick < 0.25:
            pairs.append((chance.choice(NAMES), value(chance)))
        elif pick < 0.65:
            pairs[at] = (pairs[at][0], value(chance))
        elif pick < 0.75:
            pairs.pop(at)
        elif pick < 0.85:
            pairs.append((pairs[at][0], value(chance)))
        elif pick < 0.93:
            pairs[at] = (f"{pairs[at][0]}{chance.choice(('[]', '[0]', '.x', ' ', '%00'))}", pairs[at][1])
        else:
            pairs += [(pairs[at][0], pairs[at][1][:60])] * chance.choice((2, 50, 1200))
    return pairs


def encoded(pairs: Pairs) -> bytes:
    return urlencode(pairs, errors="surrogatepass").encode()


def in_parts(chance: random.Random, pairs: Pairs) -> bytes:
    """A form in parts, now and then with a file for a field or without an end."""
    made = list[bytes]()
    for name, text in pairs:
        file = b'; filename="../x.svg"\r\nContent-Type: image/svg+xml' if chance.random() < 0.15 else b""
        plain = quote(name, safe="[]. ").encode()
        content = text.encode("utf-8", "surrogatepass")
        made.append(b'--b\r\nContent-Disposition: form-data; name="' + plain + b'"' + file + b"\r\n\r\n" + content)
    body = b"\r\n".join([*made, b"--b--\r\n"])
    return body if chance.random() < 0.7 else body[: chance.randrange(len(body))]


def fill(chance: random.Random, shot: Shot, pairs: Pairs) -> None:
    """Put a body into a request, mostly as a browser does."""
    pick = chance.random()
    shot.kind = "application/x-www-form-urlencoded"
    if pick >= 0.15:
        shot.body = encoded(pairs)
    if pick < 0.15:
        shot.kind, shot.body = "multipart/form-data; boundary=b", in_parts(chance, pairs)
    elif pick < 0.22:
        shot.kind = chance.choice(KINDS)
    elif pick < 0.25:
        shot.body = chance.randbytes(chance.randrange(300))
    elif pick < 0.27:
        shot.overrides["CONTENT_LENGTH"] = chance.choice(LENGTHS)


def aimed(chance: random.Random, made: Grounds, route: str) -> Shot:
    """A request to a route: mostly a real address and the right method."""
    methods, pattern = ROUTES[route]
    known = made.addresses.get(route)
    path = chance.choice(known) if known and chance.random() < 0.6 else made_up(chance, made, pattern)
    method = chance.choice(methods.split()) if chance.random() < 0.92 else chance.choice(METHODS)
    shot = Shot(somebody(chance, route, made), route, method, path)
    if chance.random() < 0.25:
        pairs = bent(chance, [(chance.choice(NAMES), value(chance)[:600])])
        shot.path = f"{path}{'&' if '?' in path else '?'}{encoded(pairs).decode()[:6000]}"
    if method == "POST" or chance.random() < 0.05:
        drawn = chance.choice(made.forms.get(route) or [[(chance.choice(NAMES), value(chance))]])
        fill(chance, shot, bent(chance, signed(chance, made, shot.who, drawn)))
    if route.startswith("api.") and chance.random() < 0.8:
        shot.headers["Authorization"] = f"Bearer {chance.choice(made.keys)}"
    if route.startswith("console."):
        shot.headers["Sec-Fetch-Site"] = "same-origin"
    if chance.random() < 0.2:
        name = chance.choice(list(HEADERS))
        shot.headers[name] = chance.choice(HEADERS[name])
    return shot


def signed(chance: random.Random, made: Grounds, who: str, drawn: Pairs) -> Pairs:
    """A drawn form as somebody fills it in: their own token in it, one of each thing offered, no gaps."""
    offered: dict[str, list[str]] = {}
    for name, text in drawn:
        offered.setdefault(name, []).append(text)
    picked = {name: chance.choice(texts) for name, texts in offered.items()}
    filled = {name: text or USUAL.get(name, "") for name, text in picked.items()}
    return list((filled | {"csrf_token": made.tokens.get(who, "")} if "csrf_token" in filled else filled).items())


USUAL = {
    "email": "ana@example.com",
    "name": "Ana",
    "password": PASSWORD,
    "code": "123456",
    "says": "A note",
    "url": "https://1.1.1.1/in",
    "message": "Please call",
    "note": "From the server room",
    "answer": "3",
}
"""What stands where a form is drawn empty."""


def made_up(chance: random.Random, made: Grounds, pattern: str) -> str:
    """An address of a route filled in anew: with keys and ids that fit, with those of another kind, with nonsense."""
    elsewhere = [part for parts in made.places.values() for part in parts]
    before, parts = "", []
    for part in pattern.split("/"):
        if "<" not in part:
            parts.append(part)
        elif (before, part) in made.places and chance.random() < 0.75:
            parts.append(chance.choice(made.places[before, part]))
        elif chance.random() < 0.4:
            parts.append(chance.choice(elsewhere))
        else:
            odd = chance.choice(("%00", "%FF", "..", "%2e%2e", "%2F", "9" * 25, "x" * 1500, "1", "-1", "null"))
            parts.append(odd if chance.random() < 0.5 else quote(value(chance)[:300], safe="", errors="replace"))
        before = part
    return "/".join(parts) or "/"


@dataclass
class Outcome:
    """What a run came to."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        self.counts += other.counts
        self.problems += other.problems

    def table(self) -> Iterator[str]:
        """Requests by route and class of status, a line each."""
        classes = sorted({status for _, status in self.counts})
        yield f"{'route':45}" + "".join(f"{status:>8}" for status in classes)
        for route in sorted({route for route, _ in self.counts}):
            yield f"{route:45}" + "".join(f"{self.counts[route, status]:8}" for status in classes)

    def summary(self) -> str:
        """Requests by class of status, in one line."""
        by = Counter[str]()
        for (_, status), number in self.counts.items():
            by[status] += number
        routes = {route for route, _ in self.counts}
        forms = [route for route in routes if "POST" in ROUTES[route][0]]
        sent = sum(number for (route, _), number in self.counts.items() if route in forms)
        over = f"{by.total()} requests over {len(routes)} routes ({sent} of them to {len(forms)} that take forms)"
        return f"fuzzed {over}: " + ", ".join(f"{k} {by[k]}" for k in sorted(by))


def fire(made: Grounds, shot: Shot) -> tuple[str, str]:
    """Send it; gives the class of the status, and what is wrong with the answer."""
    more: dict[str, Any] = {"environ_overrides": shot.overrides} if shot.overrides else {}
    if shot.body or shot.kind is not None:
        more |= {"input_stream": BytesIO(shot.body), "content_type": shot.kind}
        more["content_length"] = len(shot.body)
    try:
        answer = made.client(shot.who).open(shot.path, method=shot.method, base_url=HOME, headers=shot.headers, **more)
        text = answer.get_data()
    except Exception:  # whatever it is, it is what we look for
        return "raised", traceback.format_exc()
    return f"{answer.status_code // 100}xx", wrong(answer.status_code, answer.headers, text)


def wrong(status: int, headers: Mapping[str, str], text: bytes) -> str:
    """What no answer may be, whatever was asked."""
    if status >= 500:
        return str(status)
    if "Content-Security-Policy" not in headers or headers.get("X-Content-Type-Options") != "nosniff":
        return "an answer without its policy"
    kind = headers.get("Content-Type", "")
    if text and (not kind or (kind.startswith("text/") and "charset=" not in kind)):
        return f"an answer of the type “{kind}”"
    location = headers.get("Location", "/").removeprefix(HOME)
    if not location.startswith("/") or location.startswith(("//", "/\\")):
        return f"leads to {location}"
    told = (b"Traceback (most recent", b"sqlalchemy.", b"1512529")
    return "tells what it should not" if any(one in text for one in told) else ""


def run(seed: str, requests: int, folder: Path) -> Outcome:
    """So many requests to an instance of its own, and a look at what is left of it."""
    chance, outcome, made = random.Random(seed), Outcome(), None
    with without_network(), heard() as said:
        instance = open_instance(environment(folder, CONSOLE="yes"))
        with instance.database.closing():
            routes = sorted(ROUTES, key=weight, reverse=True)
            weights = list(map(weight, routes))
            for number in range(requests):
                if number % A_ROUND == 0:
                    made = lay_out(instance, number // A_ROUND, made)
                assert made
                if number < len(routes):
                    route = routes[number]  # every one of them, however short the run
                else:
                    (route,) = chance.choices(routes, weights)
                shot = aimed(chance, made, route)
                status, problem = fire(made, shot)
                outcome.counts[route, status] += 1
                if problem:
                    outcome.problems.append(f"{problem}: {shot!r:.3000}\n{''.join(said)}")
                said.clear()
            outcome.problems += contradictions(instance.database)
    return outcome


@contextmanager
def without_network() -> Iterator[None]:
    """No name is looked up: what is typed as the address of an endpoint leads nowhere."""
    usual: Callable[..., Any] = socket.getaddrinfo

    def nowhere(*asked: Any, **more: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "no names here")

    socket.getaddrinfo = nowhere
    try:
        yield
    finally:
        socket.getaddrinfo = usual


@contextmanager
def heard() -> Iterator[list[str]]:
    """What our code logs about its own mistakes."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(self.format(record))

    ear = Ear(logging.ERROR)
    logging.getLogger("assessment").addHandler(ear)
    try:
        yield said
    finally:
        logging.getLogger("assessment").removeHandler(ear)
