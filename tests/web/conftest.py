"""A visitor who reads every page strictly: a test that fetches a page also checks that the page is sound."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from assessment.settings import Settings, read_settings
from assessment.web import create_app

NAMESPACE = "{http://www.w3.org/1999/xhtml}"


@dataclass
class Clock:
    """A clock that moves only when told to."""

    at: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Page:
    """One HTML page; parsed, strictly, by whoever looks closer than at what it offers."""

    status: int
    text: str
    headers: Mapping[str, str]

    @cached_property
    def tree(self) -> Element:
        return parse(self.text.encode())

    def all(self, tag: str, **attributes: str) -> list[Element]:
        found = self.tree.iter(NAMESPACE + tag)
        return [e for e in found if all(e.get(k.rstrip("_")) == v for k, v in attributes.items())]

    def one(self, tag: str, **attributes: str) -> Element:
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def h1(self) -> str:
        return words(self.one("h1"))

    @property
    def title(self) -> str:
        return words(self.one("title"))

    def links(self) -> list[str]:
        return [link.get("href", "") for link in self.all("a")]

    def offered(self) -> list[str]:
        """The values this page offers as answers."""
        buttons, inputs = (re.findall(rf'<{tag} [^>]*name="answer"[^>]*>', self.text) for tag in ("button", "input"))
        values = (re.search(r' value="([^"]*)"', tag) for tag in (*buttons, *inputs))
        return list(dict.fromkeys(value[1] if value else "" for value in values))

    def says(self) -> str:
        return words(self.one("body"))


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


@dataclass
class Visitor:
    """Somebody with a browser that keeps nothing: every response is checked before it is looked at."""

    client: FlaskClient
    seen: list[Page] = field(default_factory=list)

    def get(self, path: str, expect: int = 200) -> Page:
        return self._page(self.client.get(path), expect)

    def post(self, path: str, data: Any = None, expect: int = 303) -> str:
        """Post a form that is taken; gives the address it leads to."""
        response = self.client.post(path, data=data)
        assert response.status_code == expect, response.get_data(as_text=True)[:800]
        check_headers(response.headers)
        return str(response.headers["Location"])

    def refused(self, path: str, data: Any = None, expect: int = 422, **more: Any) -> Page:
        """Post a form that is not taken; gives the page that says why."""
        return self._page(self.client.post(path, data=data, **more), expect)

    def begin(self, depth: str = "standard") -> str:
        """Start at a depth; gives the address of the first question."""
        return self.post("/q/check/start", {"depth": depth})

    def answer_all(self, location: str, choose: Callable[[Page, str], str]) -> str:
        """Answer whatever is asked until the check page; gives its address."""
        while not location.endswith("/check"):
            page = self.get(location)
            location = self.post(location, {"answer": choose(page, location)})
        return location

    def finish(self, depth: str = "quick", level: int = 2) -> str:
        """A whole assessment; gives the address of the report."""
        check = self.answer_all(self.begin(depth), lambda page, _: real(page)[min(level, len(real(page)) - 1)])
        return self.post(check.replace("/check", "/submit"))

    def _page(self, response: Any, expect: int) -> Page:
        assert response.status_code == expect, f"{response.status}: {response.get_data(as_text=True)[:800]}"
        check_headers(response.headers)
        page = Page(response.status_code, response.get_data(as_text=True), response.headers)
        check_page(page)
        self.seen.append(page)
        return page


def real(page: Page) -> list[str]:
    return [value for value in page.offered() if value not in ("not-sure", "does-not-apply")]


def token_of(location: str) -> str:
    return location.split("/")[2]


def parse(html: bytes) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=True)
    return parser.parse(html, transport_encoding="utf-8")


def check_headers(headers: Mapping[str, str]) -> None:
    assert "Set-Cookie" not in headers
    assert "Cookie" not in headers.get("Vary", "")
    assert headers["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


SOUND = set[str]()
"""Pages that were found to be so in this process, without what is another one in each link."""


def check_page(page: Page) -> None:
    """Valid HTML, and beyond; one that differs from a sound one by its links alone is sound."""
    shape = re.sub(r"[\w.-]{43,}", "", page.text)
    if shape not in SOUND:
        check_shape(page)
        SOUND.add(shape)


def check_shape(page: Page) -> None:
    """Beyond valid HTML: one h1, a title that says it, unique ids, labels, no inline code."""
    assert len(page.all("h1")) == 1
    assert page.title.removeprefix("Error: ").startswith(page.h1), (page.title, page.h1)
    ids = re.findall(r'\sid="([^"]*)"', page.text)
    assert len(ids) == len(set(ids)), [one for one in ids if ids.count(one) > 1]
    for target in re.findall(r'\shref="#([^"]+)"', page.text):
        assert target in ids, f"a link to #{target}, which is not there"
    labels = {label.get("for") for label in page.all("label")}
    wrapped = {control for label in page.all("label") for control in label.iter() if control is not label}
    for control in [*page.all("input"), *page.all("textarea"), *page.all("select")]:
        if control.get("type") in ("hidden", "submit"):
            continue
        named = control.get("aria-label") or control.get("aria-labelledby")
        assert named or control in wrapped or control.get("id") in labels, control.attrib
    for form in page.all("form"):
        assert form.get("action")
        assert form.get("method", "").lower() in ("post", "get")
    assert "<style" not in page.text
    assert ' style="' not in page.text
    assert not re.search(r"<script(?![^>]*\ssrc=)", page.text)
    assert not re.search(r'\s(?:src|srcset)="(?:https?:)?//', page.text)


@pytest.fixture(autouse=True)
def _own_databases(kept_apart: object) -> None:
    """On the kind of database that was chosen."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(
        {
            "ASSESSMENT_INSTANCE": str(tmp_path / "instance"),
            "ASSESSMENT_BASE_URL": "https://check.example.com",
            "ASSESSMENT_TENANT_NAME": "Northgate Computers",
            "ASSESSMENT_BUSY_SECONDS": "1",
        }
    )


@pytest.fixture
def app(settings: Settings, clock: Clock) -> Iterator[Flask]:
    app = create_app(settings, clock)
    yield app
    app.extensions["site"].database.engine.dispose()


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app.test_client(use_cookies=False))
