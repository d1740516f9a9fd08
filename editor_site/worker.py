"""``python -m editor_site.worker``: Celery's worker with our options, without its command line.

The command line loads all of its other commands: a tenth of a second, and 12 MB as long as the worker runs.
"""

import sys

from django.conf import settings

from editor_site.celery import app
from editor_site.startup import without_garbage_collection


def main() -> None:
    """Work until SIGTERM or SIGINT.  One process with threads that wait for providers."""
    with without_garbage_collection():
        worker = app.Worker(
            pool_cls="threads",
            concurrency=settings.WORKER_THREADS,
            loglevel="WARNING",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
    worker.start()
    sys.exit(worker.exitcode)


if __name__ == "__main__":
    main()
