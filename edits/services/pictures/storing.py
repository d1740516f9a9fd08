"""Puts pictures into the storage and reads them; the only module that names files."""

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
"""Folders that hold only what belongs to a single picture."""


def store_upload(*, source: CheckedImage, now: datetime) -> Upload:
    """The upload with these bytes: the existing row, or a new one whose file is stored but not its row.

    Uploads are identified by hash.  Callers insert the row, and delete the file if that fails.  Raises OSError.
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
    """Store the bytes under exactly this name, which a row already has.  Raises OSError."""
    storage: Any = default_storage  # its ``save`` would pick another name where names are never used twice
    kept = storage._save(name, ContentFile(data))
    if kept != name:  # another process put it back concurrently
        delete_files(kept)


def save_picture(stem: str, data: bytes, format: str) -> str:
    """Store the bytes under a name of our own, never the user's; returns the name.  Raises OSError."""
    return default_storage.save(f"{stem}.{EXTENSIONS[format]}", ContentFile(data))


def new_stem(*, withheld: bool) -> str:
    """The path for a new returned picture; withheld ones go elsewhere, where rules for shown ones do not apply."""
    return f"{'quarantine' if withheld else 'results'}/{uuid.uuid4().hex}"


def picture_bytes(file: FieldFile) -> bytes:
    """All bytes of a stored picture.  Raises OSError if the storage cannot provide it.

    Opens it through the storage: a FieldFile caches the file it opened, which cannot be reopened from a bucket.
    """
    with file.storage.open(str(file.name)) as stream:
        return bytes(stream.read())


def delete_pictures(*files: FieldFile) -> None:
    """Delete the files of deleted rows.  Skips blank ones."""
    delete_files(*(str(file.name) for file in files if file))


def throw_away(fields: dict[str, Any]) -> None:
    """Delete pictures that were stored for a row's fields if no row names them."""
    delete_files(*file_names(fields))


def file_names(fields: dict[str, Any]) -> list[str]:
    """The stored files among a row's fields."""
    names = (fields.get(name) for name in ("file", "thumb_320", "thumb_1024", "change_map"))
    return [name for name in names if name]


def keep_only(*names: str) -> None:
    """Delete all other files in the folder of these: the remains of a worker killed before a row named its files.

    Never raises.  Call it once the row names these files, so that no other worker's files can still get a row.
    """
    _clear(names[0].rpartition("/")[0], but=names)


def clear_folder(stem: str) -> None:
    """Delete everything that failed tries to store a picture left, if no row names it.  Never raises."""
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
    """Delete files that no row names.  Never raises: ``check_media`` finds later what cannot be deleted now."""
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            log.exception("The file %s could not be deleted; check_media --repair will", name)
