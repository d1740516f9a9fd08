"""Django's SQLite, but who wants to write stands in line instead of asking again and again.

SQLite itself lets those who find its lock taken sleep, up to a tenth of a second, and gives it to whoever happens to
wake up first: with dozens of threads most of the time nobody writes, and some wait until they give up.  Here the
threads of a process take turns, and one of each process waits for the lock of a file, which the kernel hands on.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
PATIENCE_SECONDS = 30.0


@cache
def in_process(path: Path) -> threading.Lock:
    """What the threads of this process wait for who write to the same database."""
    return threading.Lock()


class Turn:
    """The right to write, held by one connection at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._in_process = in_process(path)
        self._file: Any = None

    @property
    def is_mine(self) -> bool:
        """Whether it is held now."""
        return self._file is not None

    def take(self) -> None:
        """Wait for it.  Raises OperationalError, as SQLite does, when this process has many that wait for long."""
        if not self._in_process.acquire(timeout=PATIENCE_SECONDS):
            raise OperationalError("database is locked")
        try:
            file = self._path.open("ab")
            fcntl.flock(file, fcntl.LOCK_EX)
        except BaseException:
            self._in_process.release()
            raise
        self._file = file

    def give_back(self) -> None:
        """Let the next one write."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._in_process.release()

    @contextmanager
    def for_a_moment(self) -> Iterator[None]:
        """For a single statement."""
        self.take()
        try:
            yield
        finally:
            self.give_back()


class Cursor(base.SQLiteCursorWrapper):
    """Takes the turn for statements that write outside of a transaction."""

    def __init__(self, connection: Any, turn: Turn) -> None:
        super().__init__(connection)
        self._turn = turn

    def execute(self, query: str, params: Any = None) -> Any:
        if self._turn.is_mine or not query.startswith(WRITES):
            return super().execute(query, params)
        with self._turn.for_a_moment():
            return super().execute(query, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes the turn for each transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn = Turn(Path(f"{self.settings_dict['NAME']}-turn"))

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=lambda connection: Cursor(connection, self._turn))

    def _start_transaction_under_autocommit(self) -> None:
        self._turn.take()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._turn.give_back()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._turn.give_back()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._turn.give_back()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._turn.give_back()
