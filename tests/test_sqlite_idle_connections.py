"""Connections to SQLite go from thread to thread: opening one costs more than most pages read."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.utils import OperationalError

from editor_site.sqlite_serialized import idle
from editor_site.sqlite_serialized.base import DatabaseWrapper
from tests.test_sqlite_serialized import connect, number

pytestmark = pytest.mark.django_db  # to connect at all; the test database itself is not used


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_counts(tmp_path / "idle.sqlite3")


def make_counts(path: Path, *, first: int = 0) -> Path:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE counts (name TEXT PRIMARY KEY, number INTEGER)")
        connection.execute("INSERT INTO counts VALUES ('all', ?)", [first])
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[DatabaseWrapper]:
    connection = connect(path)
    connection.connect()
    yield connection
    connection.close()


def opened(connection: DatabaseWrapper) -> sqlite3.Connection:
    """What SQLite opened for it, now or for somebody before."""
    connection.ensure_connection()
    found: sqlite3.Connection = connection.connection
    return found


def test_the_next_thread_gets_what_another_gave_back(connection: DatabaseWrapper, path: Path) -> None:
    first, found = opened(connection), []
    connection.close()

    def use() -> None:
        other = connect(path)
        found.append(opened(other))
        with other.cursor() as cursor:
            cursor.execute("UPDATE counts SET number = number + 1")
        other.close()

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert found == [first]
    assert opened(connection) is first
    assert number(path) == 1


def test_two_at_the_same_time_never_share_one(connection: DatabaseWrapper, path: Path) -> None:
    other = connect(path)
    assert opened(other) is not opened(connection)
    other.close()


def test_one_inside_a_transaction_is_closed_and_rolled_back(connection: DatabaseWrapper, path: Path) -> None:
    first = opened(connection)
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE counts SET number = 9")
    connection.close()
    assert opened(connection) is not first
    assert number(path) == 0


def test_one_that_failed_is_closed(connection: DatabaseWrapper) -> None:
    first = opened(connection)
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT number FROM nowhere")
    connection.close()
    assert opened(connection) is not first


def test_a_file_that_was_replaced_is_opened_again(connection: DatabaseWrapper, path: Path) -> None:
    connection.close()
    make_counts(path.with_suffix(".restored"), first=7).replace(path)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM counts")
        assert cursor.fetchone() == (7,)


def test_a_burst_leaves_only_a_few(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "MOST_IDLE", 2)
    burst = [connect(path) for _ in range(5)]
    raw = [opened(each) for each in burst]
    for each in burst:
        each.close()
    again = [connect(path) for _ in range(5)]
    assert sum(opened(each) in raw for each in again) == 2
    for each in again:
        each.close()


def test_a_forked_process_has_its_own(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = connect(path)
    first = opened(before)
    before.close()
    monkeypatch.setattr(idle.os, "getpid", lambda: 1)
    assert opened(connect(path)) is not first
