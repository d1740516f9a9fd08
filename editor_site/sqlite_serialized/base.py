"""Django's SQLite engine, with writers that wait for a lock instead of polling.

If SQLite's lock is taken, it lets writers sleep for up to a tenth of a second, and the one that happens to wake
up first gets the lock.  With dozens of threads, most of the time nobody writes, and some wait until they time
out.  Here the threads of a process take turns, and one of each process waits for a file lock, which the kernel
hands on.
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

from editor_site.sqlite_serialized.idle import FileId, file_id, idle_connections

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
PATIENCE_SECONDS = 30.0


@cache
def in_process(path: Path) -> threading.Lock:
    """The lock that the threads of this process share for this database."""
    return threading.Lock()


class WriteLock:
    """The right to write, held by one connection at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._in_process = in_process(path)
        self._file: Any = None

    @property
    def is_mine(self) -> bool:
        """Whether this connection holds it."""
        return self._file is not None

    def acquire(self) -> None:
        """Wait for it.  Raises OperationalError, like SQLite, if the threads of this process wait too long."""
        if not self._in_process.acquire(timeout=PATIENCE_SECONDS):
            raise OperationalError("database is locked")
        try:
            file = self._path.open("ab")
            fcntl.flock(file, fcntl.LOCK_EX)
        except BaseException:
            self._in_process.release()
            raise
        self._file = file

    def release(self) -> None:
        """Release it to the next writer."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._in_process.release()

    @contextmanager
    def for_a_moment(self) -> Iterator[None]:
        """Hold it for a single statement."""
        self.acquire()
        try:
            yield
        finally:
            self.release()


class Cursor(base.SQLiteCursorWrapper):
    """Takes the write lock for statements that write outside of a transaction."""

    def __init__(self, connection: Any, write_lock: WriteLock) -> None:
        super().__init__(connection)
        self._write_lock = write_lock

    def execute(self, query: str, params: Any = None) -> Any:
        if self._write_lock.is_mine or not query.startswith(WRITES):
            return super().execute(query, params)
        with self._write_lock.for_a_moment():
            return super().execute(query, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes the write lock for each transaction, and shares connections between threads, one after another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._write_lock = WriteLock(
            Path(f"{self.settings_dict['NAME']}-turn")
        )  # a name that all versions share
        self._file: FileId | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        path = Path(conn_params["database"])
        if idle := idle_connections(path).take():
            connection, self._file = idle
            return connection
        connection = super().get_new_connection(conn_params)
        self._file = file_id(path)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=lambda connection: Cursor(connection, self._write_lock))

    def _start_transaction_under_autocommit(self) -> None:
        self._write_lock.acquire()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._write_lock.release()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._write_lock.release()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._write_lock.release()

    def _close(self) -> None:
        try:
            if not self._is_kept():
                super()._close()  # type: ignore[misc]
        finally:
            self._write_lock.release()

    def _is_kept(self) -> bool:
        """Keep the connection for the next thread, except after an error or inside a transaction."""
        if self.errors_occurred or self.in_atomic_block or self.connection.in_transaction:
            return False
        path = Path(self.settings_dict["NAME"])
        return self._file is not None and idle_connections(path).keep(self.connection, self._file)
