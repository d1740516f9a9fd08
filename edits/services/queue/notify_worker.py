"""Tells a worker to look at the queue; a lost message costs seconds, for ``maintenance`` sends another."""

import logging

from kombu.exceptions import OperationalError

from editor_site.celery import app

WORK_TASK = "edits.work"

log = logging.getLogger(__name__)


def notify_worker() -> None:
    """Send one wake-up.  A broker that is down is logged, never raised: the row is in the queue already."""
    try:
        app.send_task(WORK_TASK, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("No worker could be notified of a waiting edit: %s", error)
