"""What no browser sends, byte by byte to a running server: two lengths, no end, too much, too slowly."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from assessment.web import serving
from tests.faults.instance import Instance, environment
from tests.faults.processes import Mortal, free_port, listens, serve, until
from tests.web.conftest import Clock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no fork, and is served otherwise")

HOST = "Host: check.example.com"
FORM = "Content-Type: application/x-www-form-urlencoded"
HIDDEN = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"


def lines(*given: str, body: str = "") -> bytes:
    return ("\r\n".join(given) + "\r\n\r\n" + body).encode("latin-1")


POST = "POST /q/check/start HTTP/1.1"
REFUSED = {
    "two kinds of length": lines(
        POST, HOST, FORM, "Content-Length: 5", "Transfer-Encoding: chunked", body=f"0\r\n\r\n{HIDDEN}"
    ),
    "two lengths": lines(POST, HOST, FORM, "Content-Length: 11", "Content-Length: 60", body=f"depth=quick{HIDDEN}"),
    "a length with a sign": lines(POST, HOST, FORM, "Content-Length: +11", body=f"depth=quick{HIDDEN}"),
    "a length below nothing": lines(POST, HOST, FORM, "Content-Length: -1", body="depth=quick"),
    "a length that is a word": lines(POST, HOST, FORM, "Content-Length: eleven", body="depth=quick"),
    "chunked twice": lines(POST, HOST, FORM, "Transfer-Encoding: chunked, chunked", body=f"0\r\n\r\n{HIDDEN}"),
    "an encoding nobody knows": lines(POST, HOST, FORM, "Transfer-Encoding: xchunked", body=f"0\r\n\r\n{HIDDEN}"),
    "a space before the colon": lines(POST, HOST, FORM, "Transfer-Encoding : chunked", body=f"0\r\n\r\n{HIDDEN}"),
    "a header folded over two lines": lines(POST, HOST, FORM, "X-A: b\r\n Content-Length: 3", body="abc"),
    "a zero byte in a header": lines("GET / HTTP/1.1", HOST, "X-A: b\x00c"),
    "a request line of 3 KB": lines(f"GET /{'x' * 3000} HTTP/1.1", HOST),
    "a header of 20 KB": lines("GET / HTTP/1.1", HOST, f"X-A: {'x' * 20_000}"),
    "a thousand headers": lines("GET / HTTP/1.1", HOST, *(f"X-{n}: x" for n in range(1000))),
    "a version nobody speaks": lines("GET / HTTP/9.9", HOST),
    "no version": b"GET /\r\n\r\n",
    "a method with a space": lines("GE T / HTTP/1.1", HOST),
    "bytes of another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200,
    "a chunk without a size": lines(POST, HOST, FORM, "Transfer-Encoding: chunked", body="zz\r\nxx\r\n0\r\n\r\n"),
}


def serve_in_a_hurry(settings: dict[str, str], port: int) -> None:
    """What the command does, with a tenth of the patience."""
    serving.SLOWEST = 1
    serve(settings, port)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server of its own, as the command starts it."""
    folder, found = tmp_path_factory.mktemp("raw"), free_port()
    settings = environment(folder)
    Instance(settings, Clock()).database.engine.dispose()
    with Mortal(folder / "server.log", serve_in_a_hurry, settings, found) as server:
        server.start()
        until(lambda: listens(found), "a server that listens")
        yield found
        said = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
        assert "a mistake of ours" not in said, said[-3000:]


def exchanged(port: int, sent: bytes) -> bytes:
    """Everything that comes back until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionError:
            return b""


def is_well(port: int) -> bool:
    asked = lines("GET /q/check HTTP/1.1", HOST, "Connection: close")
    return exchanged(port, asked).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_request_is_refused_once_and_nothing_hidden_in_it_is_answered(port: int, what: str) -> None:
    answer = exchanged(port, REFUSED[what])
    assert answer.count(b"HTTP/1.1 ") <= 1, "a second request was found in the first"
    assert answer[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 414", b"HTTP/1.1 431", b"HTTP/1.1 505", b"HTTP/1.1 501"), (
        answer
    )
    assert is_well(port)


def test_a_body_in_chunks_and_one_that_breaks_off_are_no_mistake_of_ours(port: int) -> None:
    chunked = lines(
        POST, HOST, FORM, "Transfer-Encoding: chunked", "Connection: close", body="b\r\ndepth=quick\r\n0\r\n\r\n"
    )
    assert exchanged(port, chunked).startswith(b"HTTP/1.1 303 ")
    for length in ("12", "60000"):
        answer = exchanged(port, lines(POST, HOST, FORM, f"Content-Length: {length}", body="depth=quick"))
        assert not answer.startswith(b"HTTP/1.1 5"), answer
    huge = lines(POST, HOST, FORM, "Content-Length: 99999999999", body="depth=quick")
    assert exchanged(port, huge)[:12] in (b"", b"HTTP/1.1 413")
    assert is_well(port)


def test_those_who_say_nothing_keep_nobody_waiting(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        assert is_well(port)
    assert is_well(port)


def test_those_who_stop_in_the_middle_of_a_word_are_left_in_time(port: int) -> None:
    begun = (b"GET / HT", lines(POST, HOST, FORM, "Content-Length: 11", body="dep"))
    with ExitStack() as stack:
        for number in range(4):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            slow.sendall(begun[number % 2])
        assert is_well(port)
