"""Lets one process at a time migrate: two that start at once would make the same tables."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import Error, connection

LOCK_KEY = 0x7265_7461_6B65
"""One of the numbers that PostgreSQL lets programs agree upon; it holds for one database."""
LOCK_FILE = "migrating.lock"


@contextmanager
def alone_migrating() -> Iterator[None]:
    """Wait until nobody else migrates this database, on whichever machine; the lock ends with the process."""
    if connection.vendor == "postgresql":
        with _told_to_postgresql():
            yield
    else:
        with (Path(settings.DATA_DIR) / LOCK_FILE).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


@contextmanager
def _told_to_postgresql() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
    try:
        yield
    finally:
        with suppress(Error), connection.cursor() as cursor:  # a connection that broke has let go of it
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
