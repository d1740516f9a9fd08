"""What the web server itself refuses, before any address is known: in one shape all the same, repeating nothing."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.installation import Installation, answers, eventually, installed

PATIENCE_SECONDS = 60
SECRET = "rtk_that-nobody-should-read"
HEAD = f"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {SECRET}"

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A web server alone; none of this reaches what it serves."""
    with installed(tmp_path_factory.mktemp("retake")) as place:
        place.migrate()
        place.start("-m", "gunicorn", "-c", "python:editor_site.gunicorn_conf", log="web")
        eventually(lambda: answers(f"{place.url}/healthz"))
        yield place


def answer_to(web: Installation, request: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE_SECONDS) as line:
        line.sendall(request.encode("latin-1"))
        received = b"".join(iter(lambda: line.recv(65536), b"")).decode()
    head, _, body = received.partition("\r\n\r\n")
    first, *headers = head.split("\r\n")
    return int(first.split()[1]), dict(header.split(": ", 1) for header in headers), body


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (f"{HEAD}\x01\r\n\r\n", 400),
        (f"{HEAD}\r\nIdempotency-Key: a\x01b\r\n\r\n", 400),
        (f"{HEAD}\r\nContent-Length: -1\r\n\r\n", 400),
        (f"{HEAD}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (f"GET /v1/edits?q={'x' * 5000} HTTP/1.1\r\n\r\n", 414),
        (f"{HEAD}\r\nX-Long: {'x' * 20_000}\r\n\r\n", 431),
        (f"{HEAD}\r\nTransfer-Encoding: gzip2\r\n\r\n", 501),
        ("\x16\x03\x01\r\n\r\n", 400),
    ],
    ids=["key", "header", "length", "lengths", "address", "headers", "coding", "garbage"],
)
def test_what_is_no_request_is_refused_in_the_shape_of_all_errors(
    web: Installation, request_text: str, status: int
) -> None:
    answered, headers, body = answer_to(web, request_text)
    assert answered == status
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Request-Id"]
    error = json.loads(body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert SECRET not in body


def test_the_log_says_so_without_the_key(web: Installation) -> None:
    answer_to(web, f"{HEAD}\x01\r\n\r\n")
    eventually(lambda: "could not be read" in web.log("web"))
    assert SECRET not in web.log("web")
    assert "Traceback" not in web.log("web")
