"""A practice engine that runs in a thread of the test, and a client's way to it."""

from collections.abc import Iterator, Mapping
from threading import Thread
from typing import Any

import requests

from edits.local_engine import make_server

from .local_engine_pictures import encoded, landscape

IMAGE = encoded(landscape(96, 96))
KEY = {"Authorization": "Bearer practice"}
NOON = 1_700_000_000


class Running:
    """A server with its thread, and a client's way to it."""

    def __init__(self, **options: Any) -> None:
        self.now = float(NOON)
        self.server = make_server(now=lambda: self.now, **options)
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.server.server_port

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def post(
        self,
        *,
        image: bytes = IMAGE,
        headers: Mapping[str, str | bytes] = KEY,
        path: str = "/images/edits",
        **fields: str,
    ) -> requests.Response:
        form = {"model": "step-1x-edit", "prompt": "warmer", "response_format": "b64_json", **fields}
        files = {"image": ("cat.png", image, "image/png")}
        return requests.post(self.server.base_url + path, data=form, files=files, headers=headers, timeout=20)


def started(**options: Any) -> Iterator[Running]:
    running = Running(**options)
    yield running
    running.close()
