"""Moments as addresses carry them: whole microseconds since 1970, so that none is lost on the way."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_DIGITS = 16  # beyond the year 2200


def written(at: datetime) -> str:
    """The moment in digits."""
    return str((at - EPOCH) // MICROSECOND)


def read(text: str) -> datetime | None:
    """The moment behind the digits; None where they are none."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return None
    return EPOCH + int(text) * MICROSECOND
