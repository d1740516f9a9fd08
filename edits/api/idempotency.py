"""The headers by which a call that asks for edits is known again, and the errors of its key.

Idempotency-Key: …           the same call again gets the same edits, for 24 hours
X-Stainless-Retry-Count: 1   a client repeats by itself what got no answer: it gets the same edits
"""

import hashlib
import re
from collections.abc import Callable
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from edits.api.errors import ApiError
from edits.models import ApiKey, EditRequest
from edits.services.api.idempotency import (
    OtherRequest,
    Submit,
    Whole,
    submit_once,
    submit_whole_once,
)

IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")


def ask(request: HttpRequest, key: ApiKey, *, submit: Submit) -> list[EditRequest]:
    """The edits that this call asks for; see ``submit_once``.  Raises ApiError and what ``submit`` raises."""
    try:
        return submit_once(
            key=key,
            digest=digest_of(request),
            idempotency_key=_idempotency_key(request),
            is_repeat=_is_repeat(request),
            submit=submit,
            now=timezone.now(),
        )
    except OtherRequest as error:
        raise _reused() from error


def ask_for_whole(
    request: HttpRequest, key: ApiKey, *, among: QuerySet[Whole], submit: Callable[[UUID], Whole]
) -> Whole:
    """The batch or run that this call asks for; see ``submit_whole_once``.  Raises ApiError and what ``submit``
    raises.
    """
    try:
        return submit_whole_once(
            among=among,
            key=key,
            digest=digest_of(request),
            idempotency_key=_idempotency_key(request),
            is_repeat=_is_repeat(request),
            submit=submit,
            now=timezone.now(),
        )
    except OtherRequest as error:
        raise _reused() from error


def _reused() -> ApiError:
    return ApiError(
        "This Idempotency-Key was used for another request. Use a new one for each edit.",
        status=422,
        code="idempotency_key_reused",
        param="Idempotency-Key",
    )


def _idempotency_key(request: HttpRequest) -> str:
    """Blank where none was sent."""
    given = request.headers.get("Idempotency-Key")
    if given is not None and not IDEMPOTENCY_KEY.fullmatch(given):
        raise ApiError(
            "The Idempotency-Key must have 1 to 255 printable ASCII characters.",
            status=400,
            code="invalid",
            param="Idempotency-Key",
        )
    return given or ""


def digest_of(request: HttpRequest) -> str:
    """SHA-256 of all that was sent, as a form or as JSON: the address, each field, and the bytes of each file."""
    digest = hashlib.sha256(request.path.encode())
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
