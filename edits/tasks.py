"""The worker's entry: what it does when it is woken, and its rounds in between."""

import logging
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import connection
from django.utils import timezone

from editor_site.celery import app
from edits.services.claiming import Limits, claim_next
from edits.services.running import run_edit
from edits.services.sweeping import STEPS, show_life
from edits.services.waking import WORK_TASK
from edits.stepfun import Client

log = logging.getLogger(__name__)
stopping = threading.Event()


@cache
def provider_client(model: str) -> Client:
    """The client for the provider that the settings name, asking this model."""
    return Client(
        base_url=settings.STEPFUN_BASE_URL,
        api_key=settings.STEPFUN_API_KEY or "practice",
        model=model,
        timeout_seconds=settings.STEPFUN_TIMEOUT_SECONDS,
        allow_hosts=tuple(settings.STEPFUN_RESULT_HOSTS),
    )


@app.task(name=WORK_TASK)
def work() -> None:
    """Claim and run edits until none may be sent or the worker is asked to stop."""
    limits = Limits.from_settings()
    while not stopping.is_set():
        edit = claim_next(limits=limits, now=timezone.now())
        if edit is None:
            return
        run_edit(edit, client=provider_client(edit.model))


class Step(Protocol):
    """What a round does."""

    __name__: str

    def __call__(self, *, limits: Limits, now: datetime) -> object: ...


def keep_sweeping(stop: threading.Event, *, steps: Iterable[Step], every: timedelta) -> None:
    """Sweep until told to stop.  No fault ends it: without it leases would run out under running edits."""
    while not stop.is_set():
        for step in steps:
            try:
                step(limits=Limits.from_settings(), now=timezone.now())
            except Exception:
                log.exception("The sweep could not %s", step.__name__)
                connection.close()
        stop.wait(every.total_seconds())


@worker_ready.connect
def start_sweeping(**_: Any) -> None:
    """Threads of the worker, not processes of their own: kill -9 leaves nothing behind."""
    every = timedelta(seconds=settings.SWEEP_SECONDS)
    for steps in ((show_life,), STEPS):
        asked: dict[str, Any] = {"steps": steps, "every": every}
        threading.Thread(target=keep_sweeping, args=(threading.Event(),), kwargs=asked, daemon=True).start()


@worker_shutting_down.connect
def stop_claiming(**_: Any) -> None:
    """What runs is finished, nothing new is begun; leases are renewed until the end."""
    stopping.set()
