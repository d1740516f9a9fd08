"""How the database means to carry out a query, where tables are too small for it to matter."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


@contextmanager
def plans() -> Iterator[list[str]]:
    """Collects the plans of all SELECTs inside.  PostgreSQL would read a table this small as a whole."""
    found: list[str] = []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        yield found
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    for query in queries:
        if query["sql"].startswith(("SELECT", "WITH")):
            found.append(_explained(f"{explain} {query['sql']}"))


def plan_of(rows: Any) -> str:
    """The plan of a queryset."""
    with plans() as found:
        list(rows)
    return found[-1]


def _explained(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.cursor.execute(sql)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
