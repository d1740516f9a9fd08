"""A worker that lives touches its file; the health check of its container reads no more than that."""

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from editor_site.probe import SILENT_SECONDS, worker_beats
from edits.services.queue.heartbeat import beat
from edits.services.queue.maintenance import LIVENESS_TASKS

LEASE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """A folder of this test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def age(path: Path, seconds: float) -> None:
    """Make a file look older."""
    touched = path.stat().st_mtime - seconds
    os.utime(path, times=(touched, touched))


def test_a_worker_that_goes_round_is_well(data_dir: Path) -> None:
    assert not worker_beats({"DATA_DIR": str(data_dir)})
    beat(lease=LEASE, now=timezone.now())
    assert worker_beats({"DATA_DIR": str(data_dir)})


def test_one_that_has_been_silent_is_not(data_dir: Path) -> None:
    beat(lease=LEASE, now=timezone.now())
    age(data_dir / "heartbeats" / socket.gethostname(), SILENT_SECONDS + 1)
    assert not worker_beats({"DATA_DIR": str(data_dir)})


def test_the_worker_of_another_machine_says_nothing_of_this_one(data_dir: Path) -> None:
    beat(lease=LEASE, now=timezone.now())
    mine = data_dir / "heartbeats" / socket.gethostname()
    mine.rename(mine.with_name("another-machine"))
    assert not worker_beats({"DATA_DIR": str(data_dir)})


def test_machines_that_are_gone_are_forgotten_after_a_day(data_dir: Path) -> None:
    folder = data_dir / "heartbeats"
    folder.mkdir()
    for name, hours in (("gone", 25), ("restarting", 1)):
        (folder / name).touch()
        age(folder / name, hours * 3600)
    beat(lease=LEASE, now=timezone.now())
    assert {path.name for path in folder.iterdir()} == {"restarting", socket.gethostname()}


def test_it_beats_in_the_rounds_that_keep_leases() -> None:
    assert beat in LIVENESS_TASKS
