"""The headers of requests and responses."""

from typing import Any

STRING: dict[str, Any] = {"type": "string"}


def request_headers() -> dict[str, Any]:
    """Parameters by name, for calls that request an edit."""
    key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
    return {
        "Idempotency-Key": _asked(
            "Idempotency-Key",
            "Makes a repeated call the same edit: the same key with the same call gets the same answer, for 24 "
            "hours; with another call it is refused.",
            schema=key,
        ),
        "Prefer": _asked(
            "Prefer",
            "`respond-async` answers at once with 202.",
            schema=STRING | {"examples": ["respond-async"]},
        ),
    }


def _asked(name: str, says: str, *, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": says, "schema": schema}


def answer_headers() -> dict[str, Any]:
    """Response headers by name."""
    seconds = {"type": "integer", "minimum": 1, "maximum": 120}
    return {
        "X-Request-Id": _told("Names this call in the log.") | {"required": True},
        "X-Edit-Id": _told("The edit that the call asked for.", {"type": "string", "format": "uuid"}),
        "X-Fitted": _told(
            "The size to which the picture was scaled down, where it was.",
            {"type": "string", "pattern": "^[0-9]+x[0-9]+$"},
        ),
        "Location": _told(
            "Where to request the status of the edit.", {"type": "string", "format": "uri-reference"}
        ),
        "Preference-Applied": _told("What was preferred and done."),
        "ETag": _told("Names this state of the edit: send it in `If-None-Match`."),
        "Retry-After": _told("Seconds after which the same call may work.", seconds),
        "X-Should-Retry": _told(
            "`false`: the edit may have been made and charged, so that clients must not repeat the call by "
            "themselves.",
            {"type": "string", "enum": ["false"]},
        ),
        "Allow": _told("The methods that are possible here."),
        "WWW-Authenticate": _told("How to sign a call: with a bearer key."),
    }


def _told(says: str, schema: dict[str, Any] = STRING) -> dict[str, Any]:
    return {"description": says, "schema": schema}
