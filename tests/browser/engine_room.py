"""Stops and continues a running practice engine, so that an edit runs for as long as a test looks."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.installation import Installation


@contextmanager
def resting_engine(retake: Installation) -> Iterator[None]:
    """While this lasts the engine takes calls and answers none."""
    pid = _engine_of(retake)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _engine_of(retake: Installation) -> int:
    """The process that ``manage.py up`` started on this installation's own port."""
    wanted = f"edits.local_engine\0--port\0{retake.engine_port}\0"
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if wanted in path.read_text():
                return int(path.parent.name)
        except OSError:
            continue  # it ended while we looked
    raise AssertionError("no practice engine runs")
