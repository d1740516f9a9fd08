"""A server on loopback that plays one kind of server and keeps what it took, ignored and refused."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser

from tests.accents.answers import Refusal, Reply
from tests.accents.kinds import KINDS, Asked, Kind

KEY = "sk-accent-0815"


@dataclass
class AccentServer:
    """One server and its diary."""

    kind: Kind
    base_url: str
    calls: int = 0
    asked: list[Asked] = field(default_factory=list)
    """The calls that were taken."""
    headers: list[Mapping[str, str]] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    """Paths of every GET but those for the models."""

    @property
    def taken(self) -> Asked:
        """The only call that was taken."""
        [asked] = self.asked
        return asked

    def answer(self, headers: Any, body: bytes) -> Reply:
        """What comes of a POST."""
        self.calls += 1
        self.headers.append(dict(headers))
        kind = self.kind
        try:
            if kind.needs_key and headers.get("Authorization") != f"Bearer {KEY}":
                raise kind.wrong_key
            asked = Asked.of(*_parts(headers, body))
            kind.judge(asked)
            self.asked.append(asked)
            return Reply(kind.document(asked), headers=kind.headers)
        except Refusal as refusal:
            return Reply(kind.error(refusal), refusal.status, kind.headers)


@contextmanager
def accent_server(name: str) -> Iterator[AccentServer]:
    """A server of this kind."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.there = AccentServer(KINDS[name], f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.004}, daemon=True)
    thread.start()
    try:
        yield server.there
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _parts(headers: Any, body: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, bytes]]]:
    """Text fields and files."""
    about = {"CONTENT_TYPE": headers["Content-Type"], "CONTENT_LENGTH": str(len(body))}
    texts, files = MultiPartParser(about, BytesIO(body), [MemoryFileUploadHandler()]).parse()
    return (
        [(name, str(value)) for name, values in texts.lists() for value in values],
        [(name, file.read()) for name, found in files.lists() for file in found],
    )


class _Server(ThreadingHTTPServer):
    there: AccentServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(self.server.there.answer(self.headers, body))

    def do_GET(self) -> None:
        there = self.server.there
        if self.path == "/v1/models":
            self._send(Reply({"object": "list", "data": [{"id": name} for name in there.kind.models]}))
            return
        there.downloads.append(self.path)
        picture = there.kind.files.get(self.path)
        if picture is None:
            self._send(Reply(None, 404))
        else:
            self._send_bytes(picture, status=200, headers={"Content-Type": "image/png"})

    def _send(self, reply: Reply) -> None:
        headers = {"Content-Type": "application/json", **reply.headers}
        self._send_bytes(reply.body, status=reply.status, headers=headers)

    def _send_bytes(self, body: bytes, *, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""
