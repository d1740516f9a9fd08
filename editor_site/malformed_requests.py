"""Answers requests that the web server cannot parse, in the error format of the API.

At that point the path is usually unknown, and browsers hardly ever send such requests.  Knows gunicorn's
exceptions and nothing of Django.
"""

import json
import uuid
from http import HTTPStatus

from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

STATUSES: dict[type[ParseException], tuple[int, str]] = {
    LimitRequestLine: (414, "The URL of this request is too long."),
    LimitRequestHeaders: (431, "This request has too many headers, or one that is too long."),
    ExpectationFailed: (417, "The Expect header of this request is not supported."),
    UnsupportedTransferCoding: (501, "This Transfer-Encoding is not supported. Use chunked or a Content-Length."),
}  # fmt: skip


def answer_to(error: ParseException) -> bytes:
    """The complete response.  It repeats nothing from the request, which may contain a key."""
    status, message = STATUSES.get(type(error), (400, "This request could not be read."))
    kind = "server_error" if status >= 500 else "invalid_request_error"
    said = {"message": message, "type": kind, "param": None, "code": "bad_request"}
    body = json.dumps({"error": said}).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        "Cache-Control: no-store\r\n"
        f"X-Request-Id: {uuid.uuid4().hex}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
