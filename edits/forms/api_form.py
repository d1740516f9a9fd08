"""What programs may say beyond the form of an edit, and what they have to say more strictly.

n, stream, mask    nothing but one whole picture at once
response_format   url or b64_json                    source_edit        an edit whose result is the picture
fit               false: never shrink
"""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from edits.forms.edit_form import EditForm
from edits.forms.fields import OneOf
from edits.forms.sources import Chosen
from edits.models import ProviderModel, User
from edits.services.queue.sources import Source

PICTURE_NAMES = ("image", "image[]")
"""Lists of files are sent under the second name; exactly one file is taken."""
RESPONSE_FORMATS = ("url", "b64_json")
OTHER_WORDS = (
    (
        "image",
        "required",
        "Send the picture as a file in the field image, or name an edit in source_edit whose result it is.",
    ),
    ("source", "gone", "source_edit must be the id of a finished edit of yours, or of one that is shared."),
)
"""What the page says otherwise to people in front of it: field, code, sentence."""
TOO_LARGE = "That result is larger than what may be sent. Leave fit open, and it is made smaller."


class ResponseFormatField(OneOf):
    """How the picture is given."""

    def __init__(self) -> None:
        super().__init__(
            *RESPONSE_FORMATS, refusal=f"The response_format must be {' or '.join(RESPONSE_FORMATS)}"
        )


class ApiEditForm(EditForm):
    """The form of an edit as programs fill it in; whatever else they send is ignored.

    Errors stand at the field's name in the API.
    """

    n = OneOf("1", refusal="A call makes one picture: n must be 1")
    stream = OneOf("false", "False", "0", refusal="Pictures are not streamed: stream must be false")
    mask = forms.Field(required=False)
    response_format = ResponseFormatField()
    fit = OneOf("true", "false", refusal="fit must be true or false")

    field_order = ["n", "stream", "mask", "response_format", "fit", *EditForm.field_order]

    def __init__(
        self,
        data: Mapping[str, Any],
        files: MultiValueDict[str, UploadedFile],
        *,
        owner: User,
        target: ProviderModel | None = None,
    ) -> None:
        self.sent, self.sent_files = data, files
        pictures = [file for name in PICTURE_NAMES for file in files.getlist(name)]
        known = {name: data[name] for name in self._names() if name in data}
        super().__init__(
            known,
            MultiValueDict({"image": pictures} if pictures else {}),
            owner=owner,
            target=target,
            lenient=False,
            fit=str(data.get("fit", "")).strip() != "false",
        )

    @staticmethod
    def _names() -> list[str]:
        """Not those that only the page knows: which shape, and samples to begin with."""
        pages = ("submission_key", "shape", "source", "image")
        return [name for name in ApiEditForm.field_order if name not in pages]

    def clean_mask(self) -> None:
        if self.sent.get("mask") or "mask" in self.sent_files:
            raise ValidationError(
                "Masks are not taken: the prompt says what should change. Send none.", code="invalid"
            )

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
                "The picture must be sent as a file, not as text; one file is taken.", code="invalid"
            )
        return super().clean_image()

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        for field, code, sentence in OTHER_WORDS:
            if self.has_error(field, code):
                del self.errors[field]
                self.add_error(field, ValidationError(sentence, code=code))
        chosen: Source | None = values.get("chosen")
        if chosen and not self.shrinks and _is_fitted(chosen):
            self.add_error("source", ValidationError(TOO_LARGE, code="too_large"))
        return values


def _is_fitted(source: Source) -> bool:
    return (source.picture.width_px, source.picture.height_px) != (source.width_px, source.height_px)
