"""Removes providers: the row stays, for edits and calls name it, but its key is erased and nothing is sent to it."""

from datetime import datetime

from django.db import transaction

from edits.models import Provider, ProviderModel, User
from edits.services import event_log
from edits.services.team.auditing import record


def remove_provider(provider: Provider, *, actor: User, now: datetime) -> bool:
    """Remove a provider.  False when it is that of the settings, or removed already.

    What runs is finished.  Waiting edits stay waiting until an administrator moves or cancels them.
    """
    with transaction.atomic():
        there = Provider.objects.current().filter(pk=provider.pk, from_settings=False)
        removed = there.update(
            removed_at=now,
            encrypted_key="",
            key_variable="",
            held_since=None,
            held_reason="",
            probe_at=None,
            paused_since=None,
            paused_until=None,
        )
        if removed:
            models = ProviderModel.objects.filter(provider=provider)
            models.update(is_default=False, canary_is_on=False, canary_due_at=None)
            record(
                actor=actor,
                action="removed a provider",
                subject=provider.title,
                detail=provider.host,
                now=now,
            )
    if removed:
        event_log.provider_changed("stopped", provider=provider.slug, reason="removed by an administrator")
    return bool(removed)
