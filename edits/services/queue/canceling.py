"""Stops edits that their owner no longer wants, and starts failed ones again."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from edits.models import EditRequest, Reason, Status
from edits.services import journal
from edits.services.budgets.budgeting import take_place
from edits.services.queue.waking import wake_worker
from edits.services.webhooks import tell_of


def cancel_edit(*, edit: EditRequest, now: datetime | None = None) -> bool:
    """Cancel a waiting or running edit; False when it had ended already.

    A call that runs is not interrupted: its answer is thrown away, and it may still be charged.
    """
    at = now or timezone.now()
    active = EditRequest.objects.active().filter(pk=edit.pk)
    with transaction.atomic():
        canceled = bool(
            active.update(status=Status.CANCELED, finished_at=at, lease_until=None, not_before=None)
        )
        if canceled:
            tell_of(edit, now=at)
    if canceled:
        journal.edit_moved(edit, to=Status.CANCELED)
    return canceled


def retry_edit(*, edit: EditRequest, now: datetime | None = None) -> bool:
    """Queue a failed edit again with the same seed, or send a waiting one now; False when it is neither.

    Raises OverBudget when a limit of its owner does not allow one more.
    """
    at = now or timezone.now()
    mine = EditRequest.objects.kept().filter(pk=edit.pk)
    with transaction.atomic():
        if mine.filter(status=Status.FAILED).exists():  # it counts from now on, which a failed one does not
            take_place(edit, now=at)
        moved = mine.filter(status=Status.FAILED).update(
            status=Status.QUEUED,
            reason="",
            message="",
            last_fault="",
            queued_at=at,
            first_attempt=F("attempts_made") + 1,
            not_before=None,
            finished_at=None,
        ) or mine.queued().filter(not_before__isnull=False).update(not_before=None)
        if moved:
            transaction.on_commit(wake_worker)
    if moved:
        journal.edit_taken_in(edit)
    return bool(moved)


RISKY_REASONS = (
    Reason.OUTCOME_UNKNOWN,
    Reason.BAD_RESULT,
    Reason.NO_PICTURE,
    Reason.RESULT_LOST,
    Reason.STORAGE,
    Reason.INTERRUPTED,
)
"""Failures after which another try may be charged a second time; pages say so beside the button."""
