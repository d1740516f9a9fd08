"""The form of an edit: what the page and the API let in, by the limits of the model's spec.

image      the picture as a file            cfg_scale        how strongly the prompt is followed
prompt     what should change               size             of the result
seed       0 or empty: drawn by us          source           a picture by reference instead of a file
steps      more is slower and finer         shape            crop or pad where the ratio is not taken
                                            submission_key   one for each rendered form
"""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any, Literal

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from edits.edit_call import EditOptions
from edits.forms.fields import ExactInteger, FiniteNumber, PromptField, shortened
from edits.forms.sources import Chosen, read_choice, source_of
from edits.images import BadImage, CheckedImage, Offer, check_image
from edits.model_specs import MAX_SEED, MODEL_SPECS, ModelSpec
from edits.models import User
from edits.services.queue.submitting import Source

SHAPES: dict[str, Literal["", "crop", "pad"]] = {"crop": "crop", "pad": "pad"}
DEFAULT_NAME = "picture"


class EditForm(forms.Form):
    """``lenient`` takes what the page helps with (more formats, 50 MB, a comma); the API sets it False.

    ``fit=False`` refuses what is too large.  ``offers`` are the ways out where a ratio or side is not taken.
    """

    submission_key = forms.CharField(required=False)
    shape = forms.CharField(required=False)
    source = forms.CharField(required=False, max_length=80)
    image = forms.FileField(required=False, allow_empty_file=True)

    # The order in which the page shows them and an error is looked for.
    field_order = [
        "submission_key",
        "shape",
        "source",
        "image",
        "prompt",
        "size",
        "steps",
        "cfg_scale",
        "seed",
    ]

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        owner: User,
        spec: ModelSpec | None = None,
        lenient: bool = True,
        fit: bool = True,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, files, initial=initial)
        self.owner, self.lenient, self.shrinks = owner, lenient, fit
        self.spec = spec or MODEL_SPECS[settings.STEPFUN_MODEL]
        self.offers: tuple[Offer, ...] = ()
        self.fields |= self._fields_of_spec()
        self.order_fields(self.field_order)

    def _fields_of_spec(self) -> dict[str, forms.Field]:
        spec, steps = self.spec, self.spec.steps
        return {
            "prompt": PromptField(max_chars=spec.max_prompt_chars),
            "seed": ExactInteger(least=0, most=MAX_SEED, name="The seed"),
            "steps": ExactInteger(
                least=int(steps.least), most=int(steps.most), default=int(steps.default), name="Steps"
            ),
            "cfg_scale": FiniteNumber(bounds=spec.cfg_scale, name="The prompt strength", comma=self.lenient),
            "size": forms.CharField(required=False),
        }

    def clean_submission_key(self) -> uuid.UUID:
        try:
            return uuid.UUID(self.cleaned_data["submission_key"])
        except ValueError:
            return uuid.uuid4()

    def clean_shape(self) -> str:
        return SHAPES.get(self.cleaned_data["shape"], "")

    def clean_source(self) -> Chosen | None:
        # A file that was chosen after it counts more, so that the reference is not even looked at.
        return None if "image" in self.files else read_choice(self.cleaned_data["source"])

    def clean_image(self) -> CheckedImage | None:
        upload = self.cleaned_data["image"]
        if not upload:
            return None
        if len(self.files.getlist("image")) > 1:
            raise ValidationError("One picture at a time: choose a single file.", code="several")
        try:
            return check_image(
                upload,
                spec=self.spec,
                lenient=self.lenient,
                fit=self.shrinks,
                shape=self.cleaned_data.get("shape", ""),
            )
        except BadImage as error:
            self.offers = error.offers
            raise ValidationError(error.sentence, code=error.code) from error

    def clean_size(self) -> str:
        text = self.cleaned_data["size"].strip() or self.spec.default_size
        if text and text not in self.spec.sizes:
            raise ValidationError(f"{self._sizes_in_words()}, not {shortened(text)}.", code="invalid")
        return text

    def _sizes_in_words(self) -> str:
        *others, last = self.spec.sizes or ("left open",)
        return f"The size must be {', '.join(others)} or {last}" if others else f"The size must be {last}"

    def clean(self) -> dict[str, Any]:
        missing = not self.cleaned_data.get("image") and not self.cleaned_data.get("source")
        if missing and not self.errors.keys() & {"image", "source"}:
            self.add_error("image", ValidationError("Add a picture.", code="required"))
        choice = self.cleaned_data.get("source")
        if choice:
            try:
                self.cleaned_data["chosen"] = source_of(choice, owner=self.owner, spec=self.spec)
            except ValidationError as error:
                self.add_error("source", error)
        return self.cleaned_data

    def to_options(self) -> EditOptions:
        """What was asked for.  Valid forms only."""
        values = self.cleaned_data
        return EditOptions(
            prompt=values["prompt"],
            seed=values["seed"] or None,
            steps=values["steps"],
            cfg_scale=values["cfg_scale"],
            size=values["size"],
        )

    def to_source(self) -> Source:
        """The picture to edit.  Valid forms only."""
        picture = self.cleaned_data["image"]
        if picture:
            return Source.of_upload(picture, name=readable_name(str(self.files["image"])))
        chosen: Source = self.cleaned_data["chosen"]
        return chosen

    def to_key(self) -> uuid.UUID:
        """The key under which this is one edit: the form's own together with what it says.

        Sent twice, it is the same edit.  Gone back to, changed and sent, it is another one, although browsers
        bring back the form's key with it.
        """
        picture = self.cleaned_data["image"]
        said = [picture.sha256 if picture else str(self.cleaned_data["source"]), repr(self.to_options())]
        digest = hashlib.sha256("\n".join(said).encode()).hexdigest()
        return uuid.uuid5(self.cleaned_data["submission_key"], digest)


def readable_name(name: str) -> str:
    """The file's name as it may be shown and stored: no folders (Django cut them), nothing invisible."""
    return "".join(char for char in name if char.isprintable()).strip()[:255] or DEFAULT_NAME
