"""Checks for free disk space: without it, Retake accepts and sends nothing, because results could not be stored."""

import errno
import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

MEGABYTE = 2**20


def free_bytes() -> int:
    """Free bytes of the data folder or the pictures' folder, whichever has fewer.

    A bucket has no limit to ask for and is not counted.  Raises OSError if a folder cannot be examined.
    """
    folders = [Path(settings.DATA_DIR)]
    if isinstance(default_storage, FileSystemStorage):
        folders.append(Path(default_storage.location))
    return min(shutil.disk_usage(_existing(folder)).free for folder in folders)


def has_room() -> bool:
    """Whether at least FREE_DISK_MEGABYTES are free.  False if a folder cannot be examined."""
    try:
        return free_bytes() >= settings.FREE_DISK_MEGABYTES * MEGABYTE
    except OSError:
        return False


def require_room() -> None:
    """Raise the OSError of a full disk before it is full, because the database needs the rest."""
    if not has_room():
        raise OSError(errno.ENOSPC, "Less than FREE_DISK_MEGABYTES are free")


def _existing(folder: Path) -> Path:
    """The folder or its nearest existing parent: the pictures' folder is created with the first picture."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
