"""The grounds a fuzzer runs over: a tenant with one of everything, its people, and all its pages draw and lead to."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from assessment.storage import tenants, tokens
from assessment.storage.staff import Role
from assessment.storage.tables import Lead
from assessment.storage.tokens import Scope
from assessment.web import access as public
from assessment.web.console import access as console
from assessment.web.console import create_console
from assessment.web.serving import mount
from tests.console.conftest import COOKIE, HOME, Worker, cookie, invite
from tests.faults.instance import Clock, Instance, Sitting

Pairs = list[tuple[str, str]]

ROUTES = {
    **{name: (methods, path) for name, (_, methods, path) in public.ROUTES.items()},
    **{f"console.{name}": (methods, f"/console{path}") for name, (_, methods, path) in console.ROUTES.items()},
}
"""Every route of both tables: methods with a space between them, and the address."""

OFFERED = ("input", "button", "textarea", "select", "option")
EACH = 2
"""How many addresses of one route are opened in search of more."""


class Reader(HTMLParser):
    """Reads a page for its links and its forms: where each is sent to, with the names and values it offers."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, Pairs]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag in ("a", "link", "script", "img"):
            self.links.append(has.get("href") or has.get("src", ""))
        elif tag == "form":
            self.forms.append((has.get("action", ""), []))
        elif tag in OFFERED and self.forms:
            self._select = has.get("name", "") if tag == "select" else self._select
            name = self._select if tag == "option" else has.get("name", "")
            if name and tag != "select":
                self.forms[-1][1].append((name, has.get("value", "")))


@dataclass
class Grounds:
    """One tenant with one of everything, by name who may send what, and every address and form its pages show."""

    instance: Instance
    slug: str
    people: dict[str, Worker]
    tokens: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    places: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    forms: dict[str, list[Pairs]] = field(default_factory=lambda: defaultdict(list))

    def client(self, who: str) -> FlaskClient:
        """The browser of one of the staff with the session they began with, or a browser that keeps nothing."""
        found = self.people.get(who)
        if found is None:
            return self.instance.app.test_client(use_cookies=False)
        found.client.set_cookie(COOKIE, self.cookies[who], domain="check.example.com", secure=True)
        return found.client


def open_instance(environment: dict[str, str]) -> Instance:
    """An instance with its console, on a clock of its own."""
    made = Instance(environment, Clock())
    mount(made.app, create_console(made.site, made.app.config["SECRET_KEY"]))
    return made


def lay_out(instance: Instance, number: int, before: Grounds | None) -> Grounds:
    """A new tenant with one of everything, all its pages looked through once."""
    clock, slug = instance.now, f"firm-{number}"
    assert isinstance(clock, Clock)
    clock.passes(hours=1)
    instance.change(slug, staff_mail=["desk@northgate.example"])
    roles = {"owner": Role.OWNER, "editor": Role.EDITOR, "viewer": Role.VIEWER, "spare": Role.VIEWER}
    people = {who: _join(instance.app, clock, f"{who}@{slug}.example", role, slug) for who, role in roles.items()}
    stranger = {"stranger": before.people["owner"]} if before else {}
    made = Grounds(instance, slug, {**people, **stranger})
    made.tokens = {who: worker.token("/account") for who, worker in people.items()}
    made.cookies = {who: cookie(worker) for who, worker in made.people.items()}
    made.keys = list(_keys(made))
    public_ones, inside = _furnish(made)
    explore(made, "nobody", public_ones)
    explore(made, "owner", inside)
    with instance.database.reading() as session:
        made.places["leads", "<reference>"] = list(session.scalars(select(Lead.reference)))
    explore(made, "spare", ["/console/account", "/console/change-password", "/console/second-step"], deeper=False)
    clock.passes(seconds=30)
    return made


def _join(app: Flask, clock: Clock, email: str, role: Role, slug: str) -> Worker:
    worker = Worker(app, clock, email)
    worker.accept(invite(app, email, role, slug))
    worker.set_up_second_step()
    return worker


def _keys(made: Grounds) -> Iterator[str]:
    """What programs of this tenant send along: for one thing each, and one for everything."""
    site = made.instance.site
    with made.instance.database.writing() as session:
        tenant = tenants.by_slug(session, made.slug)
        assert tenant
        for name, scopes in {**{scope: [scope] for scope in Scope}, "all": list(Scope)}.items():
            yield tokens.make(session, tenant, name, scopes, site.now())[1]


def _furnish(made: Grounds) -> tuple[list[str], list[str]]:
    """One of everything for this tenant; gives where to begin looking, for visitors and for staff."""
    instance, owner, slug = made.instance, made.people["owner"], made.slug
    token = made.tokens["owner"]
    owner.send(f"/{slug}/settings/endpoints", {"url": "https://1.1.1.1/in", "events": "lead.received"}, 200, token)
    waiting, reports = instance.prepare(3, slug), [_with_everything(instance, slug, at < 3) for at in range(5)]
    one = f"/{slug}/assessments/{reports[0].reference}"
    owner.send(f"{one}/notes", {"says": "A note"}, 303, token)
    owner.send(f"{one}/answers/backups.tested-restore", {"kind": "verified"}, 303, token)
    owner.send(f"{one}/links", None, 200, token)
    owner.send(f"/{slug}/settings/staff", {"email": f"new@{slug}.example", "role": "viewer"}, 200, token)
    owner.send(f"/{slug}/bulk", {"documents": "report"}, 303, token)
    compared = f"/console/{slug}/compare/{reports[0].reference}/{reports[1].reference}"
    invited = invite(instance.app, f"late@{slug}.example", Role.VIEWER, slug).removeprefix(HOME)
    for_others = [path for report in reports for path in _shown(instance, report)]
    theirs = [f"/t/{sitting.token}{page}" for sitting in waiting for page in ("", "/check", "/backups.schedule")]
    public_ones = [f"/q/{slug}", *theirs, *(report.report for report in reports), *for_others, invited]
    return public_ones, ["/console/", compared]


