"""Returns this thread's database connection while the thread does something else."""

from django.db import connection


def give_back() -> None:
    """Return the connection to PostgreSQL's pool, which is smaller than Retake's number of threads.

    The next query takes a connection again.  Does nothing inside a transaction, or with SQLite, which has no
    pool.
    """
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        connection.close()
