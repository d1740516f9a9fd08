"""The calls about recipes, and the schemas of a recipe and of a run."""

from typing import Any

from edits.api.openapi.error_catalog import answers, with_codes
from edits.api.openapi.schemas import COUNT, ID, TIME, URL, Schema, thing, words
from edits.models import StopReason, WaitReason
from edits.models.recipes import MOST_RECIPE_STEPS, MOST_RUN_PICTURES

EVERY = ("unknown_host", "https_required", "invalid_api_key", "insufficient_scope", "method_not_allowed",
         "rate_limit_exceeded", "internal_error", "unavailable")  # fmt: skip
OF_RUN = ("not_found", "too_small", "aspect", "corrupt", "too_large", "invalid", "gone", "400 model_not_found",
          "bad_request", "unsupported_media_type", "idempotency_key_reused", "no_room")  # fmt: skip
STATES = ["active", "waiting", "done", "stopped"]


def recipe_paths() -> dict[str, Any]:
    """The calls by path and method."""
    return {
        "/v1/recipes": {"get": _list()},
        "/v1/recipes/{id}/runs": {"post": _start()},
        "/v1/recipe-runs/{id}": {"get": _get()},
        "/v1/recipe-runs/{id}/cancel": {"post": _cancel()},
    }


def recipe_schema() -> Schema:
    """A recipe with the steps of its newest version."""
    return thing(
        {
            "id": ID,
            "object": {"const": "recipe"},
            "name": {"type": "string"},
            "owner": {"type": "string", "description": "The user name of its owner."},
            "shared": {"type": "boolean"},
            "created": TIME,
            "version": {"type": "integer", "minimum": 1},
            "steps": _steps(),
            "page": URL | {"description": "Where people look at it, signed in."},
        }
    )


def run_schema() -> Schema:
    """A run with how far each of its pictures is."""
    counts = {"total": COUNT} | {state: COUNT for state in STATES}
    return thing(
        {
            "id": ID,
            "object": {"const": "recipe_run"},
            "recipe": _or_null(ID),
            "version": _or_null({"type": "integer", "minimum": 1}),
            "status": words(
                ["active", "ended", "canceled"], "`ended` once every picture is done or has stopped."
            ),
            "created": TIME,
            "steps": _steps(),
            "counts": thing(counts) | {"description": "How many pictures are in each status."},
            "pictures": {"type": "array", "items": _picture(), "maxItems": MOST_RUN_PICTURES},
            "page": URL | {"description": "Where people look at it, signed in."},
        }
    )


def _steps() -> Schema:
    step = {"type": "object", "required": ["prompt"], "properties": {"prompt": {"type": "string"}}}
    says = "Each has `prompt`, its options, and `model` unless that is the default model on the day of a run."
    return {"type": "array", "items": step, "maxItems": MOST_RECIPE_STEPS, "description": says}


def _picture() -> Schema:
    return thing(
        {
            "status": words(STATES, "`waiting`: its step is done, and the next one waits for `waits_for`."),
            "step": {"type": "integer", "minimum": 1, "description": "The last step that was sent."},
            "stopped_by": _or_null({"enum": list(StopReason.values)}),
            "waits_for": _or_null({"enum": list(WaitReason.values)}),
            "again_at": _or_null(TIME),
            "edits": {
                "type": "array",
                "items": _or_null(ID),
                "description": "Its edits, one for each step so far; null for one that was deleted.",
            },
        }
    )


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _id(says: str) -> Schema:
    schema = {"type": "string", "format": "uuid"}
    return {"name": "id", "in": "path", "required": True, "description": says, "schema": schema}


def _list() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["object", "data", "has_more"],
        "properties": {
            "object": {"const": "list"},
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Recipe"}},
            "has_more": {"type": "boolean"},
        },
    }
    return {
        "operationId": "listRecipes",
        "tags": ["Recipes"],
        "summary": "List recipes",
        "description": "Your own and those that are shared with the team, the newest first, at most 200.",
        "parameters": [],
        "responses": {"200": _answer("The recipes.", schema=schema), **answers(with_codes(EVERY))},
    }


def _start() -> dict[str, Any]:
    fields = {
        "uploads": {
            "type": "array",
            "items": ID,
            "minItems": 1,
            "maxItems": MOST_RUN_PICTURES,
            "description": "Ids of pictures from `POST /v1/uploads` with the same key.",
        },
        "version": {"type": "integer", "minimum": 1, "description": "An older version than the newest."},
        "replace_models": {
            "type": "boolean",
            "default": False,
            "description": "Use today's default model where a model of the recipe is gone, and values that a model "
            "takes where it no longer takes those of the recipe. Otherwise such a run is refused.",
        },
    }
    schema = {"type": "object", "required": ["uploads"], "properties": fields}
    return {
        "operationId": "runRecipe",
        "tags": ["Recipes"],
        "summary": "Run a recipe",
        "description": "Sends the first step of all pictures, or of none; each further step follows when the picture "
        "before it is done. A step that fails or is filtered stops only its own picture.",
        "parameters": [_id("Which recipe."), {"$ref": "#/components/parameters/Idempotency-Key"}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "202": _answer("Accepted. Ask for its state at `Location`.", "Location"),
            **answers(with_codes((*EVERY, *OF_RUN))),
        },
    }


def _get() -> dict[str, Any]:
    return {
        "operationId": "getRecipeRun",
        "tags": ["Recipes"],
        "summary": "Look at one run",
        "description": "Your own, with how far each of its pictures is.",
        "parameters": [_id("Which run.")],
        "responses": {"200": _answer("Its state now."), **answers(with_codes((*EVERY, "not_found")))},
    }


def _cancel() -> dict[str, Any]:
    return {
        "operationId": "cancelRecipeRun",
        "tags": ["Recipes"],
        "summary": "Cancel a run",
        "description": "No further step is sent, and edits that wait are canceled. Those that run may be charged, "
        "and are finished.",
        "parameters": [_id("Which run.")],
        "responses": {"200": _answer("Its state now."), **answers(with_codes((*EVERY, "not_found")))},
    }


def _answer(says: str, *headers: str, schema: Schema | None = None) -> dict[str, Any]:
    return {
        "description": says,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *headers)},
        "content": {"application/json": {"schema": schema or {"$ref": "#/components/schemas/RecipeRun"}}},
    }
