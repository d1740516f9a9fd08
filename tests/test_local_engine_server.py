"""The practice engine over HTTP, as a client meets it."""

import base64
import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from edits.local_engine import LocalEngineServer, make_server
from edits.local_engine.body import MAX_BODY_BYTES
from edits.local_engine.links import LIFETIME_SECONDS
from edits.local_engine.words import FILTERED_WITH_PICTURE, FILTERED_WITHOUT_PICTURE, REFUSED_WORDS
from edits.profiles import MAX_SEED, PROFILES

from .local_engine_pictures import decoded, encoded, landscape

IMAGE = encoded(landscape(96, 96))
KEY = {"Authorization": "Bearer practice"}
NOON = 1_700_000_000


class Running:
    """A server with its thread, and a client's way to it."""

    def __init__(self, **options: Any) -> None:
        self.now = float(NOON)
        self.server = make_server(now=lambda: self.now, **options)
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.server.server_port

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def post(
        self,
        *,
        image: bytes = IMAGE,
        headers: Mapping[str, str | bytes] = KEY,
        path: str = "/images/edits",
        **fields: str,
    ) -> requests.Response:
        form = {"model": "step-1x-edit", "prompt": "warmer", "response_format": "b64_json", **fields}
        files = {"image": ("cat.png", image, "image/png")}
        return requests.post(self.server.base_url + path, data=form, files=files, headers=headers, timeout=20)


@pytest.fixture(scope="module")
def engine() -> Iterator[Running]:
    running = Running()
    yield running
    running.close()


def started(**options: Any) -> Iterator[Running]:
    running = Running(**options)
    yield running
    running.close()


@pytest.fixture
def locked() -> Iterator[Running]:
    """An engine that knows its key."""
    yield from started(key="the key")


class TestEdit:
    def test_it_answers_with_the_documented_fields(self, engine: Running) -> None:
        answer = engine.post(seed="7")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("application/json")
        body = answer.json()
        assert set(body) == {"id", "created", "data"}
        assert body["created"] == NOON
        assert set(body["data"][0]) == {"b64_json", "finish_reason", "seed"}
        assert body["data"][0]["finish_reason"] == "success"
        assert body["data"][0]["seed"] == 7
        assert decoded(base64.b64decode(body["data"][0]["b64_json"], validate=True)).size == (512, 512)

    def test_the_same_request_gives_the_same_picture_under_another_id(self, engine: Running) -> None:
        first, second = engine.post(seed="7").json(), engine.post(seed="7").json()
        assert first["data"] == second["data"]
        assert first["id"] != second["id"]

    @pytest.mark.parametrize("model", PROFILES)
    def test_every_model_edits(self, engine: Running, model: str) -> None:
        assert engine.post(model=model, seed="1").json()["data"][0]["finish_reason"] == "success"

    def test_an_open_seed_is_drawn_and_told(self, engine: Running) -> None:
        omitted, zero = (
            answer.json()["data"][0]["seed"] for answer in (engine.post(), engine.post(seed="0"))
        )
        assert 1 <= omitted <= MAX_SEED
        assert 1 <= zero <= MAX_SEED
        assert omitted != zero

    def test_the_seed_it_told_gives_the_same_picture_again(self) -> None:
        for running in started(draw_seed=lambda: 41):
            drawn = running.post(prompt="film grain").json()["data"][0]
            assert drawn["seed"] == 41
            assert running.post(prompt="film grain", seed="41").json()["data"][0] == drawn

    def test_errors_have_the_two_documented_fields(self, engine: Running) -> None:
        answer = engine.post(steps="0")
        assert answer.status_code == 400
        assert answer.headers["Content-Type"].startswith("application/json")
        assert set(answer.json()) == {"error"}
        assert set(answer.json()["error"]) == {"message", "type"}
        assert answer.json()["error"]["type"] == "request_params_invalid"

    def test_a_damaged_picture_is_refused_as_input(self, engine: Running) -> None:
        answer = engine.post(image=IMAGE[:-200])
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "input_invalid")

    def test_a_json_body_is_refused(self, engine: Running) -> None:
        answer = requests.post(
            f"{engine.server.base_url}/images/edits", json={"a": 1}, headers=KEY, timeout=20
        )
        assert answer.status_code == 400
        assert "multipart" in answer.json()["error"]["message"]


class TestFilter:
    @pytest.mark.parametrize("word", sorted(FILTERED_WITH_PICTURE)[:2])
    def test_some_filtered_answers_carry_the_withheld_picture(self, engine: Running, word: str) -> None:
        result = engine.post(prompt=f"{word}, warmer").json()["data"][0]
        assert result["finish_reason"] == "content_filtered"
        assert decoded(base64.b64decode(result["b64_json"])).size == (512, 512)

    @pytest.mark.parametrize("word", sorted(FILTERED_WITHOUT_PICTURE)[:2])
    @pytest.mark.parametrize("response_format", ["b64_json", "url"])
    def test_others_carry_none(self, engine: Running, word: str, response_format: str) -> None:
        answer = engine.post(prompt=word, response_format=response_format, seed="5")
        assert answer.status_code == 200
        assert answer.json()["data"] == [{"finish_reason": "content_filtered", "seed": 5}]

    @pytest.mark.parametrize("word", sorted(REFUSED_WORDS)[:2])
    def test_a_refused_word_is_451(self, engine: Running, word: str) -> None:
        answer = engine.post(prompt=f"a {word}")
        assert (answer.status_code, answer.json()["error"]["type"]) == (451, "censorship_blocked")

    def test_a_request_that_breaks_the_contract_is_told_so_before_the_filter_sees_it(
        self, engine: Running
    ) -> None:
        assert engine.post(prompt="a bomb", steps="0").status_code == 400


