"""Whether edits go out, how full the account is, and what waits: the upper half of the page *Provider*."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Min

from edits.models import Budget, EditRequest, Provider
from edits.services.queue.claiming import (
    UNVERIFIED_CONCURRENT,
    Limits,
    calls_in_flight,
    calls_in_last_minute,
)
from edits.views.health import WORKER_SILENT_AFTER
from edits.views.standstill import standstill_of


@dataclass(frozen=True)
class State:
    """``kind`` is open, paused (for minutes), waiting (for longer), held or stopped."""

    kind: str
    provider: Provider
    limits: Limits
    in_flight: int
    most_in_flight: int
    in_last_minute: int
    waiting: int
    oldest_wait_seconds: float
    worker_is_heard: bool
    budget_used_until: datetime | None

    @property
    def can_try_now(self) -> bool:
        """Something holds the queue that an administrator may ask to be tried before its time."""
        return self.kind in ("held", "waiting")


@dataclass(frozen=True)
class Service:
    """Who is asked.  Of the key only whether there is one; of the address no credentials."""

    model: str
    host: str
    is_practice: bool
    key_is_set: bool
    timeout_seconds: int


def state_of(provider: Provider, *, limits: Limits, now: datetime) -> State:
    """The state now, in five queries."""
    line = EditRequest.objects.queued().aggregate(number=Count("pk"), since=Min("queued_at"))
    seen, spent = provider.worker_seen_at, Budget.objects.current().spent_until
    return State(
        kind=_kind_of(provider, now=now),
        provider=provider,
        limits=limits,
        in_flight=calls_in_flight(limits=limits, now=now) + provider.tests_in_flight(now),
        most_in_flight=limits.concurrent
        if provider.verified_at
        else min(limits.concurrent, UNVERIFIED_CONCURRENT),
        in_last_minute=calls_in_last_minute(now) + provider.tests_in_last_minute(now),
        waiting=line["number"],
        oldest_wait_seconds=max(0.0, (now - line["since"]).total_seconds()) if line["since"] else 0.0,
        worker_is_heard=seen is not None and seen > now - WORKER_SILENT_AFTER,
        budget_used_until=spent if spent and spent > now else None,
    )


def service() -> Service:
    """The provider that the settings name."""
    address = urlsplit(settings.STEPFUN_BASE_URL)
    port = f":{address.port}" if address.port else ""
    return Service(
        model=settings.STEPFUN_MODEL,
        host=f"{address.hostname}{port}",
        is_practice=settings.PRACTICE_ENGINE,
        key_is_set=bool(settings.STEPFUN_API_KEY),
        timeout_seconds=settings.STEPFUN_TIMEOUT_SECONDS,
    )


def _kind_of(provider: Provider, *, now: datetime) -> str:
    still = standstill_of(provider, now=now)
    if still:
        return still.kind
    return "paused" if provider.paused_until and provider.paused_until > now else "open"
