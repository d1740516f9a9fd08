"""Stops edits that their owner no longer wants, and starts failed ones again."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from edits.models import EditRequest, Reason, Status, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services import event_log
from edits.services.budgets.budgeting import take_place
from edits.services.calls.retry_policy import UNSENT
from edits.services.queue.notify_worker import notify_worker
from edits.services.transitions import Event, apply_event, apply_to_all, movable


def cancel_edit(*, edit: EditRequest, now: datetime) -> bool:
    """Cancel a waiting or running edit; False when it had ended already.

    A call that runs is not interrupted: its answer is thrown away, and it may still be charged.
    """
    return apply_event(edit, Event.CANCEL, columns={"not_before": None}, now=now)


def cancel_edits(*, edits: EditRequestQuerySet, now: datetime) -> int:
    """Cancel those of the edits that wait or run, like ``cancel_edit``, in a few statements; returns how many."""
    return apply_to_all(edits, Event.CANCEL, columns={"not_before": None}, now=now)


def cancel_queued(*, edits: EditRequestQuerySet, now: datetime) -> int:
    """Cancel those of the edits that wait, and let those finish that run; returns how many."""
    waits = Q(status=Status.QUEUED)
    return apply_to_all(edits, Event.CANCEL, columns={"not_before": None}, only_if=waits, now=now)


def cancel_with_owner(*, edit: EditRequest, now: datetime) -> bool:
    """Cancel an edit that waits, for its owner is deactivated; False when it does not wait any more.

    One that runs is paid for, and continues.
    """
    columns = {"not_before": None, "canceled_with_owner": True}
    return apply_event(edit, Event.CANCEL_WITH_OWNER, columns=columns, now=now)


def canceled_with(owner: User) -> EditRequestQuerySet:
    """The edits that waited when this person was deactivated, and may wait again."""
    canceled = EditRequest.objects.of(owner).not_trashed().filter(status=Status.CANCELED)
    return canceled.filter(canceled_with_owner=True)


def queue_again(*, edit: EditRequest, now: datetime) -> bool:
    """Let an edit wait again that was canceled with its owner; False when it is not such a one (any more).

    It counts in the budgets from now on, and has the tries that it had left: nothing is sent, or paid, more often
    than without the break.  Raises OverBudget.
    """
    canceled = canceled_with(edit.owner)
    columns = {"canceled_with_owner": False, "is_awaited": False, "queued_at": now}
    with transaction.atomic():
        if canceled.filter(pk=edit.pk).exists():
            take_place(edit, now=now)
        return apply_event(edit, Event.RETURN_WITH_OWNER, among=canceled, columns=columns, now=now)


def retry_edit(*, edit: EditRequest, now: datetime) -> bool:
    """Queue a failed edit again with the same seed, or send a waiting one now; False when it is neither.

    Raises OverBudget when a limit of its owner does not allow one more.
    """
    kept = EditRequest.objects.not_trashed()
    with transaction.atomic():
        if movable(
            edit, Event.RETRY, among=kept
        ).exists():  # it counts from now on, which a failed one does not
            take_place(edit, now=now)
        return retry_failed(edit=edit, now=now) or _send_now(edit)


def retry_failed(*, edit: EditRequest, now: datetime) -> bool:
    """Queue a failed edit again whose place in the budgets is taken; False when it is not failed (any more)."""
    columns = {
        "reason": "",
        "message": "",
        "last_fault": "",
        "queued_at": now,
        "first_attempt": F("attempts_made") + 1,
        "not_before": None,
        "is_awaited": False,
    }
    kept = EditRequest.objects.not_trashed()
    return apply_event(edit, Event.RETRY, among=kept, columns=columns, now=now)


def _send_now(edit: EditRequest) -> bool:
    """A waiting edit no longer waits for its time; its status stays."""
    waiting = EditRequest.objects.not_trashed().queued().filter(pk=edit.pk, not_before__isnull=False)
    if not waiting.update(not_before=None):
        return False
    transaction.on_commit(notify_worker)
    event_log.edit_taken_in(edit)
    return True


RISKY_REASONS = (
    Reason.OUTCOME_UNKNOWN,
    Reason.BAD_RESULT,
    Reason.NO_PICTURE,
    Reason.RESULT_LOST,
    Reason.STORAGE,
    Reason.INTERRUPTED,
)
"""Failures after which another try may be charged a second time; pages say so beside the button."""
_NEVER_SENT = [spelling for fault in UNSENT for spelling in fault.spellings]
MAY_COST_AGAIN = Q(reason__in=RISKY_REASONS) & ~Q(reason=Reason.STORAGE, last_fault__in=_NEVER_SENT)
"""The same for rows; where our own storage was away before, nothing was sent."""
