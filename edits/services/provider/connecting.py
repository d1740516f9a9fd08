"""Makes the client that calls a provider in the dialect of one of its models."""

from django.conf import settings

from edits.models import EditRequest, Provider
from edits.providers import Client, Dialect, dialect_of
from edits.providers.presets import PRESETS
from edits.services.outgoing import proxies
from edits.services.provider.keys import read_key

NO_KEY = "practice"
"""The practice engine asks for a key as StepFun does, and takes any."""


def client_of(edit: EditRequest) -> Client:
    """The client for an edit.  Raises KeyUnreadable."""
    model = edit.provider_model
    return provider_client(edit.provider, accent=model.accent if model else "")


def longest_seconds(provider: Provider) -> int:
    """How long a call may take: of a gateway that repeats calls by itself, as long as two of them."""
    times = 2 if PRESETS[provider.kind].repeats_calls else 1
    return times * provider.timeout_seconds


def provider_client(provider: Provider, *, accent: str = "") -> Client:
    """A client with the patience that an edit in the queue has.  Raises KeyUnreadable."""
    key = read_key(provider)
    repeats = PRESETS[provider.kind].repeats_calls
    return Client(
        base_url=provider.base_url,
        api_key=key or (NO_KEY if provider.is_practice else ""),
        dialect=_dialect(provider, accent=accent),
        timeout_seconds=longest_seconds(provider),
        one_call_seconds=provider.timeout_seconds if repeats else None,
        allow_hosts=provider.result_hosts,
        only_public=not (provider.from_settings or provider.is_private),
        ca_bundle=settings.CA_BUNDLE,
        proxies=proxies(),
    )


def link_client(edit: EditRequest) -> Client:
    """A client that only follows result links of the edit's provider: no key goes along, and none is read."""
    provider = edit.provider
    return Client(
        base_url=provider.base_url,
        api_key="",
        allow_hosts=provider.result_hosts,
        ca_bundle=settings.CA_BUNDLE,
        proxies=proxies(),
    )


def _dialect(provider: Provider, *, accent: str) -> Dialect:
    preset = PRESETS[provider.kind]
    return dialect_of(preset.dialect, accent=accent or preset.accent)
