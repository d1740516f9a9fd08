"""SQLite in turn: dozens of threads write, none gives up, and one that fails does not hold up the others."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import OperationalError

from editor_site.sqlite_serialized import base
from editor_site.sqlite_serialized.base import DatabaseWrapper
from editor_site.sqlite_serialized.idle import IdleConnections

THREADS, ROUNDS = 12, 15
pytestmark = pytest.mark.django_db  # to connect at all; the test database itself is not used


def connect(path: Path) -> DatabaseWrapper:
    settings: dict[str, Any] = {
        "ENGINE": "editor_site.sqlite_serialized",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL;",
        },
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "AUTOCOMMIT": True,
        "ATOMIC_REQUESTS": False,
        "TIME_ZONE": None,
        "TEST": {"NAME": None},
    }
    return DatabaseWrapper(settings, alias="other")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "turns.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE counts (name TEXT PRIMARY KEY, number INTEGER)")
        connection.execute("INSERT INTO counts VALUES ('all', 0)")
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[DatabaseWrapper]:
    connection = connect(path)
    yield connection
    connection.close()


def number(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute("SELECT number FROM counts").fetchone()[0])


def is_free(connection: DatabaseWrapper) -> bool:
    """Nobody of this process has the turn."""
    return not connection._write_lock._in_process.locked()


def count_up(connection: DatabaseWrapper) -> None:
    """Read, then write what was read: lost where two do it at once."""
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM counts")
        found = cursor.fetchone()[0]
        cursor.execute("UPDATE counts SET number = %s", [found + 1])
    connection.commit()
    connection.set_autocommit(True)


def test_no_thread_gives_up_and_no_count_is_lost(path: Path) -> None:
    failed: list[BaseException] = []

    def work() -> None:
        connection = connect(path)
        try:
            for _ in range(ROUNDS):
                count_up(connection)
        except BaseException as error:  # noqa: BLE001  raised below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert number(path) == THREADS * ROUNDS


def test_a_statement_by_itself_takes_and_gives_back_its_turn(connection: DatabaseWrapper) -> None:
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE counts SET number = number + 1")
        assert not connection._write_lock.is_mine
    assert is_free(connection)


def test_a_statement_that_fails_gives_its_turn_back(connection: DatabaseWrapper) -> None:
    with connection.cursor() as cursor, pytest.raises(IntegrityError):
        cursor.execute("INSERT INTO counts VALUES ('all', 1)")
    assert is_free(connection)


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_every_end_of_a_transaction_gives_the_turn_back(connection: DatabaseWrapper, end: str) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert connection._write_lock.is_mine
    getattr(connection, end)()
    assert is_free(connection)


def test_who_only_reads_waits_for_nobody(connection: DatabaseWrapper, path: Path) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    reader = connect(path)
    with reader.cursor() as cursor:
        cursor.execute("SELECT number FROM counts")
        assert cursor.fetchone() == (0,)
    reader.close()
    connection.rollback()


def test_who_waits_for_too_long_is_told_as_sqlite_tells_it(
    connection: DatabaseWrapper, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "PATIENCE_SECONDS", 0.01)
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    other = connect(path)
    with other.cursor() as cursor, pytest.raises(OperationalError, match="locked"):
        cursor.execute("UPDATE counts SET number = 5")
    other.close()
    connection.rollback()
    assert number(path) == 0


def test_the_installation_uses_it() -> None:
    used = transaction.get_connection()
    assert used.vendor != "sqlite" or isinstance(used, DatabaseWrapper)


def test_what_a_command_wrote_is_in_the_file_when_it_has_ended(tmp_path: Path) -> None:
    """Its connection rests among the idle ones then, and may be the last that is closed."""
    path = tmp_path / "library.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE written (value)")
    idle = IdleConnections(path)
    assert idle.keep(connection, (0, 0))
    idle.close()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert idle.take() is None
