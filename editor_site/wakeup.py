"""Wake-ups between processes of this machine, so that a waiting process need not poll all the time.

A wake-up pipe is a named pipe in a folder that both sides know.  It is only a hint: a process that misses one
polls again soon.
"""

import errno
import os
import select
import time
import uuid
from contextlib import suppress
from pathlib import Path

PREFIX = "bell-"  # processes of earlier versions use this prefix
READ_BYTES = 4096


class WakeupPipe:
    """The pipe on which one process waits.  If the file system has no named pipes, waiting is just a delay."""

    def __init__(self, folder: Path) -> None:
        """Starts listening.

        The pipe gets its name after it is open, so that no process removes it as abandoned.
        """
        self._path, self._line = folder / f"{PREFIX}{uuid.uuid4().hex}", -1
        draft = folder / f".{self._path.name}"
        with suppress(OSError):
            os.mkfifo(draft, 0o600)
            self._line = os.open(
                draft, os.O_RDWR | os.O_NONBLOCK
            )  # also for writing: otherwise it would end with its notifier
            draft.rename(self._path)

    def wait(self, seconds: float) -> bool:
        """Wait for a notification for at most ``seconds``; returns whether one arrived."""
        if self._line < 0:
            time.sleep(seconds)
            return False
        if not select.select([self._line], [], [], seconds)[0]:
            return False
        os.read(self._line, READ_BYTES)
        return True

    def close(self) -> None:
        """Stop listening and remove the pipe."""
        if self._line >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._line)
            self._line = -1


def notify(folder: Path) -> None:
    """Notify all pipes in the folder, and remove those whose process is gone.  Never raises."""
    for path in folder.glob(f"{PREFIX}*"):
        try:
            line = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno == errno.ENXIO:  # its process was killed
                with suppress(OSError):
                    path.unlink()
            continue
        with suppress(OSError):  # the pipe is full, so that it was notified already
            os.write(line, b"1")
        os.close(line)
