"""Lets many callers wait for their edits at once, with one database query for all of them in a process.

A caller waits in its thread (``wait_for``), or is called when its wait has ended (``wait_without_thread``):

         ──▶ FINISHED     it has ended, or was deleted
         ├─▶ TIME_IS_UP
         ├─▶ HELD         it is queued, and its provider gets no calls until somebody intervenes
         ├─▶ SPENT        it is queued, and the team's budget is used up
         ├─▶ PAUSED       it is queued, and its provider asked for a long wait
         ├─▶ GONE         the caller hung up
         ├─▶ STOPPING     this process is stopping
         └─▶ FULL         too many callers already wait in this process
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from django.db import Error, connection
from django.db.models import Exists, Value
from django.utils import timezone

from editor_site.shutdown import is_stopping
from edits.models import Budget, EditRequest, Provider, ProviderModel, Status
from edits.services.provider.queue_controls import is_long_wait

log = logging.getLogger(__name__)

QUICKEST_SECONDS = 0.01
SLOWEST_SECONDS = 0.25
SHARE_OF_AGE = 0.1
"""A caller that has waited for a second is checked every tenth of a second.

So fast edits are noticed promptly, and slow ones cheaply.
"""
SHARE_OF_CORE = 0.1
"""Of a processor, for checking on callers: while hundreds come one after another, one of them is always young."""
LOOK_UP_SECONDS = 1.0
"""How often to check whether the queues move at all and whether callers are still connected."""


class Waited(Enum):
    """How a wait ended."""

    FINISHED = auto()
    TIME_IS_UP = auto()
    HELD = auto()
    SPENT = auto()
    PAUSED = auto()
    GONE = auto()
    STOPPING = auto()
    FULL = auto()


@dataclass(eq=False)
class Waiter:
    """One caller, until none of its edits is active any more.

    ``is_gone`` returns whether it hung up.  ``until`` is a time of ``time.monotonic``.  ``then`` is called by the
    thread that checks, and must be quick.
    """

    edit_pks: Sequence[int]
    is_gone: Callable[[], bool]
    until: float = math.inf
    then: Callable[[], object] = lambda: None
    since: float = field(default_factory=time.monotonic)
    over: threading.Event = field(default_factory=threading.Event)
    outcome: Waited = Waited.TIME_IS_UP

    def end(self, outcome: Waited) -> None:
        """End the wait with this outcome."""
        self.outcome = outcome
        self.over.set()
        self.then()


class WaitingRoom:
    """The callers waiting in this process, and the thread that checks on them while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: set[Waiter] = set()
        self._is_looked_after = False
        self._came = threading.Event()

    def wait(self, waiter: Waiter, *, seconds: float, most: int) -> Waited:
        """Wait until the waiter is released, or for ``seconds``; FULL at once if ``most`` already wait."""
        if not self.take_in(waiter, most=most):
            return Waited.FULL
        waiter.over.wait(seconds)
        with self._lock:
            self._waiters.discard(waiter)
        return waiter.outcome

    def take_in(self, waiter: Waiter, *, most: int) -> bool:
        """Look after it from now on; False if ``most`` already wait."""
        with self._lock:
            if len(self._waiters) >= most:
                return False
            if not self._is_looked_after:
                threading.Thread(target=self._look_after, name="waiting", daemon=True).start()
                self._is_looked_after = True
            self._waiters.add(waiter)
        self._came.set()
        return True

    def _look_after(self) -> None:
        looked_up = 0.0
        while waiters := self._still_here():
            now, spent = time.monotonic(), time.thread_time()
            is_due = now - looked_up >= LOOK_UP_SECONDS
            looked_up = now if is_due else looked_up
            for waiter in waiters:
                if waiter.until <= now:
                    waiter.end(Waited.TIME_IS_UP)
            waiters = [waiter for waiter in waiters if not waiter.over.is_set()]
            try:
                with closing(connection):
                    let_go(waiters, look_up=is_due, now=timezone.now())
            except Error:
                log.warning("The database does not say how edits stand", exc_info=True)
            except Exception:  # otherwise all callers would wait until their time is up
                log.exception("Nobody could be let go")
            self._came.clear()
            spent = time.thread_time() - spent
            least = min(SLOWEST_SECONDS, max(QUICKEST_SECONDS, spent / SHARE_OF_CORE))
            youngest = min((now - waiter.since for waiter in waiters), default=0.0)
            time.sleep(least)  # also when somebody comes
            self._came.wait(max(0.0, min(SLOWEST_SECONDS, youngest * SHARE_OF_AGE) - least))

    def _still_here(self) -> list[Waiter]:
        with self._lock:
            self._waiters = {waiter for waiter in self._waiters if not waiter.over.is_set()}
            self._is_looked_after = bool(self._waiters)  # a caller that comes later starts another thread
            return list(self._waiters)


