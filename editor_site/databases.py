"""How Django uses the database in DATABASE_URL: SQLite with serialized writers, or PostgreSQL with a pool."""

from pathlib import Path
from typing import Any

from editor_site import data_folder

SQLITE = "django.db.backends.sqlite3"
IN_TURN = "editor_site.sqlite_serialized"


def tuned(database: dict[str, Any], *, pool_size: int) -> dict[str, Any]:
    """The database with the options that Retake needs.

    ``pool_size`` limits the connections of each process, if there is a pool.  Raises ImproperlyConfigured for a
    file of another account.
    """
    return _sqlite(database) if database["ENGINE"] == SQLITE else _postgresql(database, pool_size=pool_size)


def _sqlite(database: dict[str, Any]) -> dict[str, Any]:
    """WAL lets pages read while a worker writes.

    IMMEDIATE makes writers queue instead of failing half-way, and our engine serializes them.  It also keeps
    connections for the next thread, so that no thread has to hold one between requests.  Each keeps 4 MB of the file
    and maps none of it: what else is read often the system keeps, and no process grows with the library.
    """
    file = Path(database["NAME"])
    with data_folder.refusing(file, setting="The database"):
        data_folder.require(file)
    return database | {
        "ENGINE": IN_TURN,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4000;"
            " PRAGMA temp_store=MEMORY;",
        },
    }


def _postgresql(database: dict[str, Any], *, pool_size: int) -> dict[str, Any]:
    return database | {
        "CONN_HEALTH_CHECKS": True,  # hand out no connections from before a restart
        "OPTIONS": {
            # While the database is down, requests fail soon instead of blocking all threads, and connecting is
            # retried within seconds instead of minutes.
            "pool": {"min_size": 1, "max_size": pool_size, "timeout": 5, "reconnect_timeout": 2},
            "connect_timeout": 5,
            "tcp_user_timeout": 15_000,  # milliseconds; a machine that vanished closes nothing
        }
        | database.get("OPTIONS", {}),  # options in DATABASE_URL, such as sslmode
    }
