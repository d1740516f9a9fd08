"""Bodies sent to the real web server: one that is refused while it is sent gets the reason and is read no further."""

import base64
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import openai
import pytest
import requests

from tests.api_calls import ADDRESS, AT_ONCE, PHOTO, form, usual_parts
from tests.installation import Installation, answers, eventually, installed

PATIENCE_SECONDS = 60
MEGABYTE = 2**20
WRONG = "rtk_wrong"
MAKE_KEY = """
from django.utils import timezone
from edits.models import User
from edits.services.api.api_keys import make_api_key
alice = User.objects.create_user("alice", "alice@example.com", "open sesame 7")
answer(make_api_key(owner=alice, name="a script", now=timezone.now())[1])
"""

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The web server as it is shipped, alone."""
    with installed(tmp_path_factory.mktemp("web")) as place:
        place.migrate()
        place.start("-m", "gunicorn", "-c", "python:editor_site.gunicorn_conf", log="web")
        eventually(lambda: answers(f"{place.url}/healthz"))
        yield place
        print(place.log("web"))


@pytest.fixture(scope="module")
def key(place: Installation) -> str:
    """Alice's."""
    made = place.python(MAKE_KEY)
    assert isinstance(made, str)
    return made


def headers(key: str, content_type: str = "application/octet-stream") -> dict[str, str]:
    return AT_ONCE | {"Authorization": f"Bearer {key}", "Content-Type": content_type}


def in_pieces(data: bytes, *, piece_bytes: int = 10_000) -> Iterator[bytes]:
    """So that it is sent in chunks, without a length."""
    for start in range(0, len(data), piece_bytes):
        yield data[start : start + piece_bytes]


def post(place: Installation, body: Any, sent: dict[str, str]) -> requests.Response:
    return requests.post(f"{place.url}{ADDRESS}", data=body, headers=sent, timeout=PATIENCE_SECONDS)


def code_of(response: requests.Response) -> str:
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Request-Id"]
    return str(response.json()["error"]["code"])


def heavy(size_bytes: int) -> tuple[bytes, str]:
    """A form with a picture of this size."""
    *fields, (head, picture) = usual_parts()
    return form(*fields, (head, picture + b"\0" * (size_bytes - len(picture))))


def send_for_ever(line: socket.socket) -> None:
    """Raises ConnectionError once the other side has closed."""
    while True:
        line.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def nothing_is_left(place: Installation) -> None:
    """No half file of those who were refused."""
    eventually(lambda: not any((place.folder / "incoming").iterdir()))


class TestWhoMayNotCall:
    @pytest.mark.parametrize("in_chunks", [False, True])
    def test_they_read_why_although_they_were_still_sending(
        self, place: Installation, in_chunks: bool
    ) -> None:
        body, content_type = heavy(10 * MEGABYTE)
        sent: Any = in_pieces(body) if in_chunks else body
        response = post(place, sent, headers(WRONG, content_type))
        assert (response.status_code, code_of(response)) == (401, "invalid_api_key")
        nothing_is_left(place)

    def test_the_official_client_says_so_too(self, place: Installation) -> None:
        client = openai.OpenAI(api_key=WRONG, base_url=f"{place.url}/v1", max_retries=0)
        picture = PHOTO + b"\0" * (10 * MEGABYTE - len(PHOTO))
        with closing(client), pytest.raises(openai.AuthenticationError, match="An API key is needed"):
            client.images.edit(model="step-1x-edit", image=("cat.jpg", picture), prompt="sepia")

    def test_curl_too(self, place: Installation, tmp_path: Path) -> None:
        picture = tmp_path / "cat.jpg"
        picture.write_bytes(PHOTO + b"\0" * (10 * MEGABYTE - len(PHOTO)))
        words = ["curl", "-sS", "-F", f"image=@{picture}", "-H", f"Authorization: Bearer {WRONG}"]
        done = subprocess.run([*words, f"{place.url}{ADDRESS}"], capture_output=True, text=True, check=False)
        assert '"invalid_api_key"' in done.stdout, done.stderr

    def test_the_answer_comes_before_the_end_of_what_never_ends(self, place: Installation) -> None:
        with closing(socket.create_connection(("127.0.0.1", place.port), PATIENCE_SECONDS)) as line:
            line.sendall(f"POST {ADDRESS} HTTP/1.1\r\nHost: localhost\r\n".encode())
            line.sendall(b"Transfer-Encoding: chunked\r\n\r\n" + b"5\r\nhello\r\n")
            answer = HTTPResponse(line, method="POST")
            answer.begin()
            assert answer.status == 401
            assert b"invalid_api_key" in answer.read()
            with pytest.raises(ConnectionError):  # and nobody listens for ever
                send_for_ever(line)

    def test_the_connection_serves_the_next_call(self, place: Installation, key: str) -> None:
        body, content_type = heavy(MEGABYTE)
        with closing(HTTPConnection("127.0.0.1", place.port, timeout=PATIENCE_SECONDS)) as connection:
            for given, status in ((WRONG, 401), (key, 200), (WRONG, 401)):
                method, address = ("GET", "/v1/models") if status == 200 else ("POST", ADDRESS)
                connection.request(
                    method, address, None if status == 200 else body, headers(given, content_type)
                )
                line = connection.sock
                response = connection.getresponse()
                assert (response.status, bool(response.read())) == (status, True)
                assert connection.sock is line  # it was not closed