def let_go(waiters: Iterable[Waiter], *, look_up: bool, now: datetime) -> None:
    """End the waits of callers that need not wait any longer.

    Makes one query; if ``look_up``, a second one and a check whether each caller is connected.  Raises
    django.db.Error.
    """
    waiters = list(waiters)
    if is_stopping():
        for waiter in waiters:
            waiter.end(Waited.STOPPING)
        return
    pks = {pk for waiter in waiters for pk in waiter.edit_pks}
    active = EditRequest.objects.active().filter(pk__in=pks).order_by()
    columns = active.annotate(is_priced=is_priced()) if look_up else active.annotate(is_priced=Value(False))
    queues = {
        pk: (status, (provider, priced))
        for pk, status, provider, priced in columns.values_list("pk", "status", "provider", "is_priced")
    }
    why_still = why_nothing_is_sent(now) if look_up else {}
    for waiter in waiters:
        status, queue = next((queues[pk] for pk in waiter.edit_pks if pk in queues), ("", None))
        if queue is None:
            waiter.end(Waited.FINISHED)
        elif status == Status.QUEUED and (why := why_still.get(queue)):
            waiter.end(why)
        elif look_up and waiter.is_gone():
            waiter.end(Waited.GONE)


def is_priced() -> Exists:
    """In a query of edits: whether their model has a price, so that they also wait for the team's money."""
    return Exists(ProviderModel.objects.of_edit().filter(price__gt=0))


def why_nothing_is_sent(now: datetime) -> dict[tuple[int, bool], Waited]:
    """HELD, SPENT or PAUSED for each queue that will not move for long.  One query.

    Keys are (provider key, whether the edit's model has a price).
    """
    providers = Provider.objects.annotate(
        has_no_calls=Exists(Budget.objects.out_of_calls(now)),
        has_no_money=Exists(Budget.objects.out_of_money(now)),
    )
    found = (
        ((provider.pk, priced), _why_still(provider, is_spent=spent, now=now))
        for provider in providers
        for priced, spent in (
            (False, provider.has_no_calls),
            (True, provider.has_no_calls or provider.has_no_money),
        )
    )
    return {key: why for key, why in found if why}


def _why_still(provider: Provider, *, is_spent: bool, now: datetime) -> Waited | None:
    if provider.held_since or provider.stopped_since or provider.removed_at:
        return Waited.HELD
    if is_spent:
        return Waited.SPENT
    return Waited.PAUSED if is_long_wait(provider, now=now) else None


_room = WaitingRoom()


def wait_for(
    edits: Iterable[EditRequest],
    *,
    seconds: float,
    most: int,
    is_gone: Callable[[], bool] = lambda: False,
) -> Waited:
    """Wait until all of the edits have ended, for at most ``seconds``, next to at most ``most`` other callers.

    Holds no database connection meanwhile, so call it outside of a transaction.
    """
    connection.close()
    return _room.wait(Waiter([edit.pk for edit in edits], is_gone), seconds=seconds, most=most)


def wait_without_thread(waiter: Waiter, *, most: int) -> bool:
    """Call the waiter's ``then`` when its wait has ended; False, and never, if ``most`` already wait.

    Holds no database connection meanwhile, so call it outside of a transaction.
    """
    connection.close()
    return _room.take_in(waiter, most=most)
