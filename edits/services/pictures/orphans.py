"""Deletes uploaded files without a row, left by a server that was killed between writing the two."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings

from edits.models import Upload
from edits.services.pictures.fsck.check import YOUNG, batches, named_by_rows, walk
from edits.services.pictures.storing import delete_files

FOLDERS = 256
EVERY = timedelta(minutes=5)
"""Every folder of uploads is checked within a day; a check is one listing and one query by key."""
HASH_CHARS = 64


def clear_unnamed_uploads(*, lease: timedelta, now: datetime) -> int:
    """Check one folder, chosen by the clock; returns how many files it deleted.  Staged originals go with the first.

    The folders of results need no check: when an answer is stored again, that deletes the files of the failed
    try.
    """
    turn, seconds = divmod(int(now.timestamp()), int(EVERY.total_seconds()))
    if seconds >= 2 * settings.SWEEP_SECONDS:
        return 0
    place = turn % FOLDERS
    cleared = _clear(f"uploads/{place:02x}", now=now, named=_named)
    return cleared if place else cleared + _clear("staged", now=now, named=named_by_rows)


def _clear(folder: str, *, now: datetime, named: Callable[[list[str]], set[str]]) -> int:
    old = (name for name, _, changed_at in walk(folder) if changed_at < now - YOUNG)
    cleared = 0
    for names in batches(old):
        unnamed = sorted(set(names) - named(names))
        unnamed = sorted(set(unnamed) - named_by_rows(unnamed)) if unnamed else []
        delete_files(*unnamed)
        cleared += len(unnamed)
    return cleared


def _named(names: Iterable[str]) -> set[str]:
    """Those of the files that the rows with these hashes name; by key, where other lookups scan the table."""
    hashes = {name.split("/")[2][:HASH_CHARS] for name in names}
    rows = Upload.objects.filter(sha256__in=hashes).values_list("file", "thumb_320", "thumb_1024")
    return {name for row in rows for name in row}
