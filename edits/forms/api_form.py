"""What programs may send beyond the form of an edit, and where the API is stricter than the page.

n                 as many edits of the same            response_format   url or b64_json
image, image[]    the picture, then its references     source_edit       an edit whose result is the picture
mask              which parts may be changed           fit               false: never shrink
stream            nothing but false

A field that Retake knows and the model lacks is refused; names that Retake does not know are ignored.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from edits.edit_call import EXTRAS
from edits.forms.edit_form import EditForm
from edits.forms.fields import ExactInteger, OneOf
from edits.forms.regions import whole_size
from edits.forms.sources import Chosen
from edits.images import BadImage, BadMask, CheckedImage, check_mask
from edits.images.masks import opened_by
from edits.images.regions import Box, paint_as_png
from edits.model_specs import AUTO
from edits.models import ApiKey, ProviderModel, User
from edits.services.api.idempotency import MOST_EDITS
from edits.services.queue.sources import Source

PICTURE_NAMES = ("image", "image[]", "images")
"""Clients send one picture under the first name, and several under any of them."""
RESPONSE_FORMATS = ("url", "b64_json")
OF_SOME_MODELS = ("seed", "steps", "cfg_scale", *EXTRAS)
"""Fields that not every model has, beside the size and the mask."""
LEFT_TO_THE_MODEL = ("quality", "background")
"""OpenAI's clients send "auto" here, which leaves it open."""
OTHER_WORDS = (
    (
        "image",
        "required",
        "Send the picture in the field image, or name an edit in source_edit whose result it is.",
    ),
    ("source", "gone", "source_edit must be the id of a finished edit of yours, or of one that is shared."),
)
"""What the page says otherwise to people in front of it: field, code, sentence."""
MASK = "mask"
"""As the region: the part that the mask opens."""
NOT_KEPT = (
    "A region needs the original, and pictures of more than 50 megapixels are not kept. Make it smaller."
)
TOO_LARGE = "That result is larger than what may be sent. Leave fit open, and it is made smaller."


class ResponseFormatField(OneOf):
    """How the picture is given."""

    def __init__(self) -> None:
        super().__init__(*RESPONSE_FORMATS, refusal="The response_format must be %(words)s, not %(sent)s.")


class NotTaken(forms.Field):
    """A field that the model lacks: it may only be left out."""

    def __init__(self, name: str, *, model: str, empty: str | None) -> None:
        super().__init__(required=False)
        self.name, self.model, self.empty = name, model, empty

    def clean(self, value: Any) -> str | None:
        if str(value or "").strip():
            raise not_supported(self.name, model=self.model)
        return self.empty


def not_supported(name: str, *, model: str) -> ValidationError:
    """The model lacks this field."""
    return ValidationError(f"The model {model} takes no {name}. Leave it out.", code="not_supported")


ONE_WITHOUT_SEED = "The model %s takes no seed, so n must be 1. POST /v1/batches makes several edits."


