"""Statistics of a library that starts empty and grows: gathered by the worker itself, known to all connections."""

import sqlite3
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bench.library import fill
from edits.models import EditRequest, ReviewCase
from edits.services import query_statistics
from edits.services.query_statistics import CHECKED_EVERY, FEW, Statistics
from edits.services.queue.maintenance import PERIODIC_TASKS
from tests.editors import LEASE

NOW = timezone.now()
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL gathers its own")


class Worker:
    """Its rounds, five minutes apart."""

    def __init__(self) -> None:
        self.statistics, self.now = Statistics(), NOW

    def round(self) -> int:
        self.now += CHECKED_EVERY
        return self.statistics.keep(lease=LEASE, now=self.now)


def rows_known() -> int:
    """How many edits SQLite takes the library to have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE idx = 'edit_budget'")
        return int(cursor.fetchone()[0].split()[0])


@only_sqlite
@pytest.mark.django_db
def test_a_library_that_grows_is_read_whenever_it_has_doubled() -> None:
    worker = Worker()
    assert worker.round() == 0, "empty: nothing to know"
    fill(FEW)
    assert worker.round() > 0
    assert rows_known() == FEW
    assert worker.round() == 0, "nothing was added"
    fill(FEW // 2)
    worker.round()
    assert rows_known() == FEW, "half as many again"
    fill(FEW // 2)
    assert worker.round() > 0
    assert rows_known() == 2 * FEW


@only_sqlite
@pytest.mark.django_db
def test_between_two_looks_nothing_is_asked() -> None:
    statistics = Statistics(checked_at=NOW)
    fill(FEW)
    assert statistics.keep(lease=LEASE, now=NOW + CHECKED_EVERY - timedelta(seconds=1)) == 0


@only_sqlite
@pytest.mark.django_db
def test_rows_that_were_deleted_cause_no_reading_again_and_again() -> None:
    worker = Worker()
    fill(3 * FEW)
    worker.round()
    ReviewCase.objects.all().delete()
    EditRequest.objects.filter(pk__lt=EditRequest.objects.latest("pk").pk - 20).delete()
    fill(3 * FEW)
    assert worker.round() > 0
    assert worker.round() == 0


@only_sqlite
@pytest.mark.django_db
def test_an_index_of_an_upgrade_is_read_when_a_worker_starts() -> None:
    fill(FEW)
    Worker().round()
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX new_one ON edits_editrequest (prompt)")
    assert Worker().round() > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE idx = 'new_one'")
        assert cursor.fetchone() == (1,)


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_connections_that_are_open_choose_by_them_too() -> None:
    """Without statistics, SQLite reads all edits of a person to count those of them that wait."""
    person = fill(4 * FEW)[0]
    sql = f"SELECT * FROM edits_editrequest WHERE owner_id = {person.pk} AND status = 'queued'"
    other = sqlite3.connect(connection.settings_dict["NAME"], cached_statements=0)
    before = _plan(other, sql)
    Worker().round()
    after = _plan(other, sql)
    other.close()
    assert "edit_queue" not in before
    assert "edit_queue" in after


def _plan(database: sqlite3.Connection, sql: str) -> str:
    database.execute(sql).fetchall()  # which sees that tables have changed, as EXPLAIN does not
    return str(database.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())


def test_workers_do_it() -> None:
    assert query_statistics.keep_statistics in PERIODIC_TASKS
