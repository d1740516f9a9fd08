"""Puts pictures into the storage and takes them out; the only place that names files."""

import uuid
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile

from edits.images import CheckedImage
from edits.models import Upload

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


def store_upload(*, source: CheckedImage, now: datetime) -> Upload:
    """The upload with these bytes: the one that is there already, or a new one.  The hash is the identity."""
    known = Upload.objects.filter(sha256=source.sha256).first()
    if known:
        return known
    name = save_picture(f"uploads/{source.sha256[:2]}/{source.sha256}", source.data, source.format)
    try:
        with transaction.atomic():
            return Upload.objects.create(
                sha256=source.sha256,
                file=name,
                format=source.format,
                width_px=source.width_px,
                height_px=source.height_px,
                size_bytes=len(source.data),
                created_at=now,
            )
    except IntegrityError:  # somebody sent the same picture in this moment
        default_storage.delete(name)
        return Upload.objects.get(sha256=source.sha256)


def save_picture(stem: str, data: bytes, format: str) -> str:
    """Store the bytes under a name of ours, never the person's; returns the name."""
    return default_storage.save(f"{stem}.{EXTENSIONS[format]}", ContentFile(data))


def new_stem(*, withheld: bool) -> str:
    """Where a returned picture goes: withheld ones lie apart, so that no rule for shown ones reaches them."""
    return f"{'quarantine' if withheld else 'results'}/{uuid.uuid4().hex}"


def picture_bytes(file: FieldFile) -> bytes:
    """All bytes of a stored picture.  Raises OSError when the storage cannot give it."""
    with file.open("rb") as stream:
        return bytes(stream.read())


def delete_pictures(*files: FieldFile) -> None:
    """Remove the files of rows that are gone.  Blank ones are skipped."""
    for file in files:
        if file:
            default_storage.delete(str(file.name))


def throw_away(fields: dict[str, Any]) -> None:
    """Delete pictures that were stored for a row's fields, when no row came to name them."""
    for name in ("file", "thumb_320", "thumb_1024", "change_map"):
        if fields.get(name):
            default_storage.delete(fields[name])
