"""Lets requests wait without a thread: only their connections stay.

    a thread       request ──▶ middleware ──▶ view ──leave──▶ the thread is free
    the end of the wait                                           resume
    a thread       the same request again ──▶ middleware ──▶ view: again() ──▶ the answer, as any other

The request is run a second time instead of being answered by hand, so that its answer gets its headers, its lines in
the log and its keep-alive like all others.  A connection that waits counts among the worker's, and so a stop waits
for its answer.  Knows gunicorn's threads; knows nothing of what is waited for.
"""

import resource
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import structlog
from gunicorn.workers.gthread import ThreadWorker

from editor_site import shutdown

KEY = "retake.parking"
REQUEST_ID = "HTTP_X_REQUEST_ID"
WAITS = object()
"""Takes the place of gunicorn's "keep alive" for a request that has left its thread."""


class Left(BaseException):
    """The view has left its thread.  No ``Exception``, because Django and gunicorn would answer those."""


class Parking:
    """The request in hand: see the protocol in ``edits/http/parking.py``."""

    def __init__(self, *, most: int, run_again: "Callable[[Parking], None]") -> None:
        self.most = most
        self.again: Callable[[], Any] | None = None
        self.request_id: str | None = None
        self._run_again = run_again
        self._lock = threading.Lock()
        self._steps_left = 2

    def leave(self) -> NoReturn:
        """Never returns: nothing behind it may run in this thread."""
        self.request_id = structlog.contextvars.get_contextvars().get("request_id")
        raise Left

    def resume(self) -> None:
        """Run the request again, as soon as it has left its thread."""
        self.step()

    def step(self) -> None:
        """One of two things is done, in any order: the thread was left, and the wait has ended."""
        with self._lock:
            self._steps_left -= 1
            is_due = self._steps_left == 0
        if is_due:
            self._run_again(self)


class ParkingWorker(ThreadWorker):
    """gunicorn's threads, which a request may leave while it waits."""

    wsgi: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_hand = threading.local()

    def load_wsgi(self) -> None:
        """Gives each request its parking."""
        super().load_wsgi()
        application = self.wsgi

        def with_parking(environ: dict[str, Any], start_response: Any) -> Any:
            if parking := getattr(self._in_hand, "parking", None):  # HTTP/2 has none
                environ[KEY] = parking
                if parking.request_id:
                    environ[REQUEST_ID] = parking.request_id
            return application(environ, start_response)

        self.wsgi = with_parking

    @property
    def most_parked(self) -> int:
        """Half of the connections, for pages need some too; less where the system allows few files."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return int(min([self.cfg.worker_connections, *([files] if files > 0 else [])]) // 2)

    def handle_request(self, req: Any, conn: Any, parking: Parking | None = None) -> Any:
        """Runs in a thread.  WAITS if the request has left it."""
        self._in_hand.parking = parking = parking or Parking(
            most=self.most_parked, run_again=lambda parking: self._enqueue_again(req, conn, parking)
        )
        try:
            return super().handle_request(req, conn)
        except Left:
            parking.step()
            return WAITS
        finally:
            self._in_hand.parking = None
            if not self.alive:  # also after max_requests
                shutdown.stop_waiting()

    def _keepalive_after(self, conn: Any, keepalive: Any) -> Any:
        return WAITS if keepalive is WAITS else super()._keepalive_after(conn, keepalive)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Leaves the connection alone while its request waits."""
        if fs.cancelled() or fs.exception() or fs.result() is not WAITS:
            super().finish_request(conn, fs)

    def _enqueue_again(self, req: Any, conn: Any, parking: Parking) -> None:
        with suppress(RuntimeError):  # after the grace of a stop, no thread takes anything
            job = self.tpool.submit(self._handle_again, req, conn, parking)
            job.add_done_callback(lambda job: self.method_queue.defer(self.finish_request, conn, job))

    def _handle_again(self, req: Any, conn: Any, parking: Parking) -> Any:
        """Like ``handle``, for a request that was read before."""
        req._expected_100_continue = False  # it had its 100 when its body was read
        self.nr -= 1  # for max_requests, it is the same one
        try:
            return self._keepalive_after(conn, self.handle_request(req, conn, parking))
        except StopIteration:
            self.log.debug("Closing connection.")
        except OSError:
            self.log.debug("The client left before its answer")
        except Exception as error:  # noqa: BLE001  as gunicorn does: nothing else would answer the client
            self.handle_error(req, conn.sock, conn.client, error)
        return False
