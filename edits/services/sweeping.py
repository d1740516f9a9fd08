"""Looks after the queue every few seconds: lost leases, forgotten edits, missing renditions, old trash."""

from datetime import datetime

from edits.models import EditRequest, Provider
from edits.services.claiming import Limits
from edits.services.leases import renew
from edits.services.recording import record_interruption
from edits.services.renditions import make_missing
from edits.services.trashing import purge_trash
from edits.services.waking import wake_worker


def sweep(*, limits: Limits, now: datetime) -> None:
    """One round.  Safe to run in any number of workers at once."""
    renew(limits=limits, now=now)
    Provider.objects.filter(pk=1).update(worker_seen_at=now)
    return_lost(now=now)
    make_missing(now=now)
    purge_trash(now=now)
    wake_for_waiting(limits=limits, now=now)


def return_lost(*, now: datetime) -> int:
    """Edits whose worker is gone: into the queue again, or failed as interrupted; returns how many."""
    lost = list(EditRequest.objects.lease_lost(now))
    for edit in lost:
        record_interruption(edit, now=now, detail="The worker was lost while the call ran.")
    return len(lost)


def wake_for_waiting(*, limits: Limits, now: datetime) -> int:
    """Wake-ups for edits that nobody was told of or whose time has come; returns how many were sent."""
    free = max(0, limits.concurrent - EditRequest.objects.running().count())
    waiting = EditRequest.objects.due(now)[:free].count()
    for _ in range(waiting):
        wake_worker()
    return waiting
