"""Bodies that come in pieces: what the server finds wrong with them is a mistake of their sender, and never ours."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Body:
    """A body that breaks off where it cannot be read, which Werkzeug answers with 400."""

    def __init__(self, stream: Any, garbled: type[Exception]) -> None:
        self._stream = stream
        self._garbled = garbled

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises OSError where there is no making sense of them."""
        try:
            return bytes(self._stream.read(size))
        except self._garbled as error:
            raise OSError("the body cannot be read") from error


def breaking_off(inner: "WSGIApplication", garbled: type[Exception]) -> "WSGIApplication":
    """The app, for a server that raises `garbled` in the middle of a body."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return inner({**environ, "wsgi.input": Body(environ["wsgi.input"], garbled)}, start_response)

    return answer
