"""The meaning of a status other than 200: which failure it is, and when the same call may work."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from edits.providers.error_bodies import ErrorBody
from edits.providers.errors import (
    Blames,
    GatewayFailed,
    NotAuthorized,
    ProviderError,
    RateLimited,
    Rejected,
    ServerFailed,
    TemporaryError,
    Unexpected,
)

_LONGEST_WAIT = timedelta(days=366)
_NOT_DONE = {408, 425, 500, 503, 529}
_OPERATOR = {401, 402, 403, 404, 405}
_NEVER_EXPECTED = {409, 418, 501, 505}


def error_for(
    status: int,
    *,
    body: ErrorBody,
    headers: Mapping[str, str],
    now: datetime,
    retry_after_headers: Sequence[str] = ("Retry-After",),
    blames: Blames = "",
) -> ProviderError:
    """The error for a status other than 200; ``blames`` is the cause that the body names."""
    error = (NotAuthorized if blames else _class_for(status))(f"HTTP {status}", status=status)
    if isinstance(error, NotAuthorized):
        error.blames = blames
    if isinstance(error, TemporaryError):
        waits = (retry_after_seconds(headers.get(name, ""), now=now) for name in retry_after_headers)
        error.retry_after = next((wait for wait in waits if wait), None)
    if isinstance(error, Rejected):
        error.provider_message = body.message
    if 200 <= status < 300:
        error.charged = "maybe"
    return error


def retry_after_seconds(value: str, *, now: datetime) -> float | None:
    """The wait that a Retry-After header requests; None for a missing, invalid, zero or past value.

    Limited to a year, so that it can be added to a time.
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
