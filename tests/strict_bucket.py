"""An S3 server that knows nothing newer than it has to: no checksums of its clients, no trailers, no streamed bodies.

Older Ceph, MinIO and Backblaze servers and those of some clouds are like this.  It signs nothing and trusts anybody.
"""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

NEWER = ("x-amz-checksum", "x-amz-sdk-checksum-algorithm", "x-amz-trailer")
ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>The key is secret-in-an-answer</Message></Error>"
LISTED = (
    "<Contents><Key>{}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>{}</Size></Contents>"
)
PAGE = "<?xml version='1.0'?><ListBucketResult><IsTruncated>false</IsTruncated>{}</ListBucketResult>"


@dataclass
class StrictBucket:
    """What it holds by name, what it was asked, and what it refuses: operations with the code it then says."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Operation and headers, by names in small letters."""
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    """Of a large file that is on its way, by its name."""
    spoils: bool = False
    """Stores something else than it is sent."""

    @property
    def operations(self) -> list[str]:
        """What was done, in order."""
        return [operation for operation, _ in self.requests]


@contextmanager
def strict_bucket(context: ssl.SSLContext | None = None) -> Iterator[StrictBucket]:
    """A server on loopback that takes any name for a bucket of its own; over TLS where a context is given."""
    bucket = StrictBucket()

    class Handler(_Handler):
        held = bucket

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    bucket.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    held: StrictBucket

    def handle_any(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        address = urlsplit(self.path)
        path, query = unquote(address.path), parse_qs(address.query, keep_blank_values=True)
        name = path.removeprefix("/").partition("/")[2]
        body = self.rfile.read(int(headers.get("content-length", 0)))
        operation = self._operation(name, query)
        self.held.requests.append((operation, headers))
        if operation in self.held.refused:
            status, code = self.held.refused[operation]
            self._answer(status, ERROR.format(code).encode())
        elif _is_newer(headers):
            self.close_connection = True  # a body in chunks was not read
            self._answer(501, ERROR.format("NotImplemented").encode())
        elif "uploads" in query or "uploadId" in query:
            self._take_part(name, body)
        else:
            self._obey(operation, name, body, prefix=query.get("prefix", [""])[0])

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def _operation(self, name: str, query: dict[str, list[str]]) -> str:
        if self.command != "GET":
            return self.command
        if not name:
            return "LIST"
        return "LINK" if "X-Amz-Signature" in query else "GET"

    def _take_part(self, name: str, body: bytes) -> None:
        """A large file comes in parts, one after the other, between two requests that have no part."""
        bucket = self.held
        if self.command == "PUT":
            bucket.parts[name] += body
        elif name in bucket.parts:
            bucket.files[name] = bucket.parts.pop(name)
        else:
            bucket.parts[name] = b""
        answers = "<UploadId>1</UploadId>" if name in bucket.parts else ""
        self._answer(200, f"<?xml version='1.0'?><UploadResult>{answers}</UploadResult>".encode())

    def _obey(self, operation: str, name: str, body: bytes, *, prefix: str) -> None:
        files = self.held.files
        if operation == "LIST":
            found = "".join(LISTED.format(n, len(d)) for n, d in files.items() if n.startswith(prefix))
            self._answer(200, PAGE.format(found).encode())
        elif operation == "PUT":
            files[name] = b"19;chunk-signature=" + body if self.held.spoils else body
            self._answer(200, b"")
        elif operation == "DELETE":
            files.pop(name, None)
            self._answer(204, b"")
        elif name in files:
            self._answer(200, files[name])
        else:
            self._answer(404, ERROR.format("NoSuchKey").encode())

    def _answer(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("ETag", '"an-etag"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _is_newer(headers: dict[str, str]) -> bool:
    streamed = "aws-chunked" in headers.get("content-encoding", "") or "transfer-encoding" in headers
    hashed = headers.get("x-amz-content-sha256", "").startswith("STREAMING-")
    return streamed or hashed or any(name.startswith(NEWER) for name in headers)