class TestKey:
    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "practice", "Basic cHJhY3RpY2U="])
    def test_without_a_key_nothing_is_edited(self, engine: Running, header: str | None) -> None:
        answer = engine.post(headers={} if header is None else {"Authorization": header})
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_api_key")
        assert "data" not in answer.json()

    def test_a_set_key_is_the_only_one(self, locked: Running) -> None:
        assert locked.post(headers={"Authorization": "Bearer the key"}).status_code == 200
        for another in ("Bearer another", "Bearer the key2", "Bearer th\u00e9 key".encode("latin-1")):
            assert locked.post(headers={"Authorization": another}).status_code == 401

    def test_the_key_does_not_count_in_the_address(self, locked: Running) -> None:
        assert locked.post(headers={}, path="/images/edits?token=the%20key").status_code == 401

    def test_the_models_need_it_too(self, locked: Running) -> None:
        assert requests.get(f"{locked.server.base_url}/models", timeout=20).status_code == 401


class TestLinks:
    def test_url_is_the_default_and_loads_without_the_key(self, engine: Running) -> None:
        form = {"model": "step-1x-edit", "prompt": "warmer", "seed": "7"}
        files = {"image": ("cat.png", IMAGE)}
        posted = requests.post(
            f"{engine.server.base_url}/images/edits", data=form, files=files, headers=KEY, timeout=20
        )
        result = posted.json()["data"][0]
        assert set(result) == {"url", "finish_reason", "seed"}
        loaded = requests.get(result["url"], timeout=20)
        assert (loaded.status_code, loaded.headers["Content-Type"]) == (200, "image/png")
        assert (
            base64.b64encode(loaded.content).decode() == engine.post(seed="7").json()["data"][0]["b64_json"]
        )

    def test_a_link_ends_after_two_hours(self) -> None:
        for running in started():
            url = running.post(response_format="url").json()["data"][0]["url"]
            running.now += LIFETIME_SECONDS
            assert requests.get(url, timeout=20).status_code == 404

    def test_a_link_names_the_server_as_the_caller_reached_it(self, engine: Running) -> None:
        by_name = {**KEY, "Host": f"localhost:{engine.server.server_port}"}
        url = engine.post(headers=by_name, response_format="url").json()["data"][0]["url"]
        assert urlsplit(url).netloc == f"localhost:{engine.server.server_port}"

    def test_a_strange_host_is_not_repeated(self, engine: Running) -> None:
        strange = {**KEY, "Host": 'x"/><script>'}
        url = engine.post(headers=strange, response_format="url").json()["data"][0]["url"]
        assert urlsplit(url).netloc == f"127.0.0.1:{engine.server.server_port}"

    @pytest.mark.parametrize("path", ["/pictures/", "/pictures/guess.png", "/pictures/../v1/models"])
    def test_there_are_no_other_pictures(self, engine: Running, path: str) -> None:
        connection = http.client.HTTPConnection(*engine.address, timeout=20)
        connection.request("GET", path)
        assert connection.getresponse().status == 404
        connection.close()


class TestRoutes:
    def test_it_lists_the_models(self, engine: Running) -> None:
        answer = requests.get(f"{engine.server.base_url}/models", headers=KEY, timeout=20).json()
        assert answer["object"] == "list"
        assert [model["id"] for model in answer["data"]] == list(PROFILES)
        assert all(set(model) == {"id", "object", "created", "owned_by"} for model in answer["data"])

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/"),
            ("GET", "/v1/images/edits"),
            ("POST", "/v1/images/edits/"),
            ("POST", "/v1/images/generations"),
            ("POST", "/v1/models"),
            ("PUT", "/v1/images/edits"),
            ("DELETE", "/v1/models"),
        ],
    )
    def test_everything_else_is_404_in_plain_text(self, engine: Running, method: str, path: str) -> None:
        url = engine.server.base_url.removesuffix("/v1") + path
        answer = requests.request(method, url, headers=KEY, timeout=20)
        assert (answer.status_code, answer.text) == (404, "404 page not found")
        assert answer.headers["Content-Type"].startswith("text/plain")

    def test_every_answer_has_a_trace_id_of_its_own(self, engine: Running) -> None:
        answers = [
            engine.post(),
            engine.post(steps="0"),
            engine.post(headers={}),
            engine.post(path="/nowhere"),
        ]
        traces = {answer.headers["X-Trace-Id"] for answer in answers}
        assert [answer.status_code for answer in answers] == [200, 400, 401, 404]
        assert len(traces) == 4


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
