"""A real listener for webhooks, with TLS or without, that keeps what it was sent and answers as a script says."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, BinaryIO, Self

HOST = "hooks.example.test"


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Call:
    """One connection as a script sees it: the raw stream to write to, and the event that ends the test."""

    write: Callable[[bytes], Any]
    socket: socket.socket
    ended: Event

    def answer(self, status: int, headers: str = "", body: bytes = b"") -> None:
        self.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)

    def trickle(self, start: bytes, drop: bytes) -> None:
        """Begin an answer, then go on a drop at a time for as long as anybody listens."""
        self.write(start)
        while not self.ended.wait(0.01):
            self.write(drop)


Script = Callable[[Call], None]


@dataclass(slots=True)
class Sink:
    """Listens from `with` on; leaving it lets every hanging script go and waits for all threads."""

    script: Script
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    reads_slowly: bool = False
    ended: Event = field(default_factory=Event)
    _server: ThreadingHTTPServer | None = None
    _thread: Thread | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.server_address[1])

    def url(self, path: str = "/lead", host: str = HOST) -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._server = _server_for(self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        assert self._server is not None
        assert self._thread is not None
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _server_for(sink: Sink) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = _slowly(self.rfile, length, sink.ended) if sink.reads_slowly else self.rfile.read(length)
            if len(body) < length:
                return
            sink.requests.append(Request(self.path, dict(self.headers), body))
            sink.script(Call(self.wfile.write, self.connection, sink.ended))

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def get_request(self) -> tuple[socket.socket, Any]:
            connection, address = super().get_request()
            sink.connections += 1
            if sink.tls:
                connection = sink.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            return connection, address

        def handle_error(self, *_: Any) -> None:
            """The other side hung up: expected wherever a script misbehaves."""

    return Server(("127.0.0.1", 0), Handler)


def _slowly(stream: BinaryIO, length: int, ended: Event) -> bytes:
    body = b""
    while len(body) < length and not ended.wait(0.01):
        body += stream.read(min(16384, length - len(body)))
    return body


def resolver(*answers: str) -> Callable[..., list[Any]]:
    """A getaddrinfo that knows one answer to everything."""

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port)) for answer in answers]

    return getaddrinfo
