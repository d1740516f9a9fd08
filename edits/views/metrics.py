"""The figures for Prometheus.  docs/operating.md says what each means and which deserve an alarm.

Gauges alone: emptying the trash deletes rows, so that a counter over the tables could fall.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from edits.models import FIRST
from edits.services.budgets.budgeting import Use
from edits.services.calls import spooling
from edits.services.canary import LatestCanary
from edits.services.metrics import (
    Attempts,
    ProviderMetrics,
    QueueMetrics,
    provider_state,
    read_metrics,
)
from edits.services.pictures.disk_space import free_bytes
from edits.views.monitors import may_watch

log = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For administrators and requests with METRICS_TOKEN; for all others it does not exist."""
    if not may_watch(request):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Scrape(now=timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Scrape(Collector):
    """All metrics of one moment."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What the tables say, or that they cannot be asked, and what this machine knows by itself."""
        try:
            figures = read_metrics(now=self.now)
        except Error:
            log.exception("The figures cannot be read")
            yield _gauge("database_up", "1 when the database answers.", 0)
        else:
            yield _gauge("database_up", "1 when the database answers.", 1)
            yield from _of_queue(figures)
            yield from _of_calls(figures)
            yield from _of_budget(figures.team_use)
            yield from _of_providers(figures.providers, now=self.now)
            yield from _of_canaries(figures.canaries)
        yield from _of_this_machine()


def _of_queue(figures: QueueMetrics) -> Iterator[GaugeMetricFamily]:
    numbers = (("queued", figures.queued), ("running", figures.running), ("saving", figures.saving))
    yield _labeled("edits", "Edits that have not ended.", ["status"], numbers)
    yield _gauge(
        "queue_age_seconds",
        "How long the first edit in line has been allowed to go out; 0 when none may.",
        figures.oldest_due_seconds or 0,
    )
    yield _gauge("edits_past_lease", "Running edits whose worker is silent.", figures.past_lease)
    yield _gauge("reviews_waiting", "Filtered edits that wait for a reviewer.", figures.reviews_waiting)
    states = (("due", figures.deliveries_due), ("failing", figures.deliveries_failing))
    yield _labeled(
        "webhook_deliveries", "Deliveries that are to be sent now, and that failed.", ["state"], states
    )
    yield _labeled(
        "edits_tried_last_hour",
        "Edits that were sent within the last hour, by where they stand now.",
        ["status", "reason"],
        ((tried.status, tried.reason, tried.count) for tried in figures.tried_last_hour),
    )


def _of_calls(figures: QueueMetrics) -> Iterator[GaugeMetricFamily]:
    rows = [figures.provider for figures in figures.providers]
    concurrent, per_minute = sum(row.max_concurrent for row in rows), sum(row.max_per_minute for row in rows)
    yield _gauge("calls_in_flight", "Calls that run now, over all workers.", figures.in_flight)
    yield _gauge("calls_in_flight_limit", "What the accounts allow of them.", concurrent)
    yield _gauge("calls_last_minute", "Calls begun in the last 60 seconds.", figures.calls_last_minute)
    yield _gauge("calls_last_minute_limit", "What the accounts allow of them.", per_minute)
    for window, found in (("hour", figures.attempts_last_hour), ("day", figures.attempts_last_day)):
        yield _of_attempts(found, window=window)
    yield _labeled(
        "call_seconds",
        "How long the last hour's answered calls took, at most 500 of them.",
        ["quantile"],
        ((str(quantile), seconds) for quantile, seconds in figures.call_seconds.items()),
    )


def _of_attempts(found: list[Attempts], *, window: str) -> GaugeMetricFamily:
    return _labeled(
        f"attempts_last_{window}",
        f"Calls begun within the last {window}, by class of fault and whether they were charged.",
        ["fault", "charged"],
        ((attempts.fault, attempts.charged, attempts.count) for attempts in found),
    )


def _of_budget(team_use: tuple[Use, Use]) -> Iterator[GaugeMetricFamily]:
    named = list(zip(("day", "month"), team_use, strict=True))
    says = "Calls that were or may have been charged this day and month."
    yield _labeled("budget_calls", says, ["period"], ((name, use.used) for name, use in named))
    limits = ((name, use.limit) for name, use in named if use.limit is not None)
    yield _labeled("budget_calls_limit", "The team's budget of them, where there is one.", ["period"], limits)


def _of_providers(found: list[ProviderMetrics], *, now: datetime) -> Iterator[GaugeMetricFamily]:
    states = (
        (each.provider.slug, name, name == provider_state(each.provider, now=now))
        for each in found
        for name in ("open", "paused", "held", "stopped")
    )
    yield _labeled("provider_state", "1 for the state of each provider.", ["provider", "state"], states)
    known = (
        (each.provider.slug, name, time.timestamp())
        for each in found
        for name in ("held_since", "stopped_since", "paused_until")
        if (time := getattr(each.provider, name))
    )
    says = "Since or until when, in Unix time."
    yield _labeled("provider_timestamp_seconds", says, ["provider", "what"], known)
    for name, words, value in _PER_PROVIDER:
        rows = ((each.provider.slug, value(each)) for each in found)
        yield _labeled(f"provider_{name}", words, ["provider"], rows)
    ended = (
        (each.provider.slug, attempts.fault, attempts.charged, attempts.count)
        for each in found
        for attempts in each.attempts_last_hour
    )
    says = (
        "Calls of each provider begun within the last hour, by class of fault and whether they were charged."
    )
    yield _labeled("provider_attempts_last_hour", says, ["provider", "fault", "charged"], ended)
    seen = (each.provider.worker_seen_at for each in found if each.provider.pk == FIRST)
    latest = next(seen, None)
    silent = max(0.0, (now - latest).total_seconds()) if latest else float("inf")
    yield _gauge(
        "worker_silent_seconds", "Since the last sign of life of a worker; +Inf if there was none.", silent
    )


_PER_PROVIDER: tuple[tuple[str, str, Callable[[ProviderMetrics], float]], ...] = (
    ("calls_in_flight", "Calls of each provider that run now.", lambda each: each.load.in_flight),
    ("calls_in_flight_limit", "What each provider allows.", lambda each: each.provider.max_concurrent),
    ("calls_last_minute", "Calls begun in the last 60 seconds.", lambda each: each.load.in_last_minute),
    ("calls_last_minute_limit", "What each provider allows.", lambda each: each.provider.max_per_minute),
    ("edits_queued", "Edits that wait for each provider.", lambda each: each.queued),
)


def _of_canaries(found: list[LatestCanary]) -> Iterator[GaugeMetricFamily]:
    labels = ["provider", "model"]
    named = [((each.model.provider.slug, each.model.name), each) for each in found]
    runs = [(names, each.run) for names, each in named if each.run]
    rows = ((*names, run.seconds) for names, run in runs if run.has_picture)
    yield _labeled("canary_seconds", "How long the latest daily canary took, if it worked.", labels, rows)
    rows = ((*names, run.difference) for names, run in runs if run.difference is not None)
    yield _labeled("canary_difference", "From the baseline's picture, 0 to 1.", labels, rows)
    rows = ((*names, run.has_failed) for names, run in runs)
    yield _labeled("canary_failed", "1 where the latest canary brought no picture.", labels, rows)
    rows = ((*names, each.model.changed_at.timestamp()) for names, each in named if each.model.changed_at)
    says = "When a canary last saw that the model had changed, in Unix time."
    yield _labeled("model_changed_timestamp_seconds", says, labels, rows)


def _of_this_machine() -> Iterator[GaugeMetricFamily]:
    """Of the machine that answers: each has a disk and a spool of its own."""
    try:
        free, spooled = free_bytes(), spooling.count()
    except OSError:
        log.exception("The data folder cannot be looked at")
        return
    yield _gauge("disk_free_bytes", "Free where pictures and the spool lie on this machine.", free)
    yield _gauge("spooled_answers", "Paid answers on this machine's disk, not stored yet.", spooled)


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"retake_{name}", says, value=value)


def _labeled(name: str, says: str, labels: list[str], rows: Iterable[Sequence[Any]]) -> GaugeMetricFamily:
    """Each row has a value for each label, then the number."""
    family = GaugeMetricFamily(f"retake_{name}", says, labels=labels)
    for *found, value in rows:
        family.add_metric(found, float(value))
    return family
