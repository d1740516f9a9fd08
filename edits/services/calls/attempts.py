"""Writes down how the call of a claim ended, and what it cost by the price of its model."""

from datetime import datetime
from typing import Any

from django.db.models import Subquery

from edits.models import Attempt, Charged, EditRequest, ProviderModel
from edits.services import journal
from edits.services.calls.outcomes import Outcome

LATE = "the answer came after the worker was taken for lost"
"""Said of an attempt that is not the last: why there is another one, which may have been paid as well."""


def end_with(edit: EditRequest, outcome: Outcome, *, now: datetime) -> bool:
    """Also where the attempt was believed to be cut off: the answer is the truth about it."""
    cut_off = Attempt.objects.filter(edit=edit, fence=edit.fence, fault="C", status=None)
    notes = [outcome.detail]
    if cut_off.exists():  # an UPDATE of nothing waits for SQLite's lock as well
        cut_off.update(ended_at=None, fault="")
        notes.append(LATE)
    return end_attempt(
        edit,
        now=now,
        status=outcome.status,
        trace_id=outcome.trace_id,
        provider_id=outcome.provider_id,
        seed_returned=outcome.seed,
        charged=outcome.charged,
        answer_bytes=outcome.answer_bytes,
        sent=outcome.sent,
        usage=outcome.usage,
        reported=outcome.reported,
        detail=", ".join(filter(None, notes)),
    )


def end_attempt(edit: EditRequest, *, now: datetime, detail: str, **fields: Any) -> bool:
    """Write the end of this claim's attempt, once: what stands there already is the truth."""
    open_one = Attempt.objects.filter(edit=edit, fence=edit.fence, ended_at__isnull=True)
    if fields.get("charged") != Charged.NO:
        price = ProviderModel.objects.filter(provider=edit.provider_id, name=edit.model).values("price")
        fields["cost"] = Subquery(price[:1])
    ended = bool(open_one.update(ended_at=now, detail=detail[:2000], **fields))
    if ended:
        known = ("charged", "fault", "status", "trace_id", "provider_id", "answer_bytes")
        journal.attempt_ended(edit, now=now, **{name: fields[name] for name in known if name in fields})
    return ended
