"""Keeps paid pictures that nobody could open, for an operator to look at: a week, on the machine that got them.

DATA_DIR/unreadable/<edit>-<attempt>.bin      the bytes as they came, readable by the server alone
"""

import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from edits.models import Attempt, EditRequest

KEPT_FOR = timedelta(days=7)
SUFFIX = ".bin"

log = logging.getLogger(__name__)


def keep_unreadable(edit: EditRequest, data: bytes) -> None:
    """Write the bytes of the running attempt.  A disk that does not take them costs only them."""
    path = _folder() / _name(edit, edit.attempts_made)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
    except OSError:
        log.exception("The picture that could not be read could not be kept either")


def unreadable_of(attempt: Attempt) -> Path | None:
    """The file with what this attempt brought, if it is on this machine and not older than a week."""
    path = _folder() / _name(attempt.edit, attempt.number)
    return path if path.is_file() else None


def purge_unreadable(*, now: datetime) -> int:
    """Delete what is older than a week; returns how many."""
    purged = 0
    for path in _folder().glob(f"*{SUFFIX}"):
        try:
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - KEPT_FOR:
                path.unlink()
                purged += 1
        except FileNotFoundError:  # another process was faster
            continue
    return purged


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "unreadable"


def _name(edit: EditRequest, number: int) -> str:
    return f"{edit.public_id}-{number}{SUFFIX}"
