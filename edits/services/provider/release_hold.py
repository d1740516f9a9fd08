"""Ends the hold of a provider after a call that worked."""

from datetime import datetime

from django.db.models import Case, DateTimeField, F, Value, When

from edits.models.provider import ProviderQuerySet


def open_queue(providers: ProviderQuerySet, *, now: datetime) -> int:
    """Mark these providers as working and end their holds; returns how many rows that were."""
    ended = When(held_since__isnull=False, then=Value(now, output_field=DateTimeField()))
    return providers.update(
        verified_at=now,
        opened_at=Case(ended, default=F("opened_at")),
        held_since=None,
        held_reason="",
        probe_at=None,
    )
