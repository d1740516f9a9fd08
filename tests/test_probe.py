"""The container's health check, against a small server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from editor_site.probe import probe


class Server(HTTPServer):
    """Answers every request with ``status`` and remembers what was asked."""

    status = 200
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    """See Server."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    """Listens on a free port of this machine."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_server_that_answers_is_well(server: Server) -> None:
    assert probe({"PORT": str(server.server_port)})
    assert server.asked == ["/healthz"]


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_server_that_fails_is_not_well(server: Server, status: int) -> None:
    server.status = status
    assert not probe({"PORT": str(server.server_port)})


def test_a_server_that_is_not_there_is_not_well() -> None:
    assert not probe({"PORT": "1"})
