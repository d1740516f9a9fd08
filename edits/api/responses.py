"""The response to a call after its edits have ended, in the format of the provider's API.

SUCCEEDED                    200  the picture, or a link to it
FILTERED  the result         200  finish_reason content_filtered, and neither
FILTERED  the request        451  content_filtered
CANCELED                     400  canceled                 must not be repeated: a running call may be charged
FAILED    refused            400  upstream_rejected
          not delivered      503  upstream_unavailable, or unavailable if our storage failed
          no answer          504  outcome_unknown          } must not be repeated automatically: it may
          no usable picture  502  bad_upstream_result      } have been charged

Each of several edits is one entry, even without a picture; if all of them are errors, the response is the first
error.
"""

import base64
import logging
from collections.abc import Sequence
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from edits.api.errors import ApiError
from edits.http.edit_status import failure_sentence
from edits.models import EditRequest, FinishReason, Reason, Status
from edits.services.api.result_links import link_to_result
from edits.services.calls.retry_policy import UNSENT
from edits.services.pictures.storing import picture_bytes

ResponseFormat = Literal["url", "b64_json"]
RETRY_SECONDS = 30
FAILED = "failed"
"""The finish_reason of an edit that failed while others of the same call did not."""
CENSORSHIP = "censorship_blocked"
"""The provider's own type for a request that it refuses."""

log = logging.getLogger(__name__)

REFUSALS: dict[str, dict[str, Any]] = {
    Reason.SERVICE_REJECTED: {"status": 400, "code": "upstream_rejected"},
    Reason.SERVICE_UNAVAILABLE: {
        "status": 503,
        "code": "upstream_unavailable",
        "retry_after_seconds": RETRY_SECONDS,
    },
    Reason.OUTCOME_UNKNOWN: {"status": 504, "code": "outcome_unknown", "may_retry": False},
    Reason.INTERRUPTED: {"status": 504, "code": "outcome_unknown", "may_retry": False},
    Reason.BAD_RESULT: {"status": 502, "code": "bad_upstream_result", "may_retry": False},
    Reason.NO_PICTURE: {"status": 502, "code": "bad_upstream_result", "may_retry": False},
    Reason.RESULT_LOST: {"status": 502, "code": "bad_upstream_result", "may_retry": False},
    Reason.STORAGE: {"status": 502, "code": "bad_upstream_result", "may_retry": False},
}
OUR_STORAGE: dict[str, Any] = {"status": 503, "code": "unavailable", "retry_after_seconds": RETRY_SECONDS}


def answer(edit: EditRequest, *, response_format: str, request: HttpRequest) -> HttpResponse:
    """The response for an edit that has ended.  Raises ApiError if it has no result.

    ``response_format`` is a ResponseFormat.
    """
    return answer_all([edit], response_format=response_format, request=request)


def answer_all(edits: Sequence[EditRequest], *, response_format: str, request: HttpRequest) -> HttpResponse:
    """The response for the edits of one call, which have all ended, in their order.

    Raises ApiError if none of them has a result.
    """
    data: list[dict[str, Any]] = []
    errors: list[ApiError] = []
    for edit in edits:
        try:
            item = _item(edit, response_format=response_format, request=request)
        except ApiError as error:
            errors.append(error)
            item = _without_picture(error)
        data.append(item | {"seed": edit.seed_to_repeat})
    if len(errors) == len(edits):
        raise _first_of(errors)
    first, ends = edits[0], [edit.finished_at for edit in edits if edit.finished_at]
    body: dict[str, Any] = {
        "id": str(first.public_id),
        "created": int(max(ends).timestamp()) if ends else None,
        "data": data,
    }
    if len(edits) > 1:
        body["edits"] = [str(edit.public_id) for edit in edits]
    return JsonResponse(body, headers=headers_of(first))


def _item(edit: EditRequest, *, response_format: str, request: HttpRequest) -> dict[str, Any]:
    """One entry of ``data``.  Raises ApiError if the edit has no result."""
    if edit.status == Status.FILTERED and edit.filtered_at_stage == "request":
        raise _censored(headers_of(edit))
    if edit.status in (Status.FAILED, Status.CANCELED):
        raise _not_made(edit, headers_of(edit))
    if edit.status != Status.SUCCEEDED or edit.result.withheld:
        return {"finish_reason": FinishReason.CONTENT_FILTERED.value}
    picture = _picture(edit, response_format=response_format, request=request)
    return picture | {"finish_reason": FinishReason.SUCCESS.value}


def _without_picture(error: ApiError) -> dict[str, Any]:
    """The entry of an edit without a result, next to others that have one."""
    if error.kind == CENSORSHIP:
        return {"finish_reason": FinishReason.CONTENT_FILTERED.value}
    return {"finish_reason": FAILED, "error": error.to_json()}


def _first_of(errors: Sequence[ApiError]) -> ApiError:
    """The first error; it forbids a retry if any of them does."""
    first = errors[0]
    first.may_retry = all(error.may_retry for error in errors)
    return first


def headers_of(edit: EditRequest) -> dict[str, str]:
    """Headers with the edit's id and, if its picture was resized, the size in which it was sent."""
    headers = {"X-Edit-Id": str(edit.public_id)}
    if edit.was_fitted:
        headers["X-Fitted"] = f"{edit.upload.width_px}x{edit.upload.height_px}"
    return headers


def _picture(edit: EditRequest, *, response_format: str, request: HttpRequest) -> dict[str, str]:
    if response_format == "url":
        return {"url": request.build_absolute_uri(link_to_result(edit, now=timezone.now()))}
    try:
        data = picture_bytes(edit.result.file)
    except OSError as error:
        log.exception("The picture %s cannot be read", edit.result.file.name)
        raise ApiError(
            "The picture is made, but cannot be read now. "
            f"Ask for /v1/edits/{edit.public_id} in a moment: it costs nothing more.",
            headers=headers_of(edit),
            **OUR_STORAGE,
        ) from error
    return {"b64_json": base64.b64encode(data).decode("ascii")}


def _censored(headers: dict[str, str]) -> ApiError:
    return ApiError(
        "The content filter of the service stopped this edit before it was made. "
        "Change the prompt or the picture; a reviewer can look at it.",
        status=451,
        code="content_filtered",
        kind=CENSORSHIP,
        headers=headers,
    )


def _not_made(edit: EditRequest, headers: dict[str, str]) -> ApiError:
    if edit.status == Status.CANCELED:
        return ApiError(
            "The edit was canceled.", status=400, code="canceled", may_retry=False, headers=headers
        )
    nothing_sent = edit.reason == Reason.STORAGE and edit.last_fault in UNSENT
    refusal = OUR_STORAGE if nothing_sent else REFUSALS[edit.reason]
    return ApiError(failure_sentence(edit), headers=headers, **refusal)
