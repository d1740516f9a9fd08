"""Checks of the providers that administrators added: keys, encryption, and the time and threads of their calls.

They read rows, so they run only if a database is named (``manage.py check --database default``, and in a
worker), and find nothing before the tables exist.  No message contains a key.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError

from edits.checks.provider import CONNECT_SECONDS, DOWNLOAD_SECONDS, is_loopback, is_private
from edits.models import Provider, ProviderModel
from edits.providers.presets import PRESETS
from edits.services.provider.connecting import longest_seconds
from edits.services.provider.keys import KeyUnreadable, read_key

RowCheck = Callable[[list[Provider]], Iterable[CheckMessage]]
PAGE = "Settings > Providers"


def _added() -> list[Provider]:
    """All providers except that of the STEPFUN_* settings; none if there is no table yet."""
    try:
        return list(Provider.objects.current().filter(from_settings=False))
    except DatabaseError:
        return []


def _of_rows(check: RowCheck) -> Callable[..., list[CheckMessage]]:
    """Make a system check that runs only if it may use a database."""

    def run(app_configs: object, databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
        return list(check(_added())) if databases else []

    run.__name__, run.__doc__ = check.__name__, check.__doc__
    return run


@_of_rows
def there_are_keys(providers: list[Provider]) -> Iterable[CheckMessage]:
    """Without a key, a hosted service refuses the first edit and the provider is held."""
    for provider in providers:
        if PRESETS[provider.kind].key_rule == "required" and not provider.has_key:
            yield Warning(
                f"{provider.title} has no key, and {PRESETS[provider.kind].title} requires one.",
                hint=f"Enter it on {PAGE}.",
                id="retake.W001",
            )


@_of_rows
def keys_can_be_read(providers: list[Provider]) -> Iterable[CheckMessage]:
    """After a restore with another SECRET_KEY, or if a variable is missing, nothing can be sent."""
    for provider in providers:
        try:
            read_key(provider)
        except KeyUnreadable as error:
            yield Warning(
                f"The key of {provider.title} cannot be read: {error}.",
                hint=f"Enter the key again on {PAGE}, or set the environment variable for web and worker.",
                id="retake.W011",
            )


@_of_rows
def specs_can_be_used(providers: list[Provider]) -> Iterable[CheckMessage]:
    """Only changes that bypass Retake break a spec; the model then gets only a picture and a prompt."""
    for model in ProviderModel.objects.served().filter(provider__in=providers):
        if model.spec_error:
            yield Warning(
                f"The spec of {model.title} of {model.provider.title} is invalid: {model.spec_error}",
                hint=f"Edit its spec on {PAGE}.",
                id="retake.W015",
            )


@_of_rows
def keys_travel_encrypted(providers: list[Provider]) -> Iterable[CheckMessage]:
    """Over http, anyone on the network path can read the key and the pictures."""
    for provider in providers:
        address = urlsplit(provider.base_url)
        is_fine = address.scheme == "https" or is_loopback(address.hostname or "") or provider.is_private
        if not is_fine:
            yield Warning(
                f"Key, prompts and pictures go to {provider.title} ({provider.host}) unencrypted.",
                hint=f"Use an https:// address, or say on {PAGE} that it is on your private network.",
                id="retake.W002",
            )


@_of_rows
def results_come_from_expected_networks(providers: list[Provider]) -> Iterable[CheckMessage]:
    """A listed host may be on a private network, where a hostile provider could then read anything."""
    for provider in providers:
        for entry in provider.result_hosts:
            if not provider.is_private and is_private(urlsplit(f"//{entry}").hostname or ""):
                yield Error(
                    f"{provider.title} may have results fetched from {entry}, which is on a private network.",
                    hint=f"Remove it on {PAGE}, or say there that the provider is on your private network.",
                    id="retake.E001",
                )


@_of_rows
def a_stop_waits_for_each_call(providers: list[Provider]) -> Iterable[CheckMessage]:
    """A worker that is killed during a call loses an answer that was paid for."""
    for provider in providers:
        longest = CONNECT_SECONDS + longest_seconds(provider) + DOWNLOAD_SECONDS
        if longest > settings.STOP_GRACE_SECONDS:
            yield Warning(
                f"A stop waits {settings.STOP_GRACE_SECONDS} s, but a call to {provider.title} with its download "
                f"may take {longest} s.",
                hint=f"Set STOP_GRACE_SECONDS to at least {longest}, and let systemd or Compose wait longer than "
                f"that; or lower the timeout on {PAGE}.",
                id="retake.W003",
            )


@_of_rows
def threads_suffice_for_all_providers(providers: list[Provider]) -> Iterable[CheckMessage]:
    """Each call occupies a worker thread until its answer arrives."""
    total = settings.STEPFUN_MAX_CONCURRENT + sum(provider.max_concurrent for provider in providers)
    if providers and total > settings.WORKER_THREADS:
        yield Warning(
            f"All providers together take {total} calls at once, but a worker makes only {settings.WORKER_THREADS}.",
            hint="Raise WORKER_THREADS, or silence this where several workers share the calls.",
            id="retake.W004",
        )
