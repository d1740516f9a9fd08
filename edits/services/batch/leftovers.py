"""What of a batch did not come to a picture: cancels what still waits, and queues again what failed."""

from datetime import datetime

from django.db import transaction

from edits.models import Batch, EditRequest, Status
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.budgets.room import take_places
from edits.services.queue.canceling import MAY_COST_AGAIN, cancel_queued, retry_failed


def cancel_rest(*, batch: Batch, now: datetime) -> int:
    """Cancel the edits that wait; returns how many.  What runs may be charged, and is finished."""
    canceled = cancel_queued(edits=EditRequest.objects.filter(batch=batch), now=now)
    Batch.objects.filter(pk=batch.pk, paused_at__isnull=False).update(paused_at=None)
    return canceled


def failed_of(batch: Batch, *, with_risky: bool) -> EditRequestQuerySet:
    """Its failed edits in their order; ``with_risky`` includes those that may have been charged."""
    failed = EditRequest.objects.not_trashed().filter(batch=batch, status=Status.FAILED)
    chosen = failed if with_risky else failed.exclude(MAY_COST_AGAIN)
    return chosen.order_by("batch_position")


def retry_failed_of(*, batch: Batch, with_risky: bool, now: datetime) -> int:
    """Queue its failed edits again with the same seeds, all of them or none; returns how many.

    They count in the budgets from now on.  Raises OverBudget, which says how many would fit.
    """
    with transaction.atomic():
        edits = list(failed_of(batch, with_risky=with_risky))
        if edits:
            take_places(edits, now=now)
        return sum(retry_failed(edit=edit, now=now) for edit in edits)
