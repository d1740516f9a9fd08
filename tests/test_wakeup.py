"""Wake-up pipes: every waiting process is notified at once, and none is needed."""

import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from editor_site.wakeup import WakeupPipe, notify

PATIENCE_SECONDS = 60.0


def test_a_wakeup_pipe_is_heard_once(tmp_path: Path) -> None:
    pipe = WakeupPipe(tmp_path)
    notify(tmp_path)
    notify(tmp_path)
    assert pipe.wait(PATIENCE_SECONDS)
    assert not pipe.wait(0)


def test_who_waits_is_woken(tmp_path: Path) -> None:
    pipe, heard = WakeupPipe(tmp_path), []
    waiting = threading.Thread(target=lambda: heard.append(pipe.wait(PATIENCE_SECONDS)))
    waiting.start()
    notify(tmp_path)
    waiting.join(PATIENCE_SECONDS)
    assert heard == [True]


def test_everybody_hears_it(tmp_path: Path) -> None:
    pipes = [WakeupPipe(tmp_path) for _ in range(3)]
    notify(tmp_path)
    assert [pipe.wait(PATIENCE_SECONDS) for pipe in pipes] == [True] * 3


def test_without_a_wakeup_pipe_nothing_happens(tmp_path: Path) -> None:
    notify(tmp_path)
    notify(tmp_path / "nowhere")


def test_a_closed_wakeup_pipe_leaves_nothing(tmp_path: Path) -> None:
    pipe = WakeupPipe(tmp_path)
    pipe.close()
    pipe.close()
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_taken_away_and_others_are_heard(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bell-of-somebody-who-was-killed")
    pipe = WakeupPipe(tmp_path)
    notify(tmp_path)
    assert pipe.wait(PATIENCE_SECONDS)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_wakeup_pipe_that_nobody_answers_for_long_is_no_trouble(tmp_path: Path) -> None:
    pipe = WakeupPipe(tmp_path)
    (path,) = tmp_path.iterdir()
    line = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(line, b"1" * 1000)
    os.close(line)
    notify(tmp_path)
    assert pipe.wait(PATIENCE_SECONDS)


def test_where_there_are_no_such_pipes_waiting_is_only_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise OSError("Operation not permitted")

    monkeypatch.setattr(os, "mkfifo", unknown)
    pipe = WakeupPipe(tmp_path)
    notify(tmp_path)
    assert not pipe.wait(0)
    pipe.close()
