"""The webhook channel: one signed message to one checked address, and what came of it."""

import base64
import io
import math
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPResponse
from secrets import token_bytes
from typing import Any

from standardwebhooks import Webhook
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError, SSLError
from urllib3.util.ssl_match_hostname import CertificateError

from assessment import __version__
from assessment.delivery.addresses import Refused, Rule, Target, resolve
from assessment.delivery.attempts import Attempt, Verdict
from assessment.delivery.schedule import LONGEST_WISH

SECRET_PREFIX = "whsec_"  # noqa: S105  # the same before every secret
USER_AGENT = f"assessment/{__version__} (Standard Webhooks)"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one attempt may take: seconds to connect, seconds in all, bytes read of the answer."""

    connect: float = 5.0
    total: float = 15.0
    answer: int = 64 * 1024


LIMITS = Limits()


def new_secret() -> str:
    """A new signing secret, as Standard Webhooks writes them."""
    return SECRET_PREFIX + base64.b64encode(token_bytes(32)).decode("ascii")


def post(
    url: str,
    secrets: Sequence[str],
    message_id: str,
    body: bytes,
    now: datetime,
    rule: Rule,
    *,
    getaddrinfo: Callable[..., Any] = socket.getaddrinfo,
    ca_certs: str | None = None,
    limits: Limits = LIMITS,
) -> Attempt:
    """Sign and send exactly these bytes, once; whatever the other side does comes back as an attempt."""
    headers = _signed(secrets, message_id, body, now)
    deadline = _Deadline(limits.total)
    try:
        target = resolve(url, rule, getaddrinfo)
    except Refused as refused:
        return Attempt(Verdict.AGAIN, str(refused))
    try:
        answer = _exchange(target, headers, body, ca_certs, limits, deadline)
    except (HTTPError, TimeoutError) as error:
        return Attempt(Verdict.AGAIN, _trouble(error, target, limits, deadline))
    return _judged(answer.status, answer.headers.get("Retry-After"), now)


def _signed(secrets: Sequence[str], message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    if not secrets or now.tzinfo is None:
        raise ValueError("A webhook is signed with at least one secret and at a time that knows its zone.")
    at = now.astimezone(UTC)
    signatures = (Webhook(secret).sign(message_id, at, body.decode("utf-8")) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(math.floor(at.timestamp())),
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
        "accept-encoding": "identity",
        "user-agent": USER_AGENT,
    }


def _judged(status: int, retry_after: str | None, now: datetime) -> Attempt:
    if 200 <= status < 300:
        return Attempt(Verdict.DONE, f"The endpoint accepted it ({status}).", status)
    if status == 410:
        return Attempt(Verdict.GONE, "The endpoint says it is gone for good (410); nothing more is sent there.", status)
    if 300 <= status < 400:
        says = f"The endpoint answered with a redirect ({status}), and those are not followed. Enter the final address."
        return Attempt(Verdict.AGAIN, says, status)
    after = _wished(retry_after, now) if status in (429, 503) and retry_after else None
    wish = " and asked to wait" if after else ""
    return Attempt(Verdict.AGAIN, f"The endpoint answered {status}{wish}.", status, after)


def _wished(retry_after: str, now: datetime) -> timedelta | None:
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WISH)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST_WISH)


def _trouble(error: Exception, target: Target, limits: Limits, deadline: "_Deadline") -> str:
    cause = error.args[0] if error.args else None
    if isinstance(cause, CertificateError | ssl.SSLCertVerificationError):
        return f"The certificate of {target.host} cannot be trusted: {getattr(cause, 'verify_message', cause)}."
    if deadline.over:
        return f"The endpoint did not finish its answer within {limits.total:g} seconds."
    if isinstance(error, NewConnectionError):
        return f"No connection to {target.host} could be made; nothing listens there, or a firewall is in the way."
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return f"{target.host} could not be reached within {limits.connect:g} seconds."
    if isinstance(error, SSLError):
        return f"No secure connection could be agreed on with {target.host}."
    return "The endpoint broke off the connection, or its answer was not proper HTTP."


def _exchange(
    target: Target, headers: dict[str, str], body: bytes, ca_certs: str | None, limits: Limits, deadline: "_Deadline"
) -> BaseHTTPResponse:
    with _pool(target, ca_certs, deadline) as pool:
        answer = pool.urlopen(
            "POST",
            target.path,
            body=body,
            headers={"host": target.authority, **headers},
            redirect=False,
            retries=False,
            timeout=Timeout(connect=min(limits.connect, deadline.left()), read=limits.total),
            preload_content=False,
            decode_content=False,
        )
        try:
            _read(answer, limits.answer)
        finally:
            answer.close()
        return answer


def _read(answer: BaseHTTPResponse, most: int) -> None:
    read = 0
    while read < most and (chunk := answer.read(most - read)):
        read += len(chunk)


def _pool(target: Target, ca_certs: str | None, deadline: "_Deadline") -> HTTPConnectionPool:
    pool: HTTPConnectionPool
    if target.scheme == "http":
        pool = HTTPConnectionPool(target.ip, target.port, deadline=deadline)
        pool.ConnectionCls = _TimedConnection
        return pool
    pool = HTTPSConnectionPool(
        target.ip,
        target.port,
        cert_reqs="CERT_REQUIRED",
        ca_certs=ca_certs,
        server_hostname=target.host,
        assert_hostname=target.host,
        deadline=deadline,
    )
    pool.ConnectionCls = _TimedSecureConnection
    return pool


class _Deadline:
    """The moment an attempt ends, however slowly the other side goes on."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._end

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the attempt took too long")
        return left


class _TimedConnection(HTTPConnection):
    """A connection whose every single read and write ends at the deadline; socket timeouts begin anew at each."""

    def __init__(self, *args: Any, deadline: _Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline = deadline
        self.response_class = partial(_TimedResponse, deadline=deadline)  # type: ignore[assignment]  # called, not subclassed

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.settimeout(self._deadline.left())
        super().send(data)


class _TimedSecureConnection(_TimedConnection, HTTPSConnection):
    """The same with TLS."""


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, deadline: _Deadline, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock, deadline))


class _TimedReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: _Deadline) -> None:
        super().__init__()
        self._raw, self._sock, self._deadline = raw, sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
