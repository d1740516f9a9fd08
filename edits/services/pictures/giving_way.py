"""Lets what can wait give way to what cannot: while edits are claimed or answers stored, no pictures are drawn.

Knows only this process: its threads share one interpreter, so that each that draws slows all others.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_urgent: set[object] = set()
_calm = threading.Condition()


@contextmanager
def urgent() -> Iterator[None]:
    """While inside, those who give way wait."""
    mine = object()
    with _calm:
        _urgent.add(mine)
    try:
        yield
    finally:
        with _calm:
            _urgent.discard(mine)
            if not _urgent:
                _calm.notify_all()


def give_way(*, seconds: float) -> bool:
    """Wait until nothing is urgent, but at most so many seconds; whether nothing is."""
    with _calm:
        return _calm.wait_for(lambda: not _urgent, timeout=seconds)
