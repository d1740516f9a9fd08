"""Keeps the likeness of source pictures, by which edits of the same picture are found.  Runs in workers only."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from edits.images import BadImage
from edits.images.likeness import likeness
from edits.models import LIKENESS, UNREADABLE, Upload
from edits.services.pictures.storing import picture_bytes

PER_ROUND = 100

log = logging.getLogger(__name__)


def keep_likeness(*, lease: timedelta, now: datetime) -> int:
    """Look at some sources that have a thumbnail but no likeness yet, the newest first; returns how many.

    The thumbnail is read, not the picture: that takes a millisecond or two.
    """
    waiting = Upload.objects.filter(likeness_0__isnull=True).exclude(thumb_320="").order_by("-pk")
    looked_at = [(upload.pk, _likeness_of(upload)) for upload in waiting[:PER_ROUND]]
    found = [(key, parts) for key, parts in looked_at if parts]
    if not found:  # an empty transaction would take SQLite's write lock
        return 0
    with transaction.atomic():
        for key, parts in found:
            Upload.objects.filter(pk=key).update(**dict(zip(LIKENESS, parts, strict=True)))
    return len(found)


def _likeness_of(upload: Upload) -> tuple[int, ...]:
    """Empty while the storage does not answer."""
    try:
        return likeness(picture_bytes(upload.thumb_320))
    except (BadImage, FileNotFoundError):
        log.warning("Upload %s has no likeness: its thumbnail cannot be read", upload.pk)
        return (UNREADABLE, 0, 0, 0)
    except OSError:
        return ()
