"""What follows a fault: again, later, never, or the whole queue waits.

    fault  meaning                  charged  what follows
    S      our storage is away      no       again with back-off, for 30 minutes
    A      not sent                 no       again with back-off, for 30 minutes
    B      answered "not done"      no       again, 3 calls; a 429 pauses the whole queue
    B'     a gateway cannot know    maybe    once more with the same seed, 2 calls
    C      no answer                maybe    never by itself; a killed worker's edit once more
    D      an unusable answer       yes      never by itself
    E      refused                  no       never
    F      the account              no       the queue is held and probed
    G      the picture was lost     yes      never by itself

What is not sent costs nothing, so it is limited by time alone.  Seeds are drawn before the first call, so that
each further call is the same request.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from edits.models import Attempt, Charged, EditRequest, Reason
from edits.providers import (
    NoPicture,
    ProviderError,
    RateLimited,
    ServerFailed,
    Unexpected,
    Unreachable,
    UnsafeLink,
)

BACKOFF_FIRST_SECONDS = 2.0
BACKOFF_MOST_SECONDS = 60.0
UNREACHABLE_FOR = timedelta(minutes=30)
LONGEST_WAIT = timedelta(minutes=15)
"""However long a server that is down asks one edit to wait."""
LONGEST_PAUSE = timedelta(days=1)
"""However long the account asks the whole queue to wait; every page says until when."""

UNSENT = ("S", "A")
"""Faults after which it is tried again until ``UNREACHABLE_FOR`` is over, however often that is."""

MOST_CALLS = {"B": 3, "B'": 2}
"""Calls for one edit until it fails; every other fault that was sent ends it at once."""

FINAL_REASONS = {
    "S": Reason.STORAGE,
    "A": Reason.SERVICE_UNAVAILABLE,
    "B": Reason.SERVICE_UNAVAILABLE,
    "B'": Reason.OUTCOME_UNKNOWN,
    "C": Reason.OUTCOME_UNKNOWN,
    "D": Reason.BAD_RESULT,
    "E": Reason.SERVICE_REJECTED,
    "G": Reason.RESULT_LOST,
}


@dataclass(frozen=True)
class Again:
    """Back into the queue, not to be sent before ``not_before``."""

    not_before: datetime


@dataclass(frozen=True)
class GiveUp:
    """Failed for good, for this reason."""

    reason: Reason


def what_follows(
    *,
    edit: EditRequest,
    error: ProviderError,
    calls: int,
    now: datetime,
    jitter: Callable[[float, float], float] = random.uniform,
) -> Again | GiveUp:
    """Decide after ``calls`` calls that ended in this kind of fault since the edit was last queued by its owner."""
    if holds_queue(error):
        return Again(now)
    if isinstance(error, Unexpected | UnsafeLink):
        return GiveUp(Reason.BAD_RESULT)
    if isinstance(error, NoPicture):
        return GiveUp(Reason.NO_PICTURE)
    enough = _out_of_time(edit, now=now) if error.fault in UNSENT else calls >= MOST_CALLS.get(error.fault, 1)
    if enough:
        return GiveUp(_final_reason(edit, error.fault))
    return Again(now + (retry_after(error) or backoff(calls, jitter=jitter)))


def _final_reason(edit: EditRequest, fault: str) -> Reason:
    """That the last call cost nothing says nothing of an earlier one, whose outcome nobody knows."""
    earlier = edit.attempts.filter(number__gte=edit.first_attempt).exclude(charged=Charged.NO)
    if fault in (*UNSENT, "B") and earlier.exists():
        return Reason.OUTCOME_UNKNOWN
    return FINAL_REASONS[fault]


def holds_queue(error: ProviderError) -> bool:
    """The fault is the operator's to mend: every other edit would meet it too."""
    return error.fault == "F" or (isinstance(error, Unreachable) and error.cause in ("tls", "address", "private"))


def retry_after(error: ProviderError) -> timedelta | None:
    """How long the provider asks us to wait, where it asks for something sensible."""
    most = LONGEST_PAUSE if isinstance(error, RateLimited) else LONGEST_WAIT
    if isinstance(error, RateLimited | ServerFailed) and error.retry_after and error.retry_after > 0:
        return min(timedelta(seconds=error.retry_after), most)
    return None


def backoff(calls: int, *, jitter: Callable[[float, float], float] = random.uniform) -> timedelta:
    """2 s doubled with each call, at most a minute, spread out so that edits do not come back together."""
    most = min(BACKOFF_MOST_SECONDS, BACKOFF_FIRST_SECONDS * 2**calls)
    return timedelta(seconds=jitter(1.0, most))


def release_unreached(provider_id: int) -> int:
    """The provider answers again: what waits because it could not be reached may be sent now; returns how many."""
    waiting = EditRequest.objects.queued().filter(provider=provider_id)
    unreached = waiting.filter(last_fault="A", not_before__isnull=False)
    return unreached.update(not_before=None) if unreached.exists() else 0  # writes lock everybody out


@dataclass(frozen=True)
class Tries:
    """The tries for a waiting edit that ended in its last fault: how many, and until when it is tried again."""

    count: int
    until: datetime | None
    """None for what is limited by ``MOST_CALLS``."""


def tries_of(edits: Iterable[EditRequest]) -> dict[int, Tries]:
    """By primary key, since the edits were last queued by their owners.  One query."""
    waiting = {edit.pk: edit for edit in edits}
    attempts: dict[int, list[Attempt]] = {}
    for attempt in Attempt.objects.filter(edit__in=waiting).only("edit_id", "number", "fault", "started_at"):
        if attempt.number >= waiting[attempt.edit_id].first_attempt:
            attempts.setdefault(attempt.edit_id, []).append(attempt)
    return {pk: _tries(attempts.get(pk, []), fault=edit.last_fault) for pk, edit in waiting.items()}


def _tries(attempts: list[Attempt], *, fault: str) -> Tries:
    alike = [attempt for attempt in attempts if attempt.fault == fault]
    since = _unsent_since(attempts) if fault in UNSENT else None
    return Tries(len(alike), since + UNREACHABLE_FOR if since else None)


def _unsent_since(attempts: Iterable[Attempt]) -> datetime | None:
    """When the tries began of which none was sent since: an answer in between starts the half hour anew."""
    since = None
    for attempt in attempts:
        since = (since or attempt.started_at) if attempt.fault in UNSENT else None
    return since


def _out_of_time(edit: EditRequest, *, now: datetime) -> bool:
    """Counted from the first call that reached nobody: an edit may have stood in line for longer than that."""
    since = _unsent_since(edit.attempts.filter(number__gte=edit.first_attempt).order_by("number"))
    return since is not None and now - since >= UNREACHABLE_FOR
