"""What keeps all edits from going out, if anything does: stopped by somebody, held, or asked to wait for long."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from edits.models import Provider
from edits.services.provider.operating import is_long_wait

COLUMNS = ("stopped_since", "stopped_by", "held_since", "held_reason", "paused_since", "paused_until")
"""Of the provider's row: all that ``standstill_of`` reads."""


@dataclass(frozen=True)
class Standstill:
    """``by`` is who stopped it, ``reason`` why it is held (for administrators), ``until`` when a wait ends."""

    kind: Literal["stopped", "held", "waiting"]
    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    reason: str = ""


def standstill_of(provider: Provider, *, now: datetime) -> Standstill | None:
    """The gravest thing that holds the queue.  A wait of at most 15 minutes is everyday and not told."""
    if provider.stopped_since:
        return Standstill("stopped", since=provider.stopped_since, by=provider.stopped_by)
    if provider.held_since:
        return Standstill("held", since=provider.held_since, reason=provider.held_reason)
    if is_long_wait(provider, now=now):
        return Standstill("waiting", since=provider.paused_since, until=provider.paused_until)
    return None
