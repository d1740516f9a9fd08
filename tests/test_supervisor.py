"""The supervisor, run as it is run in earnest, over small programs that write down what happens to them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from editor_site.supervisor import FIRST_PAUSE_SECONDS, MAX_RESTARTS, STEADY_SECONDS, Program, command_line

pytestmark = pytest.mark.processes

POLITE = """
import os, signal, sys, time
def leave(number, frame):
    time.sleep({pause}); open("{folder}/ended", "a").write("{name}\\n"); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
open("{folder}/{name}", "a").write(str(os.getpid()) + "\\n")
while True: time.sleep(0.05)
"""
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open("{folder}/{name}", "a").write(str(os.getpid()) + "\\n")
while True: time.sleep(0.05)
"""

Start = Callable[..., "subprocess.Popen[str]"]


def program(kind: str, name: str, folder: Path, *, pause: float = 0, last: bool = False) -> Program:
    """A program that writes its process id into a file of its name."""
    text = kind.format(folder=folder, name=name, pause=pause)
    return Program(name, [sys.executable, "-c", text], serves_others=last)


def until(holds: Callable[[], object], *, seconds: float = 20) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether the process still runs; one that ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def pids(folder: Path, name: str) -> list[int]:
    """Every process id that the program of this name had so far."""
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.fixture
def start() -> Iterator[Start]:
    """Runs a supervisor over programs; whatever is left is killed afterwards."""
    running: list[subprocess.Popen[str]] = []

    def run(
        *programs: Program, grace_seconds: float = 20, head_start_seconds: float = 0
    ) -> "subprocess.Popen[str]":
        words = command_line(programs, grace_seconds=grace_seconds, head_start_seconds=head_start_seconds)
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
        running.append(process)
        return process

    yield run
    for process in running:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_it_ends_all_programs_when_it_is_told_to_stop(start: Start, tmp_path: Path) -> None:
    supervisor = start(program(POLITE, "web", tmp_path), program(POLITE, "worker", tmp_path))
    until(lambda: pids(tmp_path, "web") and pids(tmp_path, "worker"))
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(20) == 0
    assert not any(is_alive(pid) for name in ("web", "worker") for pid in pids(tmp_path, name))


def test_ctrl_c_waits_for_work_that_runs(start: Start, tmp_path: Path) -> None:
    supervisor = start(program(POLITE, "worker", tmp_path, pause=0.5))
    until(lambda: pids(tmp_path, "worker"))
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(20) == 0
    assert (tmp_path / "ended").read_text() == "worker\n"


def test_what_serves_the_others_ends_last(start: Start, tmp_path: Path) -> None:
    engine = program(POLITE, "engine", tmp_path, last=True)
    supervisor = start(engine, program(POLITE, "worker", tmp_path, pause=0.5))
    until(lambda: pids(tmp_path, "engine") and pids(tmp_path, "worker"))
    supervisor.send_signal(signal.SIGTERM)
    supervisor.wait(20)
    assert (tmp_path / "ended").read_text() == "worker\nengine\n"


def test_a_second_ctrl_c_kills_what_does_not_end(start: Start, tmp_path: Path) -> None:
    supervisor = start(program(STUBBORN, "worker", tmp_path))
    until(lambda: pids(tmp_path, "worker"))
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.stdout
    assert "Stopping" in supervisor.stdout.readline()
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(5) == 0
    assert not is_alive(pids(tmp_path, "worker")[0])


def test_a_second_sigterm_does_not_hurry(start: Start, tmp_path: Path) -> None:
    supervisor = start(program(POLITE, "worker", tmp_path, pause=0.5))
    until(lambda: pids(tmp_path, "worker"))
    for _ in range(2):
        supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(20) == 0
    assert (tmp_path / "ended").read_text() == "worker\n"


def test_what_does_not_end_in_the_grace_time_is_killed(start: Start, tmp_path: Path) -> None:
    supervisor = start(program(STUBBORN, "worker", tmp_path), grace_seconds=0.3)
    until(lambda: pids(tmp_path, "worker"))
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(5) == 0
    assert not is_alive(pids(tmp_path, "worker")[0])


def test_the_first_program_has_the_machine_to_itself_at_first(start: Start, tmp_path: Path) -> None:
    supervisor = start(
        program(POLITE, "web", tmp_path), program(POLITE, "worker", tmp_path), head_start_seconds=600
    )
    until(lambda: pids(tmp_path, "web"))
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(20) == 0
    assert not pids(tmp_path, "worker")


def test_a_killed_program_is_started_again_and_the_others_go_on(start: Start, tmp_path: Path) -> None:
    start(program(POLITE, "web", tmp_path), program(POLITE, "worker", tmp_path))
    until(lambda: pids(tmp_path, "web") and pids(tmp_path, "worker"))
    os.kill(pids(tmp_path, "worker")[0], signal.SIGKILL)
    until(lambda: len(pids(tmp_path, "worker")) == 2)
    assert is_alive(pids(tmp_path, "worker")[1])
    assert len(pids(tmp_path, "web")) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_kill_9_of_the_supervisor_leaves_no_orphan(start: Start, tmp_path: Path) -> None:
    supervisor = start(program(POLITE, "web", tmp_path), program(POLITE, "worker", tmp_path))
    until(lambda: pids(tmp_path, "web") and pids(tmp_path, "worker"))
    supervisor.kill()
    supervisor.wait()
    until(lambda: not any(is_alive(pid) for name in ("web", "worker") for pid in pids(tmp_path, name)))


def test_it_waits_longer_after_each_crash_and_then_gives_up() -> None:
    failing = Program("web", [sys.executable, "-c", "raise SystemExit(3)"])
    now = 100.0
    failing.start(now)
    for count in range(MAX_RESTARTS):
        assert failing.process
        failing.process.wait()
        assert failing.tend(now)
        pause = FIRST_PAUSE_SECONDS * 2**count
        process = failing.process
        assert failing.tend(now + pause * 0.9)
        assert failing.process is process, "started before its pause was over"
        now += pause
        assert failing.tend(now)
        assert failing.process is not process
    assert failing.process
    failing.process.wait()
    assert not failing.tend(now)


def test_a_program_that_ran_well_may_crash_again_as_often() -> None:
    failing = Program("web", [sys.executable, "-c", ""], restarts=MAX_RESTARTS)
    failing.start(100.0)
    assert failing.process
    failing.process.wait()
    assert failing.tend(100.0 + STEADY_SECONDS + 1)
    assert failing.restarts == 1


def test_it_fails_when_a_program_cannot_be_kept_running(tmp_path: Path) -> None:
    script = "import sys, editor_site.supervisor as s; s.FIRST_PAUSE_SECONDS = 0.01; sys.exit(s.main(sys.argv[1:]))"
    words = command_line(
        [Program("web", [sys.executable, "-c", "raise SystemExit(3)"]), program(POLITE, "worker", tmp_path)],
        grace_seconds=20,
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words[3:]], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "web ended 6 times in a row" in done.stdout
    assert not any(is_alive(pid) for pid in pids(tmp_path, "worker"))
