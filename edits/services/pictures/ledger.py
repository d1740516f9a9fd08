"""A ledger of the files that rows name, kept in a file that vanishes: a million names are too much for memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple, Self


class Named(NamedTuple):
    """One file that a row names.  ``size_bytes`` is None for renditions, whose size no row says."""

    name: str
    table: str
    pk: int
    field: str
    size_bytes: int | None = None


class Ledger:
    """Which files are named by rows, which of them are there, and which files nobody names."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._lines = connection

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """An empty one, on the disk where it grows large, gone when it is closed."""
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
        """Note files that should be there."""
        self._lines.executemany("INSERT INTO named (name, owner, pk, field, size) VALUES (?,?,?,?,?)", files)

    def see(self, name: str) -> list[Named]:
        """Note that a file is there; returns what it is to the rows that name it."""
        self._lines.execute("UPDATE named SET seen = 1 WHERE name = ?", [name])
        found = self._lines.execute("SELECT name, owner, pk, field, size FROM named WHERE name = ?", [name])
        return [Named(*line) for line in found]

    def note_unnamed(self, name: str) -> None:
        """Note a file that no row named when it was looked for."""
        self._lines.execute("INSERT OR IGNORE INTO unnamed VALUES (?)", [name])

    def unseen(self) -> Iterator[Named]:
        """What should be there and was not met."""
        lines = self._lines.execute("SELECT name, owner, pk, field, size FROM named WHERE seen = 0")
        return (Named(*line) for line in lines)

    def unnamed(self) -> Iterator[str]:
        """The files that were noted as nobody's."""
        return (name for (name,) in self._lines.execute("SELECT name FROM unnamed"))

    def count(self, table: str) -> int:
        """Lines of ``named`` or ``unnamed``."""
        ((count,),) = self._lines.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  one of our two
        return int(count)
