"""A batch as programs read it, and which batches a key opens."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from edits.models import ApiKey, Batch, EditRequest, User
from edits.models.batches import BatchQuerySet
from edits.services.api.serializers import describe, with_descriptions
from edits.services.batch.progress import Progress, progress_of


def batches_open_to(key: ApiKey) -> BatchQuerySet:
    """The owner's batches; with a key without read permission, those that it made.  No others exist for it."""
    own = Batch.objects.of(key.owner)
    return own if key.can_read else own.filter(api_key=key)


def describe_batch(batch: Batch, *, viewer: User, address: Callable[[str], str]) -> dict[str, Any]:
    """How far it is, with its edits in their order; those in the trash are left out.  Four queries."""
    edits = EditRequest.objects.not_trashed().filter(batch=batch).order_by("batch_position")
    progress = progress_of([batch])[batch.pk]
    return {
        "id": str(batch.public_id),
        "object": "batch",
        "status": status_of(batch, progress),
        "created": int(batch.created_at.timestamp()),
        "counts": counts_of(progress),
        "edits": [describe(edit, viewer=viewer, address=address) for edit in with_descriptions(edits)],
        "page": address(reverse("edits:batch", args=[batch.public_id])),
    }


def status_of(batch: Batch, progress: Progress) -> str:
    """``ended`` once none of its edits waits or runs; until then ``paused`` or ``active``."""
    if not progress.active:
        return "ended"
    return "paused" if batch.paused_at else "active"


def counts_of(progress: Progress) -> dict[str, int]:
    """How many edits are in each status, as the statuses are named in the API; running includes saving."""
    return {
        "total": progress.total,
        "queued": progress.queued,
        "running": progress.running,
        "succeeded": progress.done,
        "filtered": progress.filtered,
        "failed": progress.failed,
        "canceled": progress.canceled,
    }
