"""A picture as pages show it: small at once, then as large as a page needs, whole only for those who look closely."""

from dataclasses import dataclass

from django.urls import reverse

from edits.models import EditRequest, MergedPicture, ReturnedImage, Upload
from edits.services.pictures.faces import ready_merge_of

SMALL_PX, MEDIUM_PX = 320, 1024
LIKE = 0.05
"""Two pictures whose ratios differ by less lie over each other; results are cut to whole blocks of 16 pixels."""


@dataclass(frozen=True)
class ShownPicture:
    """Addresses of one picture; ``small`` is blank before there is one.  ``medium_px`` is how wide ``medium`` is."""

    small: str
    medium: str
    medium_px: int
    full: str
    width_px: int
    height_px: int

    @property
    def ratio(self) -> float:
        """Width by height."""
        return self.width_px / self.height_px

    def is_like(self, other: "ShownPicture") -> bool:
        """Whether both have about the same ratio, so that one can lie over the other."""
        return abs(self.ratio / other.ratio - 1) < LIKE


def result_of(edit: EditRequest) -> ShownPicture:
    """The result of a done edit."""
    return _shown("result", edit, edit.result)


def source_of(edit: EditRequest) -> ShownPicture:
    """The source of an edit, for those to whom it is open."""
    return _shown("source", edit, edit.upload)


def original_of(edit: EditRequest) -> ShownPicture:
    """The source at its full size, for those to whom it is open; only where there is one beside what was sent."""
    assert edit.original is not None
    return _shown("original", edit, edit.original)


def merged_picture_of(edit: EditRequest) -> ShownPicture:
    """What the model changed, in the original; only where it is ready."""
    return _shown("merged", edit, edit.merged)


def shows_merged(edit: EditRequest, layer: str) -> bool:
    """Whether a page shows what was put into the original: it does unless the model's own answer is asked for."""
    return layer != "answer" and ready_merge_of(edit) is not None


def face_picture_of(edit: EditRequest) -> ShownPicture:
    """The picture that stands for a done edit."""
    return merged_picture_of(edit) if ready_merge_of(edit) else result_of(edit)


def before_picture_of(edit: EditRequest) -> ShownPicture:
    """The picture that lies under it, for those to whom the source is open."""
    return original_of(edit) if ready_merge_of(edit) else source_of(edit)


def face_address(edit: EditRequest, width_px: int | None = None) -> str:
    """Where the picture is that stands for a done edit, in a rendition's width or whole."""
    return _address("merged" if ready_merge_of(edit) else "result", edit, width_px)


def before_address(edit: EditRequest, width_px: int) -> str:
    """Where the picture is that lies under it, for those to whom the source is open."""
    return _address("original" if ready_merge_of(edit) else "source", edit, width_px)


def _address(kind: str, edit: EditRequest, width_px: int | None) -> str:
    if width_px is None:
        return reverse(f"edits:{kind}", args=[edit.public_id])
    return reverse(f"edits:{kind}_width", args=[edit.public_id, width_px])


def _shown(kind: str, edit: EditRequest, row: ReturnedImage | Upload | MergedPicture) -> ShownPicture:
    """Where a rendition is not made yet, its address answers with the whole picture."""
    width_px, height_px = row.width_px or 1, row.height_px or 1
    return ShownPicture(
        small=_address(kind, edit, SMALL_PX) if row.thumb_320 else "",
        medium=_address(kind, edit, MEDIUM_PX),
        medium_px=min(MEDIUM_PX, width_px) if row.thumb_1024 else width_px,
        full=_address(kind, edit, None),
        width_px=width_px,
        height_px=height_px,
    )
