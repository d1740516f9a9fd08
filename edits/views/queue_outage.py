"""What keeps a provider from getting edits, if anything does: switched off, on hold, or asked to wait for long."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from edits.models import Provider
from edits.services.provider.error_messages import reason_words
from edits.services.provider.queue_controls import is_long_wait


@dataclass(frozen=True)
class QueueOutage:
    """``by`` is who stopped it, ``reason`` why it is held (for administrators), ``until`` when a wait ends."""

    kind: Literal["stopped", "held", "waiting"]
    provider: Provider
    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    reason: str = ""


def queue_outage(provider: Provider, *, now: datetime) -> QueueOutage | None:
    """What holds the provider, most severe first.  A wait of at most 15 minutes is normal, not reported."""
    if provider.stopped_since:
        return QueueOutage("stopped", provider, since=provider.stopped_since, by=provider.stopped_by)
    if provider.held_since:
        return QueueOutage(
            "held", provider, since=provider.held_since, reason=reason_words(provider.held_reason)
        )
    if is_long_wait(provider, now=now):
        return QueueOutage("waiting", provider, since=provider.paused_since, until=provider.paused_until)
    return None
