"""What one act costs inside an installation: CPU time and the database's work, which no other program changes."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

STEPS = 100
"""SQLite is interrupted after so many steps of its virtual machine, to be counted."""


@dataclass
class Work:
    """The database's work: on SQLite steps of its virtual machine, on PostgreSQL pages of tables and indexes read.

    ``locked`` is the part of the steps inside write transactions, ``longest`` of one such transaction.
    """

    done: int = 0
    locked: int = 0
    longest: int = 0
    queries: list[tuple[int, str]] = field(default_factory=list)


def cpu_ms(act: Callable[[], object]) -> float:
    """CPU of this thread, and of the PostgreSQL process that serves it, in milliseconds."""
    process = _server_process()
    before, began = _cpu_ns(process), time.thread_time_ns()
    act()
    return (time.thread_time_ns() - began + _cpu_ns(process) - before) / 1e6


def work_of(act: Callable[[], object]) -> Work:
    """The work of an act, query by query.  Reads PostgreSQL's from the plans, for which it asks everything again."""
    work = Work()
    if connection.vendor == "sqlite":
        with _counted(work):
            act()
        return work
    with CaptureQueriesContext(connection) as captured:
        act()
    for query in [query["sql"] for query in captured if query["sql"].startswith("SELECT")]:
        plan = _explained(query)
        pages = sum(int(plan.get(f"Shared {how} Blocks", 0)) for how in ("Hit", "Read"))
        work.queries.append((pages, query))
        work.done += pages
    return work


def plan_of(sql: str) -> str:
    """How the database carries it out."""
    how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN (ANALYZE, BUFFERS)"
    with connection.cursor() as cursor:
        cursor.cursor.execute(f"{how} {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@contextmanager
def _counted(work: Work) -> Iterator[None]:
    """Counts each step to the query that is being carried out, whose rows are fetched after it has begun."""
    connection.ensure_connection()
    steps, since = [0, 0], [0]  # all, inside the present transaction

    def step() -> int:
        steps[0] += STEPS
        if connection.in_atomic_block:
            steps[1] += STEPS
            work.locked += STEPS
            work.longest = max(work.longest, steps[1])
        else:
            steps[1] = 0
        return 0

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if work.queries:
            work.queries[-1] = (steps[0] - since[0], work.queries[-1][1])
        since[0] = steps[0]
        if sql.startswith("BEGIN"):
            steps[1] = 0
        work.queries.append((0, _merged(sql, params)))
        return execute(sql, params, many, context)

    connection.connection.set_progress_handler(step, STEPS)
    try:
        with connection.execute_wrapper(wrapper):
            yield
    finally:
        if connection.connection:
            connection.connection.set_progress_handler(None, 0)
    if work.queries:
        work.queries[-1] = (steps[0] - since[0], work.queries[-1][1])
    work.done = steps[0]


def _merged(sql: str, params: Any) -> str:
    values = iter(params if isinstance(params, (list, tuple)) else ())
    return re.sub("%s", lambda _: _literal(next(values, "?")), sql)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


def _explained(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
        found: Any = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def _server_process() -> int | None:
    """That of this connection, on which all of a query runs: none is divided among several."""
    if connection.vendor == "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _cpu_ns(process: int | None) -> int:
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) if process else 0
