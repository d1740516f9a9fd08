"""A provider of edits that misbehaves on demand: a real server on loopback that counts what it does.

    with provider("503", "ok") as p:
        Client(p.base_url, ...).edit(...)
        assert p.calls == 1

Each call of an edit plays the next fault of the queue, and the last one stays.  The names of the faults
are the keys of ``provider_faults.FAULTS``; some take a number: "429:3", "url_flaky:2".
"""

import os
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.provider_calls import Call, Part, Provider, Received
from tests.provider_faults import FAULTS
from tests.provider_links import play_download

__all__ = ["Part", "Provider", "Received", "provider"]


@contextmanager
def provider(*faults: str, elsewhere: str = "127.0.0.1:9", tls: Any = None) -> Iterator[Provider]:
    """A provider that plays these faults, or answers well; ``tls`` is an ssl.SSLContext for https."""
    for name in faults:
        assert name.partition(":")[0] in FAULTS, f"no such fault: {name}"
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    host = f"127.0.0.1:{server.server_address[1]}"
    base_url = f"{'https' if tls else 'http'}://{host}/v1"
    server.provider = Provider(base_url, host, elsewhere, list(faults) or ["ok"])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.004}, daemon=True)
    thread.start()
    try:
        yield server.provider
    finally:
        server.provider.closing.set()
        server.provider.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    provider: Provider
    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are what this server is about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self) -> None:
        here = self.server.provider
        entry, latency_seconds = here.begin(self.path)
        name, _, argument = entry.fault.partition(":")
        chosen = FAULTS[name]
        asked = None
        try:
            if chosen.reads_body:
                asked = Received("POST", self.path, dict(self.headers), self._parts())
                here.received.append(asked)
                here.asked(entry, asked.fields)
                here.closing.wait(latency_seconds)
                here.gate.wait()
            if chosen.charged:
                here.charge(entry)
            call = Call(
                self, here, number=entry.number, name=name, argument=argument, asked=asked, tag=entry.tag
            )
            if not chosen.holds:
                entry.answering = time.time()
            chosen.play(call)
        finally:
            here.end(entry)

    def do_GET(self) -> None:
        here = self.server.provider
        if self.path == "/v1/models":
            name = here.faults[0].partition(":")[0]
            call = Call(self, here, number=0, name=name, argument="", asked=None)
            if name.isdigit():
                FAULTS[name].play(call)
            else:
                call.json({"object": "list", "data": [{"id": "step-1x-edit", "object": "model"}]})
            return
        here.downloads.append(Received("GET", self.path, dict(self.headers)))
        play_download(self, here)

    def _parts(self) -> tuple[Part, ...]:
        body = self.rfile.read(length := int(self.headers["Content-Length"]))
        if len(body) < length:
            raise ConnectionError("the request broke off")
        boundary = self.headers.get_param("boundary", header="content-type")
        found = body.split(f"--{boundary}".encode())[1:-1]
        return tuple(_part(piece) for piece in found)

    def reset(self) -> None:
        """Drop the connection so that the other side gets ECONNRESET."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
        self.close_connection = True

    def close(self) -> None:
        """End the connection."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""


def _part(piece: bytes) -> Part:
    head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    text = head.decode()
    name, filename = re.search(r' name="([^"]*)"', text), re.search(r'filename="([^"]*)"', text)
    kind = re.search(r"(?i)content-type: *([^\r\n]+)", text)
    assert name
    return Part(name[1], data[:-2], filename[1] if filename else None, kind[1] if kind else None)
