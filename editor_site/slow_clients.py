"""Lets go of clients that send too slowly or stop in the middle: each would keep a thread from everybody else.

A client has the same seconds for each further piece of what it sends, headers included.  Only the time that it
keeps us waiting counts.  Who sends steadily over a slow line is served, however large the picture; a byte now and
then is not enough.

Knows gunicorn's threads and nothing of Django, to whom a body that does not arrive whole is an error.
"""

import errno
import logging
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gunicorn.http.body import LengthReader
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.workers.gthread import ThreadWorker

from editor_site.misread import answer_to

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How much has to arrive, in bytes, within how many seconds of waiting."""

    piece_bytes: int
    seconds: float


SLOWEST = Pace(piece_bytes=240_000, seconds=30)
"""64 kbit/s."""
OUR_FAULTS = (InvalidResponseHeader, InvalidResponseHeaderName)


class WatchedSocket(socket.socket):
    """A connection that ends when its client falls behind the pace."""

    pace = SLOWEST
    _waited_seconds = 0.0
    _received_bytes = 0
    _is_over = False

    def begin(self, pace: Pace) -> None:
        """The next request comes: its first piece has all the time again."""
        self.pace, self._waited_seconds, self._received_bytes = pace, 0.0, 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Raises ConnectionResetError, once, when the client is too slow; TimeoutError as any socket does."""
        if self._is_over:
            return b""  # gunicorn would linger, and with it all who knock, for what may still come
        left = self.pace.seconds - self._waited_seconds
        own = self.gettimeout()
        self.settimeout(left if own is None else min(own, left))
        began = time.monotonic()
        try:
            data = super().recv(size, flags)
        except TimeoutError:
            if own is None or own >= left:
                raise self._let_go() from None
            raise
        finally:
            self.settimeout(own)
            self._waited_seconds += time.monotonic() - began
        self._received_bytes += len(data)
        if self._received_bytes >= self.pace.piece_bytes:
            self.begin(self.pace)
        elif self._waited_seconds >= self.pace.seconds:
            raise self._let_go()
        return data

    def _let_go(self) -> ConnectionResetError:
        self._is_over = True
        log.info("A client sent too slowly and was let go")
        return ConnectionResetError(errno.ECONNRESET, "The client sent too slowly")


class WholeBody:
    """A body that is as long as was announced, or an error: half a form is no form."""

    def __init__(self, reader: LengthReader) -> None:
        self.reader = reader

    def read(self, size: int) -> bytes:
        """Raises ConnectionResetError when the client closes before all is there."""
        due = min(size, self.reader.length)
        data = bytes(self.reader.read(size))
        if len(data) < due:
            raise ConnectionResetError(errno.ECONNRESET, "The client closed in the middle of its request")
        return data


class Worker(ThreadWorker):
    """gunicorn's threads, each for as long as its client keeps the pace."""

    pace = SLOWEST

    def handle(self, conn: Any) -> Any:
        """Runs in a thread, for each request of a connection once there is something to read."""
        if not isinstance(conn.sock, WatchedSocket):
            plain = conn.sock
            conn.sock = WatchedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        conn.sock.begin(self.pace)
        return super().handle(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answers where no request reaches the application.  What that wants to say and cannot is its own fault."""
        if not isinstance(exc, ParseException) or isinstance(exc, OUR_FAULTS):
            super().handle_error(req, client, addr, exc)
            return
        log.info("A request could not be read: %s", type(exc).__name__)
        with suppress(OSError):
            client.sendall(answer_to(exc))


def expect_all_of(request: Any) -> None:
    """Let the body of this request of gunicorn's be read whole or not at all."""
    if isinstance(request.body.reader, LengthReader):
        request.body.reader = WholeBody(request.body.reader)
