"""What an answer other than 200 means: which failure it is, or that a content filter spoke."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from edits.providers.answers import read_json
from edits.providers.errors import (
    GatewayFailed,
    NotAuthorized,
    ProviderError,
    RateLimited,
    Rejected,
    ServerFailed,
    TemporaryError,
    Unexpected,
    Unusable,
)
from edits.providers.redaction import one_line

_MOST_MESSAGE_CHARS = 300
_LONGEST_WAIT = timedelta(days=366)
_NOT_DONE = {408, 425, 500, 503, 529}
_OPERATOR = {401, 402, 403, 404, 405}
_NEVER_EXPECTED = {409, 418, 501, 505}
_FILTER_TYPES = re.compile(r"censor|content_?(filter|policy|review)|moderation", re.IGNORECASE)
_FILTER_WORDS = re.compile(
    r"censor|content[ _-](filter|policy|review|moderation|safety)|moderation|sensitive content", re.IGNORECASE
)


def error_for(status: int, *, said: "Said", headers: Mapping[str, str], now: datetime) -> ProviderError:
    """The failure that a status other than 200 stands for."""
    error = _class_for(status)(f"HTTP {status}", status=status)
    if isinstance(error, TemporaryError):
        error.retry_after = retry_after_seconds(headers.get("Retry-After", ""), now=now)
    if isinstance(error, Rejected):
        error.provider_message = said.message
    if 200 <= status < 300:
        error.charged = "maybe"
    return error


def is_filtered(status: int, *, said: "Said") -> bool:
    """Whether the content filter refused the request: 451, or a 400 or 403 that says so itself."""
    if status == 451:
        return True
    named = _FILTER_TYPES.search(said.kind) is not None
    return (status == 400 and named) or (
        status == 403 and (named or bool(_FILTER_WORDS.search(said.message)))
    )


class Said:
    """What the body of an error says, whichever server's shape it has."""

    def __init__(self, body: bytes) -> None:
        """Takes {"error": {"message", "type", "code"}}, {"error": text}, {"detail": …} and plain text."""
        try:
            document = read_json(body)
        except Unusable:
            text = body[:4096].decode("utf-8", errors="replace")
            self.message = "" if "<" in text[:200] else _message(text)  # a page of HTML is for nobody to read
            self.kind = ""
            return
        error = document.get("error") or document.get("detail") or document
        fields: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
        self.message = _message(fields.get("message"))
        self.kind = " ".join(str(fields.get(name) or "") for name in ("type", "code"))[:_MOST_MESSAGE_CHARS]


def retry_after_seconds(value: str, *, now: datetime) -> float | None:
    """The wait that a Retry-After header asks for; None for none, garbage, zero and the past.

    Waits beyond a year count as a year, so that they can be added to a time.
    """
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,300}(\.[0-9]{1,9})?", value):
        seconds = float(value)
    else:
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    return min(seconds, _LONGEST_WAIT.total_seconds()) if seconds > 0 else None


def _class_for(status: int) -> type[ProviderError]:
    if status == 429:
        return RateLimited
    if status in _NOT_DONE:
        return ServerFailed
    if status in _OPERATOR:
        return NotAuthorized
    if status in _NEVER_EXPECTED or status < 400 or status > 599:
        return Unexpected
    return GatewayFailed if status >= 500 else Rejected


def _message(found: object) -> str:
    if isinstance(found, list):  # FastAPI: [{"loc": …, "msg": …}]
        found = "; ".join(str(item["msg"]) for item in found if isinstance(item, dict) and "msg" in item)
    return one_line(found, most_chars=_MOST_MESSAGE_CHARS) if isinstance(found, str) else ""
