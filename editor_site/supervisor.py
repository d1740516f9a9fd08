"""Keeps programs running side by side in the foreground, and ends them together.

Knows processes and signals; knows nothing of Django, so that it stays small beside what it watches.

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
STEADY_SECONDS = 30.0  # whoever ran as long as this did not fail at the start: the count begins anew
TICK_SECONDS = 0.1


def say(sentence: str) -> None:
    """One line to whoever watches the terminal.  When nobody does any more, that ends nothing."""
    with suppress(OSError, ValueError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


def die_with(parent: int) -> None:
    """Runs in the new child: when the parent is gone, however it went, so are we (Linux only)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the line above
        os._exit(0)


@dataclass
class Program:
    """One program that has to run.  ``serves_others``: it is told to stop only when the others have ended."""

    name: str
    command: Sequence[str]
    serves_others: bool = False
    process: subprocess.Popen[bytes] | None = None
    start_at: float | None = None
    started_at: float = 0.0
    restarts: int = 0

    def start(self, now: float) -> None:
        """Start it in a session of its own: Ctrl-C reaches the supervisor alone, which passes SIGTERM on."""
        parent = os.getpid()
        self.started_at, self.start_at = now, None
        self.process = subprocess.Popen(  # noqa: S603  our own command, no shell
            self.command, start_new_session=True, preexec_fn=lambda: die_with(parent)
        )

    @property
    def runs(self) -> bool:
        """It was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def signal_all(self, number: int) -> None:
        """Send a signal to the program and whatever it started; none is left when it is already gone."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def tend(self, now: float) -> bool:
        """Start it when it is time to, again if it ended.  False when it failed too often in a row."""
        if self.start_at is not None:
            if now >= self.start_at:
                self.start(now)
            return True
        if self.process is None or self.process.poll() is None:
            return True
        if now - self.started_at > STEADY_SECONDS:
            self.restarts = 0
        self.signal_all(signal.SIGKILL)  # children that outlived it would keep its port
        if self.restarts == MAX_RESTARTS:
            return False
        pause = FIRST_PAUSE_SECONDS * 2**self.restarts
        self.restarts += 1
        self.start_at = now + pause
        code = self.process.returncode
        say(f"{self.name} ended with code {code}; restart {self.restarts} of {MAX_RESTARTS} in {pause:g} s.")
        return True


class Supervisor:
    """Runs programs until it is told to stop or one of them cannot be kept running.

    The first program gets the machine to itself for ``head_start_seconds``: somebody waits for its first page.
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
        """Returns the exit code: 0 when told to stop, 1 when a program failed too often."""
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
        # make passes SIGTERM on to us, who may have got it as well: only Ctrl-C says "at once".
        self.hurry |= self.told_to_stop and number == signal.SIGINT
        self.told_to_stop = True

    def _watch(self) -> Program | None:
        """Tend the programs until told to stop; the program that cannot be kept running, if there is one."""
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
    """Run what the command line names, in this process."""
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
