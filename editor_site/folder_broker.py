"""A folder as the message broker, safe for many processes that write and read concurrently.

Kombu's own shows a message while it is still being written, and its table of queues while it is being created; a
worker that reads either half-way fails.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

from editor_site.wakeup import WakeupPipe, notify

SCHEME = "folder"
POLLING_SECONDS = 1.0


class Channel(filesystem.Channel):
    """Messages appear whole, and only one process at a time accesses the table of queues."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        """Write to a temporary name, then rename, so that the message appears whole.  Raises OSError.

        Messages are read in the order of their names, which are padded so that they sort by time.
        """
        name = f"{time.time_ns() // 1_000_000:015d}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        draft = folder / f".{name}"
        draft.write_text(dumps(payload), encoding="utf-8")
        os.replace(draft, folder / name)
        notify(self.control_folder)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """The next message.  A damaged one is lost: maintenance wakes workers for forgotten edits."""
        try:
            return super()._get(queue)
        except JSONDecodeError as error:
            raise Empty from error

    def get_table(self, exchange: str) -> Any:
        with self._alone():
            return super().get_table(exchange)

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None
    ) -> None:
        with self._alone():
            super()._queue_bind(exchange, routing_key or "", pattern or "", queue or "")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.control_folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
            yield


class Transport(filesystem.Transport):
    """The transport for ``folder://`` in CELERY_BROKER_URL."""

    Channel = Channel
    _wakeup_pipe: WakeupPipe | None = None

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:
        """Deliver one message.  Raises TimeoutError if none arrives within ``timeout`` seconds.

        Between polls of the folder it waits for a wake-up, which each message sends.
        """
        if self._wakeup_pipe is None:
            self._wakeup_pipe = WakeupPipe(Path(connection.client.transport_options["control_folder"]))
        cycle: Any = self.cycle
        interval = self.polling_interval or POLLING_SECONDS
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                cycle.get(self._deliver, timeout=timeout)
            except Empty:
                left = interval if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError from None
                self._wakeup_pipe.wait(min(left, interval))
            else:
                return

    def close_connection(self, connection: Any) -> None:
        super().close_connection(connection)
        if self._wakeup_pipe:
            self._wakeup_pipe.close()
            self._wakeup_pipe = None


def register() -> None:
    """Register the scheme with Celery."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