class TestChunks:
    def test_a_picture_in_chunks_is_taken(self, place: Installation, key: str) -> None:
        body, content_type = form(*usual_parts())
        [(before,)] = place.rows("SELECT count(*) FROM edits_editrequest")
        response = post(place, in_pieces(body, piece_bytes=1000), headers(key, content_type))
        assert response.status_code == 202, response.text
        assert response.json()["source"]["name"] == "cat.jpg"
        assert place.rows("SELECT count(*) FROM edits_editrequest") == [(before + 1,)]

    def test_what_is_said_in_chunks_of_json_is_read(self, place: Installation, key: str) -> None:
        body, content_type = form(*usual_parts())
        made = post(place, body, headers(key, content_type)).json()
        again = requests.post(
            f"{place.url}/v1/edits/{made['id']}/rerun",
            data=in_pieces(b'{"seed": 4}', piece_bytes=3),
            headers=headers(key, "application/json"),
            timeout=PATIENCE_SECONDS,
        )
        assert (again.status_code, again.json()["seed"]) == (202, 4), again.text

    @pytest.mark.parametrize("in_chunks", [False, True])
    def test_a_large_picture_in_json_is_taken(self, place: Installation, key: str, in_chunks: bool) -> None:
        picture = base64.b64encode(PHOTO + b"\0" * (10 * MEGABYTE - len(PHOTO))).decode()
        body = json.dumps({"prompt": "sepia", "image": f"data:image/jpeg;base64,{picture}"}).encode()
        sent: Any = in_pieces(body, piece_bytes=100_000) if in_chunks else body
        response = post(place, sent, headers(key, "application/json"))
        assert response.status_code == 202, response.text
        nothing_is_left(place)

    @pytest.mark.parametrize("in_chunks", [False, True])
    def test_json_that_is_larger_than_any_call_is_refused(
        self, place: Installation, key: str, in_chunks: bool
    ) -> None:
        body = b'{"image": "' + b"A" * (20 * MEGABYTE) + b'"}'
        sent: Any = in_pieces(body, piece_bytes=100_000) if in_chunks else body
        response = post(place, sent, headers(key, "application/json"))
        assert (response.status_code, code_of(response)) == (413, "too_large")
        nothing_is_left(place)

    @pytest.mark.parametrize("in_chunks", [False, True])
    def test_more_than_any_picture_may_be_is_refused(
        self, place: Installation, key: str, in_chunks: bool
    ) -> None:
        body, content_type = heavy(15 * MEGABYTE)
        sent: Any = in_pieces(body, piece_bytes=100_000) if in_chunks else body
        response = post(place, sent, headers(key, content_type))
        assert (response.status_code, code_of(response)) == (413, "too_large")
        nothing_is_left(place)

    def test_a_gigabyte_is_refused_before_it_is_sent(self, place: Installation, key: str) -> None:
        with closing(HTTPConnection("127.0.0.1", place.port, timeout=PATIENCE_SECONDS)) as connection:
            connection.putrequest("POST", ADDRESS)
            for name, value in headers(key, "multipart/form-data; boundary=x").items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(2**30))
            connection.endheaders()
            response = connection.getresponse()
            assert (response.status, b"too_large" in response.read()) == (413, True)

    @pytest.mark.parametrize("rest", [b"zz\r\n", b"5\r\nhello", b"-1\r\n\r\n", b"5;\r\nhello\r\n"])
    def test_chunks_that_make_no_sense_are_no_crash(self, place: Installation, key: str, rest: bytes) -> None:
        with closing(socket.create_connection(("127.0.0.1", place.port), PATIENCE_SECONDS)) as line:
            words = headers(key, "multipart/form-data; boundary=x") | {"Transfer-Encoding": "chunked"}
            head = "".join(f"{name}: {value}\r\n" for name, value in words.items())
            line.sendall(f"POST {ADDRESS} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode() + rest)
            line.shutdown(socket.SHUT_WR)
            said = b""
            with suppress(ConnectionError):
                while piece := line.recv(65_536):
                    said += piece
            assert b" 400 " in said.partition(b"\r\n")[0]
            assert b'"bad_request"' in said


@pytest.mark.parametrize("in_chunks", [False, True])
def test_who_leaves_in_the_middle_leaves_nothing(place: Installation, key: str, in_chunks: bool) -> None:
    body, content_type = heavy(5 * MEGABYTE)
    framing = {"Transfer-Encoding": "chunked"} if in_chunks else {"Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in (headers(key, content_type) | framing).items())
    before = place.rows("SELECT count(*) FROM edits_editrequest")
    with closing(socket.create_connection(("127.0.0.1", place.port), PATIENCE_SECONDS)) as line:
        line.sendall(f"POST {ADDRESS} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
        line.sendall((f"{len(body):x}\r\n".encode() if in_chunks else b"") + body[: 4 * MEGABYTE])
        line.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while line.recv(65_536):
                pass
    nothing_is_left(place)
    assert place.rows("SELECT count(*) FROM edits_editrequest") == before
    assert place.rows("SELECT count(*) FROM edits_submission") == before


def test_many_who_are_refused_keep_nobody_waiting(place: Installation, key: str) -> None:
    body, content_type = heavy(5 * MEGABYTE)
    refused = [
        threading.Thread(target=post, args=(place, body, headers(WRONG, content_type))) for _ in range(20)
    ]
    for caller in refused:
        caller.start()
    assert requests.get(f"{place.url}/healthz", timeout=PATIENCE_SECONDS).ok
    for caller in refused:
        caller.join(PATIENCE_SECONDS)
        assert not caller.is_alive()


def test_the_log_tells_of_no_crash_and_no_key(place: Installation, key: str) -> None:
    said = place.log("web")
    assert "Traceback" not in said
    assert key not in said
    assert WRONG not in said
