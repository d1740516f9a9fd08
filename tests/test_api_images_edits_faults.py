"""What the official client meets when the provider misbehaves: each call is paid once, whatever is repeated."""

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Literal

import openai
import pytest
import requests
from openai.types import ImagesResponse
from PIL import Image

from tests.api_calls import PHOTO, PROMPT
from tests.installation import PATIENCE_SECONDS, Installation, answers, eventually, installed
from tests.provider import Provider, provider

MENDED = """
from edits.models import Provider
answer(Provider.objects.update(held_since=None, held_reason="", probe_at=None))
"""

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def upstream() -> Iterator[Provider]:
    """What stands in for StepFun."""
    with provider() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def place(upstream: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A web server and a worker that calls it."""
    settings = {
        "STEPFUN_BASE_URL": upstream.base_url,
        "STEPFUN_API_KEY": "sk-x",
        "STEPFUN_MAX_PER_MINUTE": "600",
    }
    with installed(tmp_path_factory.mktemp("retake"), **settings) as place:
        place.migrate()
        place.start("-m", "gunicorn", "-c", "python:editor_site.gunicorn_conf", log="web")
        place.start_worker()
        eventually(lambda: answers(f"{place.url}/healthz"))
        yield place
        print(place.log("web"), place.log("worker"))


@pytest.fixture(scope="module")
def key(place: Installation) -> str:
    """Alice's."""
    place.python(
        "from edits.models import User; User.objects.create_user('alice', password='open sesame 7'); answer(1)"
    )
    return place.manage("create_api_key", "alice").strip()


@pytest.fixture
def client(place: Installation, key: str) -> Iterator[openai.OpenAI]:
    """The official client with its own repeats, two of them."""
    with openai.OpenAI(api_key=key, base_url=f"{place.url}/v1", timeout=PATIENCE_SECONDS) as client:
        yield client


def edit(
    client: openai.OpenAI, *, response_format: Literal["url", "b64_json"] = "b64_json"
) -> ImagesResponse:
    """The documentation page's example."""
    return client.images.edit(
        model="step-1x-edit",
        image=PHOTO,
        prompt=PROMPT,
        response_format=response_format,
        extra_body={"cfg_scale": 10.0, "steps": 20, "seed": 1},
    )


def calls_of(upstream: Provider, *faults: str) -> int:
    """How often the provider was called before; from now on it plays these."""
    upstream.plan(*faults)
    return upstream.calls


def test_the_pages_example_brings_a_picture(client: openai.OpenAI, upstream: Provider) -> None:
    before = calls_of(upstream, "ok")
    result = edit(client)
    assert result.data
    assert Image.open(BytesIO(base64.b64decode(result.data[0].b64_json or ""))).format == "PNG"
    assert (result.data[0].seed, result.data[0].finish_reason) == (1, "success")  # type: ignore[attr-defined]
    assert upstream.calls == before + 1
    sent = upstream.received[-1].fields
    assert (sent["prompt"], sent["cfg_scale"], sent["steps"], sent["seed"]) == (PROMPT, "10.0", "20", "1")


def test_a_link_loads_without_the_key(client: openai.OpenAI, upstream: Provider) -> None:
    upstream.plan("ok")
    result = edit(client, response_format="url")
    assert result.data
    loaded = requests.get(result.data[0].url or "", timeout=PATIENCE_SECONDS)
    assert (loaded.status_code, loaded.headers["Content-Type"]) == (200, "image/png")


def test_a_stopped_result_is_an_answer_without_a_picture(client: openai.OpenAI, upstream: Provider) -> None:
    before = calls_of(upstream, "filtered_image")
    result = edit(client)
    assert result.data
    assert (result.data[0].b64_json, result.data[0].url) == (None, None)
    assert result.data[0].finish_reason == "content_filtered"  # type: ignore[attr-defined]
    assert upstream.calls == before + 1


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("400", 400, "upstream_rejected"), ("451", 451, "content_filtered"),
     ("reset_after_body", 504, "outcome_unknown"), ("html_200", 502, "bad_upstream_result"),
     ("png_truncated", 502, "bad_upstream_result")],
)  # fmt: skip
def test_what_must_not_be_repeated_is_paid_once(
    client: openai.OpenAI, upstream: Provider, fault: str, status: int, code: str
) -> None:
    before = calls_of(upstream, fault)
    with pytest.raises(openai.APIStatusError) as raised:
        edit(client)
    assert (raised.value.status_code, raised.value.code) == (status, code)
    assert raised.value.request_id
    assert upstream.calls == before + 1


def test_a_busy_provider_is_asked_again_by_the_queue_and_not_by_the_client(
    client: openai.OpenAI, upstream: Provider
) -> None:
    before = calls_of(upstream, "503", "ok")
    assert edit(client).data
    assert upstream.calls == before + 2


def test_a_fault_of_our_account_is_not_the_callers_and_the_edit_goes_on_once_it_is_mended(
    client: openai.OpenAI, upstream: Provider, place: Installation
) -> None:
    before = calls_of(upstream, "401")
    with pytest.raises(openai.InternalServerError) as raised:
        edit(client.with_options(max_retries=0))
    assert (raised.value.status_code, raised.value.code) == (503, "upstream_account")
    assert int(raised.value.response.headers["Retry-After"]) <= 60
    assert upstream.calls == before + 1
    upstream.plan("ok")
    place.python(MENDED)
    mine = f"{place.url}/v1/edits/{raised.value.response.headers['X-Edit-Id']}"
    signed = {"Authorization": f"Bearer {client.api_key}"}
    eventually(lambda: requests.get(mine, headers=signed, timeout=60).json()["status"] == "succeeded")
