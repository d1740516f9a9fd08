"""Somebody's server that webhooks post to: on loopback, with the answers that a test wants of it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Post:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    """By names in small letters."""
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """Gives its answers one after the other, then the last one for ever: a status, with a Location for redirects."""

    answers: list[int]
    posts: list[Post] = field(default_factory=list)
    port: int = 0
    free: threading.Event = field(default_factory=threading.Event)
    """Nobody is answered before it is set."""
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def host(self) -> str:
        """For WEBHOOK_PRIVATE_HOSTS."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"

    def wait_for_posts(self, count: int = 1) -> None:
        """Until so many more have come than were waited for."""
        for _ in range(count):
            assert self.arrived.acquire(timeout=PATIENCE_SECONDS)

    def take(self, post: Post) -> int:
        """Note the post and give its answer, when answers are given."""
        with self.lock:
            self.posts.append(post)
            status = self.answers[min(len(self.posts), len(self.answers)) - 1]
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.arrived.release()
        self.free.wait(PATIENCE_SECONDS)
        with self.lock:
            self.at_once -= 1
        return status


@contextmanager
def receiver(*answers: int, free: bool = True) -> Iterator[Receiver]:
    """A receiver that listens; with ``free=False`` it keeps everybody waiting until a test says otherwise."""
    there = Receiver(list(answers) or [204])
    if free:
        there.free.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(there))
    server.daemon_threads = True
    there.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield there
    finally:
        there.free.set()
        server.shutdown()
        server.server_close()


def _handler(there: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = there.take(Post(self.path, headers, body))
            with suppress(OSError):
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"http://{there.host}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
