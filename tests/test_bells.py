"""Bells: heard at once by everybody who listens, and no trouble to anybody when nobody does."""

import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from editor_site.bells import Bell, ring

PATIENCE_SECONDS = 60.0


def test_a_bell_is_heard_once(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    ring(tmp_path)
    ring(tmp_path)
    assert bell.wait(PATIENCE_SECONDS)
    assert not bell.wait(0)


def test_who_waits_is_woken(tmp_path: Path) -> None:
    bell, heard = Bell(tmp_path), []
    waiting = threading.Thread(target=lambda: heard.append(bell.wait(PATIENCE_SECONDS)))
    waiting.start()
    ring(tmp_path)
    waiting.join(PATIENCE_SECONDS)
    assert heard == [True]


def test_everybody_hears_it(tmp_path: Path) -> None:
    bells = [Bell(tmp_path) for _ in range(3)]
    ring(tmp_path)
    assert [bell.wait(PATIENCE_SECONDS) for bell in bells] == [True] * 3


def test_without_a_bell_nothing_happens(tmp_path: Path) -> None:
    ring(tmp_path)
    ring(tmp_path / "nowhere")


def test_a_closed_bell_leaves_nothing(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    bell.close()
    bell.close()
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_taken_away_and_others_are_heard(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bell-of-somebody-who-was-killed")
    bell = Bell(tmp_path)
    ring(tmp_path)
    assert bell.wait(PATIENCE_SECONDS)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_bell_that_nobody_answers_for_long_is_no_trouble(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    (path,) = tmp_path.iterdir()
    line = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(line, b"1" * 1000)
    os.close(line)
    ring(tmp_path)
    assert bell.wait(PATIENCE_SECONDS)


def test_where_there_are_no_such_pipes_waiting_is_only_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise OSError("Operation not permitted")

    monkeypatch.setattr(os, "mkfifo", unknown)
    bell = Bell(tmp_path)
    ring(tmp_path)
    assert not bell.wait(0)
    bell.close()
