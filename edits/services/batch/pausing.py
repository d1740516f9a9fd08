"""Pauses a batch, so that its waiting edits are not sent, and lets it continue.  What runs is not interrupted."""

from datetime import datetime

from django.db import transaction

from edits.models import Batch, EditRequest
from edits.services.queue.inserting import wake_workers


def pause_batch(*, batch: Batch, now: datetime) -> bool:
    """Send nothing more of it; False when nothing of it waits, or it is paused already.

    An edit of it that comes back to the queue later is paused as well (``transitions``).
    """
    with transaction.atomic():
        # Locked first: see _paused_at in transitions.
        if not Batch.objects.filter(pk=batch.pk, paused_at=None).update(paused_at=now):
            return False
        waiting = EditRequest.objects.queued().filter(batch=batch, paused_at=None).update(paused_at=now)
        is_under_way = waiting or EditRequest.objects.active().filter(batch=batch).exists()
        if not is_under_way:
            Batch.objects.filter(pk=batch.pk).update(paused_at=None)
    return bool(is_under_way)


def resume_batch(*, batch: Batch) -> bool:
    """Send its waiting edits again; False when it was not paused."""
    with transaction.atomic():
        if not Batch.objects.filter(pk=batch.pk, paused_at__isnull=False).update(paused_at=None):
            return False
        paused = EditRequest.objects.filter(batch=batch, paused_at__isnull=False)
        waiting = paused.update(paused_at=None)
        transaction.on_commit(lambda: wake_workers(waiting))
    return True
