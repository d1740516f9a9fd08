"""A provider of one's own beside that of the settings, as an administrator adds it."""

from typing import Any

from edits.model_specs import Bounds, ModelSpec
from edits.models import Provider, ProviderModel

TAKES_ALL = ModelSpec(
    name="",
    max_prompt_chars=512,
    steps=Bounds(1, 100, 28),
    cfg_scale=Bounds(1.0, 10.0, 6.0),
    sizes=("512x512", "768x768", "1024x1024"),
    default_size="512x512",
    takes_seed=True,
    takes_negative_prompt=True,
    takes_mask=True,
    max_pictures=4,
)
"""Nearly what StepFun's model takes."""


def second_provider(
    base_url: str = "http://127.0.0.1:9/v1", *, name: str = "GPU", **columns: Any
) -> Provider:
    """One of the kind "other", unless a ``preset`` is named, without a key."""
    usual: dict[str, Any] = {"preset": "other", "slug": name.lower(), "is_private": True}
    return Provider.objects.create(name=name, stored_url=base_url, **(usual | columns))


def model_at(
    provider: Provider, name: str = "flux", *, spec: ModelSpec = TAKES_ALL, **columns: Any
) -> ProviderModel:
    """A model that this provider offers."""
    return ProviderModel.objects.create(provider=provider, name=name, spec_json=spec.to_json(), **columns)
