"""What the web server does when it starts."""

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


def test_threads_wait_on_pictures_and_not_on_each_other() -> None:
    assert issubclass(load_class(gunicorn_conf.worker_class), ThreadWorker)
    assert gunicorn_conf.worker_connections > gunicorn_conf.threads