def _with_everything(instance: Instance, slug: str, named: bool) -> Sitting:
    """A report that is shared, and about which somebody is asked; with details of its owner or without."""
    sitting = instance.lead(slug) if named else instance.submit(slug)
    instance.post(f"{sitting.report}/share")
    instance.post(f"{sitting.report}/ask", {"named": "Brown"})
    return sitting


def _shown(instance: Instance, sitting: Sitting) -> Iterator[str]:
    """The addresses for others that stand on a report to be copied."""
    page = instance.page(sitting.report)
    for mark in ("/s/", "/a/"):
        for part in page.split(f'value="{HOME}{mark}')[1:]:
            yield mark + part.split('"')[0]


def explore(made: Grounds, who: str, begin: list[str], deeper: bool = True) -> None:
    """Open what the pages lead to, a few of each route, and remember every address and every form."""
    client, left, seen = made.client(who), list(begin), set(begin)
    opened: dict[str, int] = defaultdict(int)
    while left:
        path = left.pop(0)
        name = route_of(made.instance.app, path, "GET")
        if name is None or name in SLOW or (opened[name] >= EACH and path not in begin):
            continue
        opened[name] += 1
        answer = client.get(path, base_url=HOME)
        if answer.mimetype != "text/html":
            continue
        reader = Reader()
        reader.feed(answer.get_data(as_text=True))
        for link in reader.links:
            found = _own(path, link)
            _remember(made, found, "GET", None)
            if found and found not in seen and deeper:
                seen.add(found)
                left.append(found)
        for action, fields in reader.forms:
            for method in ("POST", "GET"):
                _remember(made, _own(path, action), method, fields)
        _remember(made, path, "GET", None)


SLOW = {name for name, (_, path) in ROUTES.items() if path.endswith(".pdf")}
"""Routes that take a second each: tried, but seldom."""


def _own(page: str, link: str) -> str:
    """The path a link leads to, if it leads to this site."""
    there = urlsplit(urljoin(HOME + page, link))
    if f"{there.scheme}://{there.netloc}" != HOME:
        return ""
    return there.path + (f"?{there.query}" if there.query else "")


def _remember(made: Grounds, path: str, method: str, fields: Pairs | None) -> None:
    name = route_of(made.instance.app, path, method)
    if name is None:
        return
    known = made.addresses[name]
    if path not in known and len(known) < 20:
        known.append(path)
        parts = ROUTES[name][1].split("/"), urlsplit(path).path.split("/")
        for at, (pattern, part) in enumerate(zip(*parts, strict=False)):
            if "<" in pattern:
                made.places[parts[0][at - 1], pattern].append(part)
    if fields is not None and fields not in made.forms[name] and len(made.forms[name]) < 20:
        made.forms[name].append(fields)


def route_of(app: Flask, path: str, method: str) -> str | None:
    """The row of the tables an address belongs to."""
    plain = urlsplit(path).path
    inside = plain.startswith("/console")
    mounted: Any = app.wsgi_app
    served: Flask = mounted.mounts["/console"] if inside else app
    adapter: MapAdapter = served.url_map.bind("check.example.com")
    try:
        endpoint, _ = adapter.match(plain.removeprefix("/console") or "/" if inside else plain, method)
    except HTTPException:
        return None
    return f"console.{endpoint}" if inside else str(endpoint)


def weight(route: str) -> float:
    """How often a route is tried, beside the others."""
    return 0.03 if route in SLOW else 0.15 if route in FINAL else 1.0


def somebody(chance: random.Random, name: str, made: Grounds) -> str:
    """Who sends a request to this route. What may end a session is sent by somebody who is not needed any more."""
    if not name.startswith("console."):
        return "nobody"
    if name.removeprefix("console.") in ENDING:
        return chance.choice(["spare", "nobody"])
    crowd = ["owner"] * 5 + ["editor", "editor", "viewer", "stranger", "nobody"]
    who = chance.choice(crowd)
    return who if who in made.people else "nobody"


FINAL = {
    "api.erase_assessment",
    "api.erase_lead",
    "asking.stop",
    "asking.stop_now",
    "console.bulk.cancel",
    "console.colleagues.change",
    "console.colleagues.end",
    "console.endpoints.remove",
    "console.links.end",
    "console.links.erase_it",
    "console.security.logout",
    "contact.withdraw",
    "quiz.submit",
    "report.erase",
    "sharing.stop",
}
"""Routes after which there is less to try out: seldom."""

ENDING = {
    "account.accept",
    "account.end",
    "account.end_others",
    "security.change_password",
    "security.logout",
    "security.mf_recovery_codes",
    "security.two_factor_setup",
    "security.two_factor_setup_validate",
}
