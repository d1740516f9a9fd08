"""Puts pictures into the storage and takes them out; the only place that names files."""

import logging
import re
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile

from edits.images import CheckedImage
from edits.models import Upload

log = logging.getLogger(__name__)

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
OF_ONE_PICTURE = re.compile("(results|quarantine)/[0-9a-f]{32}|uploads/[0-9a-f]{2}/[0-9a-f]{64}")
"""Folders that hold what belongs to a single picture and nothing else."""


def store_upload(*, source: CheckedImage, now: datetime) -> Upload:
    """The upload with these bytes: the one on record, or a new one that has its file but no row yet.

    The hash is the identity.  Whoever inserts the row deletes the file where that fails.  Raises OSError.
    """
    known = Upload.objects.filter(sha256=source.sha256).first()
    if known:
        if not default_storage.exists(str(known.file.name)):  # after a restore, or deleted by hand
            put_back(str(known.file.name), source.data)
        return known
    return Upload(
        sha256=source.sha256,
        file=save_picture(f"uploads/{source.sha256[:2]}/{source.sha256}", source.data, source.format),
        format=source.format,
        width_px=source.width_px,
        height_px=source.height_px,
        size_bytes=len(source.data),
        created_at=now,
    )


def put_back(name: str, data: bytes) -> None:
    """Store the bytes under exactly this name, which a row has already.  Raises OSError."""
    storage: Any = default_storage  # its ``save`` would give another name where names are never used twice
    kept = storage._save(name, ContentFile(data))
    if kept != name:  # somebody else put it back in this moment
        delete_files(kept)


def save_picture(stem: str, data: bytes, format: str) -> str:
    """Store the bytes under a name of ours, never the person's; returns the name."""
    return default_storage.save(f"{stem}.{EXTENSIONS[format]}", ContentFile(data))


def new_stem(*, withheld: bool) -> str:
    """Where a returned picture goes: withheld ones lie apart, so that no rule for shown ones reaches them."""
    return f"{'quarantine' if withheld else 'results'}/{uuid.uuid4().hex}"


def picture_bytes(file: FieldFile) -> bytes:
    """All bytes of a stored picture.  Raises OSError when the storage cannot give it.

    Asks the storage itself: a field remembers what it opened, and from a bucket that cannot be opened again.
    """
    with file.storage.open(str(file.name)) as stream:
        return bytes(stream.read())


def delete_pictures(*files: FieldFile) -> None:
    """Remove the files of rows that are gone.  Blank ones are skipped."""
    delete_files(*(str(file.name) for file in files if file))


def throw_away(fields: dict[str, Any]) -> None:
    """Delete pictures that were stored for a row's fields, when no row came to name them."""
    delete_files(*file_names(fields))


def file_names(fields: dict[str, Any]) -> list[str]:
    """The stored files among a row's fields."""
    names = (fields.get(name) for name in ("file", "thumb_320", "thumb_1024", "change_map"))
    return [name for name in names if name]


def keep_only(*names: str) -> None:
    """Delete whatever else lies in the folder of these files: what somebody made who was killed before a row named
    it.  Never raises.  Call it once the row names these, so that nobody else's files can come to be named.
    """
    _clear(names[0].rpartition("/")[0], but=names)


def clear_folder(stem: str) -> None:
    """Delete all that tries to store one picture have left, when no row came to name it.  Never raises."""
    _clear(stem, but=())


def _clear(folder: str, *, but: Collection[str]) -> None:
    if not OF_ONE_PICTURE.fullmatch(folder):
        return
    try:
        _, found = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    except OSError:
        log.exception("The folder %s cannot be looked through; check_media --repair will", folder)
        return
    delete_files(*(name for name in (f"{folder}/{file}" for file in found) if name not in but))


def delete_files(*names: str) -> None:
    """Remove files that no row names.  Never raises: what cannot be deleted now, ``check_media`` finds later."""
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            log.exception("The file %s could not be deleted; check_media --repair will", name)
