"""How gunicorn serves the site: one or a few processes with many threads, since most requests wait for files."""

import resource
from pathlib import Path
from typing import Any

from editor_site import settings, stopping
from editor_site.slow_clients import expect_all_of

wsgi_app = "editor_site.wsgi:application"
bind = f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
worker_class = "editor_site.slow_clients.Worker"  # gthread that lets go of who keeps a thread waiting
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
worker_connections = max(1000, settings.WEB_THREADS + 100)  # waiting connections beyond the threads

timeout = 60
graceful_timeout = 60  # an upload over a slow line may still arrive while a deploy stops us
keepalive = 5

# The heartbeat file changes all the time: on a disk it could block, in memory it cannot.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

accesslog = None  # the application logs requests with their ids; a proxy logs the rest
loglevel = "warning"
logconfig_dict = settings.LOGGING
control_socket_disable = True


FILES_PER_THREAD, OTHER_FILES = 6, 500


def on_starting(server: Any) -> None:
    """Throw away what uploads left when the last web server was killed, and see that threads can open files."""
    for file in settings.FILE_UPLOAD_TEMP_DIR.iterdir():
        file.unlink(missing_ok=True)
    allow_open_files(FILES_PER_THREAD * settings.WEB_THREADS + OTHER_FILES)


def allow_open_files(needed: int) -> None:
    """Raise what each process may open towards ``needed``, as far as the system lets it; never lower it.

    A usual 1024 would be used up by some 200 threads: each has its caller, and the files of its database.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


SILENT_SECONDS = 30


def pre_request(worker: Any, req: Any) -> None:
    """Neither who reads nothing of an answer nor who sends half a body keeps a thread."""
    req.unreader.sock.settimeout(SILENT_SECONDS)
    expect_all_of(req)


def post_worker_init(worker: Any) -> None:
    """Let go of those who wait for their edits as soon as a deploy stops us: they are told to ask again."""
    stopping.notice()
