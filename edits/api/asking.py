"""How a call that asks for edits is accepted: as new edits, or joined to those of the call that it repeats.

Idempotency-Key: …           the same call again gets the same edits, for 24 hours
X-Stainless-Retry-Count: 1   a client repeats by itself what got no answer: it gets the same edits
"""

import hashlib
import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest

from edits.api.errors import ApiError
from edits.models import ApiKey, EditRequest, Reason
from edits.services.budgets.budgeting import OverBudget
from edits.services.programs.submissions import Begun, OtherRequest, begin, edits_of, forget, keep
from edits.services.queue.canceling import retry_edit

Submit = Callable[[uuid.UUID], list[EditRequest]]
IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")


def ask(request: HttpRequest, key: ApiKey, *, submit: Submit) -> list[EditRequest]:
    """The edits that this call asks for: those of an earlier call which it repeats, or those that ``submit`` makes
    under the key it is given.

    ``submit`` checks what was sent, too: a repetition is not checked twice.  When it raises, nothing is kept.
    """
    begun = _begin(request, key)
    edits = [] if begun.is_new else edits_of(begun.submission, owner_id=key.owner_id)
    if not edits:
        return _submitted(begun, owner_id=key.owner_id, submit=submit)
    for edit in edits:
        if edit.reason == Reason.SERVICE_UNAVAILABLE:  # nothing was charged: that is what a repetition is for
            _send_again(edit, is_alone=len(edits) == 1)
    return edits


def _send_again(edit: EditRequest, *, is_alone: bool) -> None:
    """Raises OverBudget, unless other edits of the call have something to give."""
    try:
        retry_edit(edit=edit)
    except OverBudget:
        if is_alone:
            raise
    edit.refresh_from_db()


def _submitted(begun: Begun, *, owner_id: int, submit: Submit) -> list[EditRequest]:
    """What ``submit`` makes.  Only the call that began may forget: others of it may be about to make the edits."""
    try:
        edits = submit(begun.submission.submission_key)
    except Exception:
        if begun.is_new:
            forget(begun.submission, owner_id=owner_id)
        raise
    if not begun.is_new:
        keep(begun.submission)
    return edits


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
