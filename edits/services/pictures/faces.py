"""The picture that stands for a done edit: the one in the original where there is one, otherwise the answer."""

from edits.models import EditRequest, MergedPicture, ReturnedImage
from edits.services.queue.sources import merged_of


def face_of(edit: EditRequest) -> ReturnedImage | MergedPicture:
    """The row of the picture; asks no database for an edit that was read with ``result`` and ``merged``."""
    merged = ready_merge_of(edit)
    answer: ReturnedImage = edit.result
    return answer if merged is None else merged


def ready_merge_of(edit: EditRequest) -> MergedPicture | None:
    """The picture in the original, once it is there."""
    merged = merged_of(edit)
    return merged if merged is not None and merged.is_ready else None
