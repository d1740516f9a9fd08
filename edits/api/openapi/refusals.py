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
    """One code.  ``headers`` are those that it brings beside ``X-Request-Id``."""

    status: int
    code: str
    says: str
    charged: Charged = "no"
    headers: tuple[str, ...] = ()


OF_PICTURES = {
    "empty": "The file is empty.",
    "corrupt": "The picture is damaged or was cut off.",
    "format": "The file is of a kind that is not taken.",
    "animated": "The picture moves; only still ones are edited.",
    "too_small": "A side of the picture is too short.",
    "aspect": "The picture is too long or too tall for its other side.",
    "too_many_pixels": "The picture has more pixels than are read at all.",
    "too_large": "The picture or the whole call is too large.",
}
assert OF_PICTURES.keys() == set(get_args(PictureCode))

REFUSALS = (
    *(Refusal(400, code, says) for code, says in OF_PICTURES.items()),
    Refusal(400, "required", "A field is missing or blank; `param` names it."),
    Refusal(400, "invalid", "A value is outside of its limits; `param` names it, the message says both."),
    Refusal(400, "too_long", "A text has too many characters. It is never cut."),
    Refusal(400, "several", "More pictures or masks were sent than the model takes, or a picture and `source_edit`."),
    Refusal(400, "not_supported", "The model does not take this field; `param` names it. Leave it out."),
    Refusal(400, "model_not_found", "The model is not offered here, or by several providers; the message names the "
            "ids that can be used."),
    Refusal(400, "gone", "The edit that `source_edit` names is not there, or not for this key's owner."),
    Refusal(400, "bad_request", "The call could not be read: a body that is cut off or no form at all."),
    Refusal(400, "https_required", "The call came without TLS. Its key could be read on the way: make another."),
    Refusal(400, "upstream_rejected", "The provider refused the edit; the message is its own. Change the call.",
            headers=ENDED),
    Refusal(400, "canceled", "The edit was canceled on a page or by another call. Nothing more is sent for it; a "
            "call that ran already may be charged.", charged="maybe", headers=NOT_AGAIN),
    Refusal(400, "already_finished", "The edit has ended, so that there is nothing to cancel."),
    Refusal(401, "invalid_api_key", "The key is missing, wrong, expired or revoked, or its owner locked out.",
            headers=("WWW-Authenticate",)),
    Refusal(403, "insufficient_scope", "The key was made for less than this: for reading or for editing alone."),
    Refusal(404, "not_found", "There is nothing here, or not for this key's owner."),
    Refusal(404, "model_not_found", "There is no such model here."),
    Refusal(405, "method_not_allowed", "Another method is meant; `Allow` names it.", headers=("Allow",)),
    Refusal(413, "too_large", OF_PICTURES["too_large"]),
    Refusal(415, "unsupported_media_type", "The body is no form. Send `multipart/form-data`."),
    Refusal(422, "idempotency_key_reused", "The `Idempotency-Key` was used for another call. Take a new one."),
    Refusal(429, "rate_limit_exceeded", "The key asked too often, or a budget is used up. Wait as long as it says; "
            "where `Location` comes along, the edit is kept.", headers=(*AGAIN, *KEPT)),
    Refusal(451, "content_filtered", "The provider's filter stopped the prompt. Change the prompt or picture.",
            headers=ENDED),
    Refusal(500, "internal_error", "Something broke on our side. It is in the log under `X-Request-Id`."),
    Refusal(502, "bad_upstream_result", "The service answered without a picture, or its picture could not be read, "
            "fetched or stored.", charged="yes", headers=NOT_AGAIN),
    Refusal(503, "edit_pending", "The edit is not done yet and goes on. Ask at `Location`; only with an "
            "`Idempotency-Key` the same call again is the same edit.",
            headers=(*AGAIN, *KEPT)),
    Refusal(503, "upstream_account", "The provider refuses this installation's account. The edit is kept or may be "
            "sent again later; an administrator is told.", headers=(*AGAIN, *KEPT)),
    Refusal(503, "upstream_unavailable", "The provider stayed busy or away through all tries. Send it again later; "
            "where `Location` comes along, the edit is kept.", headers=(*AGAIN, *KEPT)),
    Refusal(503, "unavailable", "Database or storage are away for the moment.", headers=AGAIN),
    Refusal(504, "outcome_unknown", "No answer came from the provider. Look before you send it again.",
            charged="maybe", headers=NOT_AGAIN),
    Refusal(507, "no_room", "The server has no room left for the picture. Tell an administrator.", headers=AGAIN),
)  # fmt: skip


def with_codes(codes: Iterable[str]) -> list[Refusal]:
    """These refusals.  A code that more than one status has is written with it: ``404 model_not_found``."""
    wanted = set(codes)
    return [one for one in REFUSALS if one.code in wanted or f"{one.status} {one.code}" in wanted]


def answers(refusals: Iterable[Refusal]) -> dict[str, Any]:
    """One answer of the document for each status among them."""
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
