"""Knows whether the database has the tables of this version, and lets one process at a time make them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import Error, OperationalError, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

LOCK_KEY = 0x7265_7461_6B65
"""One of the numbers that PostgreSQL lets programs agree upon; it holds for one database."""
LOCK_FILE = "migrating.lock"
NO_TABLE, NO_COLUMN = "42P01", "42703"
"""What PostgreSQL calls them; SQLite has but sentences."""
WORDS_OF_SQLITE = ("no such table", "no such column", "has no column named")


@cache
def known_migrations() -> list[str]:
    """The migrations of all installed apps that this version of the code has, as ``app.name``."""
    return sorted(".".join(key) for key in MigrationLoader(None).disk_migrations)


def lacking_migrations() -> list[str]:
    """Those of them that the database has not seen.  Raises DatabaseError when it is away."""
    applied = {".".join(key) for key in MigrationRecorder(connection).applied_migrations()}
    return [name for name in known_migrations() if name not in applied]


def is_of_unmigrated(error: BaseException | None) -> bool:
    """Whether the database refused because it lacks a table or a column: it is there, but of another version."""
    if isinstance(error, ProgrammingError):
        return getattr(error.__cause__, "sqlstate", "") in (NO_TABLE, NO_COLUMN)
    return isinstance(error, OperationalError) and any(words in str(error) for words in WORDS_OF_SQLITE)


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
