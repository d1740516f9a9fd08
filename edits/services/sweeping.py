"""Looks after the queue every few seconds: lost leases, forgotten edits, missing renditions, old trash.

Safe to run in any number of workers at once.
"""

from datetime import datetime

from edits.models import EditRequest, Provider
from edits.services.claiming import Limits
from edits.services.leases import is_held, renew
from edits.services.recording import record_interruption
from edits.services.renditions import make_missing
from edits.services.trashing import purge_trash
from edits.services.waking import wake_worker


def show_life(*, limits: Limits, now: datetime) -> None:
    """Keep the leases of this worker's edits and say that it lives."""
    renew(limits=limits, now=now)
    Provider.objects.filter(pk=1).update(worker_seen_at=now)


def return_lost(*, limits: Limits, now: datetime) -> int:
    """Edits whose worker is gone: into the queue again, or failed as interrupted; returns how many."""
    lost = [edit for edit in EditRequest.objects.lease_lost(now) if not is_held(edit)]
    for edit in lost:
        record_interruption(edit, now=now, detail="The worker was lost while the call ran.")
    return len(lost)


def tidy(*, limits: Limits, now: datetime) -> None:
    """Make renditions that are missing and empty the trash of what is old."""
    make_missing(now=now)
    purge_trash(now=now)


def wake_for_waiting(*, limits: Limits, now: datetime) -> int:
    """Wake-ups for edits that nobody was told of or whose time has come; returns how many were sent."""
    free = max(0, limits.concurrent - EditRequest.objects.running().count())
    waiting = EditRequest.objects.due(now)[:free].count()
    for _ in range(waiting):
        wake_worker()
    return waiting


STEPS = (return_lost, wake_for_waiting, tidy)
"""One round, the most urgent first; a step that fails does not keep the others from theirs.

``show_life`` has rounds of its own: a storage or a broker that hangs in a step here would let the leases of
running edits run out, and another worker would send these a second time.
"""
