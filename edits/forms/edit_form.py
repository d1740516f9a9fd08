"""The form of an edit: what the page and the API let in, by the limits of the model's spec.

model      the id of a model, or provider/model; empty means the default
image      the picture as a file            reference        further pictures (references.py)
prompt     what should change               cfg_scale        how strongly the prompt is followed
seed       0 or empty: drawn by us          size             of the result
steps      more is slower and finer         source           a picture by reference instead of a file
                                            shape            crop or pad where the ratio is not taken
    only_here  only a region changes        region(_paint), feather_px   which (part_fields.py)
keep_detail  put into the original      submission_key   one for each rendered form
"""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from edits.edit_call import EXTRAS, EditOptions
from edits.forms.fields import ExactInteger, FiniteNumber, OneOf, PromptField, shortened
from edits.forms.part_fields import PART_FIELDS, PartFields
from edits.forms.references import check_references, in_order, listed, read_references
from edits.forms.sources import Chosen, Shape, UnfitPicture, read_choice, refusal_words, source_of
from edits.forms.word_lists import either
from edits.images import BadImage, CheckedImage, Offer, check_image
from edits.model_specs import MAX_SEED, ModelSpec
from edits.models import ApiKey, ProviderModel, User
from edits.services.provider.choosing import UnknownModel, find_model
from edits.services.queue.sources import Source

SHAPES: dict[str, Shape] = {"crop": "crop", "pad": "pad"}
DEFAULT_NAME = "picture"
REFUSALS: dict[str, Promise] = {
    "quality": _("The quality must be %(words)s, not %(sent)s."),
    "background": _("The background must be %(words)s, not %(sent)s."),
    "output_format": _("The output_format must be %(words)s, not %(sent)s."),
}


