"""The pictures that an edit is made of: just checked, or stored already, and fitted to the model that gets them."""

from dataclasses import dataclass, replace
from typing import Literal

from edits.images import CheckedImage, check_image, is_taken
from edits.images.fitting import Plan, plan
from edits.model_specs import ModelSpec
from edits.models import EditReference, EditRequest, StagedUpload, Upload
from edits.services.pictures.storing import picture_bytes


@dataclass(frozen=True)
class Source:
    """The picture to edit, what it was called and measured before it was made ready, and where it came from."""

    picture: CheckedImage | Upload
    name: str
    width_px: int
    height_px: int
    parent: EditRequest | None = None

    @classmethod
    def of_upload(cls, picture: CheckedImage, *, name: str, parent: EditRequest | None = None) -> "Source":
        """A picture that has just been checked."""
        return cls(picture, name, picture.original_width_px, picture.original_height_px, parent)

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
        data = picture_bytes(picture.file) if isinstance(picture, Upload) else picture.data
        return replace(self, picture=check_image(data, spec=spec, shape=shape))

    @classmethod
    def of_edit(cls, edit: EditRequest) -> "Source":
        """The same picture that another edit was made of."""
        return cls(edit.upload, edit.source_name, edit.source_width_px, edit.source_height_px, edit.parent)

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
        picture: CheckedImage | Upload = staged.upload
        if not _is_ready(staged, made, spec=spec):
            data = picture_bytes(staged.original or staged.upload.file)
            picture = check_image(data, spec=spec, shape=shape)
        return cls(picture, staged.name, staged.width_px, staged.height_px)


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
