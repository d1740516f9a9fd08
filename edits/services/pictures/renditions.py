"""Makes what pages show instead of whole pictures: thumbnails, placeholders, change maps.  Runs in workers only."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from PIL.Image import Image

from editor_site.picture_folder import Derived
from edits.images import BadImage, change_map, medium, narrowed, placeholder, shrunk, thumbnail
from edits.models import Attempt, EditRequest, ReturnedImage, StagedUpload, Status, Upload
from edits.services.calls.receipts import receipt_fields
from edits.services.pictures.storing import file_names, keep_only, picture_bytes, throw_away

SMALL_PX, MEDIUM_PX = 320, 1024
RETRIED_FOR = timedelta(hours=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=10)
"""Between tries for a result whose renditions cannot be made."""
JUST_DONE = timedelta(seconds=60)

log = logging.getLogger(__name__)


def result_fields(stem: str, data: bytes, *, upload: Upload) -> dict[str, Any]:
    """Store the renditions of a result; returns the fields of its row.

    Fields that cannot be made stay blank, and pages show the whole picture instead: a paid result is never lost
    because of its thumbnail.
    """
    try:
        source, drawn = small_source(upload), Drawn.of(data)
        overlay, share = change_map(source, drawn.small)
        files = drawn.files() | {"change_map": ("map.webp", overlay)}
        return _stored(stem, files) | {"placeholder": placeholder(drawn.small), "changed_share": share}
    except (BadImage, OSError):
        log.exception("No renditions could be made of %s", stem)
        return {}


def upload_fields(upload: Upload) -> None:
    """Make the thumbnails of a source, once for all edits of it."""
    try:
        small_source(upload)
    except (BadImage, OSError):
        log.exception("No renditions could be made of upload %s", upload.pk)


def small_source(upload: Upload) -> Image:
    """A source at most 320 px wide; makes its thumbnails where it has none.  Raises BadImage, OSError."""
    data = picture_bytes(upload.file)
    if upload.thumb_320:
        return shrunk(data, width_px=SMALL_PX)
    drawn = Drawn.of(data)
    stem = f"uploads/{upload.sha256[:2]}/{upload.sha256}"
    fields = _stored(stem, drawn.files()) | {"placeholder": placeholder(drawn.small)}
    if Upload.objects.filter(pk=upload.pk, thumb_320="").update(**fields):
        keep_only(*file_names(fields))
    else:
        throw_away(fields)  # another worker was first
    return drawn.small


def draw_staged(*, now: datetime, most: int = 20) -> int:
    """Make the thumbnails of pictures that were just uploaded, so that a draft of many is light; returns how many.

    One that fails is tried again for a few rounds only: pages then show the whole picture.
    """
    just_now = StagedUpload.objects.filter(used_at__gt=now - JUST_DONE, upload__thumb_320="")
    uploads = [staged.upload for staged in just_now.select_related("upload").order_by("used_at")[:most]]
    for upload in uploads:
        upload_fields(upload)
    return len(uploads)


@dataclass(frozen=True)
class Drawn:
    """A picture in both of the widths in which pages show it, decoded once."""

    small: Image
    medium: Image

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Raises BadImage."""
        return cls.of_pixels(shrunk(data, width_px=MEDIUM_PX))

    @classmethod
    def of_pixels(cls, pixels: Image) -> Self:
        """Of a picture that is decoded already."""
        medium_sized = narrowed(pixels, width_px=MEDIUM_PX)
        return cls(narrowed(medium_sized, width_px=SMALL_PX), medium_sized)

    def files(self) -> dict[str, tuple[str, bytes]]:
        """Maps the field of the row to the file's name and bytes."""
        data, extension = medium(self.medium)
        return {
            "thumb_320": (f"{SMALL_PX}.webp", thumbnail(self.small, width_px=SMALL_PX)),
            "thumb_1024": (f"{MEDIUM_PX}.{extension}", data),
        }


