"""The worker's entry: what it does when it is woken, and its rounds in between."""

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from queue import Queue
from typing import Any, Protocol

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import connection
from django.utils import timezone

from editor_site.celery import app
from edits.checks import log_findings
from edits.models import EditRequest
from edits.services.calls.running import run_edit
from edits.services.calls.saving import is_blocked
from edits.services.idle_connections import give_back
from edits.services.pictures.disk_space import has_room
from edits.services.pictures.merging import merge_edit
from edits.services.pictures.priority import foreground, yield_to_foreground
from edits.services.pictures.renditions import make_renditions, undrawn
from edits.services.queue.claiming import MACHINE, claim_edits
from edits.services.queue.lease_safety import lease_safety
from edits.services.queue.maintenance import UNTIL_A_STOP, UNTIL_THE_END
from edits.services.queue.notify_worker import WORK_TASK
from edits.services.recipes.advancing import advance_after
from edits.services.webhooks import Sender

log = logging.getLogger(__name__)
stopping = threading.Event()
MOST_AT_ONCE = 8
"""Edits that are claimed in one transaction; each is then run by a thread that already waits for one."""
_to_render: Queue[EditRequest] = Queue()
GIVES_WAY_SECONDS = 2.0
"""The longest that a picture is not drawn for the sake of answers that come in."""


class Line:
    """The threads of a worker claim one after another: all at once they would only wait for the database, and long.

    The first thread also claims for those that wait behind it.
    """

    def __init__(self) -> None:
        self._turn, self._count = threading.Lock(), threading.Lock()
        self._standing = 0
        self._claimed: deque[EditRequest] = deque()

    def claim(self, *, lease: timedelta) -> EditRequest | None:
        """The next edit; None when none may be sent."""
        with foreground(), self._stand(), self._turn:
            if not self._claimed:
                most, now = min(self._standing, MOST_AT_ONCE), timezone.now()  # when its turn has come
                self._claimed.extend(claim_edits(most=most, lease=lease, now=now))
            return self._claimed.popleft() if self._claimed else None

    @contextmanager
    def _stand(self) -> Iterator[None]:
        with self._count:
            self._standing += 1
        try:
            yield
        finally:
            with self._count:
                self._standing -= 1


_in_line = Line()


@app.task(name=WORK_TASK)
def work() -> None:
    """Claim and run edits until none may be sent or the worker is asked to stop."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    while not stopping.is_set() and may_begin():
        edit = _in_line.claim(lease=lease)
        if edit is None:
            return
        run_edit(edit, render=later)
        advance_after(edit, now=timezone.now())


def may_begin() -> bool:
    """What a call would bring could be kept: there is room, the storage took the last answer, leases are true."""
    if is_blocked.is_set() or not lease_safety.clock_is_right:
        return False
    if has_room():
        return True
    log.error("The disk is almost full: nothing is sent until there is room for the answers")
    return False


def later(edit: EditRequest) -> None:
    """Renditions wait for one thread of their own: answers that came are stored before pictures are drawn."""
    _to_render.put(edit)


def keep_rendering(edits: Queue[EditRequest]) -> None:
    """Make the renditions of what was done, one after the other, and first of what a stop left over.

    What fails is made by maintenance.
    """
    try:
        for edit in undrawn(worker=MACHINE, now=timezone.now()):
            edits.put(edit)
    except Exception:
        log.exception("It cannot be said what is left to draw")
    while True:
        try:
            edit = edits.get()
            yield_to_foreground(seconds=GIVES_WAY_SECONDS)
            make_renditions(edit)
            merge_edit(edit, now=timezone.now())
        except Exception:
            log.exception("Renditions could not be made")
        connection.close()


def _keep_rendering_under_its_name() -> None:
    """A name that the system shows tells its CPU apart from that of calls; Python gives none before 3.14."""
    with suppress(OSError):
        Path(f"/proc/self/task/{threading.get_native_id()}/comm").write_text("thumbnails", encoding="ascii")
    keep_rendering(_to_render)


def keep_telling(stop: threading.Event) -> None:
    """Send webhook deliveries in a thread of their own, so that a slow receiver delays nothing else."""
    Sender().keep_sending(stop)


class Step(Protocol):
    """What a round does."""

    __name__: str

    def __call__(self, *, lease: timedelta, now: datetime) -> object: ...


def keep_running(stop: threading.Event, *, steps: Iterable[Step], every: timedelta) -> None:
    """Run them until asked to stop.  No fault ends it: without it leases would run out under running edits."""
    while not stop.is_set():
        for step in steps:
            try:
                step(lease=timedelta(seconds=settings.LEASE_SECONDS), now=timezone.now())
            except Exception:
                log.exception("The sweep could not %s", step.__name__)
                connection.close()
        give_back()
        stop.wait(every.total_seconds())


@worker_ready.connect
def start_maintenance(**_: Any) -> None:
    """Threads of the worker, not processes of their own: kill -9 leaves nothing behind."""
    every = timedelta(seconds=settings.SWEEP_SECONDS)
    rounds: tuple[tuple[Step, ...], ...] = (*UNTIL_THE_END, *UNTIL_A_STOP)
    for steps in rounds:
        end = stopping if steps in UNTIL_A_STOP else threading.Event()
        asked: dict[str, Any] = {"steps": steps, "every": every}
        threading.Thread(target=keep_running, args=(end,), kwargs=asked, daemon=True).start()
    threading.Thread(target=_keep_rendering_under_its_name, daemon=True).start()
    threading.Thread(target=keep_telling, args=(stopping,), daemon=True).start()


@worker_ready.connect
def say_what_is_set_wrong(**_: Any) -> None:
    """Once, beside the work: ``up`` leaves the checks out, for they would keep the first page waiting."""
    threading.Thread(target=_check, daemon=True).start()


def _check() -> None:
    try:
        log_findings()
    finally:
        connection.close()


@worker_shutting_down.connect
def stop_claiming(**_: Any) -> None:
    """What runs is finished, nothing new is begun; leases are renewed until the end."""
    stopping.set()
