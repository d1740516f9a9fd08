"""Keeps what was read from the database for a moment, so that hundreds of open pages do not each read it again."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
KEPT_SECONDS = 1.0


class CachedValue(Generic[T]):
    """A value that is read at most once a second in each process: one thread reads, the others wait for it."""

    def __init__(self, read: Callable[[], T], *, clock: Callable[[], float] = time.monotonic) -> None:
        """``read`` may raise; then nothing is kept."""
        self._read, self._clock = read, clock
        self._lock = threading.Lock()
        self._known: tuple[float, T] | None = None

    def get(self, *, suits: Callable[[T], bool] = lambda _: True) -> T:
        """The value, read again where it is older than ``KEPT_SECONDS`` or does not suit."""
        with self._lock:
            known = self._known
            if known is None or self._clock() - known[0] >= KEPT_SECONDS or not suits(known[1]):
                known = self._known = (self._clock(), self._read())
            return known[1]
