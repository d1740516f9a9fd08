"""Metrics that show an operator how the queue is doing, read from the database on request.

So every web process on every machine reports the same values.  Each query follows an index to rows that are
waiting or recent, and neither counts nor reads what ended long ago.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, Min, Value, When
from django.db.models.functions import Coalesce

from edits.faults import LETTERS
from edits.models import Attempt, Budget, EditRequest, Provider, ReviewCase, WebhookDelivery
from edits.services.budgets.budgeting import Use, use_of_team
from edits.services.canary import LatestCanary, latest_canaries
from edits.services.queue.claiming import Load, loads_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAMPLE = 500
QUANTILES = (0.5, 0.9, 0.99)
OPEN, NO_FAULT = "open", "none"


@dataclass(frozen=True)
class Attempts:
    """How many calls ended in one way.  ``fault`` is the letter of a fault, "none", or "open" while the call runs."""

    fault: str
    charged: str
    count: int


@dataclass(frozen=True)
class Tried:
    """How many of the recently sent edits have this status; ``reason`` is blank except for failed ones."""

    status: str
    reason: str
    count: int


@dataclass(frozen=True)
class ProviderMetrics:
    """One provider: its calls in flight, its queued edits, and how the calls of the last hour ended."""

    provider: Provider
    load: Load
    queued: int
    attempts_last_hour: list[Attempts]


@dataclass(frozen=True)
class QueueMetrics:
    """The metrics of the queue.  Times are in seconds, None if there is nothing to measure."""

    providers: list["ProviderMetrics"]
    canaries: list[LatestCanary]
    queued: int
    running: int
    saving: int
    past_lease: int
    reviews_waiting: int
    deliveries_due: int
    deliveries_failing: int
    """Failed, and waiting for a retry."""
    oldest_due_seconds: float | None
    attempts_last_hour: list[Attempts]
    attempts_last_day: list[Attempts]
    tried_last_hour: list[Tried]
    team_use: tuple[Use, Use]
    """Today's and this month's, with the team's budgets if there are any."""
    call_seconds: dict[float, float]
    """Of the last hour's answered calls, at most ``SAMPLE``, by quantile; empty if there were none."""

    @property
    def in_flight(self) -> int:
        """Calls in flight at all providers."""
        return sum(figures.load.in_flight for figures in self.providers)

    @property
    def calls_last_minute(self) -> int:
        """Calls begun within the last 60 seconds at all providers."""
        return sum(figures.load.in_last_minute for figures in self.providers)


def read_metrics(*, now: datetime) -> QueueMetrics:
    """Read all metrics.  Raises django.db.Error if the database is unavailable."""
    edits = EditRequest.objects
    of_hour = _counted_attempts("account", since=now - HOUR)
    providers = _of_providers(now, attempts=of_hour)
    return QueueMetrics(
        providers=providers,
        canaries=latest_canaries([each.provider for each in providers]),
        queued=edits.queued().count(),
        running=edits.running().count(),
        saving=edits.saving().count(),
        past_lease=edits.lease_lost(now).count(),
        reviews_waiting=_reviews_waiting(),
        deliveries_due=WebhookDelivery.objects.due(now).count(),
        deliveries_failing=WebhookDelivery.objects.failing().count(),
        oldest_due_seconds=oldest_due_seconds(now),
        attempts_last_hour=_over_all(of_hour),
        attempts_last_day=_attempts(_counted_attempts(since=now - DAY)),
        tried_last_hour=_tried(since=now - HOUR),
        team_use=use_of_team(budget=Budget.objects.current(), now=now),
        call_seconds=_call_seconds(since=now - HOUR),
    )


def _of_providers(now: datetime, *, attempts: Iterable[tuple[Any, ...]]) -> list[ProviderMetrics]:
    providers = list(Provider.objects.current())
    loads = loads_of(providers, now=now)
    waiting = EditRequest.objects.queued().number_by_provider()
    ended: dict[int, list[Attempts]] = {}
    for account, *counted in attempts:
        ended.setdefault(account, []).append(Attempts(*counted))
    return [
        ProviderMetrics(row, loads[row.pk], waiting.get(row.pk, 0), ended.get(row.pk, []))
        for row in providers
    ]


def _reviews_waiting() -> int:
    """Counted in an index, without what is in the trash, which is little: none of the edits that wait is read."""
    trashed = EditRequest.objects.trashed().order_by().values("pk")
    waiting = ReviewCase.objects.filter(decision="", question_open=False).exclude(edit__in=trashed)
    return waiting.order_by().count()


def oldest_due_seconds(now: datetime) -> float | None:
    """For how many seconds the first due edit has been allowed to go out; None if no edit is due."""
    oldest = EditRequest.objects.due(now).aggregate(since=Min(Coalesce("not_before", "queued_at")))["since"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else None


def provider_state(provider: Provider, *, now: datetime) -> str:
    """The provider's state as one word, the longest-lasting first: stopped, held, paused or open."""
    if provider.stopped_since:
        return "stopped"
    if provider.held_since:
        return "held"
    return "paused" if provider.paused_until and provider.paused_until > now else "open"


def _attempts(rows: Iterable[tuple[Any, ...]]) -> list[Attempts]:
    return sorted((Attempts(*row) for row in rows), key=lambda found: (found.fault, found.charged))


def _over_all(rows: Iterable[tuple[Any, ...]]) -> list[Attempts]:
    """The rows of all providers, removed ones included, added up."""
    counted: Counter[tuple[Any, ...]] = Counter()
    for _, kind, charged, count in rows:
        counted[kind, charged] += count
    return _attempts((*key, count) for key, count in counted.items())


def _counted_attempts(*by: str, since: datetime) -> list[tuple[Any, ...]]:
    """Rows of the columns ``by``, then kind, charged and count.

    Returns the letters of earlier versions, for which operators wrote alerts.  Workers of the previous version
    also still store some.
    """
    kind = Case(
        When(ended_at__isnull=True, then=Value(OPEN)),
        When(fault="", then=Value(NO_FAULT)),
        default=F("fault"),
        output_field=CharField(),
    )
    rows = Attempt.objects.filter(started_at__gt=since).order_by().annotate(kind=kind)
    counted = Counter[tuple[Any, ...]]()
    for *key, fault, charged, count in rows.values_list(*by, "kind", "charged").annotate(Count("pk")):
        counted[*key, LETTERS.get(fault, fault), charged] += count
    return [(*key, count) for key, count in counted.items()]


def _tried(*, since: datetime) -> list[Tried]:
    rows = Attempt.objects.filter(started_at__gt=since).order_by().values_list("edit__status", "edit__reason")
    counted = rows.annotate(Count("edit", distinct=True))
    return sorted((Tried(*row) for row in counted), key=lambda found: (found.status, found.reason))


def _call_seconds(*, since: datetime) -> dict[float, float]:
    answered = Attempt.objects.filter(started_at__gt=since, ended_at__isnull=False, fault="")
    times = answered.order_by("-started_at").values_list("started_at", "ended_at")[:SAMPLE]
    seconds = sorted(max(0.0, (end - start).total_seconds()) for start, end in times if end)
    return {quantile: _at(seconds, quantile) for quantile in QUANTILES} if seconds else {}


def _at(ordered: Sequence[float], quantile: float) -> float:
    """The value at this quantile: always one of the measured values."""
    return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]
