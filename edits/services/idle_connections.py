"""Returns this thread's database connection while the thread does something else."""

from django.db import connection


def give_back() -> None:
    """Return the connection for other threads: there are fewer than threads with PostgreSQL's pool, and with SQLite
    each takes half a megabyte.

    The next query takes a connection again.  Does nothing inside a transaction.
    """
    if not connection.in_atomic_block:
        connection.close()
