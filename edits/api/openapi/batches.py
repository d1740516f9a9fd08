"""The calls about batches, and the schema of a batch."""

from collections.abc import Sequence
from typing import Any

from edits.api.openapi.error_catalog import answers, with_codes
from edits.api.openapi.fields import INLINE, edit_schema, edit_schema_in_json
from edits.api.openapi.schemas import COUNT, ID, TIME, URL, Schema, thing, words
from edits.forms.api_batch import SHARED
from edits.models import ProviderModel
from edits.models.batches import MOST_EDITS

EVERY = ("unknown_host", "https_required", "invalid_api_key", "insufficient_scope", "method_not_allowed",
         "rate_limit_exceeded", "internal_error", "unavailable")  # fmt: skip
OF_LIST = ("too_small", "aspect", "corrupt", "too_large", "required", "invalid", "too_long", "several",
           "not_supported", "gone", "400 model_not_found", "bad_request", "unsupported_media_type",
           "idempotency_key_reused", "no_room")  # fmt: skip
OF_UPLOAD = ("empty", "corrupt", "format", "animated", "too_small", "aspect", "too_many_pixels", "too_large",
             "required", "invalid", "several", "400 model_not_found", "bad_request", "unsupported_media_type",
             "no_room")  # fmt: skip
KINDS = "image/png, image/jpeg, image/webp, application/octet-stream"
BATCH_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Which batch.",
    "schema": {"type": "string", "format": "uuid"},
}
ACTIONS = {
    "pause": (
        "pauseBatch",
        "Pause a batch",
        "Edits that wait are not sent until it is resumed. Those that run are finished.",
    ),
    "resume": (
        "resumeBatch",
        "Resume a batch",
        "Its edits are sent again. It does nothing if it is not paused.",
    ),
    "cancel": (
        "cancelBatch",
        "Cancel the rest of a batch",
        "Edits that wait are not sent. Those that run may be charged, and are finished.",
    ),
}


def batch_paths(models: Sequence[ProviderModel]) -> dict[str, Any]:
    """The calls by path and method."""
    return {
        "/v1/uploads": {"post": _upload(models)},
        "/v1/batches": {"post": _make(models)},
        "/v1/batches/{id}": {"get": _get()},
        **{f"/v1/batches/{{id}}/{name}": {"post": _act(*said)} for name, said in ACTIONS.items()},
    }


def batch_schema() -> Schema:
    """A batch with its edits."""
    counts = {name: COUNT for name in ("queued", "running", "succeeded", "filtered", "failed", "canceled")}
    edits = {"type": "array", "items": {"$ref": "#/components/schemas/Edit"}, "maxItems": MOST_EDITS}
    return thing(
        {
            "id": ID,
            "object": {"const": "batch"},
            "status": words(
                ["active", "paused", "ended"], "`ended` once none of its edits waits or runs any more."
            ),
            "created": TIME,
            "counts": thing({"total": COUNT} | counts)
            | {"description": "How many of its edits are in each status."},
            "edits": edits | {"description": "In their order; those in the trash are left out."},
            "page": URL | {"description": "Where people look at it, signed in."},
        }
    )


def upload_schema() -> Schema:
    """A picture that was uploaded before its edits."""
    size = {"type": "integer", "minimum": 1}
    return thing(
        {"id": ID, "object": {"const": "upload"}, "created": TIME, "name": {"type": "string"}}
        | {"width": size, "height": size, "bytes": size}
    )


def _upload(models: Sequence[ProviderModel]) -> dict[str, Any]:
    form = edit_schema(models)["properties"]
    fields = {name: form[name] for name in ("image", "model", "fit")}
    schema = {"type": "object", "required": ["image"], "properties": fields}
    in_json = schema | {
        "properties": fields | {"image": INLINE | {"description": fields["image"]["description"]}}
    }
    contents = {
        "multipart/form-data": {"schema": schema, "encoding": {"image": {"contentType": KINDS}}},
        "application/json": {"schema": in_json},
    }
    return {
        "operationId": "uploadPicture",
        "tags": ["Batches"],
        "summary": "Upload a picture for batches",
        "description": "Checks and stores a picture; edits of a batch name its id in `upload`. It is deleted a day "
        "after it was last used. The same file with the same key again is the same upload.",
        "parameters": [],
        "requestBody": {"required": True, "content": contents},
        "responses": {
            "201": _answer("Stored.", schema="Upload"),
            **answers(with_codes((*EVERY, *OF_UPLOAD))),
        },
    }


def _make(models: Sequence[ProviderModel]) -> dict[str, Any]:
    return {
        "operationId": "createBatch",
        "tags": ["Batches"],
        "summary": "Make many edits",
        "description": f"1 to {MOST_EDITS} edits in one call: all of them are accepted or none, and the answer comes "
        "at once. Each is an ordinary edit with its own seed and cost. Fields beside `edits` hold for each edit that "
        "leaves them out.",
        "parameters": [{"$ref": "#/components/parameters/Idempotency-Key"}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _list_schema(models)}}},
        "responses": {
            "202": _answer("Accepted. Ask for its state at `Location`.", "Location"),
            **answers(with_codes((*EVERY, *OF_LIST))),
        },
    }


def _list_schema(models: Sequence[ProviderModel]) -> Schema:
    of_edit = edit_schema_in_json(edit_schema(models))["properties"]
    fields = {name: of_edit[name] for name in SHARED if name in of_edit}
    plain = {name: _without_default(schema) for name, schema in fields.items()}
    plain["upload"] = ID | {
        "description": "The id of a picture from `POST /v1/uploads`, in place of `source_edit`."
    }
    each = {"type": "object", "properties": plain}
    edits = {"type": "array", "items": each, "minItems": 1, "maxItems": MOST_EDITS}
    return {
        "type": "object",
        "required": ["edits"],
        "properties": {"edits": edits | {"description": "The edits, in the order in which they are sent."}}
        | {name: schema for name, schema in plain.items()},
    }


def _without_default(schema: Schema) -> Schema:
    """What an edit leaves out comes from the fields beside the list first."""
    return {name: value for name, value in schema.items() if name != "default"}


def _get() -> dict[str, Any]:
    return {
        "operationId": "getBatch",
        "tags": ["Batches"],
        "summary": "Look at one batch",
        "description": "Your own, with all its edits. Edits of a colleague's batch can only be seen one by one.",
        "parameters": [BATCH_ID],
        "responses": {"200": _answer("Its state now."), **answers(with_codes((*EVERY, "not_found")))},
    }


def _act(operation: str, summary: str, description: str) -> dict[str, Any]:
    """A call that changes what becomes of the edits that wait, and can be repeated."""
    return {
        "operationId": operation,
        "tags": ["Batches"],
        "summary": summary,
        "description": description,
        "parameters": [BATCH_ID],
        "responses": {"200": _answer("Its state now."), **answers(with_codes((*EVERY, "not_found")))},
    }


def _answer(says: str, *headers: str, schema: str = "Batch") -> dict[str, Any]:
    return {
        "description": says,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *headers)},
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }
