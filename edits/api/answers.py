"""What a call that asked for edits reads once they have ended, in the shape of the provider's own answers.

SUCCEEDED                    200  the picture, or a link to it
FILTERED  the result         200  finish_reason content_filtered, and neither
FILTERED  the request        451  content_filtered
CANCELED                     400  canceled                 not to be repeated: a call that ran may be charged
FAILED    refused            400  upstream_rejected
          not delivered      503  upstream_unavailable, or unavailable where our storage was away
          no answer          504  outcome_unknown          } not to be repeated without asking: it may
          no usable picture  502  bad_upstream_result      } have been charged

Of several edits each is one entry, those without a picture too; only where all of them are errors the first one's is
the answer.
"""

import base64
import logging
from collections.abc import Sequence
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse

from edits.api.errors import ApiError
from edits.models import EditRequest, FinishReason, Reason, Status
from edits.services.calls.retrying import UNSENT
from edits.services.pictures.storing import picture_bytes
from edits.services.programs.result_links import link_to_result
from edits.views.standing import failure_sentence

ResponseFormat = Literal["url", "b64_json"]
RETRY_SECONDS = 30
FAILED = "failed"
"""The finish_reason of an edit that failed while others of the same call did not."""
CENSORSHIP = "censorship_blocked"
"""The provider's own type for a request that it refuses to work on."""

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
    """The answer for an edit that has ended.  Raises ApiError where it brought nothing to give.

    ``response_format`` is a ResponseFormat.
    """
    return answer_all([edit], response_format=response_format, request=request)


def answer_all(edits: Sequence[EditRequest], *, response_format: str, request: HttpRequest) -> HttpResponse:
    """The one answer for edits that were asked for together and have ended, in their order.

    Raises ApiError where none of them brought anything to give.
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
    """One entry of ``data``.  Raises ApiError where the edit brought nothing to give."""
    if edit.status == Status.FILTERED and edit.filtered_at_stage == "request":
        raise _censored(headers_of(edit))
    if edit.status in (Status.FAILED, Status.CANCELED):
        raise _not_made(edit, headers_of(edit))
    if edit.status != Status.SUCCEEDED or edit.result.withheld:
        return {"finish_reason": FinishReason.CONTENT_FILTERED.value}
    picture = _picture(edit, response_format=response_format, request=request)
    return picture | {"finish_reason": FinishReason.SUCCESS.value}


def _without_picture(error: ApiError) -> dict[str, Any]:
    """The entry of an edit beside others that have something to give."""
    if error.kind == CENSORSHIP:
        return {"finish_reason": FinishReason.CONTENT_FILTERED.value}
    return {"finish_reason": FAILED, "error": error.to_json()}


def _first_of(errors: Sequence[ApiError]) -> ApiError:
    """The first one, which forbids a repetition where any of them does."""
    first = errors[0]
    first.may_retry = all(error.may_retry for error in errors)
    return first


def headers_of(edit: EditRequest) -> dict[str, str]:
    """Which edit it is, and in which size its picture was sent where that is not the size it came in."""
    headers = {"X-Edit-Id": str(edit.public_id)}
    if edit.was_fitted:
        headers["X-Fitted"] = f"{edit.upload.width_px}x{edit.upload.height_px}"
    return headers


def _picture(edit: EditRequest, *, response_format: str, request: HttpRequest) -> dict[str, str]:
    if response_format == "url":
        return {"url": request.build_absolute_uri(link_to_result(edit))}
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
