"""The parameters of calls as schemas, generated from the forms' own fields and limits.

Their descriptions are here; a test checks that exactly the existing fields have one.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from edits.api.openapi.unions import by_model, union
from edits.forms.api_form import ApiEditForm, NotTaken, OneOf
from edits.forms.edit_list import Choice, EditId, EditListForm
from edits.forms.fields import ExactInteger, FiniteNumber, PromptField
from edits.forms.rerun_form import RerunForm, SeedField
from edits.model_specs import ModelSpec
from edits.models import ProviderModel, Status, User
from edits.services.provider.choosing import public_ids

Schema = dict[str, Any]
BYTES: Schema = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
INLINE: Schema = {"type": "string", "format": "byte", "contentEncoding": "base64"}
"""A picture in JSON."""
ID: Schema = {"type": "string", "format": "uuid"}
ORDER = ("model", "image", "image[]", "prompt", "negative_prompt", "seed", "steps", "cfg_scale", "size", "quality",
         "background", "output_format", "mask", "region", "feather_px", "keep_detail", "n", "response_format", "fit",
         "source_edit", "stream")  # fmt: skip
NOT_SAID = {"submission_key", "shape", "reference", "only_here", "region_paint"}
"""Fields that only the page uses."""
NAMES = {"source": "source_edit"}
"""Fields that have another name in the API than in the form."""
REGION: Schema = {"type": "string", "pattern": r"^(mask|-?[0-9]{1,6}(, ?-?[0-9]{1,6}){3})$"}
STREAM: Schema = {"type": "boolean", "enum": [False], "default": False}


def edit_schema(models: Sequence[ProviderModel]) -> Schema:
    """The form of ``POST /v1/images/edits`` for all of these models; the first is the default."""
    ids = public_ids(models)
    taken = {ids[model.pk]: _fields_of(model) for model in models}
    default = next(iter(taken))
    words, properties = words_for_edit([model.spec for model in models]), {}
    for name in ORDER:
        schemas = {id: fields[name] for id, fields in taken.items() if name in fields}
        if schemas:
            says = [words[name], *by_model(schemas, of=len(taken))]
            properties[name] = union(schemas, default=default) | {"description": " ".join(says)}
    properties["model"] |= {"enum": list(taken), "default": default}
    pictures = [name for name in ("image", "image[]", "source_edit") if name in properties]
    return {
        "type": "object",
        "required": ["prompt"],
        "oneOf": [{"required": [name]} for name in pictures],
        "properties": properties,
    }


def edit_schema_in_json(form: Schema) -> Schema:
    """The JSON variant of the form: pictures are strings, and several are in ``images``."""
    properties = {name: schema for name, schema in form["properties"].items() if name != "image[]"}
    properties["image"] = INLINE | {"description": f"{properties['image']['description']} {WORDS_FOR_INLINE}"}
    entry = {"type": "object", "required": ["image_url"], "properties": {"image_url": INLINE}}
    most = form["properties"].get("image[]", {}).get("maxItems", 1)
    properties["images"] = {
        "type": "array",
        "items": entry,
        "minItems": 1,
        "maxItems": most,
        "description": "As OpenAI's API has it: the first is edited, the others are references for the prompt.",
    }
    if "mask" in properties:
        properties["mask"] = {
            "anyOf": [INLINE, entry],
            "description": f"{properties['mask']['description']} {WORDS_FOR_INLINE}",
        }
    pictures = ("image", "images", "source_edit")
    return form | {"oneOf": [{"required": [name]} for name in pictures], "properties": properties}


def _fields_of(model: ProviderModel) -> dict[str, Schema]:
    """The schema of each field that this model takes, by its name in the API."""
    spec = model.spec
    special: dict[str, Schema] = {
        "model": {"type": "string"},
        "image": BYTES,
        "size": _words(spec.sizes, default=spec.default_size),
        "mask": BYTES,
        "region": REGION,
        "source_edit": ID,
        "stream": STREAM,
    }
    lacking = {name for name, has in (("size", spec.sizes), ("mask", spec.takes_mask)) if not has}
    fields = ApiEditForm({}, MultiValueDict(), owner=User(), target=model).fields
    said = {
        NAMES.get(name, name): field
        for name, field in fields.items()
        if name not in NOT_SAID | lacking and not isinstance(field, NotTaken)
    }
    schemas = {name: special.get(name) or schema_of(field) for name, field in said.items()}
    if spec.max_pictures > 1:
        schemas["image[]"] = {"type": "array", "items": BYTES, "minItems": 1, "maxItems": spec.max_pictures}
    return schemas


def rerun_schema() -> Schema:
    """The form of ``POST /v1/edits/{id}/rerun``; all fields are optional."""
    return {
        "type": "object",
        "properties": {
            name: schema_of(field) | {"description": WORDS_FOR_RERUN[name]}
            for name, field in RerunForm.base_fields.items()
        },
    }


def list_parameters() -> list[dict[str, Any]]:
    """The query parameters of ``GET /v1/edits``."""
    statuses = {"type": "array", "items": {"type": "string", "enum": Status.values}}
    special: dict[str, Any] = {"status": {"schema": statuses, "style": "form", "explode": False}}
    return [
        {"name": name, "in": "query", "required": False, "description": WORDS_FOR_LIST[name]}
        | (special.get(name) or {"schema": schema_of(field)})
        for name, field in EditListForm.base_fields.items()
    ]


def schema_of(field: forms.Field) -> Schema:
    """Type, bounds and default of a field.  Raises TypeError for a field without known limits."""
    match field:
        case PromptField():
            text = {"type": "string", "maxLength": field.max_chars}
            return text | {"minLength": 1, "pattern": r"\S"} if field.required else text
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
            words = tuple(word for word in field.words if word)
            return _words(words, default=field.words[0])
        case Choice():
            words = tuple(word for word in field.choices if word)
            return _words(words, default=words[0] if "" not in field.choices else "")
        case forms.CharField(max_length=int(most)):
            return {"type": "string", "maxLength": most}
        case forms.CharField():
            return {"type": "string"}
        case _:
            raise TypeError(f"{field!r} does not know its limits")


def _bounded(kind: str, least: float, most: float, default: float | None) -> Schema:
    bounds = {"type": kind, "minimum": least, "maximum": most}
    return bounds if default is None else bounds | {"default": default}


def _words(words: tuple[str, ...], *, default: str) -> Schema:
    """An enum of these strings; true and false become a boolean."""
    if "true" in words:
        return {"type": "boolean"} | ({"default": default == "true"} if default else {})
    return {"type": "string", "enum": list(words)} | ({"default": default} if default else {})


def words_for_edit(specs: Sequence[ModelSpec]) -> dict[str, str]:
    """The description of each field of an edit, including limits that a schema cannot express."""
    return {
        "model": "The id of a model from `GET /v1/models`, or `provider/model`.",
        "image": _words_for_image(specs),
        "image[]": "Several pictures: the first is edited, the others are references for the prompt.",
        "prompt": "What should change.",
        "negative_prompt": "What the picture must not show.",
        "seed": "The same seed gives the same picture. 0, or none, draws one; the answer says which.",
        "steps": "More is slower and finer.",
        "cfg_scale": "How strongly the prompt is followed.",
        "size": _words_for_size(specs),
        "quality": "More is slower and costs more. `auto` leaves it open.",
        "background": "Of the result. `auto` leaves it open.",
        "output_format": "In which the service makes the picture.",
        "mask": "A PNG with an alpha channel and exactly the size of the picture: transparent parts may be changed.",
        "region": "The part that may change, as `x,y,width,height` in pixels of the picture you send, or `mask`: "
        "what the mask opens, also for a model that takes none. Only the part around it is sent, and the answer is "
        "blended into the picture at its full size, where everything else stays as it is. An addition of Retake's.",
        "feather_px": "How far beyond the region the answer fades into the picture, in pixels of the picture you "
        "send; 0 is a hard edge. By default 2 % of the region's longer side, at least 4 and at most 48. "
        "Only with `region`. An addition of Retake's.",
        "keep_detail": "`true` puts only what the model changed into the picture at its full size. The answer itself "
        "stays beside it. An addition of Retake's.",
        "n": "How many edits of the same picture and prompt: all are made or none, each has its own seed, and each "
        "counts in budgets. 1 for a model without seeds.",
        "response_format": FORMATS,
        "fit": "A picture that is only too large is scaled down, and `X-Fitted` says to which size. `false` refuses "
        "it instead. An addition of Retake's.",
        "source_edit": "The id of an edit whose result is edited further, in place of `image`. "
        "An addition of Retake's.",
        "stream": "The answer comes in one piece.",
    }


def _words_for_image(specs: Sequence[ModelSpec]) -> str:
    if any(_picture_limits(spec) != _picture_limits(specs[0]) for spec in specs):
        return (
            "The picture as a file. What each model takes is in `GET /v1/models`; one that is only too large is "
            "scaled down, see `fit`. The names `image[]` and `images` are accepted as well."
        )
    spec = specs[0]
    kinds = ", ".join(spec.formats[:-1]) + f" or {spec.formats[-1]}" if spec.formats[1:] else spec.formats[0]
    return (
        f"The picture: one {kinds} file of up to {spec.max_upload_bytes // 2**20} MB, each side "
        f"at least {spec.min_side_px} px, between 1:{spec.max_ratio} and {spec.max_ratio}:1. More than "
        f"{spec.max_side_px:,} px on a side or {spec.max_area_px:,} pixels in all is scaled down, see `fit`. "
        "The names `image[]` and `images` are accepted as well."
    )


def _picture_limits(spec: ModelSpec) -> tuple[object, ...]:
    sides = spec.min_side_px, spec.max_side_px, spec.max_area_px, spec.max_ratio
    return *sides, spec.formats, spec.max_upload_bytes


def _words_for_size(specs: Sequence[ModelSpec]) -> str:
    if all(spec.size_rule == "area" for spec in specs if spec.sizes):
        return "About how large the result is. It keeps the picture's ratio: only a square has exactly this size."
    return "How large the result is; `auto` follows the picture."


WORDS_FOR_INLINE = "In JSON a data URL (`data:image/png;base64,…`) or Base64; addresses are not loaded."
FORMATS = "`url`: a link that loads without a key for a while. `b64_json`: the picture itself in Base64."
WORDS_FOR_RERUN = {
    "model": "Another model than that of the edit: options and pictures are fitted to what it takes, and there is no "
    "receipt. By default that of the edit.",
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
    "q": "Only those that have each of these words, or words that begin so, in their prompt, tags, comments or file.",
    "source_edit": "Only those made of this edit's result.",
    "rerun_of": "Only those that repeat this edit.",
    "starred": "Only those with your star, or without.",
    "shared": "Only those that the team may see, or may not.",
}
