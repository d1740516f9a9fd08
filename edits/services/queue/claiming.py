"""Hands the next edit to a worker: fair between people over all providers, within what each provider allows and the
team may spend."""

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q

from edits.models import Attempt, EditRequest, Provider, ProviderModel, Status, User
from edits.services.budgets.spending import team_room
from edits.services.provider.connecting import longest_seconds
from edits.services.queue.backlog import BacklogEntry, Waiting, backlog_entries, what_waits
from edits.services.transitions import Event, apply_event

MACHINE = platform.node()[:64]
PROBE_EVERY = timedelta(minutes=5)
UNVERIFIED_CONCURRENT = 2
"""Calls at once until one has worked: a wrong key then costs two answers, not one for each queued edit."""
AFTER_TIMEOUT = timedelta(seconds=90)
"""A call may last longer than its timeout by this: a download may follow."""


@dataclass(frozen=True)
class QueueLimits:
    """What one provider allows, over all workers and machines."""

    concurrent: int
    per_minute: int
    longest_call: timedelta = timedelta(minutes=5)

    @classmethod
    def of(cls, provider: Provider) -> "QueueLimits":
        """The provider's own."""
        return cls(
            concurrent=provider.max_concurrent,
            per_minute=provider.max_per_minute,
            longest_call=timedelta(seconds=longest_seconds(provider)) + AFTER_TIMEOUT,
        )


QueueLimitsOf = Callable[[Provider], QueueLimits]


@dataclass(frozen=True)
class Load:
    """The calls of one provider now: those under way, and those begun within the last 60 seconds."""

    in_flight: int
    in_last_minute: int


@dataclass(frozen=True)
class Running:
    """How many edits run now, of each provider and of each owner."""

    by_provider: Counter[int]
    by_owner: Counter[int]


def claim_next(
    *, lease: timedelta, now: datetime, limits_of: QueueLimitsOf = QueueLimits.of
) -> EditRequest | None:
    """The next edit in turn, as from ``claim_edits``; None when none may be sent."""
    return next(iter(claim_edits(most=1, lease=lease, now=now, limits_of=limits_of)), None)


def claim_edits(
    *, most: int, lease: timedelta, now: datetime, limits_of: QueueLimitsOf = QueueLimits.of
) -> list[EditRequest]:
    """The next edits in turn, now RUNNING, leased and with their attempts written down; none when none may be sent.

    The next one is that of the person with the fewest running, then the longest waiting, among the edits whose
    provider may be called.  A provider that is held is called only with a probe, every five minutes.  Several at
    once cost little more than one; there is one while the team's budget limits anything.
    """
    waiting = what_waits(now)
    if not waiting:  # keeps idle workers off the write lock
        return []
    with transaction.atomic():
        providers = list(Provider.objects.select_for_update(no_key=True).order_by("pk"))
        chosen = _in_turn(providers, waiting=waiting, most=most, now=now, limits_of=limits_of)
        claimed = [edit for edit in chosen if _lease(edit, lease=lease, now=now)]
        if chosen and not claimed:
            # Somebody took or canceled them before the lock was ours; now nobody else can take one.
            chosen = _in_turn(providers, waiting=what_waits(now), most=most, now=now, limits_of=limits_of)
            claimed = [edit for edit in chosen if _lease(edit, lease=lease, now=now)]
        Attempt.objects.bulk_create([_attempt(edit, now=now) for edit in claimed])
        return claimed


def _in_turn(
    providers: Sequence[Provider], *, waiting: Waiting, most: int, now: datetime, limits_of: QueueLimitsOf
) -> list[EditRequest]:
    lines = backlog_entries(providers, now=now, waiting=waiting)
    if not lines:
        return []
    running = _running_now()
    loads = _loads(providers, running=running, now=now, limits_of=limits_of)
    in_flight = sum(load.in_flight for load in loads.values())
    room = team_room(now=now, in_flight=in_flight, prices={line.price for line in lines})
    free: list[BacklogEntry] = []
    places = dict[int, int]()
    for provider in providers:
        load, limits = loads[provider.pk], limits_of(provider)
        if not _may_call(provider, load=load, limits=limits, now=now):
            continue
        places[provider.pk] = min(
            most_in_flight(provider, limits=limits) - load.in_flight, limits.per_minute - load.in_last_minute
        )
        affordable = [line for line in lines if line.model.provider == provider and room.pays(line.price)]
        if not provider.held_since:
            free += affordable
        elif probe := _next_probe(affordable, provider=provider, now=now):
            Provider.objects.filter(pk=provider.pk).update(probe_at=now + PROBE_EVERY)
            return [probe]
    at_once = 1 if room.is_limited else most
    return _next_in_turn(free, running=running, places=places, most=at_once, now=now)


def _may_call(provider: Provider, *, load: Load, limits: QueueLimits, now: datetime) -> bool:
    if provider.stopped_since or (provider.paused_until and provider.paused_until > now):
        return False
    if provider.held_since:
        return not load.in_flight and (provider.probe_at is None or provider.probe_at <= now)
    if load.in_flight >= most_in_flight(provider, limits=limits):
        return False
    return load.in_last_minute < limits.per_minute


def most_in_flight(provider: Provider, *, limits: QueueLimits) -> int:
    """How many calls may be under way at once; few until one has worked."""
    return limits.concurrent if provider.verified_at else min(limits.concurrent, UNVERIFIED_CONCURRENT)


