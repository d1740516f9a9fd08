"""How a call that asks for an edit is taken in and answered: joined if it is a repetition, and kept waiting.

Idempotency-Key: …           the same call again gets the same edit, for 24 hours
X-Stainless-Retry-Count: 1   a client repeats by itself what got no answer: it gets the same edit
Prefer: respond-async        202 at once, to be asked for later
"""

import hashlib
import re
import select
import socket
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone

from edits.api.access import no_key
from edits.api.answers import headers_of
from edits.api.errors import ApiError
from edits.models import ApiKey, EditRequest, Reason, Status
from edits.services.programs.describing import describe, with_descriptions
from edits.services.programs.submissions import Begun, OtherRequest, begin, edit_of, forget, keep
from edits.services.programs.waiting import Waited, wait_for
from edits.services.queue.canceling import retry_edit

IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")
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


def ask(request: HttpRequest, key: ApiKey, *, submit: Callable[[uuid.UUID], EditRequest]) -> EditRequest:
    """The edit that this call asks for: that of an earlier call which it repeats, or the one that ``submit`` makes
    under the key it is given.

    ``submit`` checks what was sent, too: a repetition is not looked at twice.  When it raises, nothing is kept.
    """
    begun = _begin(request, key)
    edit = None if begun.is_new else edit_of(begun.submission, owner_id=key.owner_id)
    if edit is None:
        return _submitted(begun, owner_id=key.owner_id, submit=submit)
    if edit.reason == Reason.SERVICE_UNAVAILABLE and retry_edit(edit=edit):
        edit.refresh_from_db()  # nothing was delivered or charged: that is what a repetition is for
    return edit


def _submitted(begun: Begun, *, owner_id: int, submit: Callable[[uuid.UUID], EditRequest]) -> EditRequest:
    """What ``submit`` makes.  Only the call that began may forget: the others of it may be about to make the edit."""
    try:
        edit = submit(begun.submission.submission_key)
    except Exception:
        if begun.is_new:
            forget(begun.submission, owner_id=owner_id)
        raise
    if not begun.is_new:
        keep(begun.submission)
    return edit


def _begin(request: HttpRequest, key: ApiKey) -> Begun:
    given = request.headers.get("Idempotency-Key")
    if given is not None and not IDEMPOTENCY_KEY.fullmatch(given):
        raise ApiError(
            "The Idempotency-Key must have 1 to 255 printable ASCII characters.",
            status=400,
            code="invalid",
            param="Idempotency-Key",
        )
    try:
        return begin(
            key=key,
            digest=digest_of(request),
            idempotency_key=given or "",
            is_repeat=_is_repeat(request),
        )
    except OtherRequest as error:
        raise ApiError(
            "This Idempotency-Key was used for another request. Use a new one for each edit.",
            status=422,
            code="idempotency_key_reused",
            param="Idempotency-Key",
        ) from error


def digest_of(request: HttpRequest) -> str:
    """SHA-256 of all that was sent: the address, each field or the JSON, and the bytes of each file."""
    digest = hashlib.sha256(request.path.encode())
    if request.content_type == "application/json":
        digest.update(request.body)
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    for part in sorted(fields):
        digest.update(repr(part).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(f"{name!r} {file.size}".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _is_repeat(request: HttpRequest) -> bool:
    count = request.headers.get("X-Stainless-Retry-Count", "")
    return count.isascii() and count.isdigit() and count.strip("0") != ""


def reply(
    request: HttpRequest, edit: EditRequest, *, finished: Callable[[EditRequest], HttpResponse]
) -> HttpResponse:
    """What ``finished`` makes of the edit once it has ended; 202 at once where the caller prefers that.

    Raises ApiError when it does not end in time; the edit goes on all the same.
    """
    if _prefers_async(request):
        return _accepted(request, edit)
    if edit.is_active:
        outcome = wait_for(
            edit,
            seconds=settings.API_WAIT_SECONDS,
            most=max(1, settings.WEB_THREADS - KEPT_FOR_OTHERS),
            is_gone=hung_up(request),
        )
        if outcome in STANDSTILLS:
            raise _kept(edit, **STANDSTILLS[outcome])
        if outcome != Waited.FINISHED:
            raise _pending(edit)
        edit = _as_it_ended(edit)
    return finished(edit)


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
