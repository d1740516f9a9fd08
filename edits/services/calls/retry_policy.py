"""The retry policy: after each fault, whether the edit is sent again and when, fails, or the whole queue waits.

    fault        charged  what follows
    storage      no       again with back-off, for 30 minutes
    not_sent     no       again with back-off, for 30 minutes
    busy         no       again, 5 calls in over ten minutes; a 429 pauses the provider
    gateway      maybe    again with the same seed, 2 calls
    no_answer    maybe    not automatically; a killed worker's edit once
    unusable     yes      never by itself
    rejected     no       never
    account      no       the queue is held and probed
    result_lost  yes      never by itself

What is not sent costs nothing, so it is limited by time alone.  Seeds are drawn before the first call, so that
each further call is the same request.

A 429 that says how long to wait is no try: the edit comes again when the wait is over, for an hour at least.

An edit that a program asked for has an ``api_key``.  Where its caller waits for the answer, it decides itself whether
to repeat, so that after ``busy`` it is tried 3 times within about 12 seconds, and each 429 is a try.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from edits.faults import Fault
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

UNSENT = (Fault.STORAGE, Fault.NOT_SENT)
"""Faults after which it is tried again until ``UNREACHABLE_FOR`` is over, however often that is."""

MOST_CALLS: dict[str, int] = {Fault.BUSY: 5, Fault.GATEWAY: 2}
"""Calls for one edit until it fails; every other fault that was sent ends it at once."""
MOST_CALLS_OF_PROGRAM = 3
"""After ``busy``, where a program waits for the answer."""
BUSY_PAUSES_SECONDS = (15, 60, 180, 360)
"""After the first, second, third and fourth try that ended in ``busy``: over ten minutes in all."""

MOST_WAITS, WAITS_FOR = 20, timedelta(hours=1)
"""A service that asks to wait more often than this, and for longer than this, gets no further call for the edit."""
PROMPT_WAITS = 5
"""So often an edit comes back exactly when it was asked to; then no sooner than its own back-off says."""
ASKED_TO_WAIT = "asked_to_wait"
"""The note of an attempt whose answer named a wait, so that it counts as no try."""

FINAL_REASONS: dict[str, Reason] = {
    Fault.STORAGE: Reason.STORAGE,
    Fault.NOT_SENT: Reason.SERVICE_UNAVAILABLE,
    Fault.BUSY: Reason.SERVICE_UNAVAILABLE,
    Fault.GATEWAY: Reason.OUTCOME_UNKNOWN,
    Fault.NO_ANSWER: Reason.OUTCOME_UNKNOWN,
    Fault.UNUSABLE: Reason.BAD_RESULT,
    Fault.REJECTED: Reason.SERVICE_REJECTED,
    Fault.RESULT_LOST: Reason.RESULT_LOST,
}


@dataclass(frozen=True)
class Retry:
    """Back into the queue, not to be sent before ``not_before``."""

    not_before: datetime


@dataclass(frozen=True)
class Fail:
    """Failed for good, for this reason."""

    reason: Reason


def retry_policy(
    *,
    edit: EditRequest,
    error: ProviderError,
    tries: "Tries",
    now: datetime,
    jitter: Callable[[float, float], float] = random.uniform,
) -> Retry | Fail:
    """Decide after these tries, the last of them included."""
    if holds_queue(error):
        return Retry(now)
    if isinstance(error, Unexpected | UnsafeLink):
        return Fail(Reason.BAD_RESULT)
    if isinstance(error, NoPicture):
        return Fail(Reason.NO_PICTURE)
    if error.fault in UNSENT:
        enough = tries.until is not None and now >= tries.until
    else:
        enough = tries.count >= most_calls(edit, error.fault) or _waited_enough(tries, now=now)
    if enough:
        return Fail(_final_reason(edit, error.fault))
    return Retry(now + _pause(edit, error, tries, jitter=jitter))


def most_calls(edit: EditRequest, fault: str) -> int:
    """Calls that end in this fault until the edit fails."""
    return MOST_CALLS_OF_PROGRAM if fault == Fault.BUSY and _is_awaited(edit) else MOST_CALLS.get(fault, 1)


def _is_awaited(edit: EditRequest) -> bool:
    """A program holds its call open for the answer."""
    return edit.api_key_id is not None and edit.is_awaited is not False


def note_awaited(edits: Iterable[EditRequest], *, is_awaited: bool) -> None:
    """Write down whether a program waits for these edits, where that is not on record already."""
    other = [edit.pk for edit in edits if edit.is_active and _is_awaited(edit) != is_awaited]
    if other:
        EditRequest.objects.active().filter(pk__in=other).update(is_awaited=is_awaited)


def notes_on(edit: EditRequest, error: ProviderError) -> tuple[str, ...]:
    """Codes for what has to be known of the attempt later."""
    is_asked = isinstance(error, RateLimited) and retry_after(error) and not _is_awaited(edit)
    return (ASKED_TO_WAIT, *error.notes) if is_asked else error.notes


def _waited_enough(tries: "Tries", *, now: datetime) -> bool:
    return (
        tries.waits >= MOST_WAITS and tries.waits_since is not None and now - tries.waits_since >= WAITS_FOR
    )


def _pause(
    edit: EditRequest, error: ProviderError, tries: "Tries", *, jitter: Callable[[float, float], float]
) -> timedelta:
    asked = retry_after(error)
    if error.fault != Fault.BUSY or _is_awaited(edit):
        return asked or backoff(tries.count, jitter=jitter)
    if isinstance(error, RateLimited) and asked:
        return asked if tries.waits <= PROMPT_WAITS else max(asked, backoff(tries.waits, jitter=jitter))
    least = BUSY_PAUSES_SECONDS[min(max(tries.count, 1), len(BUSY_PAUSES_SECONDS)) - 1]
    return max(asked or timedelta(0), timedelta(seconds=jitter(least, least * 1.2)))


def _final_reason(edit: EditRequest, fault: str) -> Reason:
    """That the last call cost nothing says nothing of an earlier one, whose outcome nobody knows."""
    earlier = edit.attempts.filter(number__gte=edit.first_attempt).exclude(charged=Charged.NO)
    if fault in (*UNSENT, Fault.BUSY) and earlier.exists():
        return Reason.OUTCOME_UNKNOWN
    return FINAL_REASONS[fault]


def holds_queue(error: ProviderError) -> bool:
    """Whether an administrator has to fix something first: every other edit would meet the same fault."""
    return error.fault == Fault.ACCOUNT or (
        isinstance(error, Unreachable) and error.cause in ("tls", "address", "private")
    )


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
    unreached = waiting.filter(last_fault__in=Fault.NOT_SENT.spellings, not_before__isnull=False)
    # Looked for first: an UPDATE takes SQLite's write lock even if it matches nothing.
    return unreached.update(not_before=None) if unreached.exists() else 0


@dataclass(frozen=True)
class Tries:
    """The tries for a waiting edit that ended in its last fault: how many, and until when it is tried again."""

    count: int
    until: datetime | None
    """None for what is limited by ``most_calls``."""
    waits: int = 0
    """Calls that were answered with a time to wait instead: they are not among the tries."""
    waits_since: datetime | None = None
    """When the first of them began."""


def tries_of(edits: Iterable[EditRequest]) -> dict[int, Tries]:
    """By primary key, since the edits were last queued by their owners.  One query."""
    waiting = {edit.pk: edit for edit in edits}
    attempts: dict[int, list[Attempt]] = {}
    columns = ("edit_id", "number", "fault", "started_at", "detail")
    for attempt in Attempt.objects.filter(edit__in=waiting).only(*columns):
        if attempt.number >= waiting[attempt.edit_id].first_attempt:
            attempts.setdefault(attempt.edit_id, []).append(attempt)
    return {pk: _tries(attempts.get(pk, []), fault=edit.last_fault) for pk, edit in waiting.items()}


def tries_now(edit: EditRequest, fault: str) -> Tries:
    """Those of an edit whose last attempt ended in this fault."""
    attempts = edit.attempts.filter(number__gte=edit.first_attempt).order_by("number")
    return _tries(list(attempts), fault=fault)


def _tries(attempts: list[Attempt], *, fault: str) -> Tries:
    alike = [attempt for attempt in attempts if attempt.fault == fault]
    waits = [attempt for attempt in alike if attempt.detail.startswith(ASKED_TO_WAIT)]
    since = _unsent_since(attempts) if fault in UNSENT else None
    return Tries(
        count=len(alike) - len(waits),
        until=since + UNREACHABLE_FOR if since else None,
        waits=len(waits),
        waits_since=waits[0].started_at if waits else None,
    )


def _unsent_since(attempts: Iterable[Attempt]) -> datetime | None:
    """When the tries began of which none was sent since: an answer in between starts the half hour again, and so
    the time that the edit waited for its turn does not count."""
    since = None
    for attempt in attempts:
        since = (since or attempt.started_at) if attempt.fault in UNSENT else None
    return since
