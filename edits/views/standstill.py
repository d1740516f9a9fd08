"""What keeps a provider from getting edits, if anything does: switched off, on hold, or asked to wait for long."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from edits.models import Provider
from edits.services.provider.operating import is_long_wait


@dataclass(frozen=True)
class Standstill:
    """``by`` is who stopped it, ``reason`` why it is held (for administrators), ``until`` when a wait ends."""

    kind: Literal["stopped", "held", "waiting"]
    provider: Provider
    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    reason: str = ""


def standstill_of(provider: Provider, *, now: datetime) -> Standstill | None:
    """The gravest thing that holds the provider.  A wait of at most 15 minutes is everyday and not told."""
    if provider.stopped_since:
        return Standstill("stopped", provider, since=provider.stopped_since, by=provider.stopped_by)
    if provider.held_since:
        return Standstill("held", provider, since=provider.held_since, reason=provider.held_reason)
    if is_long_wait(provider, now=now):
        return Standstill("waiting", provider, since=provider.paused_since, until=provider.paused_until)
    return None
