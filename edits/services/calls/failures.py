"""Writes down a call that failed or was cut off: its attempt, and whether the edit is sent again or fails."""

from datetime import datetime

from django.db import transaction

from edits.faults import Fault
from edits.models import Charged, EditRequest, Provider, Reason
from edits.providers import NotAuthorized, ProviderError, Rejected
from edits.services.calls.attempts import end_attempt
from edits.services.calls.provider_health import hold_or_pause
from edits.services.calls.retry_policy import (
    Fail,
    Retry,
    backoff,
    notes_on,
    retry_after,
    retry_policy,
    tries_now,
)
from edits.services.calls.saving import move_to_saving
from edits.services.transitions import Event, apply_event

MOST_INTERRUPTIONS = 2
"""Times that an edit may be cut off: the second one fails it, so that it cannot kill worker after worker."""


@transaction.atomic
def record_fault(edit: EditRequest, error: ProviderError, *, now: datetime) -> None:
    """A call failed: the edit waits, or fails for good, or the whole queue is paused or held.

    All of it or nothing: of a worker that is killed in between, an attempt that ended would be taken for one that
    was cut off, and what was paid would be sent again.
    """
    edit.is_awaited = EditRequest.objects.values_list("is_awaited", flat=True).filter(pk=edit.pk).first()
    end_attempt(
        edit,
        now=now,
        fault=error.fault,
        status=error.status,
        trace_id=error.trace_id,
        provider_id=error.provider_id,
        charged=error.charged,
        answer_bytes=error.answer_bytes,
        sent=error.sent,
        detail=", ".join([*notes_on(edit, error), error.detail or str(error)]),
    )
    if _is_its_own_fault(edit, error):
        decision: Retry | Fail = Fail(Reason.SERVICE_REJECTED)
    else:
        tries = tries_now(edit, error.fault)
        decision = retry_policy(edit=edit, error=error, tries=tries, now=now)
        wait = retry_after(error) or backoff(tries.count)
        if isinstance(
            decision, Retry
        ):  # one edit that was refused often waits longer than the others have to
            wait = min(wait, decision.not_before - now)
        hold_or_pause(edit, error, wait=wait, now=now)
    message = error.provider_message if isinstance(error, Rejected) else ""
    match decision:
        case Retry(not_before):
            columns = {"not_before": not_before, "last_fault": error.fault}
            apply_event(edit, Event.SEND_LATER, columns=columns, now=now)
        case Fail(reason):
            columns = {"reason": reason, "message": message, "last_fault": error.fault}
            apply_event(edit, Event.FAIL, columns=columns, now=now)


@transaction.atomic
def record_interruption(edit: EditRequest, *, now: datetime, detail: str) -> None:
    """The call was cut off on our side: it is sent again with the same seed, and fails the second time.

    It is not sent again if an answer had arrived: that is paid for, and the worker that has it on its disk stores it.
    """
    if edit.attempts.filter(fence=edit.fence, fault="", ended_at__isnull=False).exists():
        move_to_saving(edit, now=now)
        return
    end_attempt(edit, now=now, fault=Fault.NO_ANSWER, charged=Charged.MAYBE, detail=detail)
    tries = edit.attempts.filter(number__gte=edit.first_attempt)
    cut_off = tries.filter(fault__in=Fault.NO_ANSWER.spellings).count()
    if cut_off < MOST_INTERRUPTIONS:
        again = {"not_before": None, "last_fault": Fault.NO_ANSWER}
        apply_event(edit, Event.SEND_AGAIN, columns=again, now=now)
    else:
        failed = {"reason": Reason.INTERRUPTED, "last_fault": Fault.NO_ANSWER}
        apply_event(edit, Event.FAIL, columns=failed, now=now)


def _is_its_own_fault(edit: EditRequest, error: ProviderError) -> bool:
    """Others went through since it held the queue, and it meets the same wall: it asks for a model that is gone."""
    works_for_others = Provider.objects.filter(pk=edit.provider_id, verified_at__isnull=False)
    names_model = isinstance(error, NotAuthorized) and (
        error.blames == "model" or (not error.blames and error.status in (403, 404, 405))
    )
    return names_model and edit.last_fault == Fault.ACCOUNT and works_for_others.exists()
