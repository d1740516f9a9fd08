"""The practice engine's answers as JSON values: a finished edit, the models, an error."""

import base64
import uuid
from collections.abc import Callable
from typing import Any

from edits.model_specs import MODEL_SPECS

from .contract import AskedEdit
from .refusals import ContractError
from .words import FilterVerdict

# Clients expect a number here; it must be the same in every answer.
_MODELS_CREATED = 1735689600


def edit_answer(
    asked: AskedEdit,
    *,
    png: bytes | None,
    seed: int,
    verdict: FilterVerdict,
    created: int,
    link: Callable[[bytes], str],
) -> dict[str, Any]:
    """The body of a 200.  ``png`` is None for a filtered edit without its picture."""
    result: dict[str, Any] = {
        "finish_reason": "success" if verdict is FilterVerdict.PASSED else "content_filtered",
        "seed": seed,
    }
    if png is not None:
        result[asked.response_format] = (
            base64.b64encode(png).decode("ascii") if asked.response_format == "b64_json" else link(png)
        )
    return {"id": uuid.uuid4().hex, "created": created, "data": [result]}


def models_answer() -> dict[str, Any]:
    """The list that generic clients request to test a connection."""
    models = [
        {"id": name, "object": "model", "created": _MODELS_CREATED, "owned_by": "local-engine"}
        for name in MODEL_SPECS
    ]
    return {"object": "list", "data": models}


def error_answer(error: ContractError) -> dict[str, Any]:
    """StepFun's two fields; it sends neither ``code`` nor ``param``."""
    return {"error": {"message": error.message, "type": error.type}}
