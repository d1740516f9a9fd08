"""The pictures that an edit is made of: just checked, or stored already, and fitted to the model that gets them."""

from dataclasses import dataclass, replace
from typing import Literal

from edits.images import CheckedImage, check_image, is_taken
from edits.images.fitting import Plan, plan
from edits.images.originals import original_of
from edits.images.regions import Region, cut_out
from edits.model_specs import ModelSpec
from edits.models import (
    EditReference,
    EditRequest,
    FinishReason,
    MergedPicture,
    MergeKind,
    MergeState,
    StagedUpload,
    Upload,
)
from edits.services.pictures.storing import picture_bytes

Picture = CheckedImage | Upload


@dataclass(frozen=True)
class Source:
    """The picture to edit, what it was called and measured before it was made ready, and where it came from.

    ``original`` is the picture at its full size where that is larger than ``picture``.  With a ``region``,
    ``picture`` is only the part around that; ``paint`` is the region's shape where it is no box.
    ``keeps_detail`` says that what the model changes is put back into the original.
    """

    picture: Picture
    name: str
    width_px: int
    height_px: int
    parent: EditRequest | None = None
    original: Picture | None = None
    region: Region | None = None
    paint: Picture | None = None
    keeps_detail: bool = False

    @classmethod
    def of_upload(
        cls, picture: CheckedImage, *, name: str, data: bytes = b"", parent: EditRequest | None = None
    ) -> "Source":
        """A picture that has just been checked; ``data`` is the file that came, to keep the original of it."""
        original = original_of(data) if data and is_reduced(picture) else None
        size = picture.original_width_px, picture.original_height_px
        return cls(picture, name, *size, parent, original)

    def fitted(self, spec: ModelSpec, *, shape: Literal["", "crop", "pad"] = "") -> "Source":
        """The same picture within the limits of a model: as it is where it can be sent, otherwise scaled down.

        ``shape`` helps where that is not enough: cropped, or with a border.
        Raises BadImage where it still cannot be sent, OSError when our own storage does not give the picture.
        """
        picture = self.picture
        size_bytes = picture.size_bytes if isinstance(picture, Upload) else len(picture.data)
        fits = is_taken(picture.width_px, picture.height_px, spec=spec)
        if fits and picture.format in spec.formats and size_bytes <= spec.max_sent_bytes:
            return self
        made = check_image(bytes_of(picture), spec=spec, shape=shape)
        return replace(self, picture=made, original=self.original or picture)

    def around(self, region: Region, *, paint: Picture | None, spec: ModelSpec, fit: bool = True) -> "Source":
        """Only the part around a region of the original.

        Raises BadImage where the model does not take such a part, OSError when the storage does not give it.
        """
        original = self.original or self.picture
        part = cut_out(bytes_of(original), region=region, spec=spec, fit=fit)
        return replace(self, picture=part, original=original, region=region, paint=paint)

    @classmethod
    def of_edit(cls, edit: EditRequest) -> "Source":
        """The same picture that another edit was made of, and the same part of it."""
        size = edit.source_width_px, edit.source_height_px
        source = cls(edit.upload, edit.source_name, *size, edit.parent, edit.original)
        merged = merged_of(edit)
        if merged is None:
            return source
        return replace(
            source,
            region=region_in(merged),
            paint=merged.paint,
            keeps_detail=merged.kind == MergeKind.DETAIL,
        )

    @classmethod
    def of_result(
        cls,
        edit: EditRequest,
        *,
        name: str,
        data: bytes,
        spec: ModelSpec,
        shape: Literal["", "crop", "pad"] = "",
    ) -> "Source":
        """What came of an edit, as the picture of another one that descends from it; ``data`` is that picture.

        Raises BadImage where the model does not take it.
        """
        picture = check_image(data, spec=spec, shape=shape)
        return cls.of_upload(picture, name=name, data=data, parent=edit)

    @classmethod
    def of_whole(cls, edit: EditRequest) -> "Source":
        """The whole picture of which a part was sent, or all of it, without what was to become of it."""
        source = cls.of_edit(edit)
        picture = source.original if source.region and source.original else source.picture
        original = None if picture is source.original else source.original
        return replace(
            source, picture=picture, original=original, region=None, paint=None, keeps_detail=False
        )

    @classmethod
    def of_reference(cls, reference: EditReference) -> "Source":
        """The same picture that was a reference of another edit."""
        upload = reference.upload
        return cls(upload, reference.name, upload.width_px, upload.height_px)

    @classmethod
    def of_staged(
        cls, staged: StagedUpload, *, spec: ModelSpec, shape: Literal["", "crop", "pad"] = ""
    ) -> "Source":
        """A picture that was uploaded before, made for this model of what came where its copy is not what is sent.

        Raises BadImage where it cannot be sent, OSError when our own storage does not give it.
        """
        made = plan(staged.width_px, staged.height_px, spec=spec, shrink=True, shape=shape or None)
        picture: Picture = staged.upload
        original: Picture | None = staged.kept
        if not _is_ready(staged, made, spec=spec):
            data = picture_bytes(staged.original or staged.upload.file)
            picture = check_image(data, spec=spec, shape=shape)
            if original is None and not staged.original and is_reduced(picture):
                original = staged.upload
        return cls(picture, staged.name, staged.width_px, staged.height_px, original=original)

    @property
    def is_reshaped(self) -> bool:
        """Whether it was cropped or given a border, so that it does not lie over its original."""
        width_px, height_px = self.picture.width_px, self.picture.height_px
        return abs(width_px * self.height_px / (height_px * self.width_px) - 1) > SAME_SHAPE


