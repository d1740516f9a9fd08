"""GET /v1/edits/<id>: the state of one edit, for polling programs.  POST …/cancel: cancels it."""

import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils import timezone
from django.utils.http import parse_etags, quote_etag

from edits.api.access import api
from edits.api.errors import ApiError, not_found
from edits.models import ApiKey, EditRequest, Status
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.api.api_keys import open_to
from edits.services.api.serializers import describe, with_descriptions
from edits.services.queue.canceling import cancel_edit
from edits.services.queue.positions import queue_positions


@api("GET", scope="any")
def edit(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """The edit and, until it ends, its place in the queue; 304 if nothing changed since the caller's ETag."""
    response = JsonResponse(_described(_found(open_to(key), public_id), request=request, key=key))
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    answer = HttpResponseNotModified() if etag in known else response
    answer["ETag"], answer["Cache-Control"] = etag, "private, no-cache"
    return answer


@api("POST", scope="edit")
def cancel(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Cancel one of the owner's queued or running edits.  Idempotent.

    An edit that ended otherwise is 400, never 409, which clients retry automatically.
    """
    own = open_to(key).of(key.owner)
    if not cancel_edit(edit=_found(own, public_id), now=timezone.now()):
        _require_canceled(_found(own, public_id))
    return JsonResponse(_described(_found(own, public_id), request=request, key=key))


def _require_canceled(edit: EditRequest) -> None:
    if edit.status != Status.CANCELED:
        raise ApiError(
            f"It had ended already: it is {edit.get_status_display().lower()}.",
            status=400,
            code="already_finished",
        )


def _found(edits: EditRequestQuerySet, public_id: UUID) -> EditRequest:
    found = with_descriptions(edits).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def _described(edit: EditRequest, *, request: HttpRequest, key: ApiKey) -> dict[str, Any]:
    """The edit with ``queue``: position 1 is next, 0 is at the provider; seconds are null if they are unknown."""
    place = queue_positions([edit]).get(edit.pk)
    queue = {"position": place.position, "wait_seconds": _whole(place.wait_seconds)} if place else None
    return describe(edit, viewer=key.owner, address=request.build_absolute_uri) | {"queue": queue}


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else max(0, round(seconds))
