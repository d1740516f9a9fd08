"""Whether this process was asked to stop: those who only wait in it should then let go.

A plain mark, for a signal may not take a lock.
"""

import signal
from types import FrameType

_stopping = False


def is_stopping() -> bool:
    """Whether SIGTERM came."""
    return _stopping


def notice() -> None:
    """Let SIGTERM set the mark before it does what it did."""
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        global _stopping
        _stopping = True
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
