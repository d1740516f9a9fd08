"""An index of the files that rows name, in a temporary file, because a million names are too many for memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple, Self


class Named(NamedTuple):
    """One file that a row names.  ``size_bytes`` is None for renditions, whose size is not recorded."""

    name: str
    table: str
    pk: int
    field: str
    size_bytes: int | None = None


class FileIndex:
    """Which files rows name, which of those exist, and which files no row names."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._lines = connection

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """An empty index, which moves to disk when it grows large and is deleted when it is closed."""
        with closing(sqlite3.connect("", isolation_level=None)) as connection:
            connection.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                "CREATE TABLE named (name TEXT, owner TEXT, pk INTEGER, field TEXT, size INTEGER, "
                "seen INTEGER DEFAULT 0, PRIMARY KEY (name, owner, pk, field)) WITHOUT ROWID;"
                "CREATE TABLE unnamed (name TEXT PRIMARY KEY) WITHOUT ROWID;"
                "BEGIN"
            )
            yield cls(connection)

    def expect(self, files: Iterable[Named]) -> None:
        """Record files that should exist."""
        self._lines.executemany("INSERT INTO named (name, owner, pk, field, size) VALUES (?,?,?,?,?)", files)

    def see(self, name: str) -> list[Named]:
        """Record that a file exists; returns the references of the rows that name it."""
        self._lines.execute("UPDATE named SET seen = 1 WHERE name = ?", [name])
        found = self._lines.execute("SELECT name, owner, pk, field, size FROM named WHERE name = ?", [name])
        return [Named(*line) for line in found]

    def note_unnamed(self, name: str) -> None:
        """Record a file that no row named when it was checked."""
        self._lines.execute("INSERT OR IGNORE INTO unnamed VALUES (?)", [name])

    def unseen(self) -> Iterator[Named]:
        """Expected files that were not seen."""
        lines = self._lines.execute("SELECT name, owner, pk, field, size FROM named WHERE seen = 0")
        return (Named(*line) for line in lines)

    def unnamed(self) -> Iterator[str]:
        """The files that no row named."""
        return (name for (name,) in self._lines.execute("SELECT name FROM unnamed"))

    def count(self, table: str) -> int:
        """The number of rows in ``named`` or ``unnamed``."""
        ((count,),) = self._lines.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  one of our two tables
        return int(count)
