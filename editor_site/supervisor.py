"""Keeps programs running side by side in the foreground, and stops them together.

Knows processes and signals; knows nothing of Django, so that it remains small compared to what it watches.

    start ──▶ running ──exits──▶ waits, longer each time ──▶ running
                 │                  └──sixth exit in a row──┐
                 └──Ctrl-C or SIGTERM──▶ stopping ◀─────────┘
                                            ├──all have ended──▶ exit
                                            └──grace over, or Ctrl-C again──▶ killed ──▶ exit
"""

import argparse
import ctypes
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

PR_SET_PDEATHSIG = 1
MAX_RESTARTS = 5
FIRST_PAUSE_SECONDS = 0.5
STEADY_SECONDS = 30.0  # after that long, an exit is not a failed start, and the count starts from zero
TICK_SECONDS = 0.1


def say(sentence: str) -> None:
    """Print one line to the terminal.  Errors are ignored if no terminal is left."""
    with suppress(OSError, ValueError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


def die_with(parent: int) -> None:
    """Runs in the new child: terminate it when the parent is gone for any reason (Linux only)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the line above
        os._exit(0)


@dataclass
class Program:
    """One program to keep running.  ``serves_others`` means that it is stopped only after the others have ended."""

    name: str
    command: Sequence[str]
    serves_others: bool = False
    process: subprocess.Popen[bytes] | None = None
    start_at: float | None = None
    started_at: float = 0.0
    restarts: int = 0

    def start(self, now: float) -> None:
        """Start it in its own session: Ctrl-C reaches only the supervisor, which sends SIGTERM."""
        parent = os.getpid()
        self.started_at, self.start_at = now, None
        self.process = subprocess.Popen(  # noqa: S603  our own command, no shell
            self.command, start_new_session=True, preexec_fn=lambda: die_with(parent)
        )

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def signal_all(self, number: int) -> None:
        """Send a signal to the program and its children; does nothing if they are gone."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def tend(self, now: float) -> bool:
        """Start it when it is due, or restart it if it ended.  False if it failed too often in a row."""
        if self.start_at is not None:
            if now >= self.start_at:
                self.start(now)
            return True
        if self.process is None or self.process.poll() is None:
            return True
        if now - self.started_at > STEADY_SECONDS:
            self.restarts = 0
        self.signal_all(signal.SIGKILL)  # surviving children would keep its port
        if self.restarts == MAX_RESTARTS:
            return False
        pause = FIRST_PAUSE_SECONDS * 2**self.restarts
        self.restarts += 1
        self.start_at = now + pause
        code = self.process.returncode
        say(f"{self.name} ended with code {code}; restart {self.restarts} of {MAX_RESTARTS} in {pause:g} s.")
        return True


class Supervisor:
    """Runs programs until it is asked to stop or one of them cannot be kept running.

    The first program starts alone for ``head_start_seconds``, because somebody is waiting for its first page.
    """

    def __init__(
        self, programs: Sequence[Program], *, grace_seconds: float, head_start_seconds: float
    ) -> None:
        self.programs = programs
        self.grace_seconds = grace_seconds
        self.head_start_seconds = head_start_seconds
        self.told_to_stop = False
        self.hurry = False

    def run(self) -> int:
        """Run until the end.  Returns the exit code: 0 after a request to stop, 1 if a program failed too often."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        now = time.monotonic()
        for program in self.programs:
            program.start_at = now if program is self.programs[0] else now + self.head_start_seconds
        failed = self._watch()
        if failed:
            say(f"{failed.name} ended {MAX_RESTARTS + 1} times in a row; giving up. Its last lines say why.")
        self._stop()
        return 1 if failed else 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # make forwards SIGTERM, which we may have received already: only a second Ctrl-C means "at once".
        self.hurry |= self.told_to_stop and number == signal.SIGINT
        self.told_to_stop = True

    def _watch(self) -> Program | None:
        """Keep the programs running until asked to stop; returns the program that cannot be kept running, if any."""
        while not self.told_to_stop:
            for program in self.programs:
                if not program.tend(time.monotonic()):
                    return program
            time.sleep(TICK_SECONDS)
        return None

    def _stop(self) -> None:
        self.told_to_stop = True
        say(f"Stopping; what runs may take {self.grace_seconds:g} s to finish. Ctrl-C again stops at once.")
        deadline = time.monotonic() + self.grace_seconds
        for wave in (False, True):
            programs = [program for program in self.programs if program.serves_others is wave]
            for program in programs:
                if program.runs and program.process:
                    program.process.terminate()
            while any(program.runs for program in programs) and not self.hurry:
                if time.monotonic() > deadline:
                    break
                time.sleep(TICK_SECONDS)
        for program in self.programs:
            program.signal_all(signal.SIGKILL)
            if program.process:
                program.process.wait()


def command_line(
    programs: Sequence[Program], *, grace_seconds: float, head_start_seconds: float = 0
) -> list[str]:
    """The command that runs this module with these programs, for ``os.execv``."""
    words = [sys.executable, "-m", "editor_site.supervisor"]
    words += ["--grace-seconds", str(grace_seconds), "--head-start-seconds", str(head_start_seconds)]
    for program in programs:
        words += [
            "--last" if program.serves_others else "--program",
            program.name,
            shlex.join(program.command),
        ]
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the programs on the command line, in this process."""
    parser = argparse.ArgumentParser(description="Keep programs running side by side.")
    parser.add_argument("--grace-seconds", type=float, required=True)
    parser.add_argument("--head-start-seconds", type=float, default=0)
    parser.add_argument("--program", nargs=2, action="append", default=[], metavar=("NAME", "COMMAND"))
    parser.add_argument("--last", nargs=2, action="append", default=[], metavar=("NAME", "COMMAND"))
    options = parser.parse_args(arguments)
    programs = [Program(name, shlex.split(command)) for name, command in options.program]
    programs += [Program(name, shlex.split(command), serves_others=True) for name, command in options.last]
    supervisor = Supervisor(
        programs, grace_seconds=options.grace_seconds, head_start_seconds=options.head_start_seconds
    )
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
