"""Makes what pages show instead of whole pictures: thumbnails, placeholders, change maps.  In the worker only."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, Q, QuerySet
from PIL.Image import Image

from edits.images import BadImage, change_map, placeholder, shrunk, thumbnail
from edits.models import Attempt, EditRequest, ReturnedImage, Status, Upload
from edits.services.calls.receipts import receipt_fields
from edits.services.pictures.storing import file_names, keep_only, picture_bytes, throw_away

WIDTHS_PX = (320, 1024)
RETRIED_FOR = timedelta(hours=1)
JUST_DONE = timedelta(seconds=60)

log = logging.getLogger(__name__)


def result_fields(stem: str, data: bytes, *, upload: Upload) -> dict[str, Any]:
    """Renditions of a result, stored; the fields of its row.  What cannot be made stays blank: a page shows
    the whole picture then, and a paid result is never lost over its thumbnail."""
    try:
        source, pixels = _shown(picture_bytes(upload.file)), _shown(data)
        overlay, share = change_map(source, pixels)
        files = _thumbnails(pixels) | {"change_map": ("map.webp", overlay)}
        return _stored(stem, files) | {"placeholder": placeholder(pixels), "changed_share": share}
    except (BadImage, OSError):
        log.exception("No renditions could be made of %s", stem)
        return {}


def upload_fields(upload: Upload) -> None:
    """Make the thumbnails of a source, once for all edits of it."""
    if not Upload.objects.filter(pk=upload.pk, thumb_320="").exists():
        return
    try:
        pixels = _shown(picture_bytes(upload.file))
        stem = f"uploads/{upload.sha256[:2]}/{upload.sha256}"
        fields = _stored(stem, _thumbnails(pixels)) | {"placeholder": placeholder(pixels)}
    except (BadImage, OSError):
        log.exception("No renditions could be made of upload %s", upload.pk)
        return
    if Upload.objects.filter(pk=upload.pk, thumb_320="").update(**fields):
        keep_only(*file_names(fields))
    else:
        throw_away(fields)  # another worker was first


def _shown(data: bytes) -> Image:
    """As much of a picture as the widest thumbnail shows."""
    return shrunk(data, width_px=max(WIDTHS_PX))


def _thumbnails(pixels: Image) -> dict[str, tuple[str, bytes]]:
    """By the field of the row: the file's name and its bytes."""
    return {f"thumb_{width}": (f"{width}.webp", thumbnail(pixels, width_px=width)) for width in WIDTHS_PX}


def _stored(stem: str, files: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
    """All of them or none: a storage that goes away in between leaves no half set.  Raises OSError."""
    fields: dict[str, Any] = {}
    try:
        for field, (name, data) in files.items():
            fields[field] = default_storage.save(f"{stem}/{name}", ContentFile(data))
    except OSError:
        throw_away(fields)
        raise
    return fields


def make_renditions(edit: EditRequest) -> bool:
    """What pages show of an edit that has just been done; False when there is nothing to make, or no more."""
    result = _bare().filter(edit=edit).first()
    return result is not None and _render(result)


def undrawn(*, worker: str, now: datetime) -> list[EditRequest]:
    """What this machine had done a moment ago and not drawn when its worker was stopped, the oldest first."""
    mine = Attempt.objects.filter(edit=OuterRef("edit"), fence=OuterRef("edit__fence"), worker=worker)
    left = _bare().filter(Exists(mine), edit__finished_at__gt=now - JUST_DONE).order_by("pk")
    return [result.edit for result in left]


def make_missing(*, now: datetime, most: int = 5) -> int:
    """Renditions for results that have none, such as released ones; returns how many were made."""
    since = now - RETRIED_FOR
    recent = Q(edit__finished_at__gt=since) | Q(edit__review__decided_at__gt=since)
    settled = ~Q(edit__finished_at__gt=now - JUST_DONE)  # those are about to be made by whoever ran them
    return sum(map(_render_alone, _bare().filter(recent, settled)[:most]))


def _bare() -> QuerySet[ReturnedImage]:
    found = ReturnedImage.objects.select_related("edit__upload")
    return found.filter(withheld=False, thumb_320="", edit__status=Status.SUCCEEDED)


def _render_alone(result: ReturnedImage) -> bool:
    """Unless another worker is at it: of two makers the slower one, if it is killed, would leave files behind."""
    key = f"rendering:{result.file.name}"
    if not cache.add(key, True, timeout=JUST_DONE.total_seconds()):
        return False
    try:
        # Somebody may have made it since we looked what is missing.
        still = _bare().filter(pk=result.pk).first()
        return still is not None and _render(still)
    finally:
        cache.delete(key)


def _render(result: ReturnedImage) -> bool:
    fields = _missing_fields(result)
    if fields and _bare().filter(pk=result.pk).update(**fields):
        keep_only(str(result.file.name), *file_names(fields))
        return True
    throw_away(fields)  # withheld again meanwhile: nothing derived of it may stay
    return False


def _missing_fields(result: ReturnedImage) -> dict[str, Any]:
    """Thumbnails and change map, and the receipt of a re-run that has none because it was released late."""
    try:
        data = picture_bytes(result.file)
    except OSError:
        log.exception("The picture of edit %s cannot be read", result.edit.public_id)
        return {}
    upload_fields(result.edit.upload)
    stem = str(result.file.name).rsplit("/", 1)[0]
    receipt = {} if result.receipt else receipt_fields(result.edit, data)
    return result_fields(stem, data, upload=result.edit.upload) | receipt
