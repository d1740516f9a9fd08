"""The web server as it is shipped, but for its patience: a test need not wait half a minute for it to end."""

from editor_site import slowloris_guard
from editor_site.gunicorn_conf import *  # noqa: F403
from editor_site.slowloris_guard import Pace

worker_class = "tests.hasty.Worker"


class Worker(slowloris_guard.Worker):
    """Waits a few seconds for every 1000 bytes."""

    pace = Pace(piece_bytes=1000, seconds=3.0)
