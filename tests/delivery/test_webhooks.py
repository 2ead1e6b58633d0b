"""A webhook arrives signed at a real listener; whatever that listener does instead of accepting comes back as words."""

import base64
import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from ipaddress import ip_network
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from assessment.delivery.addresses import Rule
from assessment.delivery.attempts import Attempt, Verdict
from assessment.delivery.webhooks import Limits, new_secret, post
from tests.delivery.conftest import OpenSink, server_context
from tests.delivery.sink import HOST, Call, Request, Script, Sink, resolver

BODY = json.dumps({"type": "assessment.completed", "firm": "Bäckerei “Süß”"}, ensure_ascii=False).encode()
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OLD, NEW = new_secret(), new_secret()
SHORT = Limits(total=0.3)
LOOPBACK = (ip_network("127.0.0.0/8"),)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends to a listener on this machine, under a name that a resolver of the test knows."""

    ca_certs: str

    def __call__(
        self, sink: Sink, now: datetime = NOW, secrets: tuple[str, ...] = (NEW,), url: str = "", **given: Any
    ) -> Attempt:
        rule = Rule(allow_http=sink.tls is None, allow_private=LOOPBACK, ports=(sink.port,))
        given = {"getaddrinfo": resolver("127.0.0.1"), "ca_certs": self.ca_certs, **given}
        return post(url or sink.url(), secrets, "msg_1", BODY, now, rule, **given)


@pytest.fixture
def send(ca_certs: str) -> Sender:
    return Sender(ca_certs)


def accepts(call: Call) -> None:
    call.answer(200, body=b"thanks")


def answers(status: int, headers: str = "") -> Script:
    return lambda call: call.answer(status, headers)


def lower(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def test_what_arrives_is_verified_by_the_standard_library_for_it(open_sink: OpenSink, send: Sender) -> None:
    sink = open_sink(accepts)
    assert send(sink, now=datetime.now(UTC)) == Attempt(Verdict.DONE, "The endpoint accepted it (200).", 200)
    (request,) = sink.requests
    assert request.body == BODY
    assert Webhook(NEW).verify(request.body, request.headers) == json.loads(BODY)


def test_the_headers_say_who_sends_what_to_whom_and_nothing_else(open_sink: OpenSink, send: Sender) -> None:
    sink = open_sink(accepts)
    send(sink, url=sink.url("/lead/ä?key=1"))
    (request,) = sink.requests
    headers = lower(request)
    assert request.path == "/lead/%C3%A4?key=1"
    assert headers.pop("webhook-signature").startswith("v1,")
    assert headers.pop("user-agent").startswith("assessment/")
    assert headers == {
        "host": f"{HOST}:{sink.port}",
        "accept-encoding": "identity",
        "content-length": str(len(BODY)),
        "content-type": "application/json",
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
    }


def test_another_time_zone_signs_the_same_second(open_sink: OpenSink, send: Sender) -> None:
    sink = open_sink(accepts)
    send(sink)
    send(sink, now=NOW.astimezone(timezone(timedelta(hours=13))))
    first, second = map(lower, sink.requests)
    assert first["webhook-signature"] == second["webhook-signature"]
    assert first["webhook-timestamp"] == second["webhook-timestamp"]


def test_while_a_secret_is_rotated_the_old_and_the_new_one_verify_and_no_third(
    open_sink: OpenSink, send: Sender
) -> None:
    sink = open_sink(accepts)
    send(sink, now=datetime.now(UTC), secrets=(NEW, OLD))
    (request,) = sink.requests
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(request.body, request.headers)


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_replay_at_another_time_does_not_verify(open_sink: OpenSink, send: Sender, age: timedelta) -> None:
    sink = open_sink(accepts)
    send(sink, now=datetime.now(UTC) - age)
    with pytest.raises(WebhookVerificationError, match="timestamp"):
        Webhook(NEW).verify(sink.requests[0].body, sink.requests[0].headers)


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp"])
def test_whatever_is_tampered_with_does_not_verify(open_sink: OpenSink, send: Sender, changed: str) -> None:
    sink = open_sink(accepts)
    now = datetime.now(UTC)
    send(sink, now=now)
    (request,) = sink.requests
    headers = lower(request)
    body = request.body + b" " if changed == "body" else request.body
    headers |= {
        "webhook-id": {"webhook-id": "msg_2"},
        "webhook-timestamp": {"webhook-timestamp": str(int(now.timestamp()) + 1)},
    }.get(changed, {})
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(NEW).verify(body, headers)


def test_nothing_is_ever_sent_unsigned_or_at_a_time_without_a_zone(open_sink: OpenSink, send: Sender) -> None:
    sink = open_sink(accepts)
    for wrong in ({"secrets": ()}, {"now": datetime(2026, 11, 22)}):
        with pytest.raises(ValueError, match="signed"):
            send(sink, **wrong)
    assert sink.connections == 0


def test_a_new_secret_is_32_random_bytes_as_the_standard_writes_them() -> None:
    assert OLD != NEW
    prefix, _, rest = NEW.partition("_")
    assert prefix == "whsec"
    assert len(base64.b64decode(rest, validate=True)) == 32


@pytest.mark.parametrize(
    ("status", "verdict", "says"),
    [
        (200, Verdict.DONE, "The endpoint accepted it (200)."),
        (202, Verdict.DONE, "The endpoint accepted it (202)."),
        (204, Verdict.DONE, "The endpoint accepted it (204)."),
        (304, Verdict.AGAIN, "The endpoint answered with a redirect (304), and those are not followed."),
        (400, Verdict.AGAIN, "The endpoint answered 400."),
        (404, Verdict.AGAIN, "The endpoint answered 404."),
        (410, Verdict.GONE, "The endpoint says it is gone for good (410); nothing more is sent there."),
        (429, Verdict.AGAIN, "The endpoint answered 429."),
        (500, Verdict.AGAIN, "The endpoint answered 500."),
        (503, Verdict.AGAIN, "The endpoint answered 503."),
        (999, Verdict.AGAIN, "The endpoint answered 999."),
    ],
)
def test_every_status_has_a_verdict_and_a_sentence(
    open_sink: OpenSink, send: Sender, status: int, verdict: Verdict, says: str
) -> None:
    attempt = send(open_sink(answers(status)))
    assert (attempt.verdict, attempt.status, attempt.after) == (verdict, status, None)
    assert attempt.says.startswith(says)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(open_sink: OpenSink, send: Sender, status: int) -> None:
    second = open_sink(accepts)
    first = open_sink(answers(status, f"Location: {second.url()}\r\n"))
    assert send(first).verdict == Verdict.AGAIN
    assert (first.connections, second.connections, second.requests) == (1, 0, [])


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("wish", "after"),
    [
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("9999999", timedelta(hours=24)),
        ("9" * 5000, timedelta(hours=24)),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), timedelta(minutes=5)),
        ("Sunday, 22-Nov-26 12:05:00 GMT", timedelta(minutes=5)),
        ("Sun Nov 22 12:05:00 2026", timedelta(minutes=5)),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), timedelta(0)),
        (format_datetime(NOW + timedelta(days=90), usegmt=True), timedelta(hours=24)),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("", None),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
        ("Sun, -99999999999 Nov 2026 12:00:00 GMT", None),
        ("-99999999999 Nov 22 12:05", None),
    ],
)
def test_retry_after_is_honoured_in_both_its_forms_up_to_a_day(
    open_sink: OpenSink, send: Sender, status: int, wish: str, after: timedelta | None
) -> None:
    def script(call: Call) -> None:
        call.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nRetry-After: {wish}\r\n\r\n".encode("latin-1"))

    attempt = send(open_sink(script, plain=True))
    assert (attempt.verdict, attempt.status, attempt.after) == (Verdict.AGAIN, status, after)


def test_other_answers_cannot_ask_to_wait(open_sink: OpenSink, send: Sender) -> None:
    assert send(open_sink(answers(500, "Retry-After: 120\r\n"))).after is None


def reset(call: Call) -> None:
    call.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.socket.close()


def hang(call: Call) -> None:
    call.ended.wait()


def slow_status(call: Call) -> None:
    call.trickle(b"HTTP/1.1 2", b"0")


def slow_headers(call: Call) -> None:
    call.trickle(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n")


def slow_interim(call: Call) -> None:
    call.trickle(b"", b"HTTP/1.1 100 Continue\r\n\r\n")


def slow_body(call: Call) -> None:
    call.trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n", b".")


def slow_chunks(call: Call) -> None:
    call.trickle(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n.\r\n")


@pytest.mark.parametrize("plain", [False, True], ids=["tls", "plain"])
@pytest.mark.parametrize("script", [hang, slow_status, slow_interim, slow_body, slow_chunks])
def test_however_slow_the_answer_is_the_attempt_ends(
    open_sink: OpenSink, send: Sender, script: Script, plain: bool
) -> None:
    attempt = send(open_sink(script, plain=plain), limits=SHORT)
    assert attempt == Attempt(Verdict.AGAIN, "The endpoint did not finish its answer within 0.3 seconds.")


def test_slow_headers_end_at_the_limit_or_at_the_hundredth(open_sink: OpenSink, send: Sender) -> None:
    assert send(open_sink(slow_headers), limits=SHORT).says.endswith("within 0.3 seconds.")
    assert send(open_sink(slow_headers)).says.endswith("its answer was not proper HTTP.")


def test_a_listener_that_never_says_a_word_of_tls_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        url, rule = f"https://{HOST}:{port}/", Rule(allow_private=LOOPBACK, ports=(port,))
        limits, getaddrinfo = Limits(connect=0.1), resolver("127.0.0.1")
        attempt = post(url, (NEW,), "msg_1", BODY, NOW, rule, getaddrinfo=getaddrinfo, limits=limits)
    assert attempt == Attempt(Verdict.AGAIN, f"{HOST} could not be reached within 0.1 seconds.")


@pytest.mark.parametrize(("plain", "limits"), [(False, SHORT), (True, Limits(connect=0.1, total=0.3))])
def test_a_listener_that_reads_too_slowly_does_not_get_the_whole_message(
    open_sink: OpenSink, ca_certs: str, plain: bool, limits: Limits
) -> None:
    sink = open_sink(accepts, plain=plain)
    sink.reads_slowly = True
    rule = Rule(allow_http=plain, allow_private=LOOPBACK, ports=(sink.port,))
    given: dict[str, Any] = {"getaddrinfo": resolver("127.0.0.1"), "ca_certs": ca_certs, "limits": limits}
    attempt = post(sink.url(), (NEW,), "msg_1", bytes(16 * 1024 * 1024), NOW, rule, **given)
    assert attempt.says.startswith("The endpoint did not finish")
    sink.close()
    assert (sink.connections, sink.requests) == (1, [])


def test_when_looking_the_name_up_took_all_the_time_nothing_is_connected_to(open_sink: OpenSink, send: Sender) -> None:
    sink = open_sink(accepts)
    assert send(sink, limits=Limits(total=0)).says.startswith("The endpoint did not finish")
    assert sink.connections == 0


def test_a_gigabyte_is_not_read(open_sink: OpenSink, send: Sender) -> None:
    written = []

    def pours(call: Call) -> None:
        call.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        for _ in range(16384):
            call.write(b"." * 65536)
            written.append(65536)

    sink = open_sink(pours)
    assert send(sink).verdict == Verdict.DONE
    sink.close()
    assert sum(written) < 64 * 1024 * 1024


def test_an_answer_is_never_unpacked(open_sink: OpenSink, send: Sender) -> None:
    sink = open_sink(lambda call: call.answer(200, "Content-Encoding: gzip\r\n", b"not gzip at all"))
    assert send(sink).verdict == Verdict.DONE


@pytest.mark.parametrize(
    "script",
    [
        reset,
        lambda call: None,
        lambda call: call.write(b"SSH-2.0-OpenSSH_9.2\r\n"),
        lambda call: call.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
        lambda call: call.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n.."),
        lambda call: call.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        lambda call: call.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000 + b"\r\n\r\n"),
    ],
)
def test_a_broken_answer_is_tried_again(open_sink: OpenSink, send: Sender, script: Script) -> None:
    for plain in (False, True):
        attempt = send(open_sink(script, plain=plain))
        assert attempt.verdict == Verdict.AGAIN
        assert attempt.says == "The endpoint broke off the connection, or its answer was not proper HTTP."


def test_a_certificate_nobody_vouches_for_gets_no_word_of_the_message(open_sink: OpenSink, send: Sender) -> None:
    sink = open_sink(accepts, issuer=trustme.CA())
    attempt = send(sink)
    says = f"The certificate of {HOST} cannot be trusted: unable to get local issuer certificate."
    assert attempt == Attempt(Verdict.AGAIN, says)
    assert sink.requests == []


def test_a_certificate_for_another_name_gets_no_word_of_the_message(open_sink: OpenSink, send: Sender) -> None:
    sink = open_sink(accepts, name="other.example.test")
    attempt = send(sink)
    says = f"The certificate of {HOST} cannot be trusted: hostname '{HOST}' doesn't match 'other.example.test'."
    assert attempt == Attempt(Verdict.AGAIN, says)
    assert sink.requests == []


def test_a_certificate_for_the_address_instead_of_the_name_is_not_enough(open_sink: OpenSink, send: Sender) -> None:
    assert "certificate" in send(open_sink(accepts, name="127.0.0.1")).says


def test_a_certificate_that_ran_out_is_refused(authority: trustme.CA, send: Sender) -> None:
    tls = server_context(authority.issue_cert(HOST, not_after=datetime(2020, 1, 1, tzinfo=UTC)))
    with Sink(accepts, tls) as sink:
        assert send(sink).says == f"The certificate of {HOST} cannot be trusted: certificate has expired."
        assert sink.requests == []


def test_without_an_authority_of_ours_only_the_system_s_count(open_sink: OpenSink, send: Sender) -> None:
    assert "certificate" in send(open_sink(accepts), ca_certs=None).says


def test_a_listener_without_tls_is_not_spoken_to_in_the_clear(open_sink: OpenSink, send: Sender) -> None:
    sink = open_sink(accepts, plain=True)
    rule = Rule(allow_private=LOOPBACK, ports=(sink.port,))
    attempt = post(f"https://{HOST}:{sink.port}/", (NEW,), "msg_1", BODY, NOW, rule, getaddrinfo=resolver("127.0.0.1"))
    assert attempt == Attempt(Verdict.AGAIN, f"No secure connection could be agreed on with {HOST}.")
    assert sink.requests == []


def test_nobody_listening_is_tried_again(send: Sender, open_sink: OpenSink) -> None:
    sink = open_sink(accepts)
    sink.close()
    assert send(sink).says.startswith(f"No connection to {HOST} could be made")


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    opened: list[Any] = []

    def spy(self: socket.socket, *args: Any, **kwargs: Any) -> None:
        opened.append((args, kwargs))
        raise OSError("a socket was opened")

    monkeypatch.setattr(socket.socket, "__init__", spy)
    return opened


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("https://hooks.example.com/", "127.0.0.1"),
        ("https://hooks.example.com/", "169.254.169.254"),
        ("https://hooks.example.com/", "64:ff9b::7f00:1"),
        ("https://hooks.example.com:25/", "93.184.215.14"),
        ("http://hooks.example.com/", "93.184.215.14"),
        ("https://user@hooks.example.com/", "93.184.215.14"),
        ("https://[fe80::1%25eth0]/", "93.184.215.14"),
        ("file:///etc/passwd", "93.184.215.14"),
    ],
)
def test_for_a_refused_address_no_socket_is_opened(no_sockets: list[Any], url: str, answer: str) -> None:
    attempt = post(url, (NEW,), "msg_1", BODY, NOW, Rule(), getaddrinfo=resolver(answer))
    assert (attempt.verdict, attempt.status) == (Verdict.AGAIN, None)
    assert no_sockets == []


def test_the_spy_would_have_seen_a_socket(no_sockets: list[Any]) -> None:
    post("https://hooks.example.com/", (NEW,), "msg_1", BODY, NOW, Rule(), getaddrinfo=resolver("93.184.215.14"))
    assert len(no_sockets) == 1


def test_the_name_is_looked_up_once_a_send_and_the_checked_address_is_the_one_connected_to(
    open_sink: OpenSink, send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = open_sink(accepts)
    asked: list[str] = []
    real: Callable[..., Any] = socket.getaddrinfo

    def rebinding(host: str, port: int, **rest: Any) -> list[Any]:
        asked.append(host)
        return resolver("127.0.0.1" if len(asked) == 1 else "10.0.0.1")(host, port, **rest)

    def of_the_system(host: str, *args: Any, **kwargs: Any) -> Any:
        assert host == "127.0.0.1", "the name was looked up a second time"
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", of_the_system)
    assert send(sink, getaddrinfo=rebinding).verdict == Verdict.DONE
    assert asked == [HOST]
    assert "private or reserved" in send(sink, getaddrinfo=rebinding).says
    assert asked == [HOST, HOST]
    assert sink.connections == 1


def test_a_proxy_in_the_environment_is_not_used(
    open_sink: OpenSink, send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = open_sink(accepts, plain=True)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url(host="127.0.0.1"))
    assert send(open_sink(accepts)).verdict == Verdict.DONE
    assert proxy.connections == 0


ODD = st.binary(max_size=200)
LINES = st.tuples(
    st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.0 429 X", b"HTTP/1.1 100 Continue", b"HTTP/1.1 503", b"HTTP/9 1 X"]),
    st.lists(
        st.tuples(
            st.sampled_from([b"Content-Length", b"Transfer-Encoding", b"Retry-After", b"Connection", b"Location"]),
            st.sampled_from([b"chunked", b"-1", b"5", b"1, 2", b"close", b"Sun, 22 Nov 2026 12:00:00 -9999"]) | ODD,
        ),
        max_size=4,
    ),
    ODD,
).map(lambda parts: b"\r\n".join([parts[0], *(b": ".join(pair) for pair in parts[1]), b"", parts[2]]))


def test_no_answer_whatever_it_is_raises(send: Sender) -> None:
    said: list[bytes] = []

    with Sink(lambda call: call.write(said[-1])) as sink:

        @hypothesis_settings(max_examples=200)
        @given(ODD | LINES)
        def holds(answer: bytes) -> None:
            said.append(answer)
            attempt = send(sink)
            assert attempt.says.endswith(".")
            assert attempt.after is None or timedelta(0) <= attempt.after <= timedelta(hours=24)

        holds()
