"""Says where waiting edits stand in line and how long they are likely to take.  Reads only."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median

from edits.models import EditRequest, Status
from edits.services.calls.retrying import Tries, tries_of
from edits.services.queue.claiming import Limits, LimitsOf

SAMPLE = 200


@dataclass(frozen=True)
class Place:
    """``position`` counts from 1; 0 for a running edit.  Times in seconds, None where nothing is known yet."""

    position: int
    wait_seconds: float | None
    run_seconds: float | None
    tries: Tries | None = None
    """What came of it so far; None where it was not tried since its owner last queued it."""


def places(edits: Iterable[EditRequest], *, limits_of: LimitsOf = Limits.of) -> dict[int, Place]:
    """The places of the active ones among these edits, by primary key: each in the queue of its provider.

    No query when none is active; at most three, however many are.
    """
    active = [edit for edit in edits if edit.is_active]
    if not active:
        return {}
    times = run_times()
    queued = [edit for edit in active if edit.status == Status.QUEUED]
    line = _line() if queued else {}
    tried = [edit for edit in queued if edit.last_fault]
    tries = tries_of(tried) if tried else {}
    found = {
        edit.pk: _place(edit, line=line, times=times, limits=limits_of(edit.provider)) for edit in active
    }
    return {pk: replace(place, tries=tries.get(pk)) for pk, place in found.items()}


class RunTimes:
    """How long recent edits took: the median of those most alike that there are."""

    def __init__(self, rows: Iterable[tuple[int, str, str, int | None, float]]) -> None:
        """Takes provider, model, size, steps and seconds of each."""
        samples: dict[tuple[object, ...], list[float]] = {}
        for *key, seconds in rows:
            for end in (4, 3, 2):
                samples.setdefault(tuple(key[:end]), []).append(seconds)
        self._medians = {key: median(values) for key, values in samples.items()}

    def seconds(self, *, provider_id: int, model: str, size: str, steps: int | None) -> float | None:
        """Of an edit like this; None where this model never made one lately."""
        key = (provider_id, model, size, steps)
        return next((self._medians[key[:end]] for end in (4, 3, 2) if key[:end] in self._medians), None)

    def of(self, edit: EditRequest) -> float | None:
        """Of this edit."""
        return self.seconds(provider_id=edit.provider_id, model=edit.model, size=edit.size, steps=edit.steps)


def run_times() -> RunTimes:
    """Those of the latest edits.  One query."""
    done = EditRequest.objects.filter(status=Status.SUCCEEDED, started_at__isnull=False).order_by("-id")
    rows = done.values_list("provider_id", "model", "size", "steps", "started_at", "finished_at")[:SAMPLE]
    return RunTimes(
        (provider, model, size, steps, max(timedelta(0), end - start).total_seconds())
        for provider, model, size, steps, start, end in rows
        if start and end
    )


def _line() -> dict[int, int]:
    """Positions of all waiting edits, each with its provider: everybody's first, then everybody's second, as claiming
    takes turns."""
    taken: Counter[tuple[int, int]] = Counter()
    turns: dict[int, list[tuple[int, int]]] = {}
    waiting = EditRequest.objects.queued().order_by("id").values_list("id", "owner", "provider")
    for pk, owner, provider in waiting:
        taken[owner, provider] += 1
        turns.setdefault(provider, []).append((taken[owner, provider], pk))
    return {
        pk: position
        for of_provider in turns.values()
        for position, (_, pk) in enumerate(sorted(of_provider), start=1)
    }


def _place(edit: EditRequest, *, line: dict[int, int], times: RunTimes, limits: Limits) -> Place:
    run = times.of(edit)
    position = line.get(edit.pk, 0)
    if run is None or not position:
        return Place(position, None, run)
    by_concurrency = position / limits.concurrent * run
    by_rate = (position - limits.concurrent) / limits.per_minute * 60
    return Place(position, max(by_concurrency, by_rate), run)
