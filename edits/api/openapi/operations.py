"""The calls of the API: their parameters, responses and errors."""

from collections.abc import Sequence
from typing import Any

from edits.api.openapi.batches import batch_paths
from edits.api.openapi.error_catalog import answers, with_codes
from edits.api.openapi.fields import edit_schema, edit_schema_in_json, list_parameters, rerun_schema
from edits.api.openapi.presets import preset_paths
from edits.api.openapi.recipes import recipe_paths
from edits.models import ProviderModel
from edits.services.provider.choosing import public_ids

EVERY = ("unknown_host", "https_required", "invalid_api_key", "insufficient_scope", "method_not_allowed",
         "rate_limit_exceeded", "internal_error", "unavailable")  # fmt: skip
KINDS = "image/png, image/jpeg, image/webp, application/octet-stream"
OUTCOMES = ("upstream_rejected", "content_filtered", "canceled", "bad_upstream_result", "edit_pending",
            "upstream_account", "upstream_unavailable", "outcome_unknown")  # fmt: skip
OF_FORM = ("empty", "corrupt", "format", "animated", "too_small", "aspect", "too_many_pixels", "too_large",
           "required", "invalid", "too_long", "several", "not_supported", "gone", "400 model_not_found",
           "bad_request", "unsupported_media_type", "idempotency_key_reused", "no_room")  # fmt: skip
OF_RERUN = ("not_found", "invalid", "too_long", "not_supported", "too_small", "aspect", "corrupt", "too_large",
            "400 model_not_found", "bad_request", "unsupported_media_type", "idempotency_key_reused",
            "no_room")  # fmt: skip
EDIT_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Which edit.",
    "schema": {"type": "string", "format": "uuid"},
}
ASKING = [
    {"$ref": "#/components/parameters/Idempotency-Key"},
    {"$ref": "#/components/parameters/Prefer"},
]
WAITED = ("Location", "X-Edit-Id", "X-Fitted", "Preference-Applied")


def paths(models: Sequence[ProviderModel]) -> dict[str, Any]:
    """All calls by path and method."""
    return {
        "/v1/images/edits": {"post": _edit(models)},
        "/v1/edits": {"get": _list()},
        "/v1/edits/{id}": {"get": _get()},
        "/v1/edits/{id}/rerun": {"post": _rerun()},
        "/v1/edits/{id}/cancel": {"post": _cancel()},
        **batch_paths(models),
        **recipe_paths(),
        **preset_paths(EVERY),
        "/v1/models": {"get": _models()},
        "/v1/models/{id}": {"get": _model(list(public_ids(models).values()))},
    }


def _edit(models: Sequence[ProviderModel]) -> dict[str, Any]:
    schema = edit_schema(models)
    kinds = {"image": KINDS, "image[]": KINDS, "mask": "image/png, application/octet-stream"}
    encoding = {name: {"contentType": kind} for name, kind in kinds.items() if name in schema["properties"]}
    contents = {
        "multipart/form-data": {"schema": schema, "encoding": encoding},
        "application/json": {"schema": edit_schema_in_json(schema)},
    }
    return {
        "operationId": "editImage",
        "tags": ["Edits"],
        "summary": "Edit a picture",
        "description": "Waits until the edit is done and answers with its picture. A caller that goes away loses "
        "nothing: the edit is finished and kept in the history.",
        "parameters": ASKING,
        "requestBody": {"required": True, "content": contents},
        "responses": {
            "200": _answer("The picture, or why there is none.", "Images", "X-Fitted", "X-Edit-Id"),
            "202": _accepted(),
            **answers(with_codes((*EVERY, *OF_FORM, *OUTCOMES))),
        },
    }


def _list() -> dict[str, Any]:
    return {
        "operationId": "listEdits",
        "tags": ["Edits"],
        "summary": "List your edits",
        "description": "One page of them, or of what the team shares. A key that may only make edits "
        "lists those that it made.",
        "parameters": list_parameters(),
        "responses": {
            "200": _answer("One page of them.", "EditList"),
            **answers(with_codes((*EVERY, "invalid", "too_long", "414 bad_request"))),
        },
    }


def _get() -> dict[str, Any]:
    return {
        "operationId": "getEdit",
        "tags": ["Edits"],
        "summary": "Look at one edit",
        "description": "Your own, or one that is shared with the team.",
        "parameters": [EDIT_ID],
        "responses": {
            "200": _answer("Its current state.", "Edit", "ETag"),
            "304": {
                "description": "Nothing changed since the answer whose `ETag` you sent in `If-None-Match`."
            },
            **answers(with_codes((*EVERY, "not_found"))),
        },
    }


def _rerun() -> dict[str, Any]:
    return {
        "operationId": "rerunEdit",
        "tags": ["Edits"],
        "summary": "Run an edit again",
        "description": "A new edit with the same pictures and prompt. With the same seed and model, its receipt says "
        "whether the result is the same.",
        "parameters": [EDIT_ID, *ASKING],
        "requestBody": {
            "content": {
                kind: {"schema": rerun_schema()} for kind in ("multipart/form-data", "application/json")
            }
        },
        "responses": {
            "200": _answer("The picture, or why there is none.", "Images", "X-Fitted", "X-Edit-Id"),
            "202": _accepted(),
            **answers(with_codes((*EVERY, *OUTCOMES, *OF_RERUN))),
        },
    }


def _cancel() -> dict[str, Any]:
    return {
        "operationId": "cancelEdit",
        "tags": ["Edits"],
        "summary": "Cancel an edit",
        "description": "One that waits is not sent. Of one that runs the picture is thrown away; it may be charged.",
        "parameters": [EDIT_ID],
        "responses": {
            "200": _answer("Its state now.", "Edit"),
            **answers(with_codes((*EVERY, "not_found", "already_finished"))),
        },
    }


def _models() -> dict[str, Any]:
    return {
        "operationId": "listModels",
        "tags": ["Models"],
        "summary": "List the models",
        "description": "All that can be asked for, with their limits; one of them is the default.",
        "parameters": [],
        "responses": {"200": _answer("The list.", "ModelList"), **answers(with_codes(EVERY))},
    }


def _model(ids: list[str]) -> dict[str, Any]:
    schema = {"type": "string", "examples": ids}
    says = "Its id, or `provider/model`; slashes may be sent as they are or as `%2F`."
    name = {"name": "id", "in": "path", "required": True, "description": says, "schema": schema}
    return {
        "operationId": "getModel",
        "tags": ["Models"],
        "summary": "Look at one model",
        "description": "What it takes and within which limits.",
        "parameters": [name],
        "responses": {
            "200": _answer("The model.", "Model"),
            **answers(with_codes((*EVERY, "404 model_not_found"))),
        },
    }


def _accepted() -> dict[str, Any]:
    return _answer(
        "Accepted, after `Prefer: respond-async`: the first edit, and in `edits` the ids of all. Ask for its state "
        "at `Location`.",
        "Edit",
        *WAITED,
    )


def _answer(says: str, schema: str, *headers: str) -> dict[str, Any]:
    return {
        "description": says,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *headers)},
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }
