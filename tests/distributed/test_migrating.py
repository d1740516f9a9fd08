"""Two machines are started at once on an empty database: one makes the tables, the other waits for it."""

from functools import partial
from pathlib import Path

import psycopg

from edits.services.migrating import LOCK_KEY
from tests.distributed.machines import Machine
from tests.installation import answers, eventually
from tests.servers import Servers

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_two_that_start_at_once_make_the_tables_once(servers: Servers, tmp_path: Path) -> None:
    empty = servers.postgresql.create("empty")
    machines = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        machines.append(Machine(tmp_path / name, {"DATABASE_URL": empty}))
    try:
        with psycopg.connect(empty, autocommit=True) as third:
            third.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])  # so that both surely stand in line
            for machine in machines:
                machine.start("manage.py", "up", "web", log="up")
            eventually(lambda: third.execute(WAITING).fetchone() == (2,))
            third.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
        for machine in machines:
            eventually(partial(answers, f"{machine.url}/healthz"))
    finally:
        for machine in machines:
            machine.stop()
    for machine in machines:
        assert "Traceback" not in machine.log("up")
    assert machines[0].rows("SELECT count(*) - count(DISTINCT (app, name)) FROM django_migrations") == [(0,)]
    assert machines[0].rows("SELECT count(*) FROM edits_provider") == [(1,)]
