"""A real mail server that does as a test tells it: answers, hangs up, never answers or never stops answering."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

DROP, STALL, FLOOD = "drop", "stall", "flood"
GREETING, HALFWAY, END = "GREETING", "HALFWAY", "END"


class Server(Controller):
    """Takes mail into `envelopes`; `script` says what to do instead at the greeting, at a command, in or after data."""

    def __init__(self, **options: Any) -> None:
        self.script: dict[str, str] = {}
        self.envelopes: list[Envelope] = []
        self.connections: list[Scripted] = []
        super().__init__(self, hostname="127.0.0.1", port=0, server_hostname="mail.test", **options)

    def factory(self) -> SMTP:
        self.connections.append(Scripted(self, **self.SMTP_kwargs))
        return self.connections[-1]

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return "250 OK"

    async def hang_up(self) -> None:
        """Ends every conversation, so that none is cut off by the end of the loop."""
        for connection in self.connections:
            if connection.transport is not None:
                connection.transport.abort()
        talks = [one._handler_coroutine for one in self.connections if one._handler_coroutine is not None]
        await asyncio.gather(*talks, return_exceptions=True)

    @property
    def messages(self) -> list[EmailMessage]:
        """What arrived, as a mail program would read it."""
        return [message_from_bytes(envelope.content, policy=default) for envelope in self.envelopes]


class Scripted(SMTP):
    """The protocol of one connection."""

    def __init__(self, server: Server, **options: Any) -> None:
        self.script = server.script
        super().__init__(server, **options)
        self._smtp_methods = {verb: self._follow(verb, usual) for verb, usual in self._smtp_methods.items()}

    def _follow(self, verb: str, usual: Any) -> Any:
        async def follow(argument: str | None) -> None:
            if verb in self.script:
                await self.act(self.script[verb])
            elif verb == "DATA" and {HALFWAY, END} & set(self.script):
                await self.take_data()
            else:
                await usual(argument)

        follow.__dict__.update(vars(usual))
        return follow

    async def _handle_client(self) -> None:
        if GREETING in self.script:
            await self.act(self.script[GREETING])
        await super()._handle_client()

    async def take_data(self) -> None:
        await self.push("354 Go on")
        if HALFWAY in self.script:
            await self._reader.readuntil(b"\r\n")
            await self.act(self.script[HALFWAY])
        await self._reader.readuntil(b"\r\n.\r\n")
        await self.act(self.script[END])

    async def act(self, reply: str) -> None:
        if reply == DROP:
            self.transport.abort()
            await asyncio.Event().wait()
        elif reply == STALL:
            await asyncio.Event().wait()
        elif reply == FLOOD:
            while True:
                await self.push("250-and another thing")
        else:
            await self.push(reply)


def only_jane(server: SMTP, session: Any, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Lets in whoever knows the one password there is."""
    known = isinstance(data, LoginPassword) and data == LoginPassword(b"jane", b"the right one")
    return AuthResult(success=known, handled=False)


@contextmanager
def running(script: dict[str, str] | None = None, **options: Any) -> Iterator[Server]:
    """A server at work until the block ends; the script counts from its first real visitor on."""
    server = Server(**options)
    server.start()
    server.script.update(script or {})
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.hang_up(), server.loop).result()
        server.stop()


def server_context(authority: Any, name: str = "127.0.0.1") -> ssl.SSLContext:
    """TLS for the server, with a certificate of an authority of our own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context
