"""Takes away uploads that no edit uses: after the last of them was deleted, or when a server died half-way."""

from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.db.models.fields.files import FieldFile

from edits.models import EditReference, EditRequest, Upload
from edits.services.pictures.storing import delete_pictures

UNUSED_FOR = timedelta(days=1)
"""An upload is stored before its edit: a young one without an edit is about to get it."""
PIECE = 500
TURN_SECONDS = 5


def forget_unused_uploads(*, lease: timedelta, now: datetime) -> int:
    """Delete uploads that never came to an edit; returns how many.

    Looks through a piece of the table at a time, which one the clock says: a whole look at a million rows every
    few seconds would keep the database from its work.
    """
    last = Upload.objects.aggregate(last=Max("pk"))["last"] or 0
    pieces = ceil((last + 1) / PIECE)
    first = int(now.timestamp() / TURN_SECONDS) % pieces * PIECE
    unused = Upload.objects.filter(
        ~Exists(EditRequest.objects.filter(upload=OuterRef("pk"))),
        ~Exists(EditRequest.objects.filter(mask=OuterRef("pk"))),
        ~Exists(EditReference.objects.filter(upload=OuterRef("pk"))),
        pk__range=(first, first + PIECE - 1),
        created_at__lt=now - UNUSED_FOR,
    )
    return sum(forget_if_unused(pk) for pk in unused.values_list("pk", flat=True))


def forget_if_unused(pk: int) -> bool:
    """Delete one upload with its files; False where an edit uses it."""
    with transaction.atomic():
        files = take_if_unused(pk)
    delete_pictures(*files)
    return bool(files)


def take_if_unused(pk: int) -> list[FieldFile]:
    """Delete the row unless an edit uses it; returns the files to delete once the transaction is over.

    Call it in a transaction.  Who makes an edit of it in this moment waits for the lock, and is told that it is
    gone.
    """
    upload = Upload.objects.select_for_update().filter(pk=pk).first()
    if upload is None or upload.edits.exists() or upload.masks.exists() or upload.references.exists():
        return []
    upload.delete()
    return [upload.file, upload.thumb_320, upload.thumb_1024]
