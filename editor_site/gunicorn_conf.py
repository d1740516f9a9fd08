"""Configures gunicorn: one or a few processes with many threads, because most requests wait for files."""

import resource
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from editor_site import shutdown, startup
from editor_site.slowloris_guard import expect_all_of

settings = startup.read_settings()

wsgi_app = "editor_site.wsgi:application"
bind = f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
worker_class = "editor_site.slowloris_guard.Worker"  # gthread, but it drops clients that block a thread
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
MOST_WAITING = 2000
"""API calls that wait for their edits in each process: connections without a thread (editor_site/parking.py)."""
worker_connections = max(2 * MOST_WAITING, settings.WEB_THREADS + 100)

timeout = 60
graceful_timeout = 60  # an upload over a slow line may finish during a deploy
keepalive = 5

# The heartbeat file changes all the time: on a disk it could block, in memory it cannot.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

accesslog = None  # the application logs requests with their ids; a proxy logs the rest
loglevel = "warning"
logconfig_dict = settings.LOGGING
control_socket_disable = True


FILES_PER_THREAD, OTHER_FILES = 6, 500
STALE_SECONDS = 3600.0


def on_starting(server: Any) -> None:
    """Delete remains of uploads if a web server was killed, and let it open enough files."""
    drop_stale_uploads(now=time.time())
    allow_open_files(FILES_PER_THREAD * settings.WEB_THREADS + worker_connections + OTHER_FILES)


def drop_stale_uploads(*, now: float) -> None:
    """Delete files unchanged for an hour: younger ones may be uploads of another web server."""
    for file in settings.FILE_UPLOAD_TEMP_DIR.iterdir():
        with suppress(FileNotFoundError):  # its upload has just ended
            if now - file.stat().st_mtime > STALE_SECONDS:
                file.unlink()


def allow_open_files(needed: int) -> None:
    """Raise the limit of open files per process towards ``needed``, as far as the system allows; never lower it.

    The usual 1024 suffice for few connections and threads: each thread has its database files, too.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


SILENT_SECONDS = 30


def pre_request(worker: Any, req: Any) -> None:
    """Time out clients that stop reading or sending, so that they do not block a thread."""
    req.unreader.sock.settimeout(SILENT_SECONDS)
    expect_all_of(req)


def post_worker_init(worker: Any) -> None:
    """Release requests that wait for edits when a deploy stops us; their clients are asked to retry."""
    shutdown.watch_for_sigterm()
