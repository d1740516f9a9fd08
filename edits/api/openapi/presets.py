"""The call that lists presets, and the schema of one."""

from typing import Any

from edits.api.openapi.error_catalog import answers, with_codes
from edits.api.openapi.fields import schema_of
from edits.api.openapi.schemas import COUNT, ID, TIME, Schema, listing, maybe, thing
from edits.forms.preset_list import PresetListForm
from edits.models import Rates

WORDS = {"limit": "How many at most.", "after": "Continue after the preset with this id."}


def preset_paths(every: tuple[str, ...]) -> dict[str, Any]:
    """By path and method; ``every`` are the errors of each call."""
    parameters = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": WORDS[name],
            "schema": schema_of(field),
        }
        for name, field in PresetListForm.base_fields.items()
    ]
    schema = {"$ref": "#/components/schemas/PresetList"}
    headers = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    content = {"application/json": {"schema": schema}}
    answer = {"description": "One page of them.", "headers": headers, "content": content}
    call = {
        "operationId": "listPresets",
        "tags": ["Presets"],
        "summary": "List the presets",
        "description": "Your own and the team's, newest first.",
        "parameters": parameters,
        "responses": {"200": answer, **answers(with_codes((*every, "invalid")))},
    }
    return {"/v1/presets": {"get": call}}


def preset_schemas() -> dict[str, Schema]:
    """One preset, and a page of them."""
    return {"Preset": _preset(), "PresetList": listing("Preset", has_more={"type": "boolean"})}


def _preset() -> Schema:
    text: Schema = {"type": "string"}
    says = "Fields of `POST /v1/images/edits` as text."
    return thing(
        {
            "id": ID,
            "object": {"const": "preset"},
            "name": text,
            "prompt": text,
            "options": {"type": "object", "additionalProperties": text, "description": says},
            "model": maybe(text | {"description": "A value for `model`; null: any."}),
            "owner": text,
            "mine": {"type": "boolean"},
            "shared": {"type": "boolean"},
            "created": TIME,
            "rates": maybe(
                thing({name: COUNT for name in Rates().stored()})
                | {"description": "What became of its latest edits; null of fewer than five."}
            ),
        }
    )
