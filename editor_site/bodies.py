"""Bodies of calls of the API: those that come in chunks, and those that are answered before they were read.

Chunks announce no length, and without one there is no body to Django: it is told the largest that may come, and what
is more is an error where it is read.

Whoever is answered while they still send often reads a broken connection instead of the answer: what they send is
read off after it was given, for some seconds.  Knows gunicorn; nothing is read before somebody asks for it.
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
    application: Application, *, most_bytes: Callable[[], int] = lambda: settings.API_MOST_BYTES
) -> Application:
    """The same application, to whom each body of the API has a length, and which leaves none unread.

    ``most_bytes`` is the most that a call with pictures may bring.
    """

    def answered(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(API):
            return application(environ, start_response)
        body = environ["wsgi.input"]
        if environ.get("HTTP_TRANSFER_ENCODING"):
            most = most_bytes() if _is_in_parts(environ) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            environ["wsgi.input"] = BoundedBody(body, most=most)
            environ["CONTENT_LENGTH"] = str(most)
        elif _length(environ) == 0:
            return application(environ, start_response)  # a file may be sent by the kernel
        return Answer(application(environ, start_response), body=body, line=environ.get("gunicorn.socket"))

    return answered


def _length(environ: Environ) -> int:
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _is_in_parts(environ: Environ) -> bool:
    """Only such forms bring pictures; Django reads nothing else that announces more than it holds in memory."""
    return bool(environ.get("CONTENT_TYPE", "").lower().startswith("multipart/"))


class BoundedBody:
    """A body in chunks that ends with an error where it is too long: OSError with EFBIG."""

    def __init__(self, body: Any, *, most: int) -> None:
        self.body, self.left = body, most

    def read(self, size: int = -1) -> bytes:
        """Raises OSError: EFBIG when more comes than may, EPROTO when the chunks make no sense."""
        return self._take(self.body.read, size)

    def readline(self, size: int = -1) -> bytes:
        """Raises OSError as well."""
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


class Answer:
    """What is sent, and then the rest of the body is taken off the line."""

    def __init__(self, answer: Iterable[bytes], *, body: Any, line: socket.socket | None) -> None:
        self.answer, self.body, self.line = answer, body, line

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.answer)

    def close(self) -> None:
        """The server calls it when all was sent."""
        if hasattr(self.answer, "close"):
            self.answer.close()
        try:
            whole = read_off(self.body, line=self.line)
        except (OSError, ParseException):
            whole = False
        if not whole and self.line is not None:
            _stop_listening(self.line)


def read_off(body: Any, *, line: socket.socket | None) -> bool:
    """Read what is left of a body.  False when that takes too long or is too much.

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
    """So that the server does not linger, with all who knock, for what may still come."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RD)
