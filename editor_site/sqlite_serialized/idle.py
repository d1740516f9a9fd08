"""SQLite connections of this process that no thread uses at the moment.

A new connection costs three queries' time until it has read the tables' definitions, and half a megabyte.  Most
threads wait most of the time, for a provider or for the next request, and need none.
"""

import atexit
import os
import sqlite3
from collections import deque
from contextlib import suppress
from functools import cache
from pathlib import Path

MOST_IDLE = 48

FileId = tuple[int, int]
"""Device and inode: another file at the same path, as after a restore, has another one."""


def file_id(path: Path) -> FileId | None:
    """Which file is at this path now; None if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class IdleConnections:
    """Those to the database at one path.  The one that was used last is handed out first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: deque[tuple[sqlite3.Connection, FileId]] = deque()

    def take(self) -> tuple[sqlite3.Connection, FileId] | None:
        """One to the file that is at the path now; None if there is none."""
        file = file_id(self._path)
        while self._idle:
            try:
                connection, its_file = self._idle.pop()
            except IndexError:  # another thread took the last one
                break
            if its_file == file:
                return connection, its_file
            connection.close()
        return None

    def keep(self, connection: sqlite3.Connection, file: FileId) -> bool:
        """Keep it for the next thread; False if there are enough."""
        if len(self._idle) >= MOST_IDLE:
            return False
        self._idle.append((connection, file))
        return True

    def close(self) -> None:
        """Close all.  The last one to be closed moves the write-ahead log into the database."""
        with suppress(IndexError):  # another thread may take the last one
            while True:
                self._idle.pop()[0].close()


def idle_connections(path: Path) -> IdleConnections:
    """Those that the threads of this process share for this database; a forked process has its own."""
    return _of_process(path, os.getpid())


@cache
def _of_process(path: Path, process: int) -> IdleConnections:
    found = IdleConnections(path)
    atexit.register(_close_at_exit, found, process)
    return found


def _close_at_exit(found: IdleConnections, process: int) -> None:
    """Not in a forked process, which may not use the connections of its parent."""
    if os.getpid() == process:
        found.close()
