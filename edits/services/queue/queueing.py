"""Says where waiting edits stand in line and how long they are likely to take.  Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median

from edits.models import EditRequest, Status
from edits.services.calls.retrying import Tries, tries_of
from edits.services.queue.claiming import Limits

SAMPLE = 200


@dataclass(frozen=True)
class Place:
    """``position`` counts from 1; 0 for a running edit.  Times in seconds, None where nothing is known yet."""

    position: int
    wait_seconds: float | None
    run_seconds: float | None
    tries: Tries | None = None
    """What came of it so far; None where it was not tried since its owner last queued it."""


def places(edits: Iterable[EditRequest], *, limits: Limits) -> dict[int, Place]:
    """The places of the active ones among these edits, by primary key.

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
    found = {edit.pk: _place(edit, line=line, times=times, limits=limits) for edit in active}
    return {pk: replace(place, tries=tries.get(pk)) for pk, place in found.items()}


def run_times() -> dict[tuple[str, int | None], float]:
    """Median seconds of recent edits by size and steps; a size alone stands under steps 0."""
    recent = EditRequest.objects.filter(status=Status.SUCCEEDED).order_by("-id")
    samples: dict[tuple[str, int | None], list[float]] = {}
    for size, steps, start, end in recent.values_list("size", "steps", "started_at", "finished_at")[:SAMPLE]:
        if start is None or end is None:
            continue
        seconds = max(timedelta(0), end - start).total_seconds()
        for key in ((size, steps), (size, 0)):
            samples.setdefault(key, []).append(seconds)
    return {key: median(values) for key, values in samples.items()}


def _line() -> dict[int, int]:
    """Positions of all waiting edits: everybody's first, then everybody's second, as claiming takes turns."""
    taken: dict[int, int] = {}
    turns = []
    for pk, owner in EditRequest.objects.queued().order_by("id").values_list("id", "owner"):
        taken[owner] = taken.get(owner, 0) + 1
        turns.append((taken[owner], pk))
    return {pk: position for position, (_, pk) in enumerate(sorted(turns), start=1)}


def _place(
    edit: EditRequest, *, line: dict[int, int], times: dict[tuple[str, int | None], float], limits: Limits
) -> Place:
    run = times.get((edit.size, edit.steps), times.get((edit.size, 0)))
    position = line.get(edit.pk, 0)
    if run is None or not position:
        return Place(position, None, run)
    by_concurrency = position / limits.concurrent * run
    by_rate = (position - limits.concurrent) / limits.per_minute * 60
    return Place(position, max(by_concurrency, by_rate), run)
