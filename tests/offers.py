"""More models to choose from: of an own server and of a hosted service, with the specs of their presets."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from edits.model_specs import Bounds, ModelSpec
from edits.models import Provider, ProviderModel

QWEN = ModelSpec(
    name="Qwen/Qwen-Image-Edit-2511",
    max_prompt_chars=4000,
    steps=Bounds(1, 50, 40),
    cfg_scale=Bounds(1, 8, 4),
    sizes=("auto", "1024x1024", "1280x832", "832x1280", "1664x928"),
    default_size="auto",
    takes_seed=True,
    takes_negative_prompt=True,
    max_pictures=3,
    good_at="Keeps faces and text.",
)
GPT = ModelSpec(
    name="gpt-image-2",
    max_side_px=3840,
    max_area_px=3840 * 2160,
    max_prompt_chars=32_000,
    sizes=("auto", "1024x1024", "1536x1024"),
    default_size="auto",
    takes_mask=True,
    max_pictures=4,
    qualities=("low", "high"),
    backgrounds=("opaque", "transparent"),
    output_formats=("png", "webp"),
    good_at="Follows long instructions.",
)
SMALL = ModelSpec(name="small", max_side_px=256, max_area_px=256 * 256, max_prompt_chars=100, takes_seed=True)


def provider(name: str = "Studio GPU", **fields: Any) -> Provider:
    """A provider whose address is never called."""
    slug = name.lower().replace(" ", "-")
    usual = {"preset": "other", "stored_url": "http://127.0.0.1:9/v1", "is_private": True}
    return Provider.objects.create(name=name, slug=slug, **(usual | fields))


def model(
    spec: ModelSpec, *, of: Provider | None = None, price: str = "", name: str = "", **fields: Any
) -> ProviderModel:
    """A model that members may choose."""
    spec = replace(spec, name=name or spec.name)
    cost = Decimal(price) if price else None
    of = of or Provider.objects.filter(slug="studio-gpu").first() or provider()
    return of.models.create(name=spec.name, spec_json=spec.to_json(), price=cost, **fields)
