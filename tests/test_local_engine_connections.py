"""The practice engine as a server: connections, bodies of any kind, latency, ports."""

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import requests

from edits.local_engine import LocalEngineServer, make_server
from edits.local_engine.body import MAX_BODY_BYTES

from .local_engine_server import IMAGE, KEY, Running, started


@pytest.fixture(scope="module")
def engine() -> Iterator[Running]:
    running = Running()
    yield running
    running.close()


class TestConnections:
    def test_one_connection_serves_many_requests(self, engine: Running) -> None:
        connection = http.client.HTTPConnection(*engine.address, timeout=20)
        connection.connect()
        opened = connection.sock
        for _ in range(3):
            connection.request("GET", "/v1/models", headers=KEY)
            assert connection.getresponse().read()
            assert connection.sock is opened
        connection.close()

    def test_a_chunked_body_is_read(self, engine: Running) -> None:
        prepared = requests.Request(
            "POST",
            f"{engine.server.base_url}/images/edits",
            data={"model": "step-1x-edit", "prompt": "warmer", "seed": "7", "response_format": "b64_json"},
            files={"image": ("cat.png", IMAGE)},
        ).prepare()
        body = prepared.body
        assert isinstance(body, bytes)
        headers = {**KEY, "Content-Type": prepared.headers["Content-Type"]}
        chunks = (body[start : start + 500] for start in range(0, len(body), 500))
        answer = requests.post(
            f"{engine.server.base_url}/images/edits", data=chunks, headers=headers, timeout=20
        )
        assert answer.request.headers["Transfer-Encoding"] == "chunked"
        assert answer.json()["data"] == engine.post(seed="7").json()["data"]

    @pytest.mark.parametrize("headers", [KEY, {}], ids=["with a key", "without"])
    def test_a_body_that_is_too_large_gets_an_answer_and_not_a_reset(
        self, engine: Running, headers: dict[str, str]
    ) -> None:
        answer = engine.post(image=b"\0" * MAX_BODY_BYTES, headers=headers)
        assert answer.status_code == (413 if headers else 401)
        assert set(answer.json()["error"]) == {"message", "type"}
        assert answer.headers["Connection"] == "close"

    def test_too_large_is_said_before_the_body_is_sent(self, engine: Running) -> None:
        with socket.create_connection(engine.address, timeout=20) as caller:
            head = f"POST /v1/images/edits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: {10**12}"
            caller.sendall(head.encode() + b"\r\n\r\n")
            assert caller.recv(64).startswith(b"HTTP/1.1 413 ")

    @pytest.mark.parametrize(
        "line", [b"nonsense\r\n\r\n", b"GET /v1/models HTTP/9.9\r\n\r\n", b"GET " + b"x" * 70000]
    )
    def test_a_malformed_request_is_refused_in_json(self, engine: Running, line: bytes) -> None:
        with socket.create_connection(engine.address, timeout=20) as caller:
            caller.sendall(line + b"\r\n")
            caller.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: caller.recv(65536), b""))
        assert set(json.loads(answer.partition(b"\r\n\r\n")[2] or answer)["error"]) == {"message", "type"}

    def test_a_caller_that_hangs_up_breaks_nothing(self, engine: Running) -> None:
        with socket.create_connection(engine.address, timeout=20) as caller:
            caller.sendall(
                b"POST /v1/images/edits HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Length: 99\r\n\r\nhalf"
            )
        assert engine.post().status_code == 200

    def test_many_are_served_at_once(self, engine: Running) -> None:
        with ThreadPoolExecutor(12) as callers:
            answers = list(callers.map(lambda seed: engine.post(seed=str(seed)), range(1, 13)))
        assert [answer.json()["data"][0]["seed"] for answer in answers] == list(range(1, 13))


class TestLatency:
    def test_it_waits_before_an_edit_and_not_before_a_refusal(self) -> None:
        for running in started(latency_seconds=0.2):
            assert running.post().elapsed.total_seconds() >= 0.2
            assert running.post(steps="0").elapsed.total_seconds() < 0.2

    def test_stopping_does_not_wait_for_it(self) -> None:
        waiting = Event()

        def draw_seed() -> int:
            waiting.set()  # the last that happens before the wait
            return 7

        running = Running(latency_seconds=600, draw_seed=draw_seed)
        with ThreadPoolExecutor(1) as caller:
            answer = caller.submit(running.post)
            assert waiting.wait(timeout=20)
            running.close()
            assert answer.result(timeout=20).status_code == 200


def test_the_address_is_that_of_the_port_it_got(engine: Running) -> None:
    assert isinstance(engine.server, LocalEngineServer)
    assert engine.server.base_url == f"http://127.0.0.1:{engine.server.server_port}/v1"
    assert engine.server.server_port > 0


def test_a_port_that_is_taken_is_an_error(engine: Running) -> None:
    with pytest.raises(OSError, match="in use"):
        make_server(port=engine.server.server_port)
