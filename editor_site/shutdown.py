"""Whether this process was asked to stop, so that threads that only wait can return.

A plain flag, because a signal handler must not take a lock.
"""

import signal
from types import FrameType

_stopping = False


def is_stopping() -> bool:
    """Whether SIGTERM was received, or the process ends for another reason."""
    return _stopping


def stop_waiting() -> None:
    """The process is about to end."""
    global _stopping
    _stopping = True


def watch_for_sigterm() -> None:
    """Make SIGTERM set the flag before it runs its previous handler."""
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        stop_waiting()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
