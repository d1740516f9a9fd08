"""Writes down how a call ended: the attempt, the edit, its result and the provider's state.

Every change of the edit asks for the fence of the claim: what comes for an earlier claim than the newest one
changes nothing, and the picture it brought is thrown away.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, Subquery
from django.db.models.functions import Coalesce

from edits.models import (
    Attempt,
    Charged,
    EditRequest,
    Provider,
    Reason,
    ReturnedImage,
    Status,
)
from edits.providers import NotAuthorized, ProviderError, RateLimited, Rejected
from edits.services import journal
from edits.services.calls.attempts import end_attempt, end_with
from edits.services.calls.outcomes import Outcome
from edits.services.calls.receipts import receipt_fields
from edits.services.calls.retrying import (
    Again,
    GiveUp,
    backoff,
    holds_queue,
    notes_on,
    release_unreached,
    retry_after,
    tries_now,
    what_follows,
)
from edits.services.pictures.storing import EXTENSIONS, save_picture
from edits.services.provider.alerting import tell_administrators_held
from edits.services.provider.explaining import explain
from edits.services.provider.operating import pause_until
from edits.services.queue.claiming import PROBE_EVERY
from edits.services.queue.waking import wake_worker
from edits.services.reviewing import open_case
from edits.services.webhooks import tell_of

log = logging.getLogger(__name__)

MOST_INTERRUPTIONS = 2
"""Times that an edit may be cut off: the second one fails it, so that it cannot kill worker after worker."""

VERIFIED_AGAIN_AFTER = timedelta(seconds=30)
"""The provider's row is one for all workers: it is not written for each answer while all goes well."""

TAKES_AN_ANSWER = Q(status__in=(Status.RUNNING, Status.SAVING, Status.QUEUED)) | Q(
    status=Status.FAILED, reason__in=(Reason.STORAGE, Reason.INTERRUPTED, Reason.OUTCOME_UNKNOWN)
)
"""A late answer is welcome until another call was begun: what was given up, or waits to be bought again, is here."""


def record_outcome(edit: EditRequest, outcome: Outcome, *, stem: str, now: datetime) -> bool:
    """An answer came: a picture to show, or one that the filter stopped.  False when nobody waited for it.

    May be repeated with the same ``stem`` after it raised.  Raises OSError when the storage, DatabaseError when
    the database is away; what is on record by then stays.
    """
    if end_with(edit, outcome, now=now):  # one that was on record already tells nothing of the provider now
        _provider_works(edit, now=now)
    mine = _waiting_for(edit)
    fields: dict[str, Any] = {}
    if mine.exists():
        fields = _stored(edit, outcome, stem=stem) if outcome.picture else {}
        if _finish(edit, outcome, fields, now=now):
            return True
    _throw_away(edit, fields)
    return False


def _provider_works(edit: EditRequest, *, now: datetime) -> None:
    """A pause stays, and so does a hold that is younger than this call: it began before its cause."""
    release_unreached(edit.provider_id)
    provider = Provider.objects.get(pk=edit.provider_id)
    is_fresh = provider.verified_at is not None and provider.verified_at > now - VERIFIED_AGAIN_AFTER
    if is_fresh and not provider.held_since:
        return
    began = Attempt.objects.filter(edit=edit, fence=edit.fence).values("started_at")[:1]
    older = Provider.objects.filter(pk=provider.pk).exclude(held_since__gte=Subquery(began))
    opened = older.update(verified_at=now, held_since=None, held_reason="", probe_at=None)
    if opened and provider.held_since:
        journal.provider_changed("open", provider=provider.slug)


def _waiting_for(edit: EditRequest) -> Any:
    return EditRequest.objects.filter(TAKES_AN_ANSWER, pk=edit.pk, fence=edit.fence)


def _stored(edit: EditRequest, outcome: Outcome, *, stem: str) -> dict[str, Any]:
    """Store the picture; returns the fields of its row.  Renditions are made when the edit is done."""
    picture = outcome.picture
    assert picture is not None
    # What an earlier try left under this name may be half a file.
    default_storage.delete(f"{stem}/full.{EXTENSIONS[picture.format]}")
    fields: dict[str, Any] = {
        "file": save_picture(f"{stem}/full", picture.data, picture.format),
        "sha256": picture.sha256,
        "format": picture.format,
        "width_px": picture.width_px,
        "height_px": picture.height_px,
        "size_bytes": len(picture.data),
        "withheld": outcome.is_stopped,
        "finish_reason": outcome.finish_reason,
        "seed_used": outcome.seed,
    }
    return fields if outcome.is_stopped else fields | receipt_fields(edit, picture.data)


def _finish(edit: EditRequest, outcome: Outcome, picture: dict[str, Any], *, now: datetime) -> bool:
    finish = {"status": Status.FILTERED if outcome.is_stopped else Status.SUCCEEDED}
    with transaction.atomic():
        moved = _waiting_for(edit).update(
            **finish,
            filtered_at_stage=outcome.filtered_at,
            finished_at=now,
            lease_until=None,
            not_before=None,
            reason="",
            message="",
            last_fault="",
        )
        if not moved:
            return False
        if picture:
            ReturnedImage.objects.create(edit=edit, created_at=now, **picture)
        if outcome.is_stopped:
            open_case(edit=edit, now=now)
        tell_of(edit, now=now)
    journal.edit_moved(edit, to=finish["status"])
    return True


def _throw_away(edit: EditRequest, fields: dict[str, Any]) -> None:
    """Nobody waits for it any more, or another process has stored the same answer in this moment."""
    journal.answer_thrown_away(edit)
    name = fields.get("file")
    if name and not ReturnedImage.objects.filter(file=name).exists():
        default_storage.delete(name)


