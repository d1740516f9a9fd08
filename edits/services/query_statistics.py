"""Keeps SQLite's statistics, by which it chooses among indexes.  It never gathers any itself; PostgreSQL does.

A table is read for them when it has twice as many rows as last time, and an index that an upgrade added when a
worker starts.  One index at a time: others write in between, and none is waited for longer than a second per
million rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.apps import apps
from django.db import connection, transaction

CHECKED_EVERY = timedelta(minutes=5)
FEW = 500
"""In a table with fewer rows, any plan is quick."""
GROWTH = 2

Read = dict[str, int]
"""Maps an index to the rows that its table had when it was read."""


@dataclass
class Statistics:
    """When this process looked, and up to which key it then knew the tables.  Several processes do no harm."""

    checked_at: datetime | None = None
    known: dict[str, int] = field(default_factory=dict)

    def keep(self, *, lease: timedelta, now: datetime) -> int:
        """Read what has grown; returns how many indexes were read."""
        if connection.vendor != "sqlite" or (self.checked_at and now - self.checked_at < CHECKED_EVERY):
            return 0
        is_first, self.checked_at = self.checked_at is None, now
        read = _read()
        due = [name for table in _tables() for name in self._due(table, read, is_first=is_first)]
        for name in due:
            _analyze(name)
        if due:
            _tell_others()
        return len(due)

    def _due(self, table: str, read: Read, *, is_first: bool) -> list[str]:
        """The indexes of a table that are to be read."""
        last = _last_key(table)
        if last < FEW:
            return []
        indexes = _indexes(table)
        # Keys of deleted rows are counted too: what was reached by keys once is not asked again.
        before = max([self.known.get(table, 0), *(read.get(name, 0) for name in indexes)])
        if last >= GROWTH * before:
            self.known[table] = last
            return indexes
        return [name for name in indexes if name not in read] if is_first else []


statistics = Statistics()


def keep_statistics(*, lease: timedelta, now: datetime) -> int:
    """Read what has grown since; returns how many indexes were read."""
    return statistics.keep(lease=lease, now=now)


def _tables() -> Iterator[str]:
    return (
        model._meta.db_table for model in apps.get_app_config("edits").get_models(include_auto_created=True)
    )


def _last_key(table: str) -> int:
    """About how many rows it has: one step in its tree, where a count would read all."""
    name = connection.ops.quote_name(table)
    return int(_rows(f"SELECT coalesce(max(rowid), 0) FROM {name}")[0][0])  # noqa: S608


def _indexes(table: str) -> list[str]:
    return [
        row[0]
        for row in _rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = %s", table)
    ]


def _read() -> Read:
    """A partial index counts its own rows, so that only the largest figure of a table means anything."""
    if not _rows("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'"):
        return {}
    rows = _rows("SELECT idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL")
    return {idx: int(stat.split()[0]) for idx, stat in rows}


def _analyze(index: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {connection.ops.quote_name(index)}")


def _tell_others() -> None:
    """Open connections read statistics again when they see that the tables have changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE statistics_changed (id integer)")
        cursor.execute("DROP TABLE statistics_changed")


def _rows(sql: str, *values: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
