"""An authority that signs certificates for tests, and listeners that carry them."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from tests.delivery.sink import HOST, Script, Sink

OpenSink = Callable[..., Sink]


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture(autouse=True)
def _own_databases(kept_apart: object) -> None:
    """On the kind of database that was chosen."""


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_certs(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return str(file)


@pytest.fixture
def open_sink(authority: trustme.CA) -> Iterator[OpenSink]:
    with ExitStack() as stack:

        def opened(script: Script, name: str = HOST, issuer: trustme.CA = authority, plain: bool = False) -> Sink:
            return stack.enter_context(Sink(script, None if plain else server_context(issuer.issue_cert(name))))

        yield opened
