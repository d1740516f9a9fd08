"""Writes down how the call of a claim ended, and what it cost by the price of its model."""

from datetime import datetime
from typing import Any

from edits.faults import Fault
from edits.models import Attempt, Charged, EditRequest
from edits.services import event_log
from edits.services.calls.call_results import CallResult

LATE = "the answer came after the worker was taken for lost"
"""Said of an attempt that is not the last: why there is another one, which may have been paid as well."""


def end_with(edit: EditRequest, outcome: CallResult, *, now: datetime) -> bool:
    """Also where the attempt was believed to be cut off: the answer is the truth about it."""
    known: dict[str, Any] = {
        "now": now,
        "status": outcome.status,
        "trace_id": outcome.trace_id,
        "provider_id": outcome.provider_id,
        "seed_returned": outcome.seed,
        "charged": outcome.charged,
        "answer_bytes": outcome.answer_bytes,
        "sent": outcome.sent,
        "usage": outcome.usage,
        "reported": outcome.reported,
    }
    if end_attempt(edit, detail=outcome.detail, **known):
        return True
    cut_off = Attempt.objects.filter(
        edit=edit, fence=edit.fence, fault__in=Fault.NO_ANSWER.spellings, status=None
    )
    if not cut_off.update(ended_at=None, fault=""):
        return False
    return end_attempt(edit, detail=", ".join(filter(None, (outcome.detail, LATE))), **known)


def end_attempt(edit: EditRequest, *, now: datetime, detail: str, **fields: Any) -> bool:
    """Write the end of this claim's attempt, once; an end that was written before is kept."""
    open_one = Attempt.objects.filter(edit=edit, fence=edit.fence, ended_at__isnull=True)
    if fields.get("charged") != Charged.NO:
        fields["cost"] = edit.provider_model.price if edit.provider_model else None
    ended = bool(open_one.update(ended_at=now, detail=detail[:2000], **fields))
    if ended:
        known = ("charged", "fault", "status", "trace_id", "provider_id", "answer_bytes")
        event_log.attempt_ended(edit, now=now, **{name: fields[name] for name in known if name in fields})
    return ended
