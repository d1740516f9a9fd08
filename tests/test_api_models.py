"""GET /v1/models: what generic clients ask first, with the limits that they otherwise learn by being refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.test import Client

from edits.model_specs import MODEL_SPECS, ModelSpec
from edits.models import User
from tests.callers import caller_of
from tests.second_provider import TAKES_ALL, model_at, second_provider

Queries = Callable[[int], AbstractContextManager[Any]]


def test_the_models_of_this_installation_are_listed(alice: User) -> None:
    answer = caller_of(alice).get("/v1/models").json()
    assert answer["object"] == "list"
    (model,) = answer["data"]
    assert isinstance(model.pop("created"), int)
    assert model.pop("limits")
    assert model == {
        "id": "step-1x-edit",
        "object": "model",
        "owned_by": "stepfun",
        "provider": "stepfun",
        "default": True,
        "price": None,
        "capabilities": ["seed", "steps", "cfg_scale", "size"],
    }


def test_its_limits_are_those_of_the_documentation_page(alice: User) -> None:
    limits = caller_of(alice).get("/v1/models/step-1x-edit").json()["limits"]
    assert limits == {
        "min_side_px": 64,
        "max_side_px": 1728,
        "max_area_px": 1024 * 1024,
        "max_ratio": 3,
        "images": {"min": 1, "max": 1},
        "mask": False,
        "negative_prompt": False,
        "quality": [],
        "background": [],
        "output_format": [],
        "formats": ["jpeg", "png", "webp"],
        "max_upload_bytes": 10 * 1024 * 1024,
        "max_prompt_chars": 512,
        "n": {"min": 1, "max": 10, "default": 1},
        "seed": {"min": 0, "max": 2**31 - 1, "default": 0},
        "steps": {"min": 1, "max": 100, "default": 28},
        "cfg_scale": {"min": 1.0, "max": 10.0, "default": 6.0},
        "size": {"values": ["512x512", "768x768", "1024x1024"], "default": "512x512"},
        "response_format": {"values": ["url", "b64_json"], "default": "url"},
    }


@pytest.mark.parametrize("name", MODEL_SPECS)
def test_each_model_that_can_be_set_is_told(alice: User, settings: LazySettings, name: str) -> None:
    settings.STEPFUN_MODEL = name
    client = caller_of(alice)
    (listed,) = client.get("/v1/models").json()["data"]
    assert client.get(f"/v1/models/{name}").json() == listed
    assert listed["id"] == name
    steps = MODEL_SPECS[name].steps
    assert steps
    assert listed["limits"]["steps"]["default"] == steps.default


def test_a_model_without_sizes_says_so(alice: User, settings: LazySettings) -> None:
    settings.STEPFUN_MODEL = "step-image-edit-2"
    limits = caller_of(alice).get("/v1/models/step-image-edit-2").json()["limits"]
    assert limits["size"] == {"values": [], "default": None}


def test_the_practice_engine_is_not_stepfuns(alice: User, settings: LazySettings) -> None:
    settings.PRACTICE_ENGINE = True
    assert caller_of(alice).get("/v1/models").json()["data"][0]["owned_by"] == "retake"


@pytest.mark.parametrize("name", ["step-image-edit-2", "gpt-image-1", "STEP-1X-EDIT", "%00", "ü", "x" * 500])
def test_another_model_is_not_there(alice: User, name: str) -> None:
    response = caller_of(alice).get(f"/v1/models/{name}")
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert "step-1x-edit" in error["message"]


# --- Several providers ------------------------------------------------------------------------------------

ODD_ID = "Qwen/Qwen-Image-Edit:2511"


def test_all_offered_models_are_listed_with_what_they_can_do(alice: User) -> None:
    gpu = second_provider()
    model_at(gpu, ODD_ID, spec=replace(TAKES_ALL, qualities=("low", "high")), price="0.04")
    model_at(gpu, "switched-off", is_on=False)
    first, second = caller_of(alice).get("/v1/models").json()["data"]
    assert (first["id"], first["default"], second["id"], second["default"]) == (
        "step-1x-edit", True, ODD_ID, False
    )  # fmt: skip
    assert (second["provider"], second["owned_by"], second["price"]) == ("gpu", "gpu", "0.0400")
    assert second["capabilities"] == [
        "seed", "steps", "cfg_scale", "size", "negative_prompt", "mask", "references", "quality"
    ]  # fmt: skip
    assert second["limits"]["images"] == {"min": 1, "max": 4}


def test_a_model_without_anything_says_so(alice: User) -> None:
    model_at(second_provider(), "plain", spec=ModelSpec(name=""))
    plain = caller_of(alice).get("/v1/models/plain").json()
    assert plain["capabilities"] == []
    assert (plain["limits"]["seed"], plain["limits"]["steps"], plain["limits"]["cfg_scale"]) == (None,) * 3


@pytest.mark.parametrize(
    "name", [ODD_ID, f"gpu/{ODD_ID}", quote(ODD_ID, safe=""), quote(f"gpu/{ODD_ID}", safe="")]
)
def test_an_id_may_have_slashes_and_colons(alice: User, name: str) -> None:
    model_at(second_provider(), ODD_ID)
    client = caller_of(alice)
    assert client.get(f"/v1/models/{name}").json() == client.get("/v1/models").json()["data"][1]


def test_models_of_one_name_are_listed_with_their_providers(alice: User) -> None:
    for name in ("GPU", "Other"):
        model_at(second_provider(name=name))
    client = caller_of(alice)
    ids = [model["id"] for model in client.get("/v1/models").json()["data"]]
    assert ids == ["step-1x-edit", "gpu/flux", "other/flux"]
    assert client.get("/v1/models/other/flux").json()["provider"] == "other"
    response = client.get("/v1/models/flux")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")
    assert "gpu/flux or other/flux" in response.json()["error"]["message"]


def test_the_list_costs_the_same_with_many_models(alice: User, django_assert_num_queries: Queries) -> None:
    client, gpu = caller_of(alice), second_provider()
    for number in range(20):
        model_at(gpu, f"model-{number}")
    with django_assert_num_queries(4):  # two of them for the key
        assert len(client.get("/v1/models").json()["data"]) == 21


@pytest.mark.parametrize("scope", [{"can_edit": False}, {"can_read": False}])
@pytest.mark.parametrize("address", ["/v1/models", "/v1/models/step-1x-edit"])
def test_every_key_may_ask(alice: User, scope: dict[str, bool], address: str) -> None:
    assert caller_of(alice, **scope).get(address).status_code == 200


@pytest.mark.parametrize("address", ["/v1/models", "/v1/models/step-1x-edit"])
def test_without_a_key_nothing_is_told(stranger: Client, address: str) -> None:
    response = stranger.get(address)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_models_are_only_read(alice: User, method: str) -> None:
    response = getattr(caller_of(alice), method)("/v1/models")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
