"""A server that takes OpenAI's image edits, answers each with one small picture and remembers what was sent."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.factories import picture

PART = re.compile(rb'Content-Disposition: form-data; name="([^"]+)"', re.IGNORECASE)


class OpenAIServer(ThreadingHTTPServer):
    """``parts`` holds for each call the names of its parts in their order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.parts: list[list[str]] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: OpenAIServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.parts.append([name.decode() for name in PART.findall(body)])
        data = [{"b64_json": b64encode(picture()).decode()}]
        answer = json.dumps({"created": 1795356000, "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words: Any) -> None:
        """Nothing."""


@contextmanager
def openai_server() -> Iterator[OpenAIServer]:
    """It listens on loopback."""
    with OpenAIServer() as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
