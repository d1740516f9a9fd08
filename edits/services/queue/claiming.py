"""Hands the next edit to a worker: fair between people, within what the account allows and the team may spend."""

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Min

from edits.models import Attempt, EditRequest, Provider, Status
from edits.models.edit_requests import EditRequestQuerySet
from edits.services.budgets.spending import team_may_spend

MACHINE = platform.node()[:64]
PROBE_EVERY = timedelta(minutes=5)
UNVERIFIED_CONCURRENT = 2
"""Calls at once until one has worked: a wrong key then costs two answers, not one for each queued edit."""


@dataclass(frozen=True)
class Limits:
    """What the account allows, over all workers and machines, and how long a worker may be silent."""

    concurrent: int
    per_minute: int
    lease: timedelta
    longest_call: timedelta = timedelta(minutes=5)

    @classmethod
    def from_settings(cls) -> "Limits":
        """The limits that the environment names."""
        return cls(
            concurrent=settings.STEPFUN_MAX_CONCURRENT,
            per_minute=settings.STEPFUN_MAX_PER_MINUTE,
            lease=timedelta(seconds=settings.LEASE_SECONDS),
            longest_call=timedelta(seconds=settings.STEPFUN_TIMEOUT_SECONDS + 90),  # a download may follow
        )


def claim_next(*, limits: Limits, now: datetime) -> EditRequest | None:
    """The next edit in turn, now RUNNING, leased and with its attempt written down; None when none may be sent.

    The next one is that of the person with the fewest running, then the longest waiting.
    """
    if not EditRequest.objects.due(now).exists():  # keeps idle workers off the write lock
        return None
    with transaction.atomic():
        provider = Provider.objects.select_for_update().get(pk=1)
        running = _running_of_each()
        if not _may_call(provider, running=sum(running.values()), limits=limits, now=now):
            return None
        edit = _next_probe(now) if provider.held_since else _next_in_turn(running, now=now)
        if edit is None or not _lease(edit, limits=limits, now=now):
            return None
    return edit


def _may_call(provider: Provider, *, running: int, limits: Limits, now: datetime) -> bool:
    if provider.stopped_since or (provider.paused_until and provider.paused_until > now):
        return False
    in_flight = running + _canceled_in_flight(limits=limits, now=now) + provider.tests_in_flight(now)
    if not team_may_spend(now=now, in_flight=in_flight):
        return False
    if provider.held_since:
        if in_flight or (provider.probe_at and provider.probe_at > now):
            return False
        Provider.objects.filter(pk=1).update(probe_at=now + PROBE_EVERY)
        return True
    concurrent = limits.concurrent if provider.verified_at else min(limits.concurrent, UNVERIFIED_CONCURRENT)
    if in_flight >= concurrent:
        return False
    return calls_in_last_minute(now) + provider.tests_in_last_minute(now) < limits.per_minute


def calls_in_flight(*, limits: Limits, now: datetime) -> int:
    """Running edits, and canceled ones whose call was not over when they were: the account counts them too."""
    return EditRequest.objects.running().count() + _canceled_in_flight(limits=limits, now=now)


def _canceled_in_flight(*, limits: Limits, now: datetime) -> int:
    still_open = Attempt.objects.filter(ended_at__isnull=True, started_at__gt=now - limits.longest_call)
    return still_open.exclude(edit__status=Status.RUNNING).count()


def calls_in_last_minute(now: datetime) -> int:
    """Calls to the provider that began within the last 60 seconds."""
    return Attempt.objects.filter(started_at__gt=now - timedelta(minutes=1)).count()


def _running_of_each() -> dict[int, int]:
    """By owner; nobody has none."""
    return dict(EditRequest.objects.running().order_by().values_list("owner").annotate(count=Count("pk")))


def _next_in_turn(running: dict[int, int], *, now: datetime) -> EditRequest | None:
    first_of_each = EditRequest.objects.due(now).order_by().values_list("owner").annotate(first=Min("pk"))
    turns = sorted((running.get(owner, 0), first) for owner, first in first_of_each)
    return _with_upload().get(pk=turns[0][1]) if turns else None


def _next_probe(now: datetime) -> EditRequest | None:
    """While the queue is held: the one that was tried least recently, lest a single bad edit keeps it held."""
    return _with_upload().due(now).order_by(F("started_at").asc(nulls_first=True), "pk").first()


def _with_upload() -> EditRequestQuerySet:
    return EditRequest.objects.select_related("upload")


def _lease(edit: EditRequest, *, limits: Limits, now: datetime) -> bool:
    """False when its owner canceled it in this moment: then nothing of it may be sent."""
    leased = EditRequest.objects.filter(pk=edit.pk, status=Status.QUEUED).update(
        status=Status.RUNNING,
        started_at=now,
        lease_until=now + limits.lease,
        not_before=None,
        fence=F("fence") + 1,
        attempts_made=F("attempts_made") + 1,
    )
    if not leased:
        return False
    edit.status, edit.started_at, edit.lease_until, edit.not_before = (
        Status.RUNNING,
        now,
        now + limits.lease,
        None,
    )
    edit.fence, edit.attempts_made = edit.fence + 1, edit.attempts_made + 1
    Attempt.objects.create(
        edit=edit,
        number=edit.attempts_made,
        fence=edit.fence,
        started_at=now,
        seed_sent=edit.seed,
        worker=MACHINE,
    )
    return True
