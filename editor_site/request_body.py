"""Bodies of API calls: chunked ones, and those that are answered before they were read.

Chunked bodies announce no length, without which Django sees no body.  So Django gets the maximum length, and
reading a longer body is an error.

A client that is answered while it still sends often sees a broken connection instead of the answer.  So the rest
of the body is read and discarded after the answer, for a few seconds.  Knows gunicorn; reads nothing before it
is requested.
"""

import errno
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings
from gunicorn.http.errors import ParseException

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

API = "/v1/"
READ_OFF_SECONDS = 10.0
MOST_READ_OFF_BYTES = 100 * 2**20
PIECE_BYTES = 2**14


def read_to_the_end(
    application: Application, *, most_bytes: Callable[..., int] = lambda **_: settings.API_MOST_BYTES
) -> Application:
    """Wrap an application so that each API body has a length and none remains unread.

    ``most_bytes`` returns the limit of a call with pictures; with ``is_json=True``, of one in JSON.
    """

    def answered(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(API):
            return application(environ, start_response)
        body = environ["wsgi.input"]
        if environ.get("HTTP_TRANSFER_ENCODING"):
            most = _most_bytes(environ, most_bytes)
            environ["wsgi.input"] = BoundedBody(body, most=most)
            environ["CONTENT_LENGTH"] = str(most)
        elif _length(environ) == 0:
            return application(environ, start_response)  # lets the kernel send files
        return DrainedResponse(
            application(environ, start_response), body=body, line=environ.get("gunicorn.socket")
        )

    return answered


def _length(environ: Environ) -> int:
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _most_bytes(environ: Environ, most_bytes: Callable[..., int]) -> int:
    """Only multipart forms and JSON contain pictures; other bodies have Django's own limit."""
    kind = environ.get("CONTENT_TYPE", "").lower()
    if kind.startswith("multipart/"):
        return most_bytes()
    return (
        most_bytes(is_json=True)
        if kind.startswith("application/json")
        else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    )


class BoundedBody:
    """A chunked body that raises OSError with EFBIG if it is too long."""

    def __init__(self, body: Any, *, most: int) -> None:
        self.body, self.left = body, most

    def read(self, size: int = -1) -> bytes:
        """Raises OSError: EFBIG if the body is too long, EPROTO if the chunks are malformed."""
        return self._take(self.body.read, size)

    def readline(self, size: int = -1) -> bytes:
        """Raises OSError like ``read``."""
        return self._take(self.body.readline, size)

    def _take(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            data = read(self.left if size < 0 else min(size, self.left))
            self.left -= len(data)
            has_more = self.left == 0 and data and self.body.read(1)
        except ParseException as error:
            raise OSError(errno.EPROTO, "The body makes no sense") from error
        if has_more:
            raise OSError(errno.EFBIG, "The body is too large")
        return data


class DrainedResponse:
    """Sends the response, then reads the rest of the body from the connection."""

    def __init__(self, answer: Iterable[bytes], *, body: Any, line: socket.socket | None) -> None:
        self.answer, self.body, self.line = answer, body, line

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.answer)

    def close(self) -> None:
        """Called by the server after everything was sent."""
        if hasattr(self.answer, "close"):
            self.answer.close()
        try:
            whole = read_off(self.body, line=self.line)
        except (OSError, ParseException):
            whole = False
        if not whole and self.line is not None:
            _stop_listening(self.line)


def read_off(body: Any, *, line: socket.socket | None) -> bool:
    """Read the rest of a body.  False if that takes too long or is too much.

    Raises OSError, ParseException.
    """
    deadline, read_bytes = time.monotonic() + READ_OFF_SECONDS, 0
    while (left := deadline - time.monotonic()) > 0 and read_bytes < MOST_READ_OFF_BYTES:
        if line is not None:
            line.settimeout(left)
        piece = body.read(PIECE_BYTES)
        if not piece:
            return True
        read_bytes += len(piece)
    return False


def _stop_listening(line: socket.socket) -> None:
    """Shut down reading, so that the server does not wait for more data and block its other connections."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RD)
