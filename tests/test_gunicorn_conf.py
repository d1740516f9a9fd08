"""What the web server does when it starts."""

import resource
from pathlib import Path

import pytest
from gunicorn.util import load_class
from gunicorn.workers.gthread import ThreadWorker

from editor_site import gunicorn_conf, settings


def test_half_sent_uploads_of_a_killed_server_are_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half.upload").write_bytes(b"half a picture")
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", tmp_path)
    gunicorn_conf.on_starting(None)
    assert list(tmp_path.iterdir()) == []


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
