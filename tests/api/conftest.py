"""Programs with tokens, on an instance without a console: each answer is looked at strictly before it is given back."""

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assessment.storage import tenants, tokens
from assessment.storage.tokens import Scope
from tests.console.conftest import send, site_of  # a fixture
from tests.web.conftest import Clock, app, clock, settings  # fixtures

ROOT = "/api/v1"
JSON, PROBLEM = "application/json", "application/problem+json"


@dataclass
class Program:
    """A program of a tenant with a token, or with none."""

    client: FlaskClient
    token: str = ""

    def ask(self, path: str, method: str = "GET", root: str = ROOT, **more: Any) -> Any:
        """The answer as it is; what every answer must be like, it is."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.client.open(
            f"{root}{path}", method=method, headers={**headers, **more.pop("headers", {})}, **more
        )
        check_answer(answer, method)
        return answer

    def get(self, path: str, expect: int = 200) -> Any:
        answer = self.ask(path)
        assert answer.status_code == expect, answer.text[:2000]
        return answer.json

    def refused(self, path: str, expect: int, method: str = "GET", **more: Any) -> Any:
        answer = self.ask(path, method, **more)
        assert answer.status_code == expect, (path, answer.status, answer.text[:2000])
        return answer

    def erase(self, path: str, expect: int = 204) -> None:
        answer = self.ask(path, "DELETE")
        assert answer.status_code == expect, answer.text[:2000]

    def pages(self, path: str, **asked: str) -> Iterable[list[str]]:
        """The references on each page until there is no more."""
        after = ""
        while after is not None:
            answer = self.ask(path, query_string={**asked, **({"after": after} if after else {})})
            assert answer.status_code == 200, answer.text
            yield [one["reference"] for one in answer.json["items"]]
            after = answer.json["after"]


def check_answer(answer: Any, method: str = "GET") -> None:
    """Never kept, never with a cookie, for no other website; and an error says what is wrong as RFC 9457 has it."""
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not [name for name, _ in answer.headers if name in ("Set-Cookie", "Location")]
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert "Cookie" not in answer.headers.get("Vary", "")
    if answer.status_code >= 400:
        assert answer.content_type == PROBLEM, (answer.status, answer.content_type)
        if method != "HEAD":
            assert answer.json["status"] == answer.status_code
            assert answer.json["type"] == "about:blank"
            assert answer.json["title"]
            assert len(answer.json["detail"]) > 10
    elif answer.status_code == 200 and method != "OPTIONS":
        assert answer.content_type == JSON
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="api"')


Holder = Callable[..., Program]


@pytest.fixture(autouse=True)
def _own_databases(kept_apart: object) -> None:
    """On the kind of database that was chosen."""


@pytest.fixture
def holder(app: Flask) -> Holder:
    """Makes programs with a token for these scopes; for all without any."""

    def one(*scopes: Scope, slug: str = "check", days: int | None = None) -> Program:
        site = site_of(app)
        name, works_for = f"Program {secrets.token_hex(4)}", timedelta(days=days) if days else None
        with site.database.writing() as session:
            tenant = tenants.by_slug(session, slug) or tenants.add(session, slug, {"name": "Other"}, site.now())
            _, text = tokens.make(session, tenant, name, scopes or tuple(Scope), site.now(), works_for)
        return Program(app.test_client(use_cookies=False), text)

    return one


def filled(path: str, reference: str) -> str:
    """The address of a route about one thing."""
    return re.sub(r"<\w+>", reference, path)


__all__ = ["Clock", "app", "clock", "send", "settings"]
