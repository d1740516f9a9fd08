"""GET /v1/edits/<id>: how one edit stands, for programs that ask again and again; POST …/cancel: gives it up."""

import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils.http import parse_etags, quote_etag

from edits.api.access import api
from edits.api.errors import ApiError, not_found
from edits.models import ApiKey, EditRequest, Status
from edits.models.edit_requests import EditRequestQuerySet
from edits.services.programs.describing import describe, with_descriptions
from edits.services.queue.canceling import cancel_edit
from edits.services.queue.queueing import places


@api("GET", scope="any")
def edit(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """The edit and, while it has not ended, its place in line; 304 where nothing changed since the caller asked."""
    response = JsonResponse(_described(_found(_seen_with(key), public_id), request=request, key=key))
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    answer = HttpResponseNotModified() if etag in known else response
    answer["ETag"], answer["Cache-Control"] = etag, "private, no-cache"
    return answer


@api("POST", scope="edit")
def cancel(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Give up a waiting or running edit of one's own; once more does no harm.

    What has ended otherwise is 400, never 409, which clients repeat by themselves.
    """
    own = _seen_with(key).filter(owner=key.owner)
    if not cancel_edit(edit=_found(own, public_id)):
        _require_canceled(_found(own, public_id))
    return JsonResponse(_described(_found(own, public_id), request=request, key=key))


def _require_canceled(edit: EditRequest) -> None:
    if edit.status != Status.CANCELED:
        raise ApiError(
            f"It had ended already: it is {edit.get_status_display().lower()}.",
            status=400,
            code="already_finished",
        )


def _seen_with(key: ApiKey) -> EditRequestQuerySet:
    """Own edits, in the trash too, and what the team shares; a key that may not read sees what it asked for itself.

    An administrator's key sees no more: each look would belong into the audit log, and programs look all the time.
    """
    if not key.can_read:
        return EditRequest.objects.of(key.owner).filter(api_key=key)
    return EditRequest.objects.of(key.owner) | EditRequest.objects.shared()


def _found(edits: EditRequestQuerySet, public_id: UUID) -> EditRequest:
    found = with_descriptions(edits).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def _described(edit: EditRequest, *, request: HttpRequest, key: ApiKey) -> dict[str, Any]:
    """With ``queue``: position 1 is next, 0 is with the provider; seconds are null where nothing is known yet."""
    place = places([edit]).get(edit.pk)
    queue = {"position": place.position, "wait_seconds": _whole(place.wait_seconds)} if place else None
    return describe(edit, viewer=key.owner, address=request.build_absolute_uri) | {"queue": queue}


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else max(0, round(seconds))
