"""Lets urgent work go first: no renditions are made while edits are claimed or answers stored.

Covers only this process: its threads share one interpreter, so that each rendering thread slows all others.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_urgent: set[object] = set()
_calm = threading.Condition()


@contextmanager
def foreground() -> Iterator[None]:
    """While inside, callers of ``yield_to_foreground`` wait."""
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


def yield_to_foreground(*, seconds: float) -> bool:
    """Wait until nothing is urgent, but at most ``seconds``; returns whether nothing is."""
    with _calm:
        return _calm.wait_for(lambda: not _urgent, timeout=seconds)
