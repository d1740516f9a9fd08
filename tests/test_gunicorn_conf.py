"""What the web server does when it starts."""

import os
import resource
import time
from pathlib import Path

import pytest
from gunicorn.util import load_class
from gunicorn.workers.gthread import ThreadWorker

from editor_site import gunicorn_conf


def test_half_sent_uploads_of_a_killed_server_are_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, minutes in (("left.upload", 61), ("arriving.upload", 59)):
        (tmp_path / name).write_bytes(b"half a picture")
        os.utime(tmp_path / name, (time.time() - 60 * minutes,) * 2)
    monkeypatch.setattr(gunicorn_conf.settings, "FILE_UPLOAD_TEMP_DIR", tmp_path)
    gunicorn_conf.on_starting(None)
    assert [path.name for path in tmp_path.iterdir()] == ["arriving.upload"]


@pytest.mark.parametrize(
    ("limits", "raised"),
    [
        ((1024, 4096), (4000, 4096)),
        ((1024, 2048), (2048, 2048)),
        ((1024, resource.RLIM_INFINITY), (4000, resource.RLIM_INFINITY)),
        ((8000, 8000), None),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), None),
    ],
)
def test_threads_may_open_their_files_as_far_as_the_system_lets_them(
    limits: tuple[int, int], raised: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: asked.append(wanted))
    gunicorn_conf.allow_open_files(4000)
    assert asked == ([raised] if raised else [])


def test_threads_wait_on_pictures_and_not_on_each_other() -> None:
    assert issubclass(load_class(gunicorn_conf.worker_class), ThreadWorker)
    assert gunicorn_conf.worker_connections > gunicorn_conf.threads
