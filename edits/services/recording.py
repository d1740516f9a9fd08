"""Writes down how a call ended: the attempt, the edit, its result and the provider's state.

Every change of the edit asks for status RUNNING and the fence of the claim: a worker that comes too late
changes nothing, and what it brought is thrown away.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce

from edits.images import BadImage, ResultImage, check_result
from edits.models import (
    Attempt,
    Charged,
    EditRequest,
    FinishReason,
    Provider,
    Reason,
    ReturnedImage,
    Status,
)
from edits.services.claiming import PROBE_EVERY
from edits.services.receipts import receipt_fields
from edits.services.renditions import result_fields, upload_fields
from edits.services.retrying import Again, GiveUp, backoff, holds_queue, retry_after, what_follows
from edits.services.reviewing import open_case
from edits.services.storing import new_stem, save_picture, throw_away
from edits.services.waking import wake_worker
from edits.stepfun import Answer, RateLimited, Rejected, StepFunError

log = logging.getLogger(__name__)

MOST_INTERRUPTIONS = 2
"""Times that an edit may be cut off: the second one fails it, so that it cannot kill worker after worker."""


def record_answer(edit: EditRequest, answer: Answer, *, now: datetime) -> None:
    """An answer came: a picture to show, or one that the filter stopped.

    Raises BadImage when the picture of a success cannot be read; nothing is recorded then.
    """
    if answer.finish_reason == FinishReason.SUCCESS and answer.image is not None:
        picture: ResultImage | None = check_result(answer.image)
    else:
        picture = _withheld_picture(answer)
    stopped = answer.finish_reason != FinishReason.SUCCESS
    charged = Charged.NO if answer.filtered_at == "request" else Charged.YES
    end_attempt(
        edit,
        now=now,
        status=answer.status,
        trace_id=answer.trace_id,
        provider_id=answer.provider_id,
        seed_returned=answer.seed,
        charged=charged,
        detail=", ".join(answer.notes),
    )
    # A pause stays: this call may have begun before the 429 that asked for it.
    Provider.objects.filter(pk=1).update(verified_at=now, held_since=None, held_reason="", probe_at=None)
    fields = _stored(edit, picture, withheld=stopped) if picture else {}
    if stopped:
        finish: dict[str, Any] = {"status": Status.FILTERED, "filtered_at_stage": answer.filtered_at}
    else:
        finish = {"status": Status.SUCCEEDED}
    if not _finish(edit, finish, fields | {"seed_used": answer.seed}, now=now):
        throw_away(fields)
        log.warning("Edit %s was no longer ours when its answer came", edit.public_id)


def _withheld_picture(answer: Answer) -> ResultImage | None:
    try:
        return check_result(answer.image) if answer.image else None
    except BadImage:
        return None  # stopped either way; there is only nothing to look at


def _stored(edit: EditRequest, picture: ResultImage, *, withheld: bool) -> dict[str, Any]:
    """Store the picture, and for a shown one what is derived of it; returns the fields of its row."""
    stem = new_stem(withheld=withheld)
    fields: dict[str, Any] = {
        "file": save_picture(f"{stem}/full", picture.data, picture.format),
        "sha256": picture.sha256,
        "format": picture.format,
        "width_px": picture.width_px,
        "height_px": picture.height_px,
        "size_bytes": len(picture.data),
        "withheld": withheld,
        "finish_reason": FinishReason.CONTENT_FILTERED if withheld else FinishReason.SUCCESS,
    }
    if withheld:
        return fields
    upload_fields(edit.upload)
    return fields | result_fields(stem, picture.data, upload=edit.upload) | receipt_fields(edit, picture.data)


def _finish(edit: EditRequest, finish: dict[str, Any], picture: dict[str, Any], *, now: datetime) -> bool:
    with transaction.atomic():
        if not _move(edit, now=now, **finish):
            return False
        if "file" in picture:
            ReturnedImage.objects.create(edit=edit, created_at=now, **picture)
        if finish["status"] == Status.FILTERED:
            open_case(edit=edit, now=now)
        return True


def _move(edit: EditRequest, *, now: datetime, status: Status, **fields: Any) -> bool:
    finished_at = None if status == Status.QUEUED else now
    return bool(
        EditRequest.objects.running()
        .filter(pk=edit.pk, fence=edit.fence)
        .update(status=status, lease_until=None, finished_at=finished_at, **fields)
    )


def record_fault(edit: EditRequest, error: StepFunError, *, now: datetime) -> None:
    """A call failed: the edit waits, or fails for good, or the whole queue is paused or held."""
    end_attempt(
        edit,
        now=now,
        fault=error.fault,
        status=error.status,
        trace_id=error.trace_id,
        provider_id=error.provider_id,
        charged=error.charged,
        detail=error.detail or str(error),
    )
    log.warning("Edit %s: fault %s, %s", edit.public_id, error.fault, error)
    calls = max(1, edit.attempts.filter(number__gte=edit.first_attempt, fault=error.fault).count())
    if _is_its_own_fault(edit, error):
        step: Again | GiveUp = GiveUp(Reason.SERVICE_REJECTED)
    else:
        step = what_follows(edit=edit, error=error, calls=calls, now=now)
        _tell_provider_state(error, step, calls=calls, now=now)
    message = error.provider_message if isinstance(error, Rejected) else ""
    match step:
        case Again(not_before):
            _move(edit, now=now, status=Status.QUEUED, not_before=not_before, last_fault=error.fault)
        case GiveUp(reason):
            _move(edit, now=now, status=Status.FAILED, reason=reason, message=message, last_fault=error.fault)


def _is_its_own_fault(edit: EditRequest, error: StepFunError) -> bool:
    """Others went through since it held the queue, and it meets the same wall: it asks for a model that is gone."""
    works_for_others = Provider.objects.filter(pk=1, verified_at__isnull=False)
    return error.status in (403, 404, 405) and edit.last_fault == "F" and works_for_others.exists()


def _tell_provider_state(error: StepFunError, step: Again | GiveUp, *, calls: int, now: datetime) -> None:
    provider = Provider.objects.filter(pk=1)
    if holds_queue(error):
        reason = f"HTTP {error.status}: {error}" if error.status else str(error)
        reason = reason[:300]
        provider.update(
            held_since=Coalesce("held_since", now),
            held_reason=reason,
            probe_at=now + PROBE_EVERY,
            verified_at=None,
        )
    elif isinstance(error, RateLimited):
        wait = retry_after(error) or backoff(calls)
        until = step.not_before if isinstance(step, Again) else now + wait
        provider.exclude(paused_until__gt=until).update(paused_until=until)


def record_interruption(edit: EditRequest, *, now: datetime, detail: str) -> None:
    """The call was cut off on our side: once more with the same seed, the second time it fails.

    Not once more when an answer had come: it is paid, and what kept us from storing it is likely still there.
    """
    if edit.attempts.filter(fence=edit.fence, fault="", ended_at__isnull=False).exists():
        _move(edit, now=now, status=Status.FAILED, reason=Reason.STORAGE)
        return
    end_attempt(edit, now=now, fault="C", charged=Charged.MAYBE, detail=detail)
    cut_off = edit.attempts.filter(number__gte=edit.first_attempt, fault="C").count()
    if cut_off < MOST_INTERRUPTIONS:
        moved = _move(edit, now=now, status=Status.QUEUED, not_before=None, last_fault="C")
        if moved:
            transaction.on_commit(wake_worker)
    else:
        _move(edit, now=now, status=Status.FAILED, reason=Reason.INTERRUPTED, last_fault="C")


def end_attempt(edit: EditRequest, *, now: datetime, **fields: Any) -> None:
    """Write the end of this claim's attempt, once: what stands there already is the truth."""
    if "detail" in fields:
        fields["detail"] = fields["detail"][:2000]
    Attempt.objects.filter(edit=edit, fence=edit.fence, ended_at__isnull=True).update(ended_at=now, **fields)
