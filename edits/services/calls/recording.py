"""Writes down the answer that a call brought: its attempt, the edit and its result.

What comes for an earlier claim than the newest one changes nothing, and the picture it brought is thrown away.
"""

from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from edits.faults import Fault
from edits.models import EditRequest, ReturnedImage
from edits.services import event_log
from edits.services.calls.attempts import end_with
from edits.services.calls.call_results import CallResult
from edits.services.calls.provider_health import note_working
from edits.services.calls.receipts import receipt_fields
from edits.services.pictures.storing import EXTENSIONS, save_picture
from edits.services.reviewing import open_case
from edits.services.transitions import LINKED, Event, apply_event, movable


def record_outcome(
    edit: EditRequest, outcome: CallResult, *, stem: str, is_first_try: bool = False, now: datetime
) -> bool:
    """An answer came: a picture to show, or one that the filter stopped.  False when nobody waited for it.

    May be repeated with the same ``stem`` after it raised; on the first try nothing can lie there yet.  Raises
    OSError when the storage, DatabaseError when the database is away; what is on record by then stays.
    """
    if end_with(edit, outcome, now=now):  # one that was on record already tells nothing of the provider now
        note_working(edit, now=now)
    fields: dict[str, Any] = {}
    if is_first_try or movable(edit, _event_of(outcome)).exists():
        if outcome.picture and not is_first_try:
            # What an earlier try left under this name may be half a file.
            default_storage.delete(f"{stem}/full.{EXTENSIONS[outcome.picture.format]}")
        fields = _stored(edit, outcome, stem=stem) if outcome.picture else {}
        if _finish(edit, outcome, fields, now=now):
            return True
    _throw_away(edit, fields)
    return False


@transaction.atomic
def record_linked(edit: EditRequest, outcome: CallResult, *, now: datetime) -> bool:
    """An answer came whose picture cannot be fetched yet.  False when nobody waits for it.

    May be repeated: what is on record already stays.
    """
    on_record = EditRequest.objects.saving().filter(pk=edit.pk, fence=edit.fence, last_fault__in=LINKED)
    if on_record.exists():
        return True
    if end_with(edit, outcome, now=now):  # one that was on record already tells nothing of the provider now
        note_working(edit, now=now)
    columns = {"last_fault": Fault.RESULT_LOST, "reason": "", "message": "", "not_before": None}
    return apply_event(edit, Event.AWAIT_PICTURE, columns=columns, now=now)


def _stored(edit: EditRequest, outcome: CallResult, *, stem: str) -> dict[str, Any]:
    """Store the picture; returns the fields of its row.  Renditions are made when the edit is done."""
    picture = outcome.picture
    assert picture is not None
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


def _event_of(outcome: CallResult) -> Event:
    return Event.FILTER if outcome.is_stopped else Event.SUCCEED


def _finish(edit: EditRequest, outcome: CallResult, picture: dict[str, Any], *, now: datetime) -> bool:
    def keep_result() -> None:
        if picture:
            ReturnedImage.objects.create(edit=edit, created_at=now, **picture)
        if outcome.is_stopped:
            open_case(edit=edit, now=now)

    columns = {
        "filtered_at_stage": outcome.filtered_at,
        "not_before": None,
        "reason": "",
        "message": "",
        "last_fault": "",
    }
    return apply_event(edit, _event_of(outcome), columns=columns, now=now, then=keep_result)


def _throw_away(edit: EditRequest, fields: dict[str, Any]) -> None:
    """Nobody waits for it any more, or another process has stored the same answer in this moment."""
    event_log.answer_thrown_away(edit)
    name = fields.get("file")
    if name and not ReturnedImage.objects.filter(file=name).exists():
        default_storage.delete(name)
