"""An S3 server with moods: refusing now and then, forgetful of what it was just given, breaking off half-way."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import botocore.session
from moto.server import ThreadedMotoServer

from editor_site.picture_bucket import PictureBucket

PATIENCE_SECONDS = 60
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}
ERROR = "<?xml version='1.0'?><Error><Code>{code}</Code><Message>A mood</Message></Error>"


# Each new connection would read megabytes of descriptions of Amazon's services again: half a second.
botocore.session.create_loader = cache(botocore.session.create_loader)


class FreshBucket(PictureBucket):
    """The bucket as it is shipped, with a connection of its own for each test."""

    _shared = None


@dataclass
class Moods:
    """What the server does other than to obey; each name is part of the path of a file."""

    refused: set[tuple[str, str]] = field(default_factory=set)
    """Method and name of what is answered 403 for as long as it stands here."""
    unanswered: set[tuple[str, str]] = field(default_factory=set)
    """What is done, and the connection ends without a word."""
    halved: set[str] = field(default_factory=set)
    """Reads that end in the middle of the file."""
    unseen_reads: int = 0
    """So many reads of each new file answer that there is none."""
    seen: Counter[str] = field(default_factory=Counter)

    def has(self, mood: set[tuple[str, str]], method: str, path: str) -> bool:
        """Whether one of these words is about this request."""
        return any(method == verb and name in path for verb, name in mood)

    def is_unseen(self, method: str, path: str) -> bool:
        """Whether the file was written so shortly ago that it is not found yet."""
        is_file = path.count("/") > 1
        if not is_file or method not in ("GET", "HEAD") or path not in self.seen:
            return False
        self.seen[path] += 1
        return self.seen[path] <= self.unseen_reads


@contextmanager
def moody_bucket(name: str) -> Iterator[tuple[str, Moods]]:
    """Its address and its moods; it has a bucket of this name, which no other test may use."""
    FreshBucket._shared = None
    behind = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    behind.start()
    moods = Moods()
    address = behind.get_host_and_port()

    class Handler(_Handler):
        server_behind, moods_of_server = address, moods

    front = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    front.daemon_threads = True
    threading.Thread(target=front.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{front.server_address[1]}"
    try:
        client_of(url).create_bucket(Bucket=name)
        yield url, moods
    finally:
        front.shutdown()
        front.server_close()
        behind.stop()


def client_of(url: str) -> Any:
    """A client that talks to the server at this address."""
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_behind: tuple[str, int]
    moods_of_server: Moods

    def handle_any(self) -> None:
        """Pass the request on, unless the server is in a mood about it."""
        moods, path = self.moods_of_server, self.path.partition("?")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if moods.has(moods.refused, self.command, path):
            self._answer(403, ERROR.format(code="AccessDenied").encode(), {})
            return
        if moods.is_unseen(self.command, path):
            self._answer(404, ERROR.format(code="NoSuchKey").encode(), {})
            return
        connection = HTTPConnection(*self.server_behind, timeout=PATIENCE_SECONDS)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if self.command == "PUT" and answer.status == 200:
            moods.seen[path] = 0
        if moods.has(moods.unanswered, self.command, path):
            self.close_connection = True
            return
        halved = self.command == "GET" and any(name in path for name in moods.halved)
        self._pass_back(answer, data, cut=halved)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def _pass_back(self, answer: HTTPResponse, data: bytes, *, cut: bool) -> None:
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        self._answer(answer.status, data, headers, length=length, cut=cut)

    def _answer(
        self,
        status: int,
        data: bytes,
        headers: dict[str, str],
        *,
        length: str | None = None,
        cut: bool = False,
    ) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", length or str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection |= cut

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
