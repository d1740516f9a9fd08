"""Deletes uploads that are in use nowhere: after their last edit was deleted, or after a server died half-way."""

from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.fields.files import FieldFile

from edits.models import EditReference, EditRequest, MergedPicture, StagedUpload, Upload
from edits.services.pictures.storing import delete_pictures

UNUSED_FOR = timedelta(days=1)
"""An upload is stored before its edit, so a young one without an edit is about to get one."""
PIECE = 500
TURN_SECONDS = 5


def forget_unused_uploads(*, lease: timedelta, now: datetime) -> int:
    """Delete uploads that never got an edit; returns how many.

    Checks one piece of the table at a time, chosen by the clock: a full scan of a million rows every few seconds
    would slow down the database.
    """
    last = Upload.objects.aggregate(last=Max("pk"))["last"] or 0
    pieces = ceil((last + 1) / PIECE)
    first = int(now.timestamp() / TURN_SECONDS) % pieces * PIECE
    unused = Upload.objects.filter(
        ~Exists(EditRequest.objects.filter(upload=OuterRef("pk"))),
        ~Exists(EditRequest.objects.filter(mask=OuterRef("pk"))),
        ~Exists(EditRequest.objects.filter(original=OuterRef("pk"))),
        ~Exists(MergedPicture.objects.filter(paint=OuterRef("pk"))),
        ~Exists(EditReference.objects.filter(upload=OuterRef("pk"))),
        ~Exists(StagedUpload.objects.filter(upload=OuterRef("pk"))),
        ~Exists(StagedUpload.objects.filter(kept=OuterRef("pk"))),
        pk__range=(first, first + PIECE - 1),
        created_at__lt=now - UNUSED_FOR,
    )
    return sum(forget_if_unused(pk) for pk in unused.values_list("pk", flat=True))


def forget_if_unused(pk: int) -> bool:
    """Delete one upload with its files; False if it is in use."""
    with transaction.atomic():
        files = take_if_unused(pk)
    delete_pictures(*files)
    return bool(files)


def take_if_unused(pk: int) -> list[FieldFile]:
    """Delete the row unless it is in use; returns the files to delete after the transaction.

    Call it in a transaction.  A concurrent submission of an edit with this upload waits for the lock and then
    learns that the upload is gone.
    """
    upload = Upload.objects.select_for_update().filter(pk=pk).first()
    if upload is None or _is_used(upload):
        return []
    upload.delete()
    return [upload.file, upload.thumb_320, upload.thumb_1024]


def _is_used(upload: Upload) -> bool:
    staged = StagedUpload.objects.filter(Q(upload=upload) | Q(kept=upload))
    in_edits = (upload.edits, upload.masks, upload.references, upload.originals, upload.paints)
    return any(users.exists() for users in (*in_edits, staged))
