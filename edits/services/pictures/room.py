"""Says whether the disk has room: without it nothing is accepted and nothing sent, for it could not be kept."""

import errno
import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

MEGABYTE = 2**20


def free_bytes() -> int:
    """Bytes that may still be written where there is least: the data folder or, if it is one, the pictures'.

    A bucket has no end that could be asked for.  Raises OSError when a folder cannot be looked at.
    """
    folders = [Path(settings.DATA_DIR)]
    if isinstance(default_storage, FileSystemStorage):
        folders.append(Path(default_storage.location))
    return min(shutil.disk_usage(_existing(folder)).free for folder in folders)


def has_room() -> bool:
    """At least FREE_DISK_MEGABYTES are free.  A folder that cannot be looked at has none."""
    try:
        return free_bytes() >= settings.FREE_DISK_MEGABYTES * MEGABYTE
    except OSError:
        return False


def require_room() -> None:
    """Raise the OSError of a full disk before it is full: the database needs the rest."""
    if not has_room():
        raise OSError(errno.ENOSPC, "Less than FREE_DISK_MEGABYTES are free")


def _existing(folder: Path) -> Path:
    """The folder, or what is there of the way to it: the pictures' folder is made by the first picture."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
