"""How a call that asks for an edit is taken in: as a new edit, or joined to the one that it repeats.

Idempotency-Key: …           the same call again gets the same edit, for 24 hours
X-Stainless-Retry-Count: 1   a client repeats by itself what got no answer: it gets the same edit
"""

import hashlib
import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest

from edits.api.errors import ApiError
from edits.models import ApiKey, EditRequest, Reason
from edits.services.programs.submissions import Begun, OtherRequest, begin, edit_of, forget, keep
from edits.services.queue.canceling import retry_edit

IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")


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
