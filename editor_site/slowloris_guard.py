"""Disconnects clients that send too slowly or stop half-way, because each would occupy a thread.

A client has a fixed time for each further piece of its request, headers included.  Only the time in which it
keeps us waiting counts.  So steady clients on slow lines are served, however large the picture, but a byte now
and then is not enough.

Knows gunicorn's threads and nothing of Django, for which an incomplete body is an error.
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

from editor_site.malformed_requests import answer_to
from editor_site.parking import ParkingWorker

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How many bytes have to arrive within how many seconds of waiting."""

    piece_bytes: int
    seconds: float


SLOWEST = Pace(piece_bytes=240_000, seconds=30)
"""64 kbit/s."""
OUR_FAULTS = (InvalidResponseHeader, InvalidResponseHeaderName)


class WatchedSocket(socket.socket):
    """A connection that ends if its client is slower than the pace."""

    pace = SLOWEST
    _waited_seconds = 0.0
    _received_bytes = 0
    _is_over = False

    def begin(self, pace: Pace) -> None:
        """Start timing the next piece from zero."""
        self.pace, self._waited_seconds, self._received_bytes = pace, 0.0, 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Receive data.

        Raises ConnectionResetError, once, if the client is too slow; TimeoutError like any socket.
        """
        if self._is_over:
            return b""  # otherwise gunicorn would wait for more data and block its other connections
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
    """A body that is as long as announced, or raises an error: half a form is useless."""

    def __init__(self, reader: LengthReader) -> None:
        self.reader = reader

    def read(self, size: int) -> bytes:
        """Raises ConnectionResetError if the client closes before the whole body arrived."""
        due = min(size, self.reader.length)
        data = bytes(self.reader.read(size))
        if len(data) < due:
            raise ConnectionResetError(errno.ECONNRESET, "The client closed in the middle of its request")
        return data


class Worker(ParkingWorker):
    """gunicorn's threads, each for as long as its client keeps the pace."""

    pace = SLOWEST

    def handle(self, conn: Any) -> Any:
        """Runs in a thread, for each request of a connection when there is something to read."""
        if not conn.initialized and not isinstance(conn.sock, WatchedSocket):
            plain = conn.sock
            conn.sock = WatchedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        if isinstance(conn.sock, WatchedSocket):  # TLS of gunicorn's own wraps it, and is not watched
            conn.sock.begin(self.pace)
        return super().handle(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answers requests that cannot be parsed.  Invalid response headers are errors of the application."""
        if not isinstance(exc, ParseException) or isinstance(exc, OUR_FAULTS):
            super().handle_error(req, client, addr, exc)
            return
        log.info("A request could not be read: %s", type(exc).__name__)
        with suppress(OSError):
            client.sendall(answer_to(exc))


def expect_all_of(request: Any) -> None:
    """Make the body of this gunicorn request arrive completely or raise an error."""
    if isinstance(request.body.reader, LengthReader):
        request.body.reader = WholeBody(request.body.reader)
