"""Ends a call on time from outside the HTTP client, whatever the server does.

Timeouts inside an HTTP client count from the last byte, so that a server that sends a byte now and then could
block a worker forever.  A deadline counts from the start, on the monotonic clock, and then shuts down the
connection, which immediately wakes up the thread that waits on it.
"""

import select
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

_HUNG_UP = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


class Deadline:
    """A context that limits everything sent and received within it to a number of seconds.

    A DNS lookup cannot be interrupted; the timeouts of the system's resolver end it.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._guards: list[socket.socket] = []
        self._passed = threading.Event()

    @property
    def passed(self) -> bool:
        """Whether the time is over.  Bytes read after that may be those of a truncated answer."""
        return self._passed.is_set()

    def watch(self, sock: socket.socket) -> None:
        """Shut down this connection when the time is over.

        Keeps a duplicate, because TLS replaces the socket object, and two threads must not use it.
        """
        guard = sock.dup()
        with self._lock:
            self._guards.append(guard)
            if self.passed:
                _shut_down(guard)

    def peer_hung_up(self, *, wait_seconds: float = 0.0) -> bool:
        """Whether the peer closed or reset the connection that was watched last."""
        if not self._guards:
            return False
        poll = select.poll()
        poll.register(self._guards[-1], _HUNG_UP)
        return bool(poll.poll(wait_seconds * 1000))

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond the deadline."""
        self._passed.wait(seconds)

    def _end(self) -> None:
        with self._lock:
            self._passed.set()
            for guard in self._guards:
                _shut_down(guard)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for guard in self._guards:
                guard.close()
            self._guards.clear()


def _shut_down(guard: socket.socket) -> None:
    with suppress(OSError):  # already shut down
        guard.shutdown(socket.SHUT_RDWR)
