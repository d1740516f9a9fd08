"""Knows whether the database has this version's tables, lets one process at a time migrate it, and says how long
that takes with many edits."""

import fcntl
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, OperationalError, ProgrammingError, connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

log = logging.getLogger(__name__)

MANY_EDITS = 100_000
SECONDS = 8.0
"""CPU that a migration takes per million edits, if it is about them.  Measured for 0024 and 0027, on SQLite."""
LOCK_KEY = 0x7265_7461_6B65
"""The key of a PostgreSQL advisory lock; it applies to one database."""
LOCK_FILE = "migrating.lock"
NO_TABLE, NO_COLUMN = "42P01", "42703"
"""PostgreSQL's error codes; SQLite has only messages."""
WORDS_OF_SQLITE = ("no such table", "no such column", "has no column named")


@cache
def known_migrations() -> list[str]:
    """The migrations of all installed apps in this version of the code, as ``app.name``."""
    return sorted(".".join(key) for key in MigrationLoader(None).disk_migrations)


def lacking_migrations() -> list[str]:
    """Migrations that were not applied to the database.  Raises DatabaseError if it is unavailable."""
    applied = {".".join(key) for key in MigrationRecorder(connection).applied_migrations()}
    return [name for name in known_migrations() if name not in applied]


def is_of_unmigrated(error: BaseException | None) -> bool:
    """Whether an error means that the database lacks a table or column, so that it belongs to another version."""
    if isinstance(error, ProgrammingError):
        return getattr(error.__cause__, "sqlstate", "") in (NO_TABLE, NO_COLUMN)
    return isinstance(error, OperationalError) and any(words in str(error) for words in WORDS_OF_SQLITE)


def announce(*, plan: Sequence[tuple[Migration, bool]], **_: Any) -> None:
    """Say before a long migration that nothing can be written meanwhile.  A receiver of ``pre_migrate``."""
    ours = [migration for migration, _ in plan if migration.app_label == "edits"]
    edits = _last_edit() if ours else 0
    if edits >= MANY_EDITS:
        log.warning(
            "The database has %s edits. Updating it takes about %s s of computing, and several times as long on a"
            " busy machine or a slow disk. Nothing can be written meanwhile. Do not interrupt it.",
            f"{edits:,}",
            max(1, round(edits / 1e6 * SECONDS * len(ours))),
        )


def _last_edit() -> int:
    """The key of the last edit, about how many there are; 0 before there is a table of them."""
    if "edits_editrequest" not in connection.introspection.table_names():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM edits_editrequest")
        return int(cursor.fetchone()[0])


@contextmanager
def alone_migrating() -> Iterator[None]:
    """Wait until no other process on any machine migrates this database; the lock ends with the process."""
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
        with suppress(Error), connection.cursor() as cursor:  # a broken connection has released the lock
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
