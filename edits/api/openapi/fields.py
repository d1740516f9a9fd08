"""What calls may say: the forms' own fields and bounds, as schemas.

The words about them are here; that every field has some, and none is told that is not taken, is tested.
"""

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from edits.forms.api_form import ApiEditForm, OneOf
from edits.forms.edit_form import EditForm
from edits.forms.edit_list import Choice, EditId, EditListForm
from edits.forms.fields import ExactInteger, FiniteNumber, PromptField
from edits.forms.rerun_form import RerunForm, SeedField
from edits.model_specs import ModelSpec
from edits.models import ProviderModel, Status, User

Schema = dict[str, Any]
BYTES: Schema = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
ID: Schema = {"type": "string", "format": "uuid"}
ORDER = ("model", "image", "prompt", "seed", "steps", "cfg_scale", "size", "response_format", "fit", "source_edit",
         "n", "stream")  # fmt: skip
NOT_SAID = {"submission_key", "shape", "mask"}
"""Fields of the page alone, and one that may only be left out."""
NAMES = {"source": "source_edit"}
"""Fields that have another name in the API than in the form."""


def edit_schema(model: ProviderModel) -> Schema:
    """The form of ``POST /v1/images/edits`` for the default model."""
    spec = model.spec
    limited = EditForm(owner=User(), target=model, lenient=False).fields
    fields = ApiEditForm({}, MultiValueDict(), owner=User(), target=model).fields | limited
    special = {
        "model": {"type": "string"},
        "image": BYTES,
        "size": _words(spec.sizes, default=spec.default_size),
        "source_edit": ID,
        "n": {"type": "integer", "enum": [1], "default": 1},
        "stream": {"type": "boolean", "enum": [False], "default": False},
    }
    taken = {NAMES.get(name, name): field for name, field in fields.items() if name not in NOT_SAID}
    if not spec.sizes:
        del taken["size"]
    says = words_for_edit(spec)
    properties = {name: special.get(name) or schema_of(taken[name]) for name in ORDER if name in taken}
    return {
        "type": "object",
        "required": ["prompt"],
        "oneOf": [{"required": ["image"]}, {"required": ["source_edit"]}],
        "properties": {name: schema | {"description": says[name]} for name, schema in properties.items()},
    }


def rerun_schema() -> Schema:
    """The form of ``POST /v1/edits/{id}/rerun``, all of which may be left out."""
    return {
        "type": "object",
        "properties": {
            name: schema_of(field) | {"description": WORDS_FOR_RERUN[name]}
            for name, field in RerunForm.base_fields.items()
        },
    }


def list_parameters() -> list[dict[str, Any]]:
    """The query of ``GET /v1/edits``."""
    statuses = {"type": "array", "items": {"type": "string", "enum": Status.values}}
    special: dict[str, Any] = {"status": {"schema": statuses, "style": "form", "explode": False}}
    return [
        {"name": name, "in": "query", "required": False, "description": WORDS_FOR_LIST[name]}
        | (special.get(name) or {"schema": schema_of(field)})
        for name, field in EditListForm.base_fields.items()
    ]


def schema_of(field: forms.Field) -> Schema:
    """Type, bounds and default of a field.  Raises TypeError for one that does not know them."""
    match field:
        case PromptField():
            return {"type": "string", "minLength": 1, "maxLength": field.max_chars, "pattern": r"\S"}
        case SeedField():
            number = {"type": "integer", "minimum": field.least, "maximum": field.most}
            return {"anyOf": [{"type": "string", "enum": ["same", "new"]}, number], "default": "same"}
        case ExactInteger():
            return _bounded("integer", field.least, field.most, field.default)
        case FiniteNumber():
            return _bounded("number", field.bounds.least, field.bounds.most, field.bounds.default)
        case EditId():
            return ID
        case OneOf():
            return _words(field.words, default=field.words[0])
        case Choice():
            words = tuple(word for word in field.choices if word)
            return _words(words, default=words[0] if "" not in field.choices else "")
        case forms.CharField(max_length=int(most)):
            return {"type": "string", "maxLength": most}
        case _:
            raise TypeError(f"{field!r} does not know its limits")


def _bounded(kind: str, least: float, most: float, default: float | None) -> Schema:
    bounds = {"type": kind, "minimum": least, "maximum": most}
    return bounds if default is None else bounds | {"default": default}


def _words(words: tuple[str, ...], *, default: str) -> Schema:
    """One of these words; true and false are told as what they mean."""
    if "true" in words:
        return {"type": "boolean"} | ({"default": default == "true"} if default else {})
    return {"type": "string", "enum": list(words)} | ({"default": default} if default else {})


def words_for_edit(spec: ModelSpec) -> dict[str, str]:
    """What each field of an edit is, with those limits that no schema can say."""
    kinds = ", ".join(spec.formats[:-1]) + f" or {spec.formats[-1]}"
    return {
        "model": "The id of a model from `GET /v1/models`; the default where it is left out.",
        "image": f"The picture: one {kinds} file of up to {spec.max_upload_bytes // 2**20} MB, each side "
        f"at least {spec.min_side_px} px, between 1:{spec.max_ratio} and {spec.max_ratio}:1. More than "
        f"{spec.max_side_px:,} px on a side or {spec.max_area_px:,} pixels in all is scaled down, see `fit`. "
        "The name `image[]` is taken as well.",
        "prompt": "What should change.",
        "seed": "The same seed gives the same picture. 0, or none, draws one; the answer says which.",
        "steps": "More is slower and finer.",
        "cfg_scale": "How strongly the prompt is followed.",
        "size": "About how large the result is. It keeps the picture's ratio: only a square has exactly this size.",
        "response_format": FORMATS,
        "fit": "A picture that is only too large is scaled down, and `X-Fitted` says to which size. `false` refuses "
        "it instead. An addition of Retake's.",
        "source_edit": "The id of an edit whose result is edited further, in place of `image`. "
        "An addition of Retake's.",
        "n": "One call makes one picture.",
        "stream": "The answer comes in one piece.",
    }


FORMATS = "`url`: a link that loads without a key for a while. `b64_json`: the picture itself in Base64."
WORDS_FOR_RERUN = {
    "seed": "`same` repeats the picture, `new` draws another seed, a number is the seed.",
    "response_format": FORMATS,
}
WORDS_FOR_LIST = {
    "scope": "Your own edits, or what the team shares.",
    "order": "The newest first, or the oldest.",
    "limit": "How many at most.",
    "after": "Go on after this edit: the `last_id` of the page before.",
    "before": "Go back before this edit: the `first_id` of the page after.",
    "status": "Only those that stand so; several with commas.",
    "created_after": "Only those asked for at this moment or later, in seconds since 1970.",
    "created_before": "Only those asked for before this moment.",
    "q": "Only those whose prompt has each of these words.",
    "source_edit": "Only those made of this edit's result.",
    "rerun_of": "Only those that repeat this edit.",
    "starred": "Only those with your star, or without.",
    "shared": "Only those that the team may see, or may not.",
}
