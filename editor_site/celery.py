"""The task queue: Celery, with a folder as its broker unless CELERY_BROKER_URL names a server.

A message only says "look at the queue"; the queue itself is the table of edits.
"""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from django.conf import settings

from editor_site import folder_broker, startup

startup.read_settings()

# The warning for root is about pickled messages; ours are JSON, and nothing else is accepted.
warnings.filterwarnings("ignore", category=SecurityWarning)

# Otherwise a worker that starts runs all of Django's checks, which load every page, and drops their findings.
# edits.tasks runs ours and logs them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

folder_broker.register()
app = Celery("retake")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0.1},
)
if settings.CELERY_BROKER_URL.startswith(f"{folder_broker.SCHEME}:"):
    messages = settings.DATA_DIR / "messages"
    control = settings.DATA_DIR / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    app.conf.broker_transport_options = {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "store_processed": False,
        "polling_interval": 0.1,
    }
else:
    # A message held by a killed worker returns after the timeout; without the throttle, Redis checks rarely.
    app.conf.broker_transport_options = {
        "visibility_timeout": 300,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 3,  # a submission must not wait for an unavailable Redis
    }
app.autodiscover_tasks(["edits"])
