"""Proves a re-run: compares its picture with the one that it repeats."""

from typing import Any

from edits.images import BadImage, compare
from edits.models import EditRequest, ReturnedImage
from edits.services.pictures.storing import picture_bytes


def receipt_fields(edit: EditRequest, data: bytes) -> dict[str, Any]:
    """The receipt of a re-run with the same seed; nothing for other edits, for models that take no seed, or where the
    first picture is gone."""
    if edit.rerun_of_id is None or edit.seed is None:
        return {}
    first = ReturnedImage.objects.filter(edit=edit.rerun_of_id, withheld=False).first()
    if first is None:
        return {}
    try:
        comparison = compare(picture_bytes(first.file), data)
    except (BadImage, OSError):
        return {}  # the first picture cannot be read: no proof is better than a wrong one
    return {"receipt": comparison.verdict, "similarity": comparison.similarity}