class EditForm(PartFields):
    """``lenient`` takes what the page helps with (more formats, 50 MB, a comma); the API sets it False.

    ``fit=False`` refuses what is too large.  ``offers`` are the ways out where a ratio or side is not taken.
    """

    submission_key = forms.CharField(required=False)
    model = forms.CharField(required=False)
    shape = forms.CharField(required=False)
    source = forms.CharField(required=False, max_length=80)
    image = forms.FileField(required=False, allow_empty_file=True)
    reference = forms.Field(required=False, widget=forms.FileInput)

    # The order in which the page shows them and an error is looked for.
    field_order = [
        "submission_key",
        "model",
        "shape",
        "source",
        "image",
        "reference",
        "prompt",
        "size",
        "steps",
        "cfg_scale",
        "seed",
        *EXTRAS,
        *PART_FIELDS,
    ]

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        owner: User,
        key: ApiKey | None = None,
        target: ProviderModel | None = None,
        lenient: bool = True,
        fit: bool = True,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, files, initial=initial)
        self.owner, self.key, self.lenient, self.shrinks = owner, key, lenient, fit
        self.model_error: UnknownModel | None = None
        self.target = target or self._find_target(str((data or {}).get("model", "")).strip())
        self.spec: ModelSpec = self.target.spec
        self.offers: tuple[Offer, ...] = ()
        self.fields |= self._fields_of_spec()
        self.order_fields(self.field_order)

    def _find_target(self, text: str) -> ProviderModel:
        """The model that is asked for; the default where there is none such, which ``clean_model`` says."""
        try:
            return find_model(text)
        except UnknownModel as error:
            self.model_error = error
            return find_model("")

    def _fields_of_spec(self) -> dict[str, forms.Field]:
        """Only what the model takes; whatever else is sent is not even looked at."""
        spec, steps = self.spec, self.spec.steps
        fields: dict[str, forms.Field] = {"prompt": PromptField(max_chars=spec.max_prompt_chars)}
        if spec.takes_seed:
            fields["seed"] = ExactInteger(least=0, most=MAX_SEED, name=_("The seed"))
        if steps:
            fields["steps"] = ExactInteger(
                least=int(steps.least), most=int(steps.most), default=int(steps.default), name=_("Steps")
            )
        if spec.cfg_scale:
            fields["cfg_scale"] = FiniteNumber(
                bounds=spec.cfg_scale, name=_("The guidance"), comma=self.lenient
            )
        fields["size"] = forms.CharField(required=False)
        if spec.takes_negative_prompt:
            name = pgettext_lazy("inside a sentence", "negative prompt")
            fields["negative_prompt"] = PromptField(
                max_chars=spec.max_prompt_chars, name=name, required=False
            )
        for field, words in choices_of(spec).items():
            if words:
                fields[field] = OneOf("", *words, refusal=REFUSALS[field])
        return fields

    def clean_model(self) -> str:
        if error := self.model_error:
            sentence = (
                _("Several providers offer %(model)s. Use %(ids)s.")
                if error.is_ambiguous
                else _("The model %(model)s is not available. Use %(ids)s.")
            )
            values = {"model": shortened(str(self.cleaned_data["model"])), "ids": either(error.ids)}
            raise ValidationError(sentence, params=values, code="model_not_found")
        return self.target.full_id

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
            raise ValidationError(_("One picture at a time: choose a single file."), code="several")
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
            raise ValidationError(refusal_words(error), code=error.code) from error

    def clean_reference(self) -> list[Source]:
        files, stored = self.files.getlist("reference"), listed(self.data, "reference_source")
        number, most = len(files) + len(stored), self.spec.max_pictures - 1
        if number > most:
            raise ValidationError(self._too_many_references(number, most), code="several")
        return check_references(
            in_order(files, stored, listed(self.data, "reference_order")),
            owner=self.owner,
            key=self.key,
            spec=self.spec,
            check=self._check_reference,
            name_of=lambda file: readable_name(str(file)),
        )

    def _check_reference(self, file: Any) -> CheckedImage:
        return check_image(file, spec=self.spec, lenient=self.lenient, fit=self.shrinks)

    def clean_size(self) -> str:
        text = self.cleaned_data["size"].strip() or self.spec.default_size
        if text and text not in self.spec.sizes:
            values = {"sizes": either(self.spec.sizes), "sent": shortened(text)}
            sentence = (
                _("The size must be %(sizes)s, not %(sent)s.")
                if self.spec.sizes
                else _("The size must be left open, not %(sent)s.")
            )
            raise ValidationError(sentence, params=values, code="invalid")
        return text

    def clean(self) -> dict[str, Any]:
        missing = not self.cleaned_data.get("image") and not self.cleaned_data.get("source")
        if missing and not self.errors.keys() & {"image", "source"}:
            self.add_error("image", ValidationError(_("Add a picture."), code="required"))
        if choice := self.cleaned_data.get("source"):
            self._clean_choice(choice)
        if self.cleaned_data.get("image") or self.cleaned_data.get("chosen"):
            self.clean_part()
        return self.cleaned_data

    def _clean_choice(self, choice: Chosen) -> None:
        shape = self.cleaned_data.get("shape", "")
        try:
            chosen = source_of(choice, owner=self.owner, key=self.key, spec=self.spec, shape=shape)
        except ValidationError as error:
            self.offers = error.offers if isinstance(error, UnfitPicture) else ()
            self.add_error("source", error)
        else:
            self.cleaned_data["chosen"] = chosen

    def _too_many_references(self, number: int, most: int) -> str:
        if not most:
            sentence = gettext("%(model)s takes a single picture and no references.")
        else:
            sentence = ngettext(
                "%(model)s takes at most %(most)s reference, not %(number)s.",
                "%(model)s takes at most %(most)s references, not %(number)s.",
                most,
            )
        return sentence % {"model": self.target.title, "most": most, "number": number}

    def to_options(self) -> EditOptions:
        """What was asked for.  Valid forms only."""
        values = self.cleaned_data
        taken = ("steps", "cfg_scale", *EXTRAS)
        return EditOptions(
            prompt=values["prompt"],
            seed=values.get("seed") or None,
            size=values["size"],
            **{name: values[name] for name in taken if name in values},
        )

    def whole_source(self) -> Source:
        picture, file = self.cleaned_data["image"], self.files.get("image")
        if picture and file:
            file.seek(0)
            return Source.of_upload(picture, name=readable_name(str(file)), data=file.read())
        chosen: Source = self.cleaned_data["chosen"]
        return chosen

    def to_references(self) -> list[Source]:
        """The further pictures.  Valid forms only."""
        references: list[Source] = self.cleaned_data["reference"]
        return references

    def chosen_references(self) -> list[Chosen]:
        """Those of the further pictures that are given by reference."""
        return read_references(self.data)

    def to_key(self) -> uuid.UUID:
        """The key under which this is one edit: the form's own together with what it says.

        Sent twice, it is the same edit.  Gone back to, changed and sent, it is another one, although browsers
        bring back the form's key with it.
        """
        picture = self.cleaned_data["image"]
        said = [
            picture.sha256 if picture else str(self.cleaned_data["source"]),
            repr(self.to_options()),
            self.target.full_id,
            *(reference.picture.sha256 for reference in self.to_references()),
            *self.said_of_part(),
        ]
        digest = hashlib.sha256("\n".join(said).encode()).hexdigest()
        return uuid.uuid5(self.cleaned_data["submission_key"], digest)


def choices_of(spec: ModelSpec) -> dict[str, tuple[str, ...]]:
    """The options that are one of a few words, by name."""
    return {
        "quality": spec.qualities,
        "background": spec.backgrounds,
        "output_format": spec.output_formats,
    }


def readable_name(name: str) -> str:
    """The file's name as it may be shown and stored: no folders (Django cut them), nothing invisible."""
    return "".join(char for char in name if char.isprintable()).strip()[:255] or DEFAULT_NAME
