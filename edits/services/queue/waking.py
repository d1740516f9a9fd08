"""Tells a worker to look at the queue; a message that is lost costs seconds, for the sweep sends another."""

import logging

from kombu.exceptions import OperationalError

from editor_site.celery import app

WORK_TASK = "edits.work"

log = logging.getLogger(__name__)


def wake_worker() -> None:
    """Send one wake-up.  A broker that is down is logged, never raised: the row already stands in the queue."""
    try:
        app.send_task(WORK_TASK, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("No worker could be told of a waiting edit: %s", error)