class ApiEditForm(EditForm):
    """The form of an edit as programs fill it in.  Errors have the field's name in the API."""

    n = ExactInteger(least=1, most=MOST_EDITS, default=1, name="n")
    stream = OneOf(
        "false", "False", "0", refusal="Pictures are not streamed: stream must be false, not %(sent)s."
    )
    mask = forms.Field(required=False)
    response_format = ResponseFormatField()
    fit = OneOf("true", "false", refusal="fit must be true or false, not %(sent)s.")

    keep_detail = OneOf("false", "true", refusal="keep_detail must be true or false, not %(sent)s.")

    field_order = ["model", "n", "stream", "mask", "response_format", "fit", *EditForm.field_order]

    def __init__(
        self,
        data: Mapping[str, Any],
        files: MultiValueDict[str, UploadedFile],
        *,
        owner: User,
        key: ApiKey | None = None,
        target: ProviderModel | None = None,
    ) -> None:
        self.sent, self.sent_files = data, files
        pictures = [file for name in PICTURE_NAMES for file in files.getlist(name)]
        given = {"image": pictures[:1], "reference": pictures[1:]}
        known = {name: data[name] for name in self._names() if name in data}
        super().__init__(
            known,
            MultiValueDict({name: listed for name, listed in given.items() if listed}),
            owner=owner,
            key=key,
            target=target,
            lenient=False,
            fit=str(data.get("fit", "")).strip() != "false",
        )
        self._leave_open(known)
        for name in OF_SOME_MODELS:
            if name not in self.fields:
                empty = "" if name in EXTRAS else None
                self.fields[name] = NotTaken(name, model=self.target.name, empty=empty)

    @staticmethod
    def _names() -> list[str]:
        """Not those that only the page knows: which shape, and samples to begin with."""
        pages = ("submission_key", "shape", "source", "image", "reference", "only_here", "region_paint")
        return [name for name in ApiEditForm.field_order if name not in pages]

    def _leave_open(self, known: dict[str, Any]) -> None:
        for name in LEFT_TO_THE_MODEL:
            field = self.fields.get(name)
            if str(known.get(name, "")).strip() == AUTO and not (
                isinstance(field, OneOf) and AUTO in field.words
            ):
                del known[name]

    def clean_mask(self) -> UploadedFile | None:
        """The file; whether it is a mask for the picture is checked when that is known."""
        files, text = self.sent_files.getlist("mask"), str(self.sent.get("mask") or "").strip()
        if not files and not text:
            return None
        if not self.spec.takes_mask and str(self.sent.get("region", "")).strip() != MASK:
            raise not_supported("mask", model=self.target.name)
        if text:
            raise ValidationError(
                "The mask must be sent as a PNG file, or in JSON as a data URL.", code="invalid"
            )
        if len(files) > 1:
            raise ValidationError("An edit has at most one mask.", code="several")
        return files[0]

    def clean_source(self) -> Chosen | None:
        text = str(self.sent.get("source_edit") or "").strip()
        if not text:
            return None
        if "image" in self.files:
            raise ValidationError("Send either a picture or source_edit, not both.", code="several")
        try:
            return Chosen("result", str(uuid.UUID(text)))
        except ValueError as error:
            raise ValidationError("source_edit must be the id of an edit.", code="invalid") from error

    def clean_image(self) -> Any:
        if any(self.sent.get(name) for name in PICTURE_NAMES):
            raise ValidationError(
                "A picture must be sent as a file, or in JSON as a data URL.", code="invalid"
            )
        return super().clean_image()

    def clean_size(self) -> str:
        text = self.cleaned_data["size"].strip()
        if self.spec.sizes or text in ("", AUTO):
            return super().clean_size() if self.spec.sizes else ""
        raise not_supported("size", model=self.target.name)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        for field, code, sentence in OTHER_WORDS:
            if self.has_error(field, code):
                del self.errors[field]
                self.add_error(field, ValidationError(sentence, code=code))
        if values.get("n", 1) > 1 and not self.spec.takes_seed:
            self.add_error("n", ValidationError(ONE_WITHOUT_SEED % self.target.name, code="not_supported"))
        chosen: Source | None = values.get("chosen")
        if chosen and not self.shrinks and _is_fitted(chosen):
            self.add_error("source", ValidationError(TOO_LARGE, code="too_large"))
        if values.get("mask") and (chosen or values.get("image")) and not self._paints():
            self._check_mask(values["mask"])
        return values

    def _paints(self) -> bool:
        """Whether the mask says which region may change, rather than being sent as it is."""
        return str(self.cleaned_data.get("region", "")).strip() == MASK

    def wants_region(self) -> bool:
        return bool(str(self.cleaned_data.get("region", "")).strip())

    def region_of(self, source: Source) -> tuple[Box | None, bytes]:
        if whole_size(source) != (source.width_px, source.height_px):
            raise ValidationError(NOT_KEPT, code="too_many_pixels")
        file = self.cleaned_data.get("mask")
        if not self._paints():
            if file:
                raise ValidationError("Send either a box or a mask as the region.", code="several")
            return super().region_of(source)
        if not file:
            raise ValidationError("The region is the mask, but none was sent.", code="required")
        return None, painted_by(file, size=whole_size(source))

    def _check_mask(self, file: UploadedFile) -> None:
        source = self.to_source()
        size, sent_size = (
            (source.width_px, source.height_px),
            (source.picture.width_px, source.picture.height_px),
        )
        try:
            self.cleaned_data["mask"] = check_mask(file, size=size, sent_size=sent_size)  # type: ignore[arg-type]
        except BadMask as error:
            self.add_error("mask", ValidationError(error.sentence, code="invalid"))
        except BadImage as error:
            self.add_error("mask", ValidationError(error.sentence, code=error.code))

    def to_mask(self) -> CheckedImage | None:
        """Which parts may be changed.  Valid forms only."""
        mask: CheckedImage | None = None if self._paints() else self.cleaned_data["mask"]
        return mask or super().to_mask()

    def to_count(self) -> int:
        """How many edits are asked for.  Valid forms only."""
        return int(self.cleaned_data["n"])


def painted_by(file: UploadedFile, *, size: tuple[int, int]) -> bytes:
    """What a mask for the whole picture opens, as a painted region.  Raises ValidationError."""
    try:
        return paint_as_png(opened_by(file.read(), size=size))
    except BadMask as error:
        raise ValidationError(error.sentence, code="invalid") from error
    except BadImage as error:
        raise ValidationError(error.sentence, code=error.code) from error


def _is_fitted(source: Source) -> bool:
    return (source.picture.width_px, source.picture.height_px) != (source.width_px, source.height_px)
