"""What follows a fault: again, later, never, or the whole queue waits.

    fault  meaning                  charged  what follows
    A      not sent                 no       again with back-off, 8 tries or 30 minutes
    B      answered "not done"      no       again, 3 calls; a 429 pauses the whole queue
    B'     a gateway cannot know    maybe    once more with the same seed, 2 calls
    C      no answer                maybe    never by itself; a killed worker's edit once more
    D      an unusable answer       yes      never by itself
    E      refused                  no       never
    F      the account              no       the queue is held and probed
    G      the picture was lost     yes      never by itself

Seeds are drawn before the first call, so that each further call is the same request.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from edits.models import EditRequest, Reason
from edits.stepfun import RateLimited, ServerFailed, StepFunError, Unexpected, Unreachable, UnsafeLink

BACKOFF_FIRST_SECONDS = 2.0
BACKOFF_MOST_SECONDS = 60.0
UNREACHABLE_FOR = timedelta(minutes=30)

MOST_CALLS = {"A": 8, "B": 3, "B'": 2}
"""Calls for one edit until it fails; every other fault ends it at once."""

FINAL_REASONS = {
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
    error: StepFunError,
    calls: int,
    now: datetime,
    jitter: Callable[[float, float], float] = random.uniform,
) -> Again | GiveUp:
    """Decide after ``calls`` calls that ended in this kind of fault since the edit was last queued by its owner."""
    if holds_queue(error):
        return Again(now)
    if isinstance(error, Unexpected | UnsafeLink):
        return GiveUp(Reason.BAD_RESULT)
    if calls >= MOST_CALLS.get(error.fault, 1) or _out_of_time(edit, error=error, now=now):
        return GiveUp(FINAL_REASONS[error.fault])
    return Again(now + (retry_after(error) or backoff(calls, jitter=jitter)))


def holds_queue(error: StepFunError) -> bool:
    """The fault is the operator's to mend: every other edit would meet it too."""
    return error.fault == "F" or (isinstance(error, Unreachable) and error.cause in ("tls", "address"))


def retry_after(error: StepFunError) -> timedelta | None:
    """How long the provider asks us to wait, where it asks for something sensible."""
    if isinstance(error, RateLimited | ServerFailed) and error.retry_after and error.retry_after > 0:
        return timedelta(seconds=min(error.retry_after, 86_400.0))
    return None


def backoff(calls: int, *, jitter: Callable[[float, float], float] = random.uniform) -> timedelta:
    """2 s doubled with each call, at most a minute, spread out so that edits do not come back together."""
    most = min(BACKOFF_MOST_SECONDS, BACKOFF_FIRST_SECONDS * 2**calls)
    return timedelta(seconds=jitter(1.0, most))


def _out_of_time(edit: EditRequest, *, error: StepFunError, now: datetime) -> bool:
    """Counted from the first call that reached nobody: an edit may have stood in line for longer than that."""
    if error.fault != "A":
        return False
    unreachable = edit.attempts.filter(number__gte=edit.first_attempt, fault="A")
    since = unreachable.aggregate(since=Min("started_at"))["since"]
    return since is not None and now - since > UNREACHABLE_FOR
