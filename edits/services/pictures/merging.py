"""Puts what models changed back into the originals, beside the services' own answers.  Runs in workers only.

Nothing here touches an answer: whatever goes wrong, the paid picture stays as it is.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, Q, QuerySet

from editor_site.picture_folder import Derived
from edits.images.merging import Merged, NotMerged, keep_detail, merge_region
from edits.models import (
    EditRequest,
    FinishReason,
    MergedPicture,
    MergeKind,
    MergeRefusal,
    MergeState,
    ReturnedImage,
    Status,
)
from edits.services.pictures.renditions import Drawn
from edits.services.pictures.storing import (
    delete_pictures,
    keep_only,
    new_stem,
    picture_bytes,
    save_picture,
    throw_away,
)
from edits.services.queue.sources import Source, region_in

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""Between tries of one that cannot be made."""
MOST_TRIES = 12
AT_ONCE = timedelta(minutes=10)
"""How long one worker may take for one before another may try."""

log = logging.getLogger(__name__)


def can_keep_detail(edit: EditRequest) -> bool:
    """Whether there is a larger original that what the model changed could be put into."""
    if edit.original is None or edit.status != Status.SUCCEEDED or hasattr(edit, "merged"):
        return False
    result = getattr(edit, "result", None)
    return bool(result and _is_shown(result) and not Source.of_edit(edit).is_reshaped)


def _is_shown(result: Any) -> bool:
    return not result.withheld and result.finish_reason == FinishReason.SUCCESS


def ask_to_keep_detail(edit: EditRequest, *, now: datetime) -> bool:
    """Let the worker put what a finished edit changed into its original; False if that cannot be done."""
    if not can_keep_detail(edit):
        return False
    made = {"kind": MergeKind.DETAIL, "created_at": now}
    return MergedPicture.objects.get_or_create(edit=edit, defaults=made)[1]


def due(*, now: datetime) -> QuerySet[MergedPicture]:
    """Those whose edit is done and that may be tried now.  Never of what a filter stopped, also not once released.

    Asked for with EXISTS: of a join, SQLite may begin with all results, of which most have nothing to merge.
    """
    passed = ReturnedImage.objects.filter(edit=OuterRef("edit"), edit__status=Status.SUCCEEDED)
    shown = Exists(passed.filter(withheld=False, finish_reason=FinishReason.SUCCESS))
    its_time = Q(again_at=None) | Q(again_at__lte=now)
    return MergedPicture.objects.filter(shown, its_time, state=MergeState.WAITING).order_by("pk")


def merge_edit(edit: EditRequest, *, now: datetime) -> bool:
    """Make the merged picture of an edit that was just done; False if there is none to make."""
    found = due(now=now).filter(edit=edit).first()
    return found is not None and _merge_alone(found, now=now)


def merge_missing(*, lease: timedelta, now: datetime) -> int:
    """Make the one that waits longest; returns how many were settled.  One that fails is skipped for a while."""
    found = due(now=now).first()
    return int(found is not None and _merge_alone(found, now=now))


def merge_again(merged: MergedPicture) -> bool:
    """Its file is lost: it is made again of the original and the answer."""
    blank = {"file": "", "thumb_320": "", "thumb_1024": "", "size_bytes": None, "sha256": ""}
    again = {"state": MergeState.WAITING, "tries": 0, "again_at": None}
    ready = MergedPicture.objects.filter(pk=merged.pk, state=MergeState.READY)
    if not ready.update(**blank, **again):
        return False
    delete_pictures(merged.file, merged.thumb_320, merged.thumb_1024)
    return True


def _merge_alone(merged: MergedPicture, *, now: datetime) -> bool:
    """Skip it if another worker is at it: two would take twice the memory."""
    key = f"merging:{merged.pk}"
    if not cache.add(key, True, timeout=AT_ONCE.total_seconds()):
        return False
    try:
        still = due(now=now).select_related("edit__original", "edit__result", "edit__upload", "paint")
        row = still.filter(pk=merged.pk).first()
        return row is not None and _merge(row, now=now)
    finally:
        cache.delete(key)


def _merge(row: MergedPicture, *, now: datetime) -> bool:
    _note_try(row, now=now)
    fields: dict[str, Any] = {}
    try:
        fields = _stored(_made(row))
    except NotMerged as refused:
        return _refuse(row, MergeRefusal(refused.code))
    except FileNotFoundError:
        log.exception("A picture of edit %s is gone, so nothing can be merged", row.edit.public_id)
        return _refuse(row, MergeRefusal.ORIGINAL_GONE)
    except OSError:
        log.exception("The merged picture of edit %s cannot be made now", row.edit.public_id)
        return row.tries + 1 >= MOST_TRIES and _refuse(row, MergeRefusal.UNREADABLE)
    if MergedPicture.objects.filter(pk__in=_waiting(row)).update(**fields, state=MergeState.READY):
        keep_only(*(str(fields[name]) for name in ("file", "thumb_320", "thumb_1024")))
        return True
    throw_away(fields)  # trashed for good meanwhile
    return False


def _waiting(row: MergedPicture) -> QuerySet[MergedPicture]:
    """The row, unless it was settled, or its edit withheld, meanwhile."""
    shown = Q(edit__status=Status.SUCCEEDED, edit__result__withheld=False)
    return MergedPicture.objects.filter(shown, pk=row.pk, state=MergeState.WAITING)


def _note_try(row: MergedPicture, *, now: datetime) -> None:
    """Record the try before it begins, so that even a picture that kills the process is skipped for a while."""
    pause = min(FIRST_PAUSE * 4 ** min(row.tries, 9), LONGEST_PAUSE)
    MergedPicture.objects.filter(pk=row.pk).update(tries=row.tries + 1, again_at=now + pause)


def _refuse(row: MergedPicture, why: MergeRefusal) -> bool:
    waiting = MergedPicture.objects.filter(pk=row.pk, state=MergeState.WAITING)
    return bool(waiting.update(state=MergeState.REFUSED, refusal=why))


def _made(row: MergedPicture) -> Merged:
    """Raises NotMerged, OSError."""
    edit = row.edit
    if edit.original is None:
        raise FileNotFoundError("The edit has no original")
    original, answer = picture_bytes(edit.original.file), picture_bytes(edit.result.file)
    region = region_in(row)
    if region is None:
        if Source.of_edit(edit).is_reshaped:
            raise NotMerged("shape")
        return keep_detail(original, answer)
    paint = picture_bytes(row.paint.file) if row.paint else None
    return merge_region(original, answer, region=region, paint=paint)


def _stored(merged: Merged) -> dict[str, Any]:
    """Store the picture with its thumbnails; returns the fields of the row.  Raises OSError; then no file is left."""
    stem = new_stem(withheld=False)
    fields: dict[str, Any] = {}
    try:
        fields["file"] = save_picture(f"{stem}/full", merged.data, "PNG")
        for field, (name, data) in Drawn.of_pixels(merged.pixels).files().items():
            fields[field] = default_storage.save(f"{stem}/{name}", Derived(data))
    except OSError:
        throw_away(fields)
        raise
    return fields | {
        "sha256": merged.sha256,
        "width_px": merged.width_px,
        "height_px": merged.height_px,
        "size_bytes": len(merged.data),
        "changed_share": merged.changed_share,
        "shift_px": merged.shift_px,
    }
