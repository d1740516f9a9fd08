"""Whether edits go out to a provider, how full it is, and what waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edits.models import FIRST, Budget, Provider
from edits.services.queue.claiming import QueueLimits, loads_of, most_in_flight
from edits.views.health import WORKER_SILENT_AFTER
from edits.views.provider_waiting import Group
from edits.views.queue_outage import queue_outage


@dataclass(frozen=True)
class State:
    """``kind`` is open, paused (for minutes), waiting (for longer), held, stopped or removed."""

    kind: str
    provider: Provider
    limits: QueueLimits
    in_flight: int
    most_in_flight: int
    in_last_minute: int
    waiting: int
    oldest_wait_seconds: float
    worker_seen_at: datetime | None
    worker_is_heard: bool
    budget_used_until: datetime | None

    @property
    def can_try_now(self) -> bool:
        """Something holds the queue that an administrator may ask to be tried before its time."""
        return self.kind in ("held", "waiting")


def state_of(provider: Provider, *, groups: Sequence[Group], now: datetime) -> State:
    """The state now, in five queries; ``groups`` are what waits."""
    limits, load = QueueLimits.of(provider), loads_of([provider], now=now)[provider.pk]
    oldest = min((group.oldest for group in groups), default=None)
    seen = Provider.objects.values_list("worker_seen_at", flat=True).get(pk=FIRST)
    spent = Budget.objects.current().budget_exhausted_until  # money concerns single models, not the provider
    return State(
        kind=kind_of(provider, now=now),
        provider=provider,
        limits=limits,
        in_flight=load.in_flight,
        most_in_flight=most_in_flight(provider, limits=limits),
        in_last_minute=load.in_last_minute,
        waiting=sum(group.count for group in groups),
        oldest_wait_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        worker_seen_at=seen,
        worker_is_heard=seen is not None and seen > now - WORKER_SILENT_AFTER,
        budget_used_until=spent if spent and spent > now else None,
    )


def kind_of(provider: Provider, *, now: datetime) -> str:
    """One word for its state: open, paused, waiting, held, stopped or removed."""
    if provider.removed_at:
        return "removed"
    still = queue_outage(provider, now=now)
    if still:
        return still.kind
    return "paused" if provider.paused_until and provider.paused_until > now else "open"
