"""Runs the canaries that are due: one call a day for each model, whatever its outcome.

    due ──claimed by UPDATE … WHERE canary_due_at = seen──▶ due tomorrow, its run on record
         │                                                   └──▶ one call ──▶ picture, filter or fault on record
         └─ provider on hold, paused or switched off: the day is skipped, and its run says so
         └─ no free slot for the call now: retried in the next round

The claim comes before the call, so that no other call is made on that day if the worker is killed in between.
The call counts as the provider's test in flight, so that the limits of the account hold.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from edits.edit_call import EditCall
from edits.images import BadImage, ResultImage
from edits.models import CanaryRun, CanarySkip, Charged, Provider, ProviderModel
from edits.providers import Client, ProviderError, RateLimited, Unusable
from edits.services.calls.call_results import CallResult, verified
from edits.services.calls.retry_policy import backoff, retry_after
from edits.services.calls.running import ImageEditor, until_recorded
from edits.services.canary.announcing import announce_change
from edits.services.canary.fixed_edit import canary_call, digest_of
from edits.services.canary.judging import difference, has_changed, small_copy
from edits.services.canary.scheduling import next_day
from edits.services.idle_connections import give_back
from edits.services.provider.connecting import provider_client
from edits.services.provider.queue_controls import pause_until
from edits.services.queue.claiming import QueueLimits, QueueLimitsOf, loads_of, most_in_flight
from edits.services.queue.lease_safety import LeaseSafety, lease_safety
from edits.services.team.mailing import in_background

KEPT_FOR = timedelta(days=120)

log = logging.getLogger(__name__)


def canary_client(model: ProviderModel) -> Client:
    """A client with the same timeout as for queued edits.  Raises KeyUnreadable."""
    return provider_client(model.provider, accent=model.accent)


@dataclass(frozen=True)
class Tools:
    """What a run depends on: clients, account limits, clocks, and how mail is sent."""

    client_for: Callable[[ProviderModel], ImageEditor] = canary_client
    limits_of: QueueLimitsOf = QueueLimits.of
    read_clock: Callable[[], datetime] = timezone.now
    stopwatch: Callable[[], float] = time.monotonic
    beside: Callable[[Callable[[], None]], None] = in_background


def run_due_canaries(
    *, lease: timedelta, now: datetime, tools: Tools | None = None, safety: LeaseSafety = lease_safety
) -> int:
    """Run the canaries that are due, one after the other; returns how many calls were made.

    A machine whose clock is wrong runs none, because it could call twice on one day.
    """
    if not safety.clock_is_right:
        return 0
    due = ProviderModel.objects.offered().filter(canary_is_on=True, canary_due_at__lte=now)
    return sum(_run(model, tools=tools or Tools()) for model in due)


def forget_old_runs(*, lease: timedelta, now: datetime) -> int:
    """Delete runs older than 120 days, except baselines; returns how many."""
    old = CanaryRun.objects.filter(began_at__lt=now - KEPT_FOR, is_baseline=False)
    return old.delete()[0] if old.exists() else 0  # a DELETE takes the write lock in any case


def _run(model: ProviderModel, *, tools: Tools) -> bool:
    call = canary_call(model)
    run = _claim(model, skip=CanarySkip.SPEC if model.spec_error else "", tools=tools)
    if run is None or run.is_skipped:
        return False
    try:
        _call_and_record(model, run, call, tools=tools)
    finally:
        mine = Provider.objects.filter(pk=model.provider_id, tested_at=run.began_at)
        mine.update(test_until=None)
    return True


@transaction.atomic
def _claim(model: ProviderModel, *, skip: str, tools: Tools) -> CanaryRun | None:
    """The run, skipped or to be made; None if another worker has it or there is no free slot for the call."""
    now = tools.read_clock()
    provider = Provider.objects.select_for_update(no_key=True).get(pk=model.provider_id)
    limits = tools.limits_of(provider)
    skip = skip or _why_skipped(provider, now=now)
    if not skip and not _has_place(provider, limits=limits, now=now):
        return None
    as_seen = ProviderModel.objects.filter(pk=model.pk, canary_is_on=True, canary_due_at=model.canary_due_at)
    if not as_seen.update(canary_due_at=next_day(model, now=now)):
        return None
    if skip:
        return CanaryRun.objects.create(model=model, began_at=now, skipped=skip, charged=Charged.NO)
    Provider.objects.filter(pk=provider.pk).update(tested_at=now, test_until=now + limits.longest_call)
    return CanaryRun.objects.create(model=model, began_at=now, charged=Charged.MAYBE, cost=model.price)


def _why_skipped(provider: Provider, *, now: datetime) -> str:
    if provider.stopped_since:
        return CanarySkip.STOPPED
    if provider.held_since:
        return CanarySkip.HELD
    return CanarySkip.PAUSED if provider.paused_until and provider.paused_until > now else ""


def _has_place(provider: Provider, *, limits: QueueLimits, now: datetime) -> bool:
    if provider.tests_in_flight(now) or provider.tests_in_last_minute(now):
        return False
    load = loads_of([provider], now=now)[provider.pk]
    at_most = most_in_flight(provider, limits=limits)
    return load.in_flight < at_most and load.in_last_minute < limits.per_minute


def _call_and_record(model: ProviderModel, run: CanaryRun, call: EditCall, *, tools: Tools) -> None:
    give_back()  # a call takes up to minutes
    began = tools.stopwatch()
    try:
        outcome = _outcome(tools.client_for(model), call)
    except ProviderError as error:
        fault, run.seconds = error, round(tools.stopwatch() - began, 3)
        until_recorded(lambda: _record_fault(model, run, fault, now=tools.read_clock()))
        return
    run.seconds = round(tools.stopwatch() - began, 3)
    digest = digest_of(call, accent=model.accent)
    until_recorded(lambda: _record_outcome(model, run, outcome, digest=digest, tools=tools))


def _outcome(client: ImageEditor, call: EditCall) -> CallResult:
    answer = client.edit(call)
    try:
        return verified(answer)
    except BadImage as trouble:
        raise Unusable(f"the result is no picture: {trouble.code}", status=answer.status) from trouble


@transaction.atomic
def _record_fault(model: ProviderModel, run: CanaryRun, error: ProviderError, *, now: datetime) -> None:
    """Record a fault.  A 429 pauses the provider, as for an edit; all other faults are left to the next edit."""
    _write(model, run, fault=error.fault, status=error.status, charged=error.charged)
    log.warning("The canary of model %s failed: fault %s, HTTP %s", model.pk, error.fault, error.status)
    if isinstance(error, RateLimited):
        pause_until(model.provider_id, now + (retry_after(error) or backoff(1)), now=now)


@transaction.atomic
def _record_outcome(
    model: ProviderModel, run: CanaryRun, outcome: CallResult, *, digest: str, tools: Tools
) -> None:
    """Record an answer.  Filtered pictures are not stored, because nobody reviews those of a canary."""
    fields: dict[str, Any] = {"status": outcome.status, "charged": outcome.charged}
    if outcome.picture and not outcome.is_stopped:
        fields |= _picture_fields(outcome.picture, digest=digest)
    _write(model, run, **fields)
    if run.picture:
        _compare(model, run, digest=digest, tools=tools)
    log.info("The canary of model %s answered after %s s", model.pk, run.seconds)


def _write(model: ProviderModel, run: CanaryRun, **fields: Any) -> None:
    """Update the row, if it still exists, and ``run``."""
    fields["cost"] = model.price if fields["charged"] != Charged.NO else None
    for name, value in fields.items():
        setattr(run, name, value)
    CanaryRun.objects.filter(pk=run.pk).update(seconds=run.seconds, **fields)


def _picture_fields(picture: ResultImage, *, digest: str) -> dict[str, Any]:
    return {
        "format": picture.format,
        "width_px": picture.width_px,
        "height_px": picture.height_px,
        "size_bytes": len(picture.data),
        "call_digest": digest,
        "picture": small_copy(picture.data),
    }


def _compare(model: ProviderModel, run: CanaryRun, *, digest: str, tools: Tools) -> None:
    """Compare with the baseline; if there is none for this exact call, the picture becomes the baseline."""
    mine, takes_seed = CanaryRun.objects.filter(pk=run.pk), model.spec.takes_seed
    earlier = CanaryRun.objects.of(model).with_picture().filter(began_at__lt=run.began_at)
    baseline = earlier.filter(is_baseline=True).last()
    if baseline is None or baseline.call_digest != digest:
        mine.update(is_baseline=True, difference=0.0 if takes_seed else None)
        return
    if takes_seed:
        run.difference = difference(baseline.picture, run.picture)
        mine.update(difference=run.difference)
    before = earlier.filter(began_at__gt=baseline.began_at).last()
    if before and has_changed(baseline=baseline, before=before, run=run):
        # The change shows in the first of the new pictures, which becomes the baseline for later ones.
        CanaryRun.objects.filter(pk=before.pk).update(is_baseline=True, model_changed=True)
        ProviderModel.objects.filter(pk=model.pk).update(changed_at=before.began_at)
        now = tools.read_clock()
        announce_change(model=model, baseline=baseline, first=before, now=now, run=tools.beside)
