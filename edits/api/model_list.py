"""GET /v1/models: the models of this installation with all of their limits, so that clients need not guess them."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from edits.api.access import api
from edits.api.errors import ApiError
from edits.forms.api_form import RESPONSE_FORMATS
from edits.model_specs import MAX_SEED, Bounds, ModelSpec
from edits.models import ApiKey, ProviderModel
from edits.services.provider.choosing import UnknownModel, find_model, public_ids

UNKNOWN_DATE = 0
"""Clients expect a number; when a model was made is not published."""


@api("GET", scope="any")
def model_list(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """All models that can be asked for."""
    default = ProviderModel.objects.default()
    offered = list(ProviderModel.objects.offered())
    ids = public_ids(offered)
    data = [_described(model, id=ids[model.pk], is_default=model == default) for model in offered]
    return JsonResponse({"object": "list", "data": data})


@api("GET", scope="any")
def model(request: HttpRequest, key: ApiKey, name: str) -> HttpResponse:
    """One model, by its id or by ``provider/model``."""
    try:
        found = find_model(name)
    except UnknownModel as error:
        raise ApiError(
            f"The model {name[:64]} is not available. Use {' or '.join(error.ids)}.",
            status=404,
            code="model_not_found",
            param="model",
        ) from error
    return JsonResponse(_described(found, id=name, is_default=found == ProviderModel.objects.default()))


def _described(model: ProviderModel, *, id: str, is_default: bool) -> dict[str, Any]:
    provider = model.provider
    return {
        "id": id,
        "object": "model",
        "created": UNKNOWN_DATE,
        "owned_by": "retake" if provider.is_practice else provider.slug,
        "provider": provider.slug,
        "default": is_default,
        "price": str(model.price) if model.price is not None else None,
        "limits": limits_of(model.spec),
    }


def limits_of(spec: ModelSpec) -> dict[str, Any]:
    """What the model takes, and what holds where a field is left out; null for a field that it does not take.

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
        "seed": {"min": 0, "max": MAX_SEED, "default": 0} if spec.takes_seed else None,
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
