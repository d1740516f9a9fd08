"""What a call that asked for an edit reads once the edit has ended, in the shape of the provider's own answers.

SUCCEEDED                    200  the picture, or a link to it
FILTERED  the result         200  finish_reason content_filtered, and neither
FILTERED  the request        451  content_filtered
CANCELED                     400  canceled                 not to be repeated: a call that ran may be charged
FAILED    refused            400  upstream_rejected
          not delivered      503  upstream_unavailable, or unavailable where our storage was away
          no answer          504  outcome_unknown          } not to be repeated without asking: it may
          no usable picture  502  bad_upstream_result      } have been charged
"""

import base64
import logging
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
    Reason.RESULT_LOST: {"status": 502, "code": "bad_upstream_result", "may_retry": False},
    Reason.STORAGE: {"status": 502, "code": "bad_upstream_result", "may_retry": False},
}
OUR_STORAGE: dict[str, Any] = {"status": 503, "code": "unavailable", "retry_after_seconds": RETRY_SECONDS}


def answer(edit: EditRequest, *, response_format: str, request: HttpRequest) -> HttpResponse:
    """The answer for an edit that has ended.  Raises ApiError where it brought nothing to give.

    ``response_format`` is a ResponseFormat.
    """
    headers = headers_of(edit)
    if edit.status == Status.FILTERED and edit.filtered_at_stage == "request":
        raise _censored(headers)
    if edit.status in (Status.FAILED, Status.CANCELED):
        raise _not_made(edit, headers)
    item: dict[str, Any] = {"finish_reason": FinishReason.CONTENT_FILTERED.value}
    if edit.status == Status.SUCCEEDED and not edit.result.withheld:
        item = _picture(edit, response_format=response_format, request=request)
        item["finish_reason"] = FinishReason.SUCCESS.value
    body = {
        "id": str(edit.public_id),
        "created": int(edit.finished_at.timestamp()) if edit.finished_at else None,
        "data": [item | {"seed": edit.seed_to_repeat}],
    }
    return JsonResponse(body, headers=headers)


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
