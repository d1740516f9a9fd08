"""The list of edits that a program asks for as one batch, each checked like an edit of its own.

edits      a list of objects with the fields of an edit, pictures by reference alone
others     fields of an edit that hold for all of them, unless an edit says otherwise
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from edits.forms.api_form import ApiEditForm
from edits.forms.sources import Chosen
from edits.models import ApiKey, ProviderModel, User
from edits.models.batches import MOST_EDITS
from edits.services.batch.plan import BatchPlan, PlannedEdit
from edits.services.provider.choosing import UnknownModel, find_model
from edits.services.queue.inserting import PicturesOfEdit
from edits.services.queue.sources import Source

SHARED = ("model", "prompt", "negative_prompt", "seed", "steps", "cfg_scale", "size", "quality", "background",
          "output_format", "fit", "region", "feather_px", "keep_detail", "source_edit", "upload")  # fmt: skip
"""The fields of an edit that a batch takes."""
PICTURES = ("image", "image[]", "images", "mask")


NO_UPLOAD = "upload must be the id of a picture that this key uploaded and that was not deleted since."


class UploadForm(ApiEditForm):
    """A picture without an edit: checked for the model that is named, otherwise for the default one."""

    def _fields_of_spec(self) -> dict[str, forms.Field]:
        return {}

    def clean_size(self) -> str:
        return ""

    def clean_source(self) -> None:
        return None

    def wants_region(self) -> bool:
        return False


class BadEdit(Exception):
    """The form of one of the edits is not valid.  ``position`` counts from 0, as programs count."""

    def __init__(self, form: ApiEditForm, *, position: int) -> None:
        super().__init__(position)
        self.form, self.position = form, position


class BatchEditForm(ApiEditForm):
    """One edit of a batch.  Pictures that were read for another one are not read, or decoded, again."""

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        owner: User,
        key: ApiKey,
        target: ProviderModel | None,
        known: dict[tuple[Any, ...], Source],
    ) -> None:
        files: MultiValueDict[str, UploadedFile] = MultiValueDict()
        super().__init__(data, files, owner=owner, key=key, target=target)
        self.known = known

    @property
    def names_upload(self) -> bool:
        """Its picture was uploaded before; otherwise it is the result of an edit."""
        return bool(str(self.sent.get("upload") or "").strip())

    def clean_source(self) -> Chosen | None:
        if not self.names_upload:
            return super().clean_source()
        if str(self.sent.get("source_edit") or "").strip():
            raise ValidationError("Send either upload or source_edit, not both.", code="several")
        try:
            return Chosen("upload", str(uuid.UUID(str(self.sent["upload"]).strip())))
        except ValueError as error:
            raise ValidationError("upload must be the id of an upload.", code="invalid") from error

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if self.names_upload and self.has_error("source", "gone"):
            del self.errors["source"]
            self.add_error("source", ValidationError(NO_UPLOAD, code="gone"))
        if self.has_error("image", "required"):
            del self.errors["image"]
            self.add_error(
                "image", ValidationError("Name the picture in upload or source_edit.", code="required")
            )
        return values

    def _clean_choice(self, choice: Chosen) -> None:
        name = (str(choice), self.target.pk)
        if name in self.known:
            self.cleaned_data["chosen"] = self.known[name]
            return
        super()._clean_choice(choice)
        if "chosen" in self.cleaned_data:
            self.known[name] = self.cleaned_data["chosen"]

    def to_planned(self) -> PlannedEdit:
        """The edit to be made.  Valid forms only."""
        return PlannedEdit(
            self.target, PicturesOfEdit(self.to_source(), mask=self.to_mask()), self.to_options()
        )


def read_edits(text: str) -> list[dict[str, Any]]:
    """The objects of the list.  Raises ValidationError."""
    try:
        said = json.loads(text) if text else None
    except ValueError:
        said = None
    if not isinstance(said, list) or not all(isinstance(each, dict) for each in said):
        raise ValidationError("edits must be a list of objects, one for each edit.", code="invalid")
    if not 1 <= len(said) <= MOST_EDITS:
        raise ValidationError(
            f"A batch has 1 to {MOST_EDITS} edits, not {len(said):,}. Nothing was stored.", code="invalid"
        )
    return said


def plan_of(edits: list[dict[str, Any]], *, shared: Mapping[str, Any], owner: User, key: ApiKey) -> BatchPlan:
    """All of them as they will be sent.  Raises BadEdit for the first one that cannot be."""
    common = {name: shared[name] for name in SHARED if name in shared}
    return BatchPlan.of_list(_planned(edits, common=common, owner=owner, key=key))


def _planned(
    edits: list[dict[str, Any]], *, common: Mapping[str, Any], owner: User, key: ApiKey
) -> Iterator[PlannedEdit]:
    known: dict[tuple[Any, ...], Source] = {}
    models: dict[str, ProviderModel | None] = {}
    for position, said in enumerate(edits):
        data = {**common, **_texts(said)}
        name = str(data.get("model", "")).strip()
        if name not in models:
            models[name] = _model(name)
        form = BatchEditForm(data, owner=owner, key=key, target=models[name], known=known)
        _refuse_pictures(form, said)
        if not form.is_valid():
            raise BadEdit(form, position=position)
        yield form.to_planned()


def upload_ids(edits: list[dict[str, Any]], *, shared: Mapping[str, Any]) -> set[str]:
    """Of all uploads that the edits name."""
    named = {str(said.get("upload") or shared.get("upload") or "").strip() for said in edits}
    return named - {""}


def _model(name: str) -> ProviderModel | None:
    """None where there is none such: then the form says so."""
    try:
        return find_model(name)
    except UnknownModel:
        return None


def _refuse_pictures(form: ApiEditForm, said: Mapping[str, Any]) -> None:
    """What a batch does not take is refused, not ignored: the edit would be another one."""
    for name in PICTURES:
        if said.get(name):
            form.add_error(
                "image" if name != "mask" else "mask",
                ValidationError("A batch takes no files: upload them first.", code="invalid"),
            )
    if str(said.get("n") or "1").strip() != "1":
        form.add_error("n", ValidationError("In a batch each edit is listed by itself.", code="invalid"))


def _texts(said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as a form would send them; null counts as left out."""
    return {
        name: ("true" if said[name] else "false") if isinstance(said[name], bool) else said[name]
        for name in SHARED
        if said.get(name) is not None
    }
