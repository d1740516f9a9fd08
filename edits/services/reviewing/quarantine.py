"""Moves a returned picture between quarantine and the shown ones.

A copy is stored first, the row then points at it, and the old files go after the commit: whatever breaks in
between, the row always names a picture that is there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction

from edits.models import ReturnedImage
from edits.services.pictures.storing import delete_pictures, new_stem, picture_bytes, save_picture


@contextmanager
def moving(result: ReturnedImage | None, *, withheld: bool) -> Iterator[str]:
    """The name of a copy on the side where the picture is to go; taken away again unless the row came to name it.

    Without a picture there is nothing to copy, and the name is blank.  Raises OSError when the storage is down.
    """
    if result is None:
        yield ""
        return
    stem = new_stem(withheld=withheld)
    name = save_picture(f"{stem}/full", picture_bytes(result.file), result.format)
    try:
        yield name
    finally:
        if not ReturnedImage.objects.filter(file=name).exists():
            default_storage.delete(name)


def point_at(result: ReturnedImage, name: str, *, withheld: bool) -> None:
    """Let the row name the copy, without renditions: the worker makes those of a shown picture again, a
    withheld one has none.  Call it in the transaction that decides."""
    before = ReturnedImage.objects.select_for_update().get(pk=result.pk)
    ReturnedImage.objects.filter(pk=result.pk).update(
        file=name,
        withheld=withheld,
        thumb_320="",
        thumb_1024="",
        change_map="",
        placeholder="",
        changed_share=None,
    )
    old = (before.file, before.thumb_320, before.thumb_1024, before.change_map)
    transaction.on_commit(partial(delete_pictures, *old), robust=True)
