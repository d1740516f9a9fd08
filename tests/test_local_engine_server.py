"""The practice engine over HTTP, as a client meets it."""

import base64
import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from edits.local_engine.links import LIFETIME_SECONDS
from edits.local_engine.words import FILTERED_WITH_PICTURE, FILTERED_WITHOUT_PICTURE, REFUSED_WORDS
from edits.model_specs import MAX_SEED, MODEL_SPECS

from .local_engine_pictures import decoded
from .local_engine_server import IMAGE, KEY, NOON, Running, started


@pytest.fixture(scope="module")
def engine() -> Iterator[Running]:
    running = Running()
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

    @pytest.mark.parametrize("model", MODEL_SPECS)
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
        assert [model["id"] for model in answer["data"]] == list(MODEL_SPECS)
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
