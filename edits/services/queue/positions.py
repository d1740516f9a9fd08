"""Says where waiting edits are in the queue and how long they are likely to take.  Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass

from edits.models import EditRequest, Status
from edits.services.calls.retry_policy import Tries, tries_of
from edits.services.queue.claiming import QueueLimits, QueueLimitsOf
from edits.services.queue.queue_snapshot import queue_snapshot
from edits.services.queue.run_times import run_times


@dataclass(frozen=True)
class QueuePosition:
    """``position`` counts from 1; 0 for an edit that runs or is paused.  Times in seconds, None where unknown."""

    position: int
    wait_seconds: float | None
    """Until it is sent."""
    run_seconds: float | None
    tries: Tries | None = None
    """What came of it so far; None where it was not tried since its owner last queued it."""


def queue_positions(
    edits: Iterable[EditRequest], *, limits_of: QueueLimitsOf = QueueLimits.of
) -> dict[int, QueuePosition]:
    """The places of the active ones among these edits, by primary key: each in the queue of its provider.

    No query when none is active; a bounded number otherwise, at most once a second for all pages together.
    """
    active = [edit for edit in edits if edit.is_active]
    if not active:
        return {}
    times = run_times()
    queued = [edit for edit in active if edit.status == Status.QUEUED and not edit.paused_at]
    turns = queue_snapshot(queued, limits_of=limits_of).turns if queued else {}
    tried = [edit for edit in queued if edit.last_fault]
    tries = tries_of(tried) if tried else {}
    found = {}
    for edit in active:
        turn, run = turns.get(edit.pk) if edit.status == Status.QUEUED else None, times.of(edit)
        wait = turn.wait_seconds if turn and run is not None else None
        found[edit.pk] = QueuePosition(turn.position if turn else 0, wait, run, tries.get(edit.pk))
    return found


@dataclass(frozen=True)
class Ahead:
    """What keeps an edit waiting that is submitted now.  Seconds, None where nobody knows."""

    others: int
    """Edits of other people that are sent to this provider first."""
    wait_seconds: float | None
    paused_seconds: float | None
    """For how long its provider is paused; None: it is on hold or switched off."""


def ahead(*, owner: int, provider: int) -> Ahead:
    """What is ahead of an edit that this person sends to this provider now."""
    now = queue_snapshot()
    turn = now.turn_of_next(owner=owner, provider=provider)
    wait = None if now.guesses(provider) else turn.wait_seconds
    return Ahead(turn.others_ahead, wait, now.seconds_until_open(provider))
