"""Hands the next edit to a worker: fair between people over all providers, within what each provider allows and the
team may spend."""

import platform
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, Min, QuerySet

from edits.models import Attempt, EditRequest, Provider, ProviderModel, Status
from edits.models.edit_requests import EditRequestQuerySet
from edits.services.budgets.spending import team_room
from edits.services.provider.connecting import longest_seconds

MACHINE = platform.node()[:64]
PROBE_EVERY = timedelta(minutes=5)
UNVERIFIED_CONCURRENT = 2
"""Calls at once until one has worked: a wrong key then costs two answers, not one for each queued edit."""
AFTER_TIMEOUT = timedelta(seconds=90)
"""A call may last longer than its timeout by this: a download may follow."""


@dataclass(frozen=True)
class Limits:
    """What one provider allows, over all workers and machines."""

    concurrent: int
    per_minute: int
    longest_call: timedelta = timedelta(minutes=5)

    @classmethod
    def of(cls, provider: Provider) -> "Limits":
        """The provider's own."""
        return cls(
            concurrent=provider.max_concurrent,
            per_minute=provider.max_per_minute,
            longest_call=timedelta(seconds=longest_seconds(provider)) + AFTER_TIMEOUT,
        )


LimitsOf = Callable[[Provider], Limits]


@dataclass(frozen=True)
class Load:
    """The calls of one provider now: those under way, and those begun within the last 60 seconds."""

    in_flight: int
    in_last_minute: int


def claim_next(*, lease: timedelta, now: datetime, limits_of: LimitsOf = Limits.of) -> EditRequest | None:
    """The next edit in turn, now RUNNING, leased and with its attempt written down; None when none may be sent.

    The next one is that of the person with the fewest running, then the longest waiting, among the edits whose
    provider may be called.  A provider that is held is called only with a probe, every five minutes.
    """
    due = sendable(now)
    if not due.exists():  # keeps idle workers off the write lock
        return None
    with transaction.atomic():
        providers = list(Provider.objects.select_for_update(no_key=True).order_by("pk"))
        edit = _next(providers, due=due, now=now, limits_of=limits_of)
        if edit is None or not _lease(edit, lease=lease, now=now):
            return None
    return edit


def sendable(now: datetime) -> EditRequestQuerySet:
    """What is due and whose model is still offered: nothing is ever sent to another one instead."""
    return EditRequest.objects.due(now).filter(Exists(ProviderModel.objects.of_edit()))


def _next(
    providers: Iterable[Provider], *, due: EditRequestQuerySet, now: datetime, limits_of: LimitsOf
) -> EditRequest | None:
    loads = loads_of(providers, now=now, limits_of=limits_of)
    in_flight = sum(load.in_flight for load in loads.values())
    room = team_room(now=now, in_flight=in_flight, due=due)
    if not room.has_calls:
        return None
    affordable = room.affordable(due)
    free = []
    for provider in providers:
        load, limits = loads[provider.pk], limits_of(provider)
        if not _may_call(provider, load=load, limits=limits, now=now):
            continue
        if not provider.held_since:
            free.append(provider.pk)
        elif probe := _next_probe(affordable.filter(provider=provider)):
            Provider.objects.filter(pk=provider.pk).update(probe_at=now + PROBE_EVERY)
            return probe
    return _next_in_turn(affordable.filter(provider__in=free)) if free else None


def _may_call(provider: Provider, *, load: Load, limits: Limits, now: datetime) -> bool:
    if provider.stopped_since or (provider.paused_until and provider.paused_until > now):
        return False
    if provider.held_since:
        return not load.in_flight and (provider.probe_at is None or provider.probe_at <= now)
    if load.in_flight >= most_in_flight(provider, limits=limits):
        return False
    return load.in_last_minute < limits.per_minute


def most_in_flight(provider: Provider, *, limits: Limits) -> int:
    """How many calls may be under way at once; few until one has worked."""
    return limits.concurrent if provider.verified_at else min(limits.concurrent, UNVERIFIED_CONCURRENT)


def loads_of(
    providers: Iterable[Provider], *, now: datetime, limits_of: LimitsOf = Limits.of
) -> dict[int, Load]:
    """The load of each of these providers, tests included, by primary key.  Three queries."""
    rows = {provider.pk: provider for provider in providers}
    running = _counted(EditRequest.objects.running(), by="provider")
    longest = max((limits_of(row).longest_call for row in rows.values()), default=timedelta(0))
    canceled = Counter[int]()
    for pk, began in _open_without_edit(since=now - longest):
        if pk in rows and began > now - limits_of(rows[pk]).longest_call:
            canceled[pk] += 1
    begun = _counted(Attempt.objects.filter(started_at__gt=now - timedelta(minutes=1)), by="account")
    return {
        pk: Load(
            in_flight=running[pk] + canceled[pk] + row.tests_in_flight(now),
            in_last_minute=begun[pk] + row.tests_in_last_minute(now),
        )
        for pk, row in rows.items()
    }


def _counted(rows: QuerySet[Any], *, by: str) -> Counter[int]:
    """How many rows each provider has among these."""
    return Counter(dict(rows.order_by().values_list(by).annotate(count=Count("pk"))))


def _open_without_edit(*, since: datetime) -> Iterable[tuple[int, datetime]]:
    """Calls that were not over when their edit was canceled: the account counts them too."""
    still_open = Attempt.objects.filter(ended_at__isnull=True, started_at__gt=since)
    return still_open.exclude(edit__status=Status.RUNNING).order_by().values_list("account", "started_at")


def _next_in_turn(waiting: EditRequestQuerySet) -> EditRequest | None:
    running = dict(EditRequest.objects.running().order_by().values_list("owner").annotate(count=Count("pk")))
    first_of_each = waiting.order_by().values_list("owner").annotate(first=Min("pk"))
    turns = sorted((running.get(owner, 0), first) for owner, first in first_of_each)
    return _whole().get(pk=turns[0][1]) if turns else None


def _next_probe(waiting: EditRequestQuerySet) -> EditRequest | None:
    """The one that was tried least recently, so that a single bad edit does not keep the provider held."""
    found = waiting.order_by(F("started_at").asc(nulls_first=True), "pk").values_list("pk", flat=True).first()
    return _whole().get(pk=found) if found else None


def _whole() -> EditRequestQuerySet:
    return EditRequest.objects.select_related("upload", "provider", "mask")


def _lease(edit: EditRequest, *, lease: timedelta, now: datetime) -> bool:
    """False when it was canceled or moved to another model in this moment: then nothing of it may be sent."""
    as_read = EditRequest.objects.filter(pk=edit.pk, provider=edit.provider_id, model=edit.model)
    leased = as_read.filter(status=Status.QUEUED).update(
        status=Status.RUNNING,
        started_at=now,
        lease_until=now + lease,
        not_before=None,
        fence=F("fence") + 1,
        attempts_made=F("attempts_made") + 1,
    )
    if not leased:
        return False
    edit.status, edit.started_at, edit.lease_until, edit.not_before = Status.RUNNING, now, now + lease, None
    edit.fence, edit.attempts_made = edit.fence + 1, edit.attempts_made + 1
    Attempt.objects.create(
        edit=edit,
        account=edit.provider,
        model=edit.model,
        host=edit.provider.host[:300],
        number=edit.attempts_made,
        fence=edit.fence,
        started_at=now,
        seed_sent=edit.seed,
        worker=MACHINE,
    )
    return True
