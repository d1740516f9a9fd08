"""Reads what the forecast of the queue takes: providers, calls under way and edits that wait.  Reads only."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from math import inf

from django.utils import timezone

from edits.models import Attempt, Budget, EditRequest, Provider, ProviderModel, Status
from edits.services.queue.backlog import served_models
from edits.services.queue.cached_value import CachedValue
from edits.services.queue.claiming import QueueLimits, QueueLimitsOf, calls_without_edit, most_in_flight
from edits.services.queue.forecast import MINUTE, Account, CallUnderWay, Turn, Waiting, forecast
from edits.services.queue.run_times import run_times

UNKNOWN_SECONDS = 15.0
"""What a call is taken to last where its model never made an edit; no wait is then promised."""
LEAST_LEFT_SECONDS = 1.0
"""What a call that takes longer than usual is taken to last still."""


class QueueSnapshot:
    """The queue as it is in this moment, and what follows of it."""

    def __init__(self, *, now: datetime, limits_of: QueueLimitsOf = QueueLimits.of) -> None:
        """Seven queries, and one for the run times."""
        self._now, self._times = now, run_times()
        self._guessed: set[int] = set()
        self._providers = {row.pk: row for row in Provider.objects.order_by()}
        self._limits = {pk: limits_of(row) for pk, row in self._providers.items()}
        active = EditRequest.objects.filter(
            finished_at=None,  # which the index of what is under way is about
            status__in=(Status.QUEUED, Status.RUNNING),
            owner__is_active=True,
            paused_at=None,
        )
        # Sorted here: to have them in order, databases would rather read all edits there ever were.
        rows = sorted(active.only(*_COLUMNS).order_by(), key=lambda edit: edit.pk)
        self._calls = [self._call(edit) for edit in rows if edit.status == Status.RUNNING]
        self._calls += self._calls_for_nobody()
        self._begun = self._begun_lately()
        self._waiting = self._what_waits([edit for edit in rows if edit.status == Status.QUEUED])
        self._next: dict[tuple[int, int], Turn] = {}

    def guesses(self, provider: int) -> bool:
        """Whether a model of this provider has edits in the queue and never made one, so that no time is known."""
        return provider in self._guessed

    def knows(self, edits: Iterable[EditRequest]) -> bool:
        """Whether all of these waited already."""
        return all(edit.pk in self.turns for edit in edits)

    @cached_property
    def turns(self) -> dict[float, Turn]:
        """The turn of each waiting edit, by its primary key."""
        return forecast(self._accounts, self._calls, self._waiting)

    def turn_of_next(self, *, owner: int, provider: int) -> Turn:
        """The turn of an edit that this person would send to this provider now."""
        key = (owner, provider)
        if key not in self._next:
            newest = Waiting(inf, provider, owner, UNKNOWN_SECONDS)
            turns = forecast(self._accounts, self._calls, [*self._waiting, newest])
            self._next[key] = turns.get(inf, Turn(1, 0, None))
        return self._next[key]

    def seconds_until_open(self, provider: int) -> float | None:
        """For how long the provider is paused; None where nobody knows: it is held or switched off."""
        account = self._accounts.get(provider)
        return account.opens_in if account else 0.0

    @cached_property
    def _accounts(self) -> dict[int, Account]:
        return {pk: self._account(row) for pk, row in self._providers.items()}

    def _account(self, row: Provider) -> Account:
        limits = self._limits[row.pk]
        paused = (row.paused_until - self._now).total_seconds() if row.paused_until else 0.0
        return Account(
            concurrent=most_in_flight(row, limits=limits),
            per_minute=limits.per_minute,
            opens_in=None if row.held_since or row.stopped_since else max(0.0, paused),
            begun=tuple(self._begun[row.pk]),
        )

    def _call(self, edit: EditRequest) -> CallUnderWay:
        elapsed = (self._now - edit.started_at).total_seconds() if edit.started_at else 0.0
        left = self._seconds(edit) - elapsed
        return CallUnderWay(edit.provider_id, edit.owner_id, max(left, LEAST_LEFT_SECONDS))

    def _calls_for_nobody(self) -> list[CallUnderWay]:
        """Those of canceled edits and of administrators' tests."""
        longest = max((limits.longest_call for limits in self._limits.values()), default=timedelta(0))
        found = [
            CallUnderWay(pk, 0, LEAST_LEFT_SECONDS)
            for pk, began in calls_without_edit(since=self._now - longest)
            if pk in self._limits and began > self._now - self._limits[pk].longest_call
        ]
        tests = [row.pk for row in self._providers.values() if row.tests_in_flight(self._now)]
        return found + [CallUnderWay(pk, 0, LEAST_LEFT_SECONDS) for pk in tests]

    def _begun_lately(self) -> dict[int, list[float]]:
        begun = defaultdict[int, list[float]](list)
        recent = Attempt.objects.filter(started_at__gt=self._now - timedelta(minutes=1)).order_by()
        times = list(recent.values_list("account", "started_at"))
        times += [(row.pk, row.tested_at) for row in self._providers.values() if row.tested_at]
        for pk, at in times:
            if (ago := (self._now - at).total_seconds()) < MINUTE:
                begun[pk].append(ago)
        return begun

    def _what_waits(self, edits: list[EditRequest]) -> list[Waiting]:
        """Where the model is gone, the edit waits behind all others, for nobody knows how long."""
        models = served_models(self._providers.values()) if edits else {}
        budget = Budget.objects.current() if edits else None
        waiting = []
        for edit in edits:
            model = models.get((edit.provider_id, edit.model))
            until = [edit.not_before, *(_budget_exhausted_until(budget, model) if budget and model else ())]
            due = max((at for at in until if at), default=self._now)
            due_in = max(0.0, (due - self._now).total_seconds()) if model else inf
            waiting.append(Waiting(edit.pk, edit.provider_id, edit.owner_id, self._seconds(edit), due_in))
        return waiting

    def _seconds(self, edit: EditRequest) -> float:
        known = self._times.of(edit)
        if known is None:
            self._guessed.add(edit.provider_id)
            return UNKNOWN_SECONDS
        return known


_COLUMNS = ("status", "owner", "provider", "model", "size", "steps", "started_at", "not_before")


def _budget_exhausted_until(budget: Budget, model: ProviderModel) -> tuple[datetime | None, ...]:
    """Until when the team's budget keeps edits of this model back: the same rule as ``with_cards``."""
    return (
        (budget.budget_exhausted_until, budget.cost_budget_exhausted_until)
        if model.price
        else (budget.budget_exhausted_until,)
    )


_known = CachedValue(lambda: QueueSnapshot(now=timezone.now()))


def queue_snapshot(
    edits: Iterable[EditRequest] = (), *, limits_of: QueueLimitsOf = QueueLimits.of
) -> QueueSnapshot:
    """The queue a moment ago at most, and with all of these edits in it."""
    waiting = list(edits)
    if limits_of != QueueLimits.of:
        return QueueSnapshot(now=timezone.now(), limits_of=limits_of)
    return _known.get(suits=lambda known: known.knows(waiting))