def _stored(stem: str, files: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
    """Store all files or none, even if the storage fails in between.  Raises OSError."""
    fields: dict[str, Any] = {}
    try:
        for field, (name, data) in files.items():
            fields[field] = default_storage.save(f"{stem}/{name}", Derived(data))
    except OSError:
        throw_away(fields)
        raise
    return fields


def make_renditions(edit: EditRequest) -> bool:
    """Make the renditions of an edit that was just done; False if there are none to make."""
    result = _bare().filter(edit=edit).first()
    return result is not None and _render(result, now=timezone.now())


def undrawn(*, worker: str, now: datetime) -> list[EditRequest]:
    """Edits that this machine finished just before its worker was stopped and has no renditions of; oldest first."""
    mine = Attempt.objects.filter(edit=OuterRef("edit"), fence=OuterRef("edit__fence"), worker=worker)
    left = _bare().filter(Exists(mine), edit__finished_at__gt=now - JUST_DONE).order_by("pk")
    return [result.edit for result in left]


def make_missing(*, now: datetime, most: int = 5) -> int:
    """Make renditions for results without any, such as released ones, oldest first; returns how many it made.

    A result that fails is skipped for a while, so that it does not hold up the others.
    """
    return sum(_render_alone(result, now=now) for result in list(missing(now=now)[:most]))


def missing(*, now: datetime) -> QuerySet[ReturnedImage]:
    """Results whose renditions are due now.  Uses the index of results without renditions."""
    since = now - RETRIED_FOR
    recent = Q(edit__finished_at__gt=since) | Q(edit__review__decided_at__gt=since)
    settled = ~Q(edit__finished_at__gt=now - JUST_DONE)  # the worker that ran them is about to make theirs
    its_time = Q(render_again_at=None) | Q(render_again_at__lte=now)
    return _bare().filter(recent, settled, its_time).order_by("pk")


def _bare() -> QuerySet[ReturnedImage]:
    found = ReturnedImage.objects.select_related("edit__upload", "edit__original")
    return found.filter(withheld=False, thumb_320="", edit__status=Status.SUCCEEDED)


def _render_alone(result: ReturnedImage, *, now: datetime) -> bool:
    """Skip the result if another worker renders it: if the slower of two were killed, it would leave files behind."""
    key = f"rendering:{result.file.name}"
    if not cache.add(key, True, timeout=JUST_DONE.total_seconds()):
        return False
    try:
        # Another worker may have made it since the query for missing ones.
        still = _bare().filter(pk=result.pk).first()
        return still is not None and _render(still, now=now)
    finally:
        cache.delete(key)


def _render(result: ReturnedImage, *, now: datetime) -> bool:
    _note_try(result, now=now)
    fields = _missing_fields(result)
    if fields and _bare().filter(pk=result.pk).update(**fields):
        keep_only(str(result.file.name), *file_names(fields))
        return True
    throw_away(fields)  # withheld again meanwhile: nothing derived from it may remain
    return False


def _note_try(result: ReturnedImage, *, now: datetime) -> None:
    """Record the try before it begins, so that even a picture that kills the process is skipped for a while."""
    pause = min(FIRST_PAUSE * 4 ** min(result.render_tries, 9), LONGEST_PAUSE)
    _bare().filter(pk=result.pk).update(render_tries=result.render_tries + 1, render_again_at=now + pause)


def _missing_fields(result: ReturnedImage) -> dict[str, Any]:
    """Thumbnails and change map, and the receipt if the result is a re-run that was released late and has none."""
    try:
        data = picture_bytes(result.file)
    except OSError:
        log.exception("The picture of edit %s cannot be read", result.edit.public_id)
        return {}
    if result.edit.original:
        upload_fields(result.edit.original)
    stem = str(result.file.name).rsplit("/", 1)[0]
    receipt = {} if result.receipt else receipt_fields(result.edit, data)
    return result_fields(stem, data, upload=result.edit.upload) | receipt