def loads_of(
    providers: Iterable[Provider], *, now: datetime, limits_of: QueueLimitsOf = QueueLimits.of
) -> dict[int, Load]:
    """The load of each of these providers, tests included, by primary key.  Three queries."""
    return _loads(providers, running=_running_now(), now=now, limits_of=limits_of)


def _loads(
    providers: Iterable[Provider], *, running: Running, now: datetime, limits_of: QueueLimitsOf
) -> dict[int, Load]:
    rows = {provider.pk: provider for provider in providers}
    longest = max((limits_of(row).longest_call for row in rows.values()), default=timedelta(0))
    canceled = Counter[int]()
    for pk, began in calls_without_edit(since=now - longest):
        if pk in rows and began > now - limits_of(rows[pk]).longest_call:
            canceled[pk] += 1
    recent = Attempt.objects.filter(started_at__gt=now - timedelta(minutes=1)).order_by()
    begun = Counter(dict(recent.values_list("account").annotate(count=Count("pk"))))
    return {
        pk: Load(
            in_flight=running.by_provider[pk] + canceled[pk] + row.tests_in_flight(now),
            in_last_minute=begun[pk] + row.tests_in_last_minute(now),
        )
        for pk, row in rows.items()
    }


def _running_now() -> Running:
    """Counted here: to group the few that run, SQLite would read the whole index of providers."""
    edits = list(EditRequest.objects.running().order_by().values_list("provider", "owner"))
    return Running(Counter(provider for provider, _ in edits), Counter(owner for _, owner in edits))


def calls_without_edit(*, since: datetime) -> Iterable[tuple[int, datetime]]:
    """Calls that were not over when their edit was canceled: the account counts them too."""
    still_open = Attempt.objects.filter(ended_at__isnull=True, started_at__gt=since)
    return still_open.exclude(edit__status=Status.RUNNING).order_by().values_list("account", "started_at")


def _next_in_turn(
    lines: Sequence[BacklogEntry], *, running: Running, places: dict[int, int], most: int, now: datetime
) -> list[EditRequest]:
    """As if one after another was claimed; ``places`` are the calls that each provider may begin now."""
    chosen: list[EditRequest] = []
    read: dict[BacklogEntry, list[EditRequest]] = {}
    has_running = running.by_owner.copy()

    def rank(line: BacklogEntry) -> tuple[int, int]:
        return has_running[line.owner], read[line][0].pk if line in read else line.first

    open_lines = list(lines)
    while open_lines and len(chosen) < most:
        line = min(open_lines, key=rank)
        if line not in read:
            read[line] = _first_of(line, most=most - len(chosen), now=now)
        if read[line]:
            chosen.append(_with_model(read[line].pop(0), line.model))
            has_running[line.owner] += 1
            places[line.model.provider_id] -= 1
        open_lines = [
            other
            for other in open_lines
            if places[other.model.provider_id] > 0 and (other not in read or read[other])
        ]
    return chosen


def _first_of(line: BacklogEntry, *, most: int, now: datetime) -> list[EditRequest]:
    """The edits of the line that have waited longest."""
    whole = EditRequest.objects.select_related("upload")
    if most == 1:
        return list(whole.filter(pk=line.first))
    of_line = whole.due(now).filter(owner=line.owner, provider=line.model.provider, model=line.model.name)
    return list(of_line.filter(pk__gte=line.first).order_by("pk")[:most])


def _next_probe(lines: Iterable[BacklogEntry], *, provider: Provider, now: datetime) -> EditRequest | None:
    """The one that was tried least recently, so that a single bad edit does not keep the provider held."""
    models = {line.model.name: line.model for line in lines}
    waiting = EditRequest.objects.select_related("upload").due(now)
    tried = waiting.filter(provider=provider, model__in=models).order_by(
        F("started_at").asc(nulls_first=True), "pk"
    )
    edit = tried.first()
    return _with_model(edit, models[edit.model]) if edit else None


def _with_model(edit: EditRequest, model: ProviderModel) -> EditRequest:
    """Rows that were read already: the call needs both."""
    edit.provider, edit.provider_model = model.provider, model
    return edit


def _lease(edit: EditRequest, *, lease: timedelta, now: datetime) -> bool:
    """False when since it was read it was taken, canceled, paused, put off or moved, or its owner deactivated.

    Then nothing of it is sent.
    """
    # Not due(): PostgreSQL does not ask its subquery again for a row that changed meanwhile.
    active = User.objects.filter(is_active=True)
    as_read = EditRequest.objects.filter(
        Q(not_before=None) | Q(not_before__lte=now),
        owner__in=active,
        paused_at=None,
        provider=edit.provider_id,
        model=edit.model,
    )
    columns = {
        "started_at": now,
        "lease_until": now + lease,
        "not_before": None,
        "fence": F("fence") + 1,
        "attempts_made": F("attempts_made") + 1,
    }
    if not apply_event(edit, Event.CLAIM, among=as_read, columns=columns, now=now):
        return False
    edit.status, edit.started_at, edit.lease_until, edit.not_before = Status.RUNNING, now, now + lease, None
    edit.fence, edit.attempts_made = edit.fence + 1, edit.attempts_made + 1
    return True


def _attempt(edit: EditRequest, *, now: datetime) -> Attempt:
    """Written before its call, in the transaction of its claim."""
    return Attempt(
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
