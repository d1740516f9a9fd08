"""``python -m tests.on_servers``: repeats the tests of database and pictures on PostgreSQL, Redis and S3.

Whatever else is said is for pytest: ``python -m tests.on_servers tests/test_claiming.py -x``
"""

import os
import subprocess
import sys
from collections.abc import Sequence

from tests.servers import Missing, running

PROCESSES = 3
"""More than the two cores that are usual: each waits for the servers half of the time."""


def main(words: Sequence[str]) -> int:
    """The exit code of pytest; without servers 1 in CI, elsewhere 0 and a sentence."""
    try:
        with running() as servers:
            for number in range(PROCESSES):
                servers.bucket.create(f"pictures-gw{number}")
            places = {
                "TEST_DATABASE_URL": servers.postgresql.url("retake"),
                "TEST_BROKER_URL": f"{servers.redis.url}/0",
                "TEST_CACHE_URL": servers.redis.url,
                "TEST_BUCKET_URL": servers.bucket.url,
            }
            return subprocess.run(command(words), env=os.environ | places, check=False).returncode
    except Missing as missing:
        print(f"NOT TESTED on servers: this machine has no {missing}.", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0


def command(words: Sequence[str]) -> list[str]:
    """How pytest is called: without what starts processes or a browser of its own."""
    chosen = ["-p", "tests.database_tests", "-m", "not browser and not processes and not servers"]
    unread = ["-p", "no:schemathesis", "--ignore", "tests/browser", "--ignore", "tests/distributed"]
    shared = ["-n", str(PROCESSES), "--dist", "worksteal"]
    return [sys.executable, "-m", "pytest", *chosen, *unread, *shared, *words]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
