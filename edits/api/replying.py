"""How a call that asked for an edit is answered: when the edit has ended, or at once where the caller prefers that.

Prefer: respond-async        202 at once, to be asked for later
"""

import select
import socket
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone

from edits.api.access import no_key
from edits.api.answers import headers_of
from edits.api.errors import ApiError
from edits.models import ApiKey, EditRequest, Status
from edits.services.programs.describing import describe, with_descriptions
from edits.services.programs.waiting import Waited, wait_for

STILL_RETRY_SECONDS = 60
STANDSTILLS: dict[Waited, dict[str, Any]] = {
    Waited.HELD: {"why": "Editing is paused on our side.", "status": 503, "code": "upstream_account"},
    Waited.SPENT: {"why": "The team's budget is used up.", "status": 429, "code": "rate_limit_exceeded"},
    Waited.PAUSED: {
        "why": "The service is busy and asked for a long wait.",
        "status": 503,
        "code": "upstream_unavailable",
    },
}
KEPT_FOR_OTHERS = 60
"""Threads of the web server that never wait for an edit: pages stay quick, however many programs wait."""

ANSWERED_AT_ONCE = 8
_in_turn = BoundedSemaphore(ANSWERED_AT_ONCE)
"""Hundreds of threads that are woken together would only keep each other from answering."""


def reply(
    request: HttpRequest, edit: EditRequest, *, finished: Callable[[EditRequest], HttpResponse]
) -> HttpResponse:
    """What ``finished`` makes of the edit once it has ended; 202 at once where the caller prefers that.

    Raises ApiError when it does not end in time; the edit goes on all the same.
    """
    if _prefers_async(request):
        return _accepted(request, edit)
    if not edit.is_active:
        return finished(edit)
    outcome = _waited(request, edit)
    if outcome in STANDSTILLS:
        raise _kept(edit, **STANDSTILLS[outcome])
    if outcome != Waited.FINISHED:
        raise _pending(edit)
    with _in_turn:
        return finished(_as_it_ended(edit))


def _waited(request: HttpRequest, edit: EditRequest) -> Waited:
    return wait_for(
        edit,
        seconds=settings.API_WAIT_SECONDS,
        most=places(settings.WEB_THREADS),
        is_gone=hung_up(request),
    )


def places(threads: int) -> int:
    """How many of a web server's threads may wait: all but a few, of a small server half."""
    return max(1, threads - KEPT_FOR_OTHERS, threads // 2)


def _as_it_ended(edit: EditRequest) -> EditRequest:
    """The edit as it is now.  What opens nothing any more gets nothing, however long ago it began to wait."""
    usable = ApiKey.objects.usable(timezone.now())
    if not edit.api_key_id or not usable.filter(pk=edit.api_key_id).exists():
        raise no_key()
    found = with_descriptions(EditRequest.objects.filter(pk=edit.pk)).first()
    if found is None:
        raise ApiError(
            "The edit was deleted while it ran.", status=400, code=Status.CANCELED, may_retry=False
        )
    return found


def _prefers_async(request: HttpRequest) -> bool:
    wanted = request.headers.get("Prefer", "").lower().split(",")
    return "respond-async" in (words.partition(";")[0].strip() for words in wanted)


def _accepted(request: HttpRequest, edit: EditRequest) -> HttpResponse:
    """202, or 200 when a repeated call finds it ended; where to ask for it either way."""
    body = describe(edit, address=request.build_absolute_uri)
    headers = _whereabouts(edit) | {"Preference-Applied": "respond-async"}
    return JsonResponse(body, status=202 if edit.is_active else 200, headers=headers)


def _whereabouts(edit: EditRequest) -> dict[str, str]:
    return headers_of(edit) | {"Location": reverse("edits:api_edit", args=[edit.public_id])}


def _pending(edit: EditRequest) -> ApiError:
    return ApiError(
        f"The edit is not done yet. It goes on, and nothing is lost: ask for /v1/edits/{edit.public_id}, "
        "or send the same call again, but only with the Idempotency-Key that it had.",
        status=503,
        code="edit_pending",
        retry_after_seconds=1,
        headers=_whereabouts(edit),
    )


def _kept(edit: EditRequest, *, why: str, status: int, code: str) -> ApiError:
    return ApiError(
        f"{why} The edit is kept and goes on by itself: ask for /v1/edits/{edit.public_id} later.",
        status=status,
        code=code,
        retry_after_seconds=STILL_RETRY_SECONDS,
        headers=_whereabouts(edit),
    )


def hung_up(request: HttpRequest) -> Callable[[], bool]:
    """Whether the caller closed the connection by now; never where the server does not lend us its socket."""
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
