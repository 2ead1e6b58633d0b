"""Instances on SQLite and on a real PostgreSQL, and receivers whose certificate our processes trust."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
import trustme

from assessment import web
from tests.databases import KINDS, SQLITE, Copies
from tests.delivery.conftest import authority, ca_certs, server_context
from tests.delivery.sink import Script, Sink
from tests.faults.instance import Clock, Instance, environment

__all__ = ["authority", "ca_certs"]

HERE = "127.0.0.1"

OpenReceiver = Callable[..., Sink]


@pytest.fixture(scope="session", autouse=True)
def _one_reading() -> Iterator[None]:
    """The shipped questionnaire is read from its files once, not anew for each instance in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "load", cache(web.load))
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def own_environment(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, ca_certs: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """The environment of an instance with a database of its own, in which the receivers of this test are trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", ca_certs)
    if kind == SQLITE:
        yield {**environment(tmp_path), "SSL_CERT_FILE": ca_certs}
        return
    copies: Copies = request.getfixturevalue("copies")
    name = copies.copy()
    yield {**environment(tmp_path, copies.url(name)), "SSL_CERT_FILE": ca_certs}
    copies.drop(name)


@pytest.fixture
def instance(own_environment: dict[str, str], clock: Clock) -> Iterator[Instance]:
    """An instance whose clock stands still."""
    made = Instance(own_environment, clock)
    with made.database.closing():
        yield made


@pytest.fixture
def receiver(authority: trustme.CA) -> Iterator[OpenReceiver]:
    """Opens receivers of webhooks at an address a worker may reach."""
    with ExitStack() as stack:

        def opened(script: Script, issuer: trustme.CA = authority) -> Sink:
            return stack.enter_context(Sink(script, server_context(issuer.issue_cert(HERE))))

        yield opened
