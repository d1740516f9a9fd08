"""GET /v1/models: the models of this installation with all their limits, so that clients need not guess them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from edits.api.access import api
from edits.api.errors import unknown_model
from edits.forms.api_form import RESPONSE_FORMATS
from edits.model_specs import MAX_SEED, Bounds, ModelSpec
from edits.models import ApiKey, ProviderModel
from edits.services.api.idempotency import MOST_EDITS
from edits.services.provider.choosing import UnknownModel, find_model, public_ids

UNKNOWN_DATE = 0
"""Clients expect a number, but the creation date of a model is not published."""
CAPABILITIES: dict[str, Callable[[ModelSpec], bool]] = {
    "seed": lambda spec: spec.takes_seed,
    "steps": lambda spec: spec.steps is not None,
    "cfg_scale": lambda spec: spec.cfg_scale is not None,
    "size": lambda spec: bool(spec.sizes),
    "negative_prompt": lambda spec: spec.takes_negative_prompt,
    "mask": lambda spec: spec.takes_mask,
    "references": lambda spec: spec.max_pictures > 1,
    "quality": lambda spec: bool(spec.qualities),
    "background": lambda spec: bool(spec.backgrounds),
    "output_format": lambda spec: bool(spec.output_formats),
}
"""What only some models support."""


@api("GET", scope="any")
def model_list(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """All models that can be requested."""
    return JsonResponse({"object": "list", "data": _offered()})


@api("GET", scope="any")
def model(request: HttpRequest, key: ApiKey, name: str) -> HttpResponse:
    """One model, by its id or by ``provider/model``; ids may contain slashes and colons."""
    try:
        found = find_model(name)
    except UnknownModel as error:
        raise unknown_model(name, error, status=404) from error
    offered = ProviderModel.objects.all_offered() or [found]
    default = ProviderModel.objects.default_of(offered)
    return JsonResponse(_described(found, id=public_ids(offered)[found.pk], is_default=found == default))


def _offered() -> list[dict[str, Any]]:
    offered = ProviderModel.objects.all_offered()
    ids, default = public_ids(offered), ProviderModel.objects.default_of(offered)
    return [_described(model, id=ids[model.pk], is_default=model == default) for model in offered]


def _described(model: ProviderModel, *, id: str, is_default: bool) -> dict[str, Any]:
    provider, limits = model.provider, limits_of(model.spec)
    return {
        "id": id,
        "object": "model",
        "created": UNKNOWN_DATE,
        "owned_by": "retake" if provider.is_practice else provider.slug,
        "provider": provider.slug,
        "default": is_default,
        "price": str(model.price) if model.price is not None else None,
        "capabilities": [name for name, takes in CAPABILITIES.items() if takes(model.spec)],
        "limits": limits,
    }


def limits_of(spec: ModelSpec) -> dict[str, Any]:
    """The model's limits and the defaults for omitted fields; null for a field that it does not take.

    A larger picture is made to fit; one that exceeds another limit is rejected.
    """
    return {
        "min_side_px": spec.min_side_px,
        "max_side_px": spec.max_side_px,
        "max_area_px": spec.max_area_px,
        "max_ratio": spec.max_ratio,
        "formats": [name.lower() for name in spec.formats],
        "max_upload_bytes": spec.max_upload_bytes,
        "max_prompt_chars": spec.max_prompt_chars,
        "seed": {"min": 0, "max": MAX_SEED, "default": 0} if spec.takes_seed else None,
        "n": {"min": 1, "max": MOST_EDITS if spec.takes_seed else 1, "default": 1},
        "steps": _range(spec.steps, int),
        "cfg_scale": _range(spec.cfg_scale, float),
        "size": {"values": list(spec.sizes), "default": spec.default_size or None},
        "negative_prompt": spec.takes_negative_prompt,
        "mask": spec.takes_mask,
        "images": {"min": 1, "max": spec.max_pictures},
        "quality": list(spec.qualities),
        "background": list(spec.backgrounds),
        "output_format": list(spec.output_formats),
        "response_format": {"values": list(RESPONSE_FORMATS), "default": RESPONSE_FORMATS[0]},
    }


def _range(bounds: Bounds | None, number: type[int] | type[float]) -> dict[str, float] | None:
    if bounds is None:
        return None
    least, most, default = map(number, (bounds.least, bounds.most, bounds.default))
    return {"min": least, "max": most, "default": default}
