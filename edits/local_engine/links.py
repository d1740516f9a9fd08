"""Keeps results in memory for the links of ``response_format=url``: two hours each, up to a total size."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

LIFETIME_SECONDS = 2 * 60 * 60
MAX_KEPT_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True)
class _Kept:
    data: bytes
    until: float


class Links:
    """Pictures by an unguessable token.  Drops the oldest when the memory limit is reached.  Thread-safe."""

    def __init__(self, *, now: Callable[[], float], most_bytes: int = MAX_KEPT_BYTES) -> None:
        self._now = now
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def keep(self, data: bytes) -> str:
        """Store a picture; returns its token."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._kept[token] = _Kept(data, until=self._now() + LIFETIME_SECONDS)
            self._bytes += len(data)
            while len(self._kept) > 1 and (self._bytes > self._most_bytes or self._oldest_is_over()):
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.data)
        return token

    def picture(self, token: str) -> bytes | None:
        """The picture, or None if it expired or never existed."""
        with self._lock:
            kept = self._kept.get(token)
        return kept.data if kept and self._now() < kept.until else None

    def _oldest_is_over(self) -> bool:
        return next(iter(self._kept.values())).until <= self._now()
