"""A plug-in of pytest: SQLite's tables are made once for each state of the migrations, and copied from then on.

Making them takes longer than most tests that somebody runs alone.  They lie in pytest's cache, which
``pytest --cache-clear`` empties.  On PostgreSQL each process makes its own.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

ROOT = Path(__file__).parents[1]
DESCRIBED_BY = ("requirements.txt", "edits/migrations/*.py", "edits/models/*.py")
"""The files that say how the tables of packages and ours look."""


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """The database of this process, as pytest-django makes it, each under a name of its own."""
    assert request.config.cache
    folder = request.config.cache.mkdir("tables")
    with django_db_blocker.unblock(), copied_tables(folder) as are_there:
        config = setup_databases(verbosity=0, interactive=False, keepdb=are_there)
    yield
    with django_db_blocker.unblock():
        teardown_databases(config, verbosity=0)


@contextmanager
def copied_tables(folder: Path) -> Iterator[bool]:
    """Whether the test database is there already; what is made inside is kept in ``folder`` for the next process."""
    if connection.vendor != "sqlite":
        yield False
        return
    kept, database = folder / f"{state_of_tables()}.sqlite3", connection.settings_dict["TEST"]["NAME"]
    with (folder / "making.lock").open("w") as making:
        fcntl.flock(making, fcntl.LOCK_EX)
        if is_there := kept.exists():
            shutil.copy(kept, database)
            fcntl.flock(making, fcntl.LOCK_UN)
        yield is_there
        if not is_there:
            for older in folder.glob("*.sqlite3"):
                older.unlink()
            unfinished = folder / "unfinished"
            unfinished.unlink(missing_ok=True)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(unfinished)])
            unfinished.rename(kept)


def state_of_tables() -> str:
    """A name that is another as soon as the tables may be."""
    files = sorted(path for pattern in DESCRIBED_BY for path in ROOT.glob(pattern))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]
