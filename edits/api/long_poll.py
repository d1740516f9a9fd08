"""Answers a call that requested edits: when they have ended, or immediately if the caller prefers that.

Meanwhile a call keeps its thread only where the web server cannot take it back.

Prefer: respond-async        202 immediately, for polling
"""

import select
import socket
import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone

from edits.api.access import no_key
from edits.api.errors import ApiError
from edits.api.responses import headers_of
from edits.http.parking import Parking, parking_of
from edits.models import ApiKey, EditRequest, Status
from edits.services.api.serializers import describe
from edits.services.api.wait_for_result import Waited, Waiter, wait_for, wait_without_thread
from edits.services.calls.retry_policy import note_awaited

STILL_RETRY_SECONDS = 60
OUTAGES: dict[Waited, dict[str, Any]] = {
    Waited.HELD: {"why": "Editing is paused on our side.", "status": 503, "code": "upstream_account"},
    Waited.SPENT: {"why": "The team's budget is used up.", "status": 429, "code": "rate_limit_exceeded"},
    Waited.PAUSED: {
        "why": "The service is busy and asked for a long wait.",
        "status": 503,
        "code": "upstream_unavailable",
    },
}
KEPT_FOR_OTHERS = 60
"""Threads of the web server that never wait for an edit, so that pages remain fast while programs wait."""

ANSWERED_AT_ONCE = 8
_in_turn = BoundedSemaphore(ANSWERED_AT_ONCE)
"""Hundreds of threads that wake up together would only slow each other down."""


def reply(
    request: HttpRequest,
    edits: Sequence[EditRequest],
    *,
    finished: Callable[[Sequence[EditRequest]], HttpResponse],
) -> HttpResponse:
    """What ``finished`` returns for the edits after they have ended; 202 immediately if the caller prefers that.

    Raises ApiError if they do not all end in time; they continue nevertheless.
    """
    is_async = _prefers_async(request)
    note_awaited(edits, is_awaited=not is_async)
    if is_async:
        return _accepted(request, edits)
    active = [edit for edit in edits if edit.is_active]
    if not active:
        return finished(edits)
    end = partial(_when_over, edits, finished=finished)
    if parking := parking_of(request):
        _leave(request, parking, active, end=end)
        return end(Waited.FULL)
    seconds, most = settings.API_WAIT_SECONDS, places(settings.WEB_THREADS)
    return end(wait_for(active, seconds=seconds, most=most, is_gone=hung_up(request)))


def _leave(
    request: HttpRequest,
    parking: Parking,
    edits: Sequence[EditRequest],
    *,
    end: Callable[[Waited], HttpResponse],
) -> None:
    """Leave the thread until all of the edits have ended; returns only if too many wait already."""
    waiter = Waiter(
        [edit.pk for edit in edits],
        hung_up(request),
        until=time.monotonic() + settings.API_WAIT_SECONDS,
        then=parking.resume,
    )
    parking.again = lambda: end(waiter.outcome)
    if wait_without_thread(waiter, most=parking.most):
        parking.leave()


def _when_over(
    edits: Sequence[EditRequest],
    outcome: Waited,
    *,
    finished: Callable[[Sequence[EditRequest]], HttpResponse],
) -> HttpResponse:
    """The response to a call whose wait has ended.  Raises ApiError."""
    if outcome in OUTAGES:
        raise _kept(edits[0], **OUTAGES[outcome])
    if outcome != Waited.FINISHED:
        raise _pending(edits[0])
    with _in_turn:
        return finished(_as_they_ended(edits))


def places(threads: int) -> int:
    """How many of a web server's threads may wait: all but a few; half of a small server's."""
    return max(1, threads - KEPT_FOR_OTHERS, threads // 2)


def _as_they_ended(edits: Sequence[EditRequest]) -> list[EditRequest]:
    """The current edits.  Raises ApiError if the key was revoked or the edits were deleted meanwhile."""
    usable, key_id = ApiKey.objects.usable(timezone.now()), edits[0].api_key_id
    if not key_id or not usable.filter(pk=key_id).exists():
        raise no_key()
    whole = EditRequest.objects.select_related("owner", "upload", "result", "provider")
    found = list(whole.filter(pk__in=[edit.pk for edit in edits]).order_by("pk"))
    if not found:
        raise ApiError(
            "The edit was deleted while it ran.", status=400, code=Status.CANCELED, may_retry=False
        )
    return found


def _prefers_async(request: HttpRequest) -> bool:
    wanted = request.headers.get("Prefer", "").lower().split(",")
    return "respond-async" in (words.partition(";")[0].strip() for words in wanted)


def _accepted(request: HttpRequest, edits: Sequence[EditRequest]) -> HttpResponse:
    """The first edit and the ids of all: 202, or 200 if they have already ended, as for a repeated call."""
    first, is_active = edits[0], any(edit.is_active for edit in edits)
    body = describe(first, address=request.build_absolute_uri)
    body["edits"] = [str(edit.public_id) for edit in edits]
    headers = _whereabouts(first) | {"Preference-Applied": "respond-async"}
    return JsonResponse(body, status=202 if is_active else 200, headers=headers)


def _whereabouts(edit: EditRequest) -> dict[str, str]:
    return headers_of(edit) | {"Location": reverse("edits:api_edit", args=[edit.public_id])}


def _pending(edit: EditRequest) -> ApiError:
    return ApiError(
        f"The edit is not done yet. It continues, and nothing is lost: request /v1/edits/{edit.public_id}, "
        "or send the same call again, but only with the Idempotency-Key that it had.",
        status=503,
        code="edit_pending",
        retry_after_seconds=1,
        headers=_whereabouts(edit),
    )


def _kept(edit: EditRequest, *, why: str, status: int, code: str) -> ApiError:
    return ApiError(
        f"{why} The edit is kept and continues automatically: request /v1/edits/{edit.public_id} later.",
        status=status,
        code=code,
        retry_after_seconds=STILL_RETRY_SECONDS,
        headers=_whereabouts(edit),
    )


def hung_up(request: HttpRequest) -> Callable[[], bool]:
    """A function that returns whether the caller closed the connection; always False without access to the socket."""
    line = request.META.get("gunicorn.socket")
    if not isinstance(line, socket.socket):
        return lambda: False

    def is_gone() -> bool:
        try:
            poll = select.poll()
            poll.register(line, select.POLLIN)
            return bool(poll.poll(0)) and socket.socket.recv(line, 1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True

    return is_gone
