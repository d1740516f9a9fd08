"""The figures for Prometheus.  docs/operating.md says what each means and which deserve an alarm.

Gauges alone: emptying the trash deletes rows, so that a counter over the tables could fall.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from edits.models import Provider
from edits.services.budgets.budgeting import Use
from edits.services.calls import spooling
from edits.services.figures import Attempts, Figures, provider_state, read_figures
from edits.services.pictures.room import free_bytes
from edits.services.queue.claiming import Limits

log = logging.getLogger(__name__)


@login_not_required
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For administrators and whoever holds METRICS_TOKEN; for everybody else it does not exist."""
    if not _may_read(request):
        raise Http404
    limits, now = Limits.from_settings(), timezone.now()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Scrape(limits=limits, now=now))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token: str = settings.METRICS_TOKEN
        return bool(token) and constant_time_compare(given.strip(), token)
    return bool(getattr(request.user, "is_administrator", False))


class _Scrape(Collector):
    """All metrics of one moment."""

    def __init__(self, *, limits: Limits, now: datetime) -> None:
        self.limits, self.now = limits, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What the tables say, or that they cannot be asked, and what this machine knows by itself."""
        try:
            figures = read_figures(limits=self.limits, now=self.now)
        except Error:
            log.exception("The figures cannot be read")
            yield _gauge("database_up", "1 when the database answers.", 0)
        else:
            yield _gauge("database_up", "1 when the database answers.", 1)
            yield from _of_queue(figures)
            yield from _of_calls(figures, limits=self.limits)
            yield from _of_budget(figures.team_use)
            yield from _of_provider(figures.provider, now=self.now)
        yield from _of_this_machine()


def _of_queue(figures: Figures) -> Iterator[GaugeMetricFamily]:
    numbers = (("queued", figures.queued), ("running", figures.running), ("saving", figures.saving))
    yield _labeled("edits", "Edits that have not ended.", ["status"], numbers)
    yield _gauge(
        "queue_age_seconds",
        "How long the first edit in line has been allowed to go out; 0 when none may.",
        figures.oldest_due_seconds or 0,
    )
    yield _gauge("edits_past_lease", "Running edits whose worker is silent.", figures.past_lease)
    yield _gauge("reviews_waiting", "Filtered edits that wait for a reviewer.", figures.reviews_waiting)
    told = (("due", figures.deliveries_due), ("failing", figures.deliveries_failing))
    yield _labeled(
        "webhook_deliveries", "Deliveries that are to be sent now, and that failed.", ["state"], told
    )
    yield _labeled(
        "edits_tried_last_hour",
        "Edits that were sent within the last hour, by where they stand now.",
        ["status", "reason"],
        ((tried.status, tried.reason, tried.count) for tried in figures.tried_last_hour),
    )


def _of_calls(figures: Figures, *, limits: Limits) -> Iterator[GaugeMetricFamily]:
    yield _gauge("calls_in_flight", "Calls that run now, over all workers.", figures.in_flight)
    yield _gauge("calls_in_flight_limit", "What the account allows of them.", limits.concurrent)
    yield _gauge("calls_last_minute", "Calls begun in the last 60 seconds.", figures.calls_last_minute)
    yield _gauge("calls_last_minute_limit", "What the account allows of them.", limits.per_minute)
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


def _of_provider(provider: Provider, *, now: datetime) -> Iterator[GaugeMetricFamily]:
    state = provider_state(provider, now=now)
    states = ((name, name == state) for name in ("open", "paused", "held", "stopped"))
    yield _labeled("provider_state", "1 for what the provider's account is in now.", ["state"], states)
    times = {
        "held_since": provider.held_since,
        "stopped_since": provider.stopped_since,
        "paused_until": provider.paused_until,
    }
    known = ((name, time.timestamp()) for name, time in times.items() if time)
    yield _labeled("provider_timestamp_seconds", "Since or until when, in Unix time.", ["what"], known)
    heard = provider.worker_seen_at
    silent = max(0.0, (now - heard).total_seconds()) if heard else float("inf")
    yield _gauge("worker_silent_seconds", "Since a worker was last heard of; +Inf if never.", silent)


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
