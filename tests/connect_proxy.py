"""A company's proxy: opens a tunnel to wherever it is asked, which is always the same server of this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer

PIECE_BYTES = 2**16


@dataclass
class ConnectProxy:
    """What it was asked for, as first lines and headers; it lets nothing through unless its answer is 200."""

    leads_to: int
    """A port of this machine, whatever the address that was asked for."""
    answer: str = "200 Connection established"
    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """For HTTP_PROXY and HTTPS_PROXY."""
        return f"http://127.0.0.1:{self.port}"

    def take(self, client: socket.socket) -> None:
        """One connection, to its end."""
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(PIECE_BYTES)
            if not piece:
                return
            head += piece
        first, *rest = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        self.asked.append(first.rsplit(" ", 1)[0])
        self.headers.append(dict(line.split(": ", 1) for line in rest))
        client.sendall(f"HTTP/1.1 {self.answer}\r\n\r\n".encode())
        if self.answer.startswith("200"):
            with socket.create_connection(("127.0.0.1", self.leads_to)) as server:
                there = threading.Thread(target=_pass_on, args=(client, server), daemon=True)
                there.start()
                _pass_on(server, client)
                there.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE_BYTES):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def connect_proxy(*, leads_to: int, answer: str = "200 Connection established") -> Iterator[ConnectProxy]:
    """A proxy that listens on loopback."""
    there = ConnectProxy(leads_to, answer)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                there.take(self.request)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        there.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield there
        finally:
            server.shutdown()
