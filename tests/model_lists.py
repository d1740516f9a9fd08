"""A server on loopback that lists models, or answers in another way, and notes the keys with which it was asked."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

QWEN, KLEIN, CHAT = "Qwen/Qwen-Image-Edit-2511", "black-forest-labs/FLUX.2-klein-4B", "Qwen3-VL-8B"


@dataclass
class ModelList:
    """What it answers, and the keys with which it was asked."""

    base_url: str
    names: list[str]
    status: int = 200
    body: bytes = b""
    key: str = ""
    """The only key that it takes; any if blank."""
    keys: list[str] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """How often."""
        return len(self.keys)


@contextmanager
def model_list(*names: str, status: int = 200, body: bytes = b"", key: str = "") -> Iterator[ModelList]:
    """A server that lists these models, Qwen, FLUX.2 klein and a chat model unless named."""
    server = _Server(("127.0.0.1", 0), _Handler)
    listed: Sequence[str] = names or (QWEN, KLEIN, CHAT)
    server.list = ModelList(
        f"http://127.0.0.1:{server.server_address[1]}/v1", list(listed), status, body, key
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.004}, daemon=True)
    thread.start()
    try:
        yield server.list
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    list: ModelList


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        here = self.server.list
        here.keys.append(self.headers.get("Authorization", "").removeprefix("Bearer "))
        status = 401 if here.key and here.keys[-1] != here.key else here.status
        body = here.body or json.dumps({"data": [{"id": name} for name in here.names]}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""
