"""Whether this installation lives and works: for load balancers, containers and monitors.

Anybody may ask, so the answers hold no versions, addresses or names, and asking often costs nothing.  What works and
what does not is for monitors with METRICS_TOKEN and for administrators.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from edits.models import FIRST, Provider
from edits.services.metrics import oldest_due_seconds, provider_state
from edits.services.migrating import is_of_unmigrated, lacking_migrations
from edits.services.pictures.disk_space import has_room
from edits.views.monitors import may_watch

WORKER_SILENT_AFTER = timedelta(seconds=60)
REMEMBERED_SECONDS = 5.0

log = logging.getLogger(__name__)
_migrated = threading.Event()


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers.  Touches nothing else: a database that is away is no reason to restart it."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when edits can be taken in and carried out, otherwise 503; to those who may know with the part that cannot.

    ``provider`` and ``oldest_due_seconds`` are for an alarm, not for the status: a provider that is away makes
    the queue old, and nothing is gained by closing the pages too.
    """
    now = timezone.now()
    provider, answers = _provider()
    parts = {
        "database": answers,
        "migrations": answers and _is_migrated(),
        "storage": storage.works(),
        "disk": has_room(),
        "worker": _is_heard(provider, now=now),
    }
    is_ready = all(parts.values())
    details = parts | _told(provider, now=now) if may_watch(request) else {}
    return JsonResponse({"ready": is_ready} | details, status=200 if is_ready else 503)


def _provider() -> tuple[Provider | None, bool]:
    """The row that every installation has, if the database gives it; and whether the database answers at all."""
    try:
        return Provider.objects.get(pk=FIRST), True
    except (Error, Provider.DoesNotExist) as error:
        if is_of_unmigrated(error):
            return None, True
        log.exception("The database does not answer")
        return None, False


def _is_migrated() -> bool:
    """Asked until it is true; migrations take no table away that this version needs."""
    try:
        if not _migrated.is_set() and (lacking := lacking_migrations()):
            log.error("Migrations are not applied: run manage.py migrate (%s missing)", len(lacking))
            return False
    except Error:
        log.exception("The database stopped answering")
        return False
    _migrated.set()
    return True


def _is_heard(provider: Provider | None, *, now: datetime) -> bool:
    seen = provider.worker_seen_at if provider else None
    return seen is not None and seen > now - WORKER_SILENT_AFTER


def _told(provider: Provider | None, *, now: datetime) -> dict[str, Any]:
    """What is no reason to be unready: in which state the provider's account is, and how old the queue."""
    try:
        if provider:
            state = provider_state(provider, now=now)
            return {"provider": state, "oldest_due_seconds": oldest_due_seconds(now)}
    except Error:
        log.exception("The database stopped answering")
    return {"provider": "unknown", "oldest_due_seconds": None}


class Remembered:
    """The outcome of a check that writes: repeated at most every few seconds, however many callers there are.

    One caller checks, the others wait for it; a check that hangs for longer than they do has failed.
    """

    def __init__(
        self,
        check: Callable[[], bool],
        *,
        for_seconds: float = REMEMBERED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``check`` may raise OSError, which is a failure too."""
        self._check, self._for_seconds, self._clock = check, for_seconds, clock
        self._lock = threading.Lock()
        self._known: tuple[float, bool] | None = None

    def works(self) -> bool:
        """The outcome, at most ``for_seconds`` old."""
        if not self._lock.acquire(timeout=self._for_seconds):
            return False
        try:
            if self._known is None or self._clock() - self._known[0] >= self._for_seconds:
                self._known = (self._clock(), self._outcome())
            return self._known[1]
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Check again the next time."""
        self._known = None

    def _outcome(self) -> bool:
        try:
            return self._check()
        except OSError:
            log.exception("The storage does not work")
            return False


def _write_probe() -> bool:
    """Write and remove a small file: a full disk reads well and stores nothing."""
    name = default_storage.save(f"probes/{get_random_string(16)}", ContentFile(b"probe"))
    default_storage.delete(name)
    return True


storage = Remembered(_write_probe)
