"""Every error of the API: its status, what it means, what to do, and whether the edit may have been charged."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, get_args

from edits.images.errors import Code as PictureCode

Charged = Literal["no", "maybe", "yes"]
AGAIN = ("Retry-After",)
KEPT = ("Location", "X-Edit-Id")
NOT_AGAIN = ("X-Should-Retry", "X-Edit-Id")
ENDED = ("X-Edit-Id",)


@dataclass(frozen=True)
class Refusal:
    """One code.  ``headers`` are those in addition to ``X-Request-Id``."""

    status: int
    code: str
    says: str
    charged: Charged = "no"
    headers: tuple[str, ...] = ()


OF_PICTURES = {
    "empty": "The file is empty.",
    "corrupt": "The picture is damaged or incomplete.",
    "format": "The file type is not supported.",
    "animated": "Animated pictures are not supported.",
    "too_small": "A side of the picture is too short.",
    "aspect": "The picture's aspect ratio is too extreme.",
    "too_many_pixels": "The picture has too many pixels.",
    "too_large": "The picture or the whole request is too large.",
}
assert OF_PICTURES.keys() == set(get_args(PictureCode))

REFUSALS = (
    *(Refusal(400, code, says) for code, says in OF_PICTURES.items()),
    Refusal(400, "required", "A field is missing or blank; `param` names it."),
    Refusal(400, "invalid", "A value is outside its limits; `param` names the field, the message says the limits."),
    Refusal(400, "too_long", "A text has too many characters. Retake never truncates texts."),
    Refusal(400, "several", "More pictures or masks than the model takes, or a picture and `source_edit`."),
    Refusal(400, "not_supported", "The model does not support the field in `param`. Leave it out."),
    Refusal(400, "model_not_found", "The model is not offered, or offered by several providers; the message lists "
            "the ids you can use."),
    Refusal(400, "gone", "The edit in `source_edit`, or the `upload`, does not exist, or this key has no access to "
            "it."),
    Refusal(400, "bad_request", "The body is truncated, or neither a form nor JSON."),
    Refusal(400, "unknown_host", "The host name of this URL is not in the server's `ALLOWED_HOSTS`."),
    Refusal(400, "https_required", "The call was made without TLS. Its key may have been intercepted: replace it."),
    Refusal(400, "upstream_rejected", "The provider refused the edit; `message` is the provider's. Change the call.",
            headers=ENDED),
    Refusal(400, "canceled", "The edit was canceled on a page or by another call. A call to the provider that was "
            "already running may be charged.", charged="maybe", headers=NOT_AGAIN),
    Refusal(400, "already_finished", "The edit has finished, so it cannot be canceled."),
    Refusal(401, "invalid_api_key", "The key is missing, wrong, expired or revoked, or its owner is deactivated.",
            headers=("WWW-Authenticate",)),
    Refusal(403, "insufficient_scope", "The key lacks the permission: it may only read, or only create edits."),
    Refusal(404, "not_found", "Not found, or this key has no access to it."),
    Refusal(404, "model_not_found", "The model does not exist."),
    Refusal(405, "method_not_allowed", "Wrong HTTP method; `Allow` lists the right ones.", headers=("Allow",)),
    Refusal(413, "too_large", OF_PICTURES["too_large"]),
    Refusal(414, "bad_request", "The URL is longer than 4 kB."),
    Refusal(415, "unsupported_media_type", "The body must be `multipart/form-data` or `application/json`."),
    Refusal(422, "idempotency_key_reused", "The `Idempotency-Key` was used for a different call. Use a new one."),
    Refusal(429, "rate_limit_exceeded", "Too many requests with this key, or a budget is used up. Wait as long as "
            "`Retry-After` says. With `Location`, the edit is kept.", headers=(*AGAIN, *KEPT)),
    Refusal(451, "content_filtered", "The provider's filter stopped the prompt. Change the prompt or picture.",
            headers=ENDED),
    Refusal(500, "internal_error", "Internal error. The server's log has the details under `X-Request-Id`."),
    Refusal(502, "bad_upstream_result", "The provider returned no picture, or a picture that could not be read, "
            "downloaded or stored.", charged="yes", headers=NOT_AGAIN),
    Refusal(503, "edit_pending", "The edit is not finished yet. Poll `Location`. Repeating the call gives the same "
            "edit only if you sent an `Idempotency-Key`.",
            headers=(*AGAIN, *KEPT)),
    Refusal(503, "upstream_account", "The provider refuses this installation's account. Administrators are notified. "
            "With `Location`, the edit is kept; otherwise, repeat the call later.", headers=(*AGAIN, *KEPT)),
    Refusal(503, "upstream_unavailable", "The provider was busy or unreachable in all tries. With `Location`, the "
            "edit is kept; otherwise, repeat the call later.", headers=(*AGAIN, *KEPT)),
    Refusal(503, "unavailable", "The database or the storage is temporarily unavailable.", headers=AGAIN),
    Refusal(504, "outcome_unknown", "The provider did not respond. Check the history before you repeat the call.",
            charged="maybe", headers=NOT_AGAIN),
    Refusal(507, "no_room", "The server is out of disk space. Contact an administrator.", headers=AGAIN),
)  # fmt: skip


def with_codes(codes: Iterable[str]) -> list[Refusal]:
    """The errors with these codes.  A code with several statuses must be given with one: ``404 model_not_found``."""
    wanted = set(codes)
    return [one for one in REFUSALS if one.code in wanted or f"{one.status} {one.code}" in wanted]


def answers(refusals: Iterable[Refusal]) -> dict[str, Any]:
    """One response of the document for each status."""
    by_status = groupby(
        sorted(refusals, key=lambda refusal: refusal.status), key=lambda refusal: refusal.status
    )
    return {str(status): _answer(list(those)) for status, those in by_status}


def _answer(refusals: list[Refusal]) -> dict[str, Any]:
    names = dict.fromkeys(name for refusal in refusals for name in refusal.headers)
    return {
        "description": "\n".join(f"- `{refusal.code}`: {refusal.says}" for refusal in refusals),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *names)},
        "content": {"application/json": {"schema": _schema([refusal.code for refusal in refusals])}},
    }


def _schema(codes: list[str]) -> dict[str, Any]:
    error = {"allOf": [{"$ref": "#/components/schemas/Error"}, {"properties": {"code": {"enum": codes}}}]}
    return {"type": "object", "required": ["error"], "properties": {"error": error}}
