"""Shows on the disk that this machine's worker lives: DATA_DIR/heartbeats/<machine>, touched in each round.

A container's health check looks at its age, without the database: one that is away is no reason to restart a
worker that holds a paid answer.
"""

import socket
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

FORGOTTEN_AFTER = timedelta(days=1)


def beat(*, lease: timedelta, now: datetime) -> None:
    """Say that the rounds go on.  Raises OSError when the disk does not take it."""
    folder = Path(settings.DATA_DIR) / "heartbeats"
    folder.mkdir(exist_ok=True)
    mine = folder / socket.gethostname()
    mine.touch()
    for other in folder.iterdir():  # containers that are gone had names of their own
        with suppress(FileNotFoundError):
            if other.stat().st_mtime < mine.stat().st_mtime - FORGOTTEN_AFTER.total_seconds():
                other.unlink()
