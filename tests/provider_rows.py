"""Providers of one's own for tests of their pages, stored as the page stores them."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from edits.models import Provider, ProviderModel
from edits.services.provider.adding import NewModel, insert_models
from edits.services.provider.keys import encrypt_key
from edits.services.provider.naming import new_slug
from tests.model_lists import KLEIN, QWEN

KEY = "sk-test-0123456789"


def gpu(name: str = "Studio GPU", *, models: tuple[str, ...] = (QWEN, KLEIN), **fields: Any) -> Provider:
    """A vLLM-Omni server with a key and two models, 2 cents each."""
    usual: dict[str, Any] = {
        "preset": "vllm-omni",
        "stored_url": "http://127.0.0.1:9/v1",
        "is_private": True,
        "encrypted_key": encrypt_key(KEY),
        "added_at": timezone.now(),
        "position": Provider.objects.count(),
    }
    provider = Provider.objects.create(name=name, slug=new_slug(name), **(usual | fields))
    insert_models(provider, [NewModel(model, Decimal("0.02")) for model in models])
    return provider


def model_of(provider: Provider, name: str = QWEN) -> ProviderModel:
    """One of its models."""
    return ProviderModel.objects.select_related("provider").get(provider=provider, name=name)
