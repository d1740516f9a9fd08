"""Assembles the document from the calls, the webhook events and their schemas."""

from collections.abc import Sequence
from typing import Any

from edits.api.openapi.batches import batch_schema, upload_schema
from edits.api.openapi.headers import answer_headers, request_headers
from edits.api.openapi.operations import paths
from edits.api.openapi.presets import preset_schemas
from edits.api.openapi.recipes import recipe_schema, run_schema
from edits.api.openapi.schemas import schemas
from edits.api.openapi.webhook_docs import webhooks
from edits.models import ProviderModel

VERSION = "1"
ABOUT = (
    "StepFun's and OpenAI's image-edit call with Retake's queue, history and receipts behind it, for every model of "
    "this installation. A program that calls StepFun or OpenAI only needs another base URL and a key of yours."
)


def document_of(models: Sequence[ProviderModel], *, address: str) -> dict[str, Any]:
    """The OpenAPI document of an installation at this address with these models, the default model first."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Retake", "version": VERSION, "description": ABOUT},
        "servers": [{"url": address}],
        "security": [{"key": []}],
        "tags": [{"name": name} for name in ("Edits", "Batches", "Recipes", "Presets", "Models")],
        "paths": paths(models),
        "webhooks": webhooks(),
        "components": {
            "schemas": schemas()
            | {"Batch": batch_schema(), "Upload": upload_schema()}
            | {"Recipe": recipe_schema(), "RecipeRun": run_schema()}
            | preset_schemas(),
            "headers": answer_headers(),
            "parameters": request_headers(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key, rtk_…"}},
        },
    }
