"""Repairs what ``check_media`` found: deletes orphans, makes missing renditions again.

Never touches originals and results: only a backup, or uploading the picture again, can restore those.  A merged
picture is made of both and can be made again.
"""

from typing import Any

from django.core.files.storage import default_storage

from edits.models import MergedPicture, ReturnedImage, Upload
from edits.services.pictures.fsck.check import TABLES, Finding, Kind, named_by_rows
from edits.services.pictures.merging import merge_again
from edits.services.pictures.renditions import make_renditions, upload_fields
from edits.services.pictures.storing import throw_away

LOST = ("file", "original")
"""What cannot be made again."""


def repair(finding: Finding) -> bool:
    """Repair one finding; False if that is not possible.  Raises OSError if the storage fails."""
    if finding.kind == Kind.ORPHANED:
        return _remove(finding.name)
    if finding.kind == Kind.MISSING and finding.named and finding.named.table == "mergedpicture":
        merged = MergedPicture.objects.filter(pk=finding.named.pk).first()
        return merged is not None and merge_again(merged)
    if finding.kind == Kind.MISSING and finding.named and finding.named.field not in LOST:
        row = TABLES[finding.named.table]._default_manager.filter(pk=finding.named.pk).first()
        if row is not None and str(getattr(row, finding.named.field)) == finding.name:
            _make_again(row)
        return True
    return False


def _remove(name: str) -> bool:
    if named_by_rows([name]):
        return False
    default_storage.delete(name)
    return True


def _make_again(row: Any) -> None:
    """Make all renditions of the row: if one is lost, that is as quick as checking the others."""
    fields = ("thumb_320", "thumb_1024", "placeholder")
    blank: dict[str, Any] = dict.fromkeys(fields, "")
    if isinstance(row, ReturnedImage):
        blank |= {"change_map": "", "changed_share": None}
    before = {
        field: str(getattr(row, field)) for field in blank if field not in ("placeholder", "changed_share")
    }
    model = type(row)
    if not model._default_manager.filter(pk=row.pk, **before).update(**blank):
        return  # rendered again, moved or deleted concurrently
    throw_away({field: name for field, name in before.items() if name})
    if isinstance(row, ReturnedImage):
        make_renditions(row.edit)
    else:
        upload_fields(Upload.objects.get(pk=row.pk))
