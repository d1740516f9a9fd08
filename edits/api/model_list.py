"""GET /v1/models: the model of this installation with all of its limits, so that clients need not guess them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from edits.api.access import api
from edits.api.errors import ApiError
from edits.forms.api_form import RESPONSE_FORMATS
from edits.model_specs import MAX_SEED, MODEL_SPECS, Bounds, ModelSpec
from edits.models import ApiKey

UNKNOWN_DATE = 0
"""Clients expect a number; when a model was made is not published."""


@api("GET", scope="any")
def model_list(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """All models that can be asked for: one."""
    return JsonResponse({"object": "list", "data": [_described(MODEL_SPECS[settings.STEPFUN_MODEL])]})


@api("GET", scope="any")
def model(request: HttpRequest, key: ApiKey, name: str) -> HttpResponse:
    """One model."""
    if name != settings.STEPFUN_MODEL:
        raise ApiError(
            f"There is no such model here; {settings.STEPFUN_MODEL} is.",
            status=404,
            code="model_not_found",
            param="model",
        )
    return JsonResponse(_described(MODEL_SPECS[name]))


def _described(spec: ModelSpec) -> dict[str, Any]:
    return {
        "id": spec.name,
        "object": "model",
        "created": UNKNOWN_DATE,
        "owned_by": "retake" if settings.PRACTICE_ENGINE else "stepfun",
        "limits": limits_of(spec),
    }


def limits_of(spec: ModelSpec) -> dict[str, Any]:
    """What the model takes, and what holds where a field is left out.

    A larger picture is made to fit; one that breaks another limit is refused.
    """
    return {
        "min_side_px": spec.min_side_px,
        "max_side_px": spec.max_side_px,
        "max_area_px": spec.max_area_px,
        "max_ratio": spec.max_ratio,
        "formats": [name.lower() for name in spec.formats],
        "max_upload_bytes": spec.max_upload_bytes,
        "max_prompt_chars": spec.max_prompt_chars,
        "seed": {"min": 0, "max": MAX_SEED, "default": 0},
        "steps": _range(spec.steps, int),
        "cfg_scale": _range(spec.cfg_scale, float),
        "size": {"values": list(spec.sizes), "default": spec.default_size or None},
        "response_format": {"values": list(RESPONSE_FORMATS), "default": RESPONSE_FORMATS[0]},
    }


def _range(bounds: Bounds, number: type[int] | type[float]) -> dict[str, float]:
    least, most, default = map(number, (bounds.least, bounds.most, bounds.default))
    return {"min": least, "max": most, "default": default}
