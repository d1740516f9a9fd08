"""Clears away files of uploads that no row names: what a server left that was killed between the two."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from edits.models import Upload
from edits.services.pictures.checking import YOUNG, batches, named_by_rows, walk
from edits.services.pictures.storing import delete_files

FOLDERS = 256
EVERY = timedelta(minutes=5)
"""All folders of uploads have their turn within a day; a look into one is a listing and a query by key."""
HASH_CHARS = 64


def clear_unnamed_uploads(*, lease: timedelta, now: datetime) -> int:
    """Look into one folder, the one whose turn it is by the clock; returns how many files were deleted.

    The folders of results need no look: an answer that is stored again clears its own.
    """
    turn, seconds = divmod(int(now.timestamp()), int(EVERY.total_seconds()))
    if seconds >= 2 * settings.SWEEP_SECONDS:
        return 0
    old = (name for name, _, changed_at in walk(f"uploads/{turn % FOLDERS:02x}") if changed_at < now - YOUNG)
    cleared = 0
    for names in batches(old):
        unnamed = sorted(set(names) - _named(names))
        unnamed = sorted(set(unnamed) - named_by_rows(unnamed)) if unnamed else []
        delete_files(*unnamed)
        cleared += len(unnamed)
    return cleared


def _named(names: Iterable[str]) -> set[str]:
    """Those that the rows with the hashes in these names have: found by key, where others take a whole look."""
    hashes = {name.split("/")[2][:HASH_CHARS] for name in names}
    rows = Upload.objects.filter(sha256__in=hashes).values_list("file", "thumb_320", "thumb_1024")
    return {name for row in rows for name in row}
