"""Keeps the leases of this process's running edits alive, so that no other worker takes them over."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from edits.models import EditRequest

_held: dict[int, int] = {}
_lock = threading.Lock()


@contextmanager
def held(edit: EditRequest) -> Iterator[None]:
    """While inside, ``renew`` keeps this edit's lease."""
    with _lock:
        _held[edit.pk] = edit.fence
    try:
        yield
    finally:
        with _lock:
            _held.pop(edit.pk, None)


def is_held(edit: EditRequest) -> bool:
    """Whether this process runs the edit now, whatever its lease says: the database may have been away."""
    with _lock:
        return _held.get(edit.pk) == edit.fence


def renew(*, lease: timedelta, now: datetime) -> int:
    """Extend the lease of each edit that this process runs; returns how many still were ours."""
    with _lock:
        mine = dict(_held)
    of_fence: dict[int, list[int]] = {}
    for pk, fence in mine.items():
        of_fence.setdefault(fence, []).append(pk)
    return sum(
        EditRequest.objects.running().filter(pk__in=pks, fence=fence).update(lease_until=now + lease)
        for fence, pks in of_fence.items()
    )
