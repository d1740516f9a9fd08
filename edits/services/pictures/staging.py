"""Pictures that are uploaded before an edit of them is asked for: stored once, and deleted when nobody uses them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Coalesce

from edits.images import CheckedImage, check_image
from edits.images.originals import original_of
from edits.model_specs import ModelSpec
from edits.models import ApiKey, EditReference, EditRequest, StagedUpload, Upload, User
from edits.models.staged_uploads import StagedUploadQuerySet
from edits.services.pictures.disk_space import require_room
from edits.services.pictures.file_marks import read_marks
from edits.services.pictures.storing import delete_files, delete_pictures, put_back, store_upload
from edits.services.pictures.unused_uploads import take_if_unused

MOST_PICTURES = 400
MOST_BYTES = 2 * 2**30
"""How much one person may have waiting, so that nobody fills the disk."""
MOST_FORGOTTEN = 100
"""In one round of maintenance."""
WIDEST_RATIO = 100
"""The most that any model takes."""
RESHAPED = frozenset({"scaled", "cropped", "padded"})
"""What another model may do differently, so that it needs the picture that came."""


class TooMuchStaged(Exception):
    """The person has as much waiting as is allowed, and none of it was used in an edit yet."""


def copy_of_any_shape(data: bytes, *, spec: ModelSpec) -> CheckedImage:
    """A copy of a picture whose shape the model does not take: to be shown, until somebody says how it is to fit.

    Raises BadImage.
    """
    return check_image(data, spec=replace(spec, min_side_px=1, max_ratio=WIDEST_RATIO), shape="pad")


def stage_upload(
    *,
    owner: User,
    picture: CheckedImage,
    data: bytes,
    name: str,
    shape: Literal["", "crop", "pad"] = "",
    needs_shape: bool = False,
    api_key: ApiKey | None = None,
    now: datetime,
) -> StagedUpload:
    """Store a picture that was just checked, with the bytes that came (``data``) where another model may need them.

    The same file of the same person again is the same row.  ``needs_shape`` says that ``picture`` is a copy of any
    shape.  Raises TooMuchStaged; OSError when the picture cannot be stored or the disk is nearly full.
    """
    require_room()
    keeps_original = needs_shape or not RESHAPED.isdisjoint(picture.notes)
    row = StagedUpload(
        owner=owner,
        api_key=api_key,
        name=name[:255],
        width_px=picture.original_width_px,
        height_px=picture.original_height_px,
        size_bytes=picture.original_bytes,
        shape=shape,
        notes=[note for note in picture.notes if note not in RESHAPED],
        marks=read_marks(data, owner=owner),
        created_at=now,
        used_at=now,
    )
    original = data if keeps_original else b""
    try:
        return _stored(row, picture, original=original)
    except IntegrityError:
        return _stored(row, picture, original=original)  # its upload came or went in the same moment


def _stored(row: StagedUpload, picture: CheckedImage, *, original: bytes) -> StagedUpload:
    """Raises TooMuchStaged, OSError, IntegrityError; then no new file is left."""
    upload = store_upload(source=picture, now=row.created_at)
    if upload.pk and (known := _known(row, upload, original=original)):
        return known
    new = [] if upload.pk else [upload.file]
    try:
        _make_place(row.owner, size_bytes=row.size_bytes, now=row.created_at)
        row.kept = _kept(original, picture, now=row.created_at)
        new += _files_of_new(row.kept)
        if original:
            folder, file = uuid4().hex, sha256(original).hexdigest()
            row.original = default_storage.save(f"staged/{folder}/{file}", ContentFile(original))
            new.append(row.original)
        known = _insert(row, upload, original=original)
    except (TooMuchStaged, OSError, IntegrityError):
        row.pk, row.original, row.kept = None, "", None
        delete_files(*(str(file.name if isinstance(file, FieldFile) else file) for file in new))
        raise
    if known:
        delete_pictures(row.original, *_files_of_new(row.kept))
    return known or row


def _kept(data: bytes, picture: CheckedImage, *, now: datetime) -> Upload | None:
    """The picture at its full size, where that is larger than what is sent; its file is stored, a new row is not."""
    whole = original_of(data) if data else None
    if whole is None or whole.width_px * whole.height_px <= picture.width_px * picture.height_px:
        return None
    return store_upload(source=whole, now=now)


def _files_of_new(upload: Upload | None) -> list[FieldFile]:
    return [upload.file] if upload and upload.pk is None else []


def _insert(row: StagedUpload, upload: Upload, *, original: bytes) -> StagedUpload | None:
    """The row of the same file, if it came twice in the same moment; otherwise None, and the new one is stored."""
    with transaction.atomic():
        if not upload.pk:
            upload.save(force_insert=True)
        else:
            Upload.objects.select_for_update().filter(pk=upload.pk).first()
            if known := _known(row, upload, original=original):
                return known
        if row.kept and not row.kept.pk:
            row.kept.save(force_insert=True)
        row.upload, row.kept = upload, row.kept  # again: now they have keys
        row.save(force_insert=True)
    return None


def _known(row: StagedUpload, upload: Upload, *, original: bytes) -> StagedUpload | None:
    """The row of the same file, used again now; its original is put back if it was lost."""
    same = StagedUpload.objects.filter(
        owner=row.owner, api_key=row.api_key, upload=upload, name=row.name, shape=row.shape
    ).filter(width_px=row.width_px, height_px=row.height_px, size_bytes=row.size_bytes)
    digest = f"/{sha256(original).hexdigest()}"  # a bucket appends letters of its own
    same = same.filter(original__contains=digest) if original else same.filter(original="")
    found = same.select_related("upload", "kept").first()
    if found is None or not StagedUpload.objects.filter(pk=found.pk).update(
        used_at=row.used_at, marks=row.marks
    ):
        return None
    if original and not default_storage.exists(str(found.original.name)):
        put_back(str(found.original.name), original)
    if (
        found.kept
        and not default_storage.exists(str(found.kept.file.name))
        and (whole := original_of(original))
    ):
        put_back(str(found.kept.file.name), whole.data)
    found.used_at, found.marks = row.used_at, row.marks
    return found


def _make_place(owner: User, *, size_bytes: int, now: datetime) -> None:
    """Room for one more picture of this person: what edits used longest ago gives way.  Raises TooMuchStaged."""
    mine = StagedUpload.objects.of(owner)
    sizes = Sum(F("size_bytes") + Coalesce("kept__size_bytes", 0))
    held = mine.aggregate(count=Count("pk"), size=sizes)
    over, over_bytes = held["count"] + 1 - MOST_PICTURES, (held["size"] or 0) + size_bytes - MOST_BYTES
    if over <= 0 and over_bytes <= 0:
        return
    for staged in _in_edits(mine).filter(drafts__isnull=True).order_by("used_at")[:MOST_FORGOTTEN]:
        if over <= 0 and over_bytes <= 0:
            return
        if forget(staged):
            over, over_bytes = over - 1, over_bytes - staged.size_bytes
    if over > 0 or over_bytes > 0:
        raise TooMuchStaged


def _in_edits(staged: StagedUploadQuerySet) -> StagedUploadQuerySet:
    """Those whose picture an edit has as its source or its reference."""
    edits = EditRequest.objects.filter(upload=OuterRef("upload"), owner=OuterRef("owner"))
    references = EditReference.objects.filter(upload=OuterRef("upload"), edit__owner=OuterRef("owner"))
    return staged.filter(Q(Exists(edits)) | Q(Exists(references)))


def use_staged(public_ids: Iterable[str | UUID], *, owner: User, now: datetime) -> int:
    """Say that these were used, which keeps them for another day; returns how many of them there are."""
    wanted = list(public_ids)
    return StagedUpload.objects.of(owner).filter(public_id__in=wanted).update(used_at=now) if wanted else 0


def forget_stale_uploads(*, lease: timedelta, now: datetime) -> int:
    """Delete staged uploads that nobody used for a day and no draft names; returns how many."""
    stale = StagedUpload.objects.stale(now).order_by("used_at")[:MOST_FORGOTTEN]
    return sum(forget(staged) for staged in list(stale))


def forget(staged: StagedUpload) -> bool:
    """Delete one with its files, and its upload if nothing else uses that.

    False where it was used, or named by a draft, since it was read.
    """
    with transaction.atomic():
        rows = StagedUpload.objects.filter(pk=staged.pk, used_at=staged.used_at, drafts__isnull=True)
        found = rows.select_for_update(of=("self",)).first()
        if found is None:
            return False
        found.delete()
        files = take_if_unused(found.upload_id)
        files += take_if_unused(found.kept_id) if found.kept_id else []
    delete_pictures(found.original, *files)
    return True
