"""Points in time as page cursors: whole microseconds since 1970, so that nothing is lost in a URL."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_DIGITS = 16  # beyond the year 2200


def encode(at: datetime) -> str:
    """The moment in digits."""
    return str((at - EPOCH) // MICROSECOND)


def decode(text: str) -> datetime | None:
    """The moment behind the digits; None where they are none."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return None
    return EPOCH + int(text) * MICROSECOND
