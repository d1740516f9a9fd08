"""Makes what pages show instead of whole pictures: thumbnails, placeholders, change maps.  In the worker only."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Q

from edits.images import BadImage, change_map, placeholder, thumbnail
from edits.models import ReturnedImage, Status, Upload
from edits.services.receipts import receipt_fields
from edits.services.storing import picture_bytes, throw_away

WIDTHS_PX = (320, 1024)
RETRIED_FOR = timedelta(hours=1)

log = logging.getLogger(__name__)


def result_fields(stem: str, data: bytes, *, upload: Upload) -> dict[str, Any]:
    """Renditions of a result, stored; the fields of its row.  What cannot be made stays blank: a page shows
    the whole picture then, and a paid result is never lost over its thumbnail."""
    try:
        overlay, share = change_map(picture_bytes(upload.file), data)
        return _thumbnails(stem, data) | {
            "change_map": default_storage.save(f"{stem}/map.webp", ContentFile(overlay)),
            "changed_share": share,
        }
    except (BadImage, OSError):
        log.exception("No renditions could be made of %s", stem)
        return {}


def upload_fields(upload: Upload) -> None:
    """Make the thumbnails of a source, once for all edits of it."""
    if upload.thumb_320:
        return
    try:
        fields = _thumbnails(f"uploads/{upload.sha256[:2]}/{upload.sha256}", picture_bytes(upload.file))
    except (BadImage, OSError):
        log.exception("No renditions could be made of upload %s", upload.pk)
        return
    if not Upload.objects.filter(pk=upload.pk, thumb_320="").update(**fields):
        for name in ("thumb_320", "thumb_1024"):  # another worker was first
            default_storage.delete(fields[name])


def _thumbnails(stem: str, data: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = {"placeholder": placeholder(data)}
    for width in WIDTHS_PX:
        content = ContentFile(thumbnail(data, width_px=width))
        fields[f"thumb_{width}"] = default_storage.save(f"{stem}/{width}.webp", content)
    return fields


def make_missing(*, now: datetime, most: int = 5) -> int:
    """Renditions for results that have none, such as released ones; returns how many were made."""
    since = now - RETRIED_FOR
    bare = ReturnedImage.objects.select_related("edit__upload").filter(
        Q(edit__finished_at__gt=since) | Q(edit__review__decided_at__gt=since),
        withheld=False,
        thumb_320="",
        edit__status=Status.SUCCEEDED,
    )
    made = 0
    for result in bare[:most]:
        fields = _missing_fields(result)
        if ReturnedImage.objects.filter(pk=result.pk, withheld=False, thumb_320="").update(**fields):
            made += 1
        else:  # withheld again meanwhile: nothing derived of it may stay
            throw_away(fields)
    return made


def _missing_fields(result: ReturnedImage) -> dict[str, Any]:
    """What a result shown from the start got at once, the receipt of a re-run included."""
    try:
        data = picture_bytes(result.file)
    except OSError:
        log.exception("The picture of edit %s cannot be read", result.edit.public_id)
        return {}
    upload_fields(result.edit.upload)
    stem = str(result.file.name).rsplit("/", 1)[0]
    return result_fields(stem, data, upload=result.edit.upload) | receipt_fields(result.edit, data)
