"""The practice engine as an HTTP server: routes, headers, connections.

POST /v1/images/edits   GET /v1/models   GET /pictures/TOKEN.png   anything else: 404 in plain text
"""

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from .answers import error_answer, models_answer
from .body import read_body
from .contract import read_request
from .engine import Engine, draw_seed
from .links import Links
from .refusals import ContractError

log = logging.getLogger(__name__)

_HOST = re.compile(r"[\w.:\[\]-]{1,255}", re.ASCII)
_LINGER_SECONDS = 2.0


class LocalEngineServer(ThreadingHTTPServer):
    """One thread per connection.  ``shutdown()`` also ends all artificial latency."""

    daemon_threads = True
    # Many workers may call at once; with the default of 5, the kernel would refuse some of them.
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], *, engine: Engine, links: Links) -> None:
        super().__init__(address, _Handler)
        self.engine = engine
        self.links = links

    @property
    def base_url(self) -> str:
        """The base URL to configure clients with."""
        return f"http://{self.server_address[0]!s}:{self.server_port}/v1"

    def shutdown(self) -> None:
        self.engine.stop_waiting()
        super().shutdown()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is not an error of the engine; everything else is logged with its traceback."""
        if isinstance(sys.exc_info()[1], ConnectionError):
            log.debug("The caller %s hung up", client_address)
        else:
            log.exception("A request of %s broke the local engine", client_address)


def make_server(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    key: str | None = None,
    latency_seconds: float = 0.0,
    draw_seed: Callable[[], int] = draw_seed,
    now: Callable[[], float] = time.time,
) -> LocalEngineServer:
    """A bound server.

    Run ``serve_forever()``; to stop, call ``shutdown()`` from another thread, then ``server_close()``.  Port 0
    picks a free port.  Without ``key``, any key is accepted.  Raises OSError if the port is taken.
    """
    engine = Engine(key=key, latency_seconds=latency_seconds, draw_seed=draw_seed, now=now)
    return LocalEngineServer((host, port), engine=engine, links=Links(now=now))


class _Handler(BaseHTTPRequestHandler):
    server: LocalEngineServer
    protocol_version = "HTTP/1.1"
    server_version = "LocalEngine"
    sys_version = ""
    # Headers and body are sent in two writes, and Nagle's algorithm would delay the second by 40 ms.
    disable_nagle_algorithm = True
    timeout = 60
    _body_is_read = False

    def parse_request(self) -> bool:
        self._body_is_read = False  # this object serves all requests of a connection
        return super().parse_request()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/v1/models":
            self._answer_json(models_answer)
        elif path.startswith("/pictures/"):
            self._answer_picture(path.removeprefix("/pictures/").removesuffix(".png"))
        else:
            self._answer_not_found()

    def do_POST(self) -> None:
        if urlsplit(self.path).path == "/v1/images/edits":
            self._answer_json(self._edit)
        else:
            self._answer_not_found()

    def _edit(self) -> dict[str, Any]:
        body = read_body(self.rfile, headers=self.headers)
        self._body_is_read = True
        asked = read_request(body, content_type=self.headers.get("Content-Type", ""))
        return self.server.engine.edit(asked, link=self._link)

    def _link(self, png: bytes) -> str:
        """A URL on this server under the host that the caller used, which may differ from the bound address."""
        host = self.headers.get("Host", "")
        if not _HOST.fullmatch(host):
            host = urlsplit(self.server.base_url).netloc
        return f"http://{host}/pictures/{self.server.links.keep(png)}.png"

    def _answer_json(self, make: Callable[[], dict[str, Any]]) -> None:
        """Send what ``make`` returns to callers with the key."""
        status, value = 200, {}
        try:
            self.server.engine.check_key(self.headers.get("Authorization", ""))
            value = make()
        except ContractError as error:
            status, value = error.status, error_answer(error)
        self._send(status, json.dumps(value).encode(), content_type="application/json; charset=utf-8")

    def _answer_picture(self, token: str) -> None:
        """A result by its link, which needs no key."""
        png = self.server.links.picture(token)
        if png is None:
            self._answer_not_found()
        else:
            self._send(200, png, content_type="image/png")

    def _answer_not_found(self) -> None:
        self._send(404, b"404 page not found", content_type="text/plain")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Errors of http.server itself, in StepFun's format instead of an HTML page."""
        self.close_connection = True
        if code == HTTPStatus.NOT_IMPLEMENTED:  # a method without a do_ method: no such route
            self._answer_not_found()
            return
        error = ContractError(message or HTTPStatus(code).phrase, status=code)
        self._send(
            code, json.dumps(error_answer(error)).encode(), content_type="application/json; charset=utf-8"
        )

    def _send(self, status: int, body: bytes, *, content_type: str) -> None:
        unread = self._has_unread_body()
        self.close_connection = self.close_connection or unread
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Trace-Id", uuid.uuid4().hex)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if unread:
            self._linger()

    def _has_unread_body(self) -> bool:
        headers = getattr(self, "headers", {})  # not set yet if the request line is malformed
        sized = headers.get("Content-Length", "0").strip() != "0"
        return (sized or "Transfer-Encoding" in headers) and not self._body_is_read

    def _linger(self) -> None:
        """Keep reading for a moment: closing the connection while the caller still sends would destroy the answer."""
        deadline = time.monotonic() + _LINGER_SECONDS
        self.connection.settimeout(_LINGER_SECONDS)
        try:
            while time.monotonic() < deadline and self.rfile.read1(65536):
                pass
        except OSError as error:
            log.debug("The caller %s did not wait for the answer: %s", self.client_address, error)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug("%s %r", self.address_string(), format % args)
