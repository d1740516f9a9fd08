"""Whether this installation lives and works: for load balancers, containers and monitors.

Anybody may ask, so the answers hold no versions, addresses or names.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models import Min
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache

from edits.models import EditRequest, Provider

WORKER_SILENT_AFTER = timedelta(seconds=60)

log = logging.getLogger(__name__)


@login_not_required
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers.  Touches nothing else: a database that is away is no reason to restart it."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when edits can be taken in and carried out, otherwise 503 with the part that cannot.

    ``oldest_due_seconds`` is for an alarm, not for the status: a provider that is away makes the queue old,
    and nothing is gained by closing the pages too.
    """
    now = timezone.now()
    parts = {
        "database": _works(Provider.objects.exists),
        "storage": _works(_write_probe),
        "worker": _works(lambda: _worker_is_heard(now)),
    }
    age = _oldest_due_seconds(now) if parts["database"] else None
    return JsonResponse(parts | {"oldest_due_seconds": age}, status=200 if all(parts.values()) else 503)


def _works(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, OSError):
        log.exception("A part of the installation does not work")
        return False


def _write_probe() -> bool:
    """Write and remove a small file: a full disk reads well and stores nothing."""
    name = default_storage.save(f"probes/{get_random_string(16)}", ContentFile(b"probe"))
    default_storage.delete(name)
    return True


def _worker_is_heard(now: datetime) -> bool:
    return Provider.objects.filter(worker_seen_at__gt=now - WORKER_SILENT_AFTER).exists()


def _oldest_due_seconds(now: datetime) -> float | None:
    """How long the first edit in line has been allowed to go out.  None when the line is empty."""
    oldest = EditRequest.objects.due(now).aggregate(since=Min(Coalesce("not_before", "queued_at")))["since"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else None
