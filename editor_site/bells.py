"""Bells: who waits for something on this machine hears at once that it is there, and need not look all the time.

A bell is a pipe with a name in a folder that both sides know.  It is only a hint: who misses it looks again soon.
"""

import errno
import os
import select
import time
import uuid
from contextlib import suppress
from pathlib import Path

RUNGS_BYTES = 4096


class Bell:
    """What one process listens to.  Where the file system knows no such pipes, waiting is only waiting."""

    def __init__(self, folder: Path) -> None:
        """Heard from here on: it gets its name when somebody listens, so that nobody takes it for a left one."""
        self._path, self._line = folder / f"bell-{uuid.uuid4().hex}", -1
        draft = folder / f".{self._path.name}"
        with suppress(OSError):
            os.mkfifo(draft, 0o600)
            self._line = os.open(
                draft, os.O_RDWR | os.O_NONBLOCK
            )  # for writing too, lest it ends with a ringer
            draft.rename(self._path)

    def wait(self, seconds: float) -> bool:
        """Until it rings, but not longer; whether it rang."""
        if self._line < 0:
            time.sleep(seconds)
            return False
        if not select.select([self._line], [], [], seconds)[0]:
            return False
        os.read(self._line, RUNGS_BYTES)
        return True

    def close(self) -> None:
        """Nobody listens any more."""
        if self._line >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._line)
            self._line = -1


def ring(folder: Path) -> None:
    """Ring all bells in the folder; one that nobody hears any more is taken away.  Never raises."""
    for path in folder.glob("bell-*"):
        try:
            line = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno == errno.ENXIO:  # its process was killed
                with suppress(OSError):
                    path.unlink()
            continue
        with suppress(OSError):  # full: it has been rung often enough
            os.write(line, b"1")
        os.close(line)
