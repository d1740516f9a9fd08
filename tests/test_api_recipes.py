"""Recipes through the API: listed, run once for each key, followed and canceled, and refused in words."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openapi_schema_validator import OAS31Validator

from edits.api.openapi import document_of
from edits.models import Budget, EditRequest, Recipe, RecipeRun, User
from edits.services.recipes.recipe_book import change_steps, share_recipe
from tests.api_calls import error_of
from tests.callers import caller_of
from tests.factories import picture, unsaved_model
from tests.recipes import PROMPTS, recipe_of, run_of, steps_of

DOCUMENT = document_of([unsaved_model()], address="https://retake.example.com")


@pytest.fixture
def program(alice: User) -> Client:
    """A script of Alice's."""
    return caller_of(alice)


def is_a(name: str, body: dict[str, Any]) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    assert [error.message for error in OAS31Validator(schema).iter_errors(body)] == []
    return True


def upload(client: Client) -> str:
    file = SimpleUploadedFile("a.png", picture(), "image/png")
    return str(client.post("/v1/uploads", {"image": file}).json()["id"])


def start(client: Client, recipe: Recipe, body: Any, **headers: str) -> Any:
    address = f"/v1/recipes/{recipe.public_id}/runs"
    return client.post(address, json.dumps(body), content_type="application/json", headers=headers)


def test_a_run_of_two_uploads_is_accepted_and_followed(alice: User, program: Client) -> None:
    recipe = recipe_of(alice)
    answer = start(program, recipe, {"uploads": [upload(program), upload(program)]})
    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert is_a("RecipeRun", body)
    assert answer["Location"] == f"/v1/recipe-runs/{body['id']}"
    assert (body["status"], body["counts"]["active"], body["recipe"]) == ("active", 2, str(recipe.public_id))
    assert EditRequest.objects.filter(is_awaited=False).count() == 2
    canceled = program.post(f"/v1/recipe-runs/{body['id']}/cancel").json()
    assert is_a("RecipeRun", canceled)
    assert (canceled["status"], canceled["pictures"][0]["stopped_by"]) == ("canceled", "canceled")
    assert program.get(f"/v1/recipe-runs/{body['id']}").json() == canceled


def test_the_list_has_ones_own_and_the_teams(alice: User, bob: User, program: Client) -> None:
    recipe_of(alice)
    share_recipe(recipe=recipe_of(bob, name="Shared"), now=timezone.now())
    recipe_of(bob, name="Private")
    body = program.get("/v1/recipes").json()
    assert all(is_a("Recipe", one) for one in body["data"])
    assert [(one["name"], one["owner"], one["shared"]) for one in body["data"]] == [
        ("Shared", "bob", True), ("Old photo", "alice", False),
    ]  # fmt: skip
    assert [step["prompt"] for step in body["data"][1]["steps"]] == list(PROMPTS)


def test_the_same_key_gives_the_same_run(alice: User, program: Client) -> None:
    recipe, body = recipe_of(alice), {"uploads": [upload(program)]}
    key = {"Idempotency-Key": "album-3"}
    first, second = start(program, recipe, body, **key), start(program, recipe, body, **key)
    assert first.json()["id"] == second.json()["id"]
    assert (RecipeRun.objects.count(), EditRequest.objects.count()) == (1, 1)
    other = start(program, recipe, body | {"version": 1}, **key)
    assert error_of(other)["code"] == "idempotency_key_reused"


def test_an_older_version_can_run(alice: User, program: Client) -> None:
    recipe = recipe_of(alice)
    change_steps(recipe=recipe, steps=steps_of("new"), now=timezone.now())
    body = start(program, recipe, {"uploads": [upload(program)], "version": 1}).json()
    assert (body["version"], len(body["steps"])) == (1, 3)


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "invalid", "uploads"),
        ({"uploads": []}, "invalid", "uploads"),
        ({"uploads": "x"}, "invalid", "uploads"),
        ({"uploads": ["x"]}, "gone", "uploads[0]"),
        ({"uploads": [str(uuid4())] * 201}, "invalid", "uploads"),
        ({"uploads": [str(uuid4())]}, "gone", "uploads[0]"),
        ({"uploads": [str(uuid4())], "version": 9}, "invalid", "version"),
    ],
)
def test_what_cannot_run_is_refused_and_nothing_is_stored(
    alice: User, program: Client, body: Any, code: str, param: str
) -> None:
    error = error_of(start(program, recipe_of(alice), body))
    assert (error["code"], error["param"]) == (code, param)
    assert not RecipeRun.objects.exists()


def test_a_model_that_is_gone_is_replaced_only_when_asked(alice: User, program: Client) -> None:
    recipe, body = recipe_of(alice, "sepia", model="stepfun/gone"), {"uploads": [upload(program)]}
    error = error_of(start(program, recipe, body))
    assert (error["code"], error["param"]) == ("model_not_found", "replace_models")
    made = start(program, recipe, body | {"replace_models": True}).json()
    assert made["steps"][0]["model"] == "stepfun/step-1x-edit"


def test_over_budget_nothing_is_stored(alice: User, program: Client) -> None:
    Budget.objects.update_or_create(pk=1, defaults={"person_per_day": 1})
    answer = start(program, recipe_of(alice), {"uploads": [upload(program), upload(program)]})
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert not RecipeRun.objects.exists()


def test_pictures_recipes_and_runs_of_others_do_not_exist(alice: User, bob: User, program: Client) -> None:
    of_bob = caller_of(bob)
    recipe, run = recipe_of(alice), run_of(alice, recipe_of(alice))
    assert start(of_bob, recipe, {"uploads": [upload(of_bob)]}).status_code == 404
    assert of_bob.get(f"/v1/recipe-runs/{run.public_id}").status_code == 404
    assert of_bob.post(f"/v1/recipe-runs/{run.public_id}/cancel").status_code == 404
    assert error_of(start(program, recipe, {"uploads": [upload(of_bob)]}))["code"] == "gone"


def test_a_key_that_only_edits_sees_its_own_runs_and_no_prompts(alice: User) -> None:
    writer = caller_of(alice, can_read=False)
    recipe, other = recipe_of(alice), run_of(alice, recipe_of(alice))
    assert error_of(writer.get("/v1/recipes"))["code"] == "insufficient_scope"
    made = start(writer, recipe, {"uploads": [upload(writer)]}).json()
    assert writer.get(f"/v1/recipe-runs/{made['id']}").status_code == 200
    assert writer.get(f"/v1/recipe-runs/{other.public_id}").status_code == 404