SAME_SHAPE = 0.02
"""Fitted sides are rounded; more than that is another shape."""
EDITED = " · edited"


def edited_name(name: str) -> str:
    """What the result of a picture with this name is called: said once, however long the chain is."""
    return name if name.endswith(EDITED) else f"{name}{EDITED}"


def is_reduced(picture: CheckedImage) -> bool:
    """Whether the picture that came has more pixels than this copy of it."""
    return not {"scaled", "cropped"}.isdisjoint(picture.notes)


def bytes_of(picture: Picture) -> bytes:
    """The encoded picture.  Raises OSError."""
    return picture_bytes(picture.file) if isinstance(picture, Upload) else picture.data


def merged_of(edit: EditRequest) -> MergedPicture | None:
    """What becomes of the edit's answer in the original, if anything."""
    if edit.original_id is None:
        return None  # there is nothing to put it into, and no need to ask
    found: MergedPicture | None = getattr(edit, "merged", None)
    return found


def expected_merge_of(edit: EditRequest) -> MergedPicture | None:
    """The same without one that is never made: what a filter stopped is not merged, even once it is released."""
    found = merged_of(edit)
    result = getattr(edit, "result", None)
    waits = found is not None and found.state == MergeState.WAITING
    return None if waits and result and result.finish_reason != FinishReason.SUCCESS else found


def region_in(merged: MergedPicture) -> Region | None:
    """The region of a merged picture; None if all of the original may change."""
    said = merged.region
    return Region(tuple(said["box"]), tuple(said["crop"]), said["feather_px"]) if said else None


def shape_of(made: Plan) -> Literal["", "crop", "pad"]:
    """How a picture was made to fit, beyond its size."""
    return "crop" if made.cropped else "pad" if made.padded else ""


def _is_ready(staged: StagedUpload, made: Plan, *, spec: ModelSpec) -> bool:
    """Whether the copy that was made at the check is what this plan would make."""
    copy = staged.upload
    is_alike = (copy.width_px, copy.height_px) == made.canvas and staged.shape == shape_of(made)
    return is_alike and copy.format in spec.formats and copy.size_bytes <= spec.max_sent_bytes


def references_of(edit: EditRequest) -> list[Source]:
    """The further pictures of an edit, in their order."""
    return [Source.of_reference(each) for each in edit.references.select_related("upload")]