@transaction.atomic
def _move(edit: EditRequest, *, now: datetime, status: Status, **fields: Any) -> bool:
    finished_at = now if status == Status.FAILED else None
    moved = bool(
        EditRequest.objects.filter(
            pk=edit.pk, fence=edit.fence, status__in=(Status.RUNNING, Status.SAVING)
        ).update(status=status, lease_until=None, finished_at=finished_at, **fields)
    )
    if moved:
        journal.edit_moved(
            edit,
            to=status,
            reason=fields.get("reason", ""),
            fault=fields.get("last_fault", ""),
            again_at=fields.get("not_before"),
        )
    if moved and status == Status.FAILED:
        tell_of(edit, now=now)
    return moved


def move_to_saving(edit: EditRequest, *, now: datetime) -> bool:
    """Its paid answer is kept on a worker's disk and cannot be stored now."""
    not_told_yet = Q(status=Status.RUNNING) | Q(status=Status.SAVING, last_fault="G")
    if not EditRequest.objects.filter(not_told_yet, pk=edit.pk, fence=edit.fence).exists():
        return False
    return _move(edit, now=now, status=Status.SAVING, last_fault="")


@transaction.atomic
def record_linked(edit: EditRequest, outcome: Outcome, *, now: datetime) -> bool:
    """An answer came whose picture cannot be fetched yet.  False when nobody waits for it.

    May be repeated: what is on record already stays.
    """
    told = EditRequest.objects.saving().filter(pk=edit.pk, fence=edit.fence, last_fault="G")
    if told.exists():
        return True
    if end_with(edit, outcome, now=now):  # one that was on record already tells nothing of the provider now
        _provider_works(edit, now=now)
    fields: dict[str, Any] = {"status": Status.SAVING, "last_fault": "G", "reason": "", "message": ""}
    moved = _waiting_for(edit).update(**fields, lease_until=None, not_before=None, finished_at=None)
    if moved:
        journal.edit_moved(edit, to=Status.SAVING, fault="G")
    return bool(moved)


def fail_unsaved(
    edit: EditRequest, *, now: datetime, reason: Reason = Reason.STORAGE, fault: str = ""
) -> bool:
    """Its paid answer cannot be stored, or the picture behind its link not be had, at all."""
    return _move(edit, now=now, status=Status.FAILED, reason=reason, last_fault=fault)


@transaction.atomic
def record_fault(edit: EditRequest, error: ProviderError, *, now: datetime) -> None:
    """A call failed: the edit waits, or fails for good, or the whole queue is paused or held.

    All of it or nothing: of a worker that is killed in between, an attempt that ended would be taken for one that
    was cut off, and what was paid would be sent again.
    """
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
        step: Again | GiveUp = GiveUp(Reason.SERVICE_REJECTED)
    else:
        tries = tries_now(edit, error.fault)
        step = what_follows(edit=edit, error=error, tries=tries, now=now)
        wait = retry_after(error) or backoff(tries.count)
        if isinstance(step, Again):  # one edit that was refused often waits longer than the others have to
            wait = min(wait, step.not_before - now)
        _change_provider(edit.provider_id, error, wait=wait, now=now)
    message = error.provider_message if isinstance(error, Rejected) else ""
    match step:
        case Again(not_before):
            _move(edit, now=now, status=Status.QUEUED, not_before=not_before, last_fault=error.fault)
        case GiveUp(reason):
            _move(edit, now=now, status=Status.FAILED, reason=reason, message=message, last_fault=error.fault)


def _is_its_own_fault(edit: EditRequest, error: ProviderError) -> bool:
    """Others went through since it held the queue, and it meets the same wall: it asks for a model that is gone."""
    works_for_others = Provider.objects.filter(pk=edit.provider_id, verified_at__isnull=False)
    names_model = isinstance(error, NotAuthorized) and (
        error.blames == "model" or (not error.blames and error.status in (403, 404, 405))
    )
    return names_model and edit.last_fault == "F" and works_for_others.exists()


def _change_provider(pk: int, error: ProviderError, *, wait: timedelta, now: datetime) -> None:
    """Hold or pause the provider where the fault concerns all of its edits."""
    if holds_queue(error):
        provider = Provider.objects.get(pk=pk)
        reason = explain(error, provider=provider)
        Provider.objects.filter(pk=pk).update(
            held_since=Coalesce("held_since", now),
            held_reason=reason,
            probe_at=now + PROBE_EVERY,
            verified_at=None,
        )
        journal.provider_changed(
            "held",
            provider=provider.slug,
            reason=f"HTTP {error.status}" if error.status else type(error).__name__,
        )
        tell_administrators_held(provider, reason, now=now)
    elif isinstance(error, RateLimited):
        pause_until(pk, now + wait, now=now)


@transaction.atomic
def record_interruption(edit: EditRequest, *, now: datetime, detail: str) -> None:
    """The call was cut off on our side: once more with the same seed, the second time it fails.

    Not once more when an answer had come: it is paid, and the worker that has it on its disk will store it.
    """
    if edit.attempts.filter(fence=edit.fence, fault="", ended_at__isnull=False).exists():
        move_to_saving(edit, now=now)
        return
    end_attempt(edit, now=now, fault="C", charged=Charged.MAYBE, detail=detail)
    cut_off = edit.attempts.filter(number__gte=edit.first_attempt, fault="C").count()
    if cut_off < MOST_INTERRUPTIONS:
        moved = _move(edit, now=now, status=Status.QUEUED, not_before=None, last_fault="C")
        if moved:
            transaction.on_commit(wake_worker)
    else:
        _move(edit, now=now, status=Status.FAILED, reason=Reason.INTERRUPTED, last_fault="C")
