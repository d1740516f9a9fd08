"""The API's document: valid, and true to the forms, answers, codes and addresses that there are."""

import ast
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from edits.api import urls
from edits.api.errors import refused
from edits.api.openapi import document_of
from edits.api.openapi.error_catalog import OF_PICTURES, REFUSALS, Refusal
from edits.api.openapi.fields import NAMES, NOT_SAID
from edits.api.responses import answer_all
from edits.forms.api_form import ApiEditForm, NotTaken
from edits.forms.edit_list import EditListForm
from edits.forms.rerun_form import RerunForm
from edits.model_specs import MAX_SEED, MODEL_SPECS, Bounds, ModelSpec
from edits.models import FinishReason, ProviderModel, Reason, Status, User, Webhook, WebhookDelivery
from edits.services.api.serializers import describe
from edits.services.webhooks.events import message_of
from edits.services.webhooks.signing import new_secret
from tests.callers import caller_of
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, picture, unsaved_model
from tests.second_provider import TAKES_ALL, model_at, second_provider

Schema = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
REFERENCE = (ROOT / "docs" / "api.md").read_text()
PROFILE = MODEL_SPECS["step-1x-edit"]
DOCUMENT = document_of([unsaved_model()], address="https://retake.example.com")
EDIT = DOCUMENT["paths"]["/v1/images/edits"]["post"]["requestBody"]["content"]["multipart/form-data"][
    "schema"
]
ELSEWHERE = {"openapi", "api_docs", "api_result"}
"""Addresses under /v1/ that no program calls with a key."""


@pytest.mark.parametrize("name", MODEL_SPECS)
def test_it_is_an_openapi_document_for_each_model(name: str) -> None:
    validate(document_of([unsaved_model(name)], address="https://retake.example.com"))


def test_every_address_of_the_api_is_in_it() -> None:
    routes = [str(pattern.pattern) for pattern in urls.urlpatterns if pattern.name not in ELSEWHERE]
    paths = {"/v1/" + re.sub(r"<[^>]+>", "{id}", route).rstrip("/") for route in routes}
    assert paths == DOCUMENT["paths"].keys()


def test_its_fields_are_those_of_the_form() -> None:
    form = ApiEditForm({}, MultiValueDict(), owner=User(), target=unsaved_model())
    taken = {name for name, field in form.fields.items() if not isinstance(field, NotTaken)}
    assert EDIT["properties"].keys() == {NAMES.get(name, name) for name in taken - NOT_SAID - {"mask"}}
    assert all(schema["description"] for schema in EDIT["properties"].values())


def test_json_has_the_fields_of_the_form_with_pictures_as_text() -> None:
    body = DOCUMENT["paths"]["/v1/images/edits"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    assert body["properties"].keys() == EDIT["properties"].keys() | {"images"}
    assert body["oneOf"] == [{"required": [name]} for name in ("image", "images", "source_edit")]
    said = {"prompt": "sepia", "images": [{"image_url": "data:image/png;base64,iVBORw0KGgo="}], "seed": 1}
    assert OAS31Validator(body).is_valid(said)
    assert not OAS31Validator(body).is_valid(said | {"image": "iVBORw0KGgo="})


def test_json_takes_several_pictures_and_a_mask_where_a_model_does(db: None) -> None:
    model_at(second_provider(), "org/wide:1", spec=TAKES_ALL)
    document = document_of(list(ProviderModel.objects.offered()), address="https://retake.example.com")
    validate(document)
    content = document["paths"]["/v1/images/edits"]["post"]["requestBody"]["content"]
    properties = content["application/json"]["schema"]["properties"]
    assert (
        properties["images"]["maxItems"]
        == content["multipart/form-data"]["schema"]["properties"]["image[]"]["maxItems"]
    )
    assert "image_url" in properties["mask"]["anyOf"][1]["properties"]
    assert "image[]" not in properties


def test_a_model_without_sizes_is_told_without_the_field() -> None:
    paths = document_of([unsaved_model("step-image-edit-2")], address="")["paths"]
    body = paths["/v1/images/edits"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert "size" not in body["schema"]["properties"]
    assert body["schema"]["properties"]["steps"]["maximum"] == 50


# --- Several models


@pytest.fixture
def of_two(db: None) -> Schema:
    """The form where a second provider offers a model that takes more, and one that takes less."""
    gpu = second_provider()
    wide = replace(TAKES_ALL, steps=Bounds(1, 50, 4), sizes=("auto", "512x512"), default_size="auto",
                   qualities=("low", "high"), max_prompt_chars=4000)  # fmt: skip
    model_at(gpu, "org/wide:1", spec=wide)
    model_at(gpu, "plain", spec=ModelSpec(name="", max_prompt_chars=100))
    offered = list(ProviderModel.objects.offered())
    document = document_of(offered, address="https://retake.example.com")
    validate(document)
    body = document["paths"]["/v1/images/edits"]["post"]["requestBody"]["content"]["multipart/form-data"]
    schema: Schema = body["schema"]
    return schema


def test_each_model_can_be_chosen_and_none_must_be(of_two: Schema) -> None:
    model = of_two["properties"]["model"]
    assert model["enum"] == ["step-1x-edit", "org/wide:1", "plain"]
    assert model["default"] == "step-1x-edit"
    assert of_two["required"] == ["prompt"]


def test_a_field_of_some_models_says_of_which(of_two: Schema) -> None:
    fields = of_two["properties"]
    assert (fields["steps"]["minimum"], fields["steps"]["maximum"], fields["steps"]["default"]) == (
        1,
        100,
        28,
    )
    assert "`org/wide:1`: 1 to 50, 4 if left out" in fields["steps"]["description"]
    assert fields["quality"]["enum"] == ["low", "high"]
    assert fields["quality"]["description"].endswith("Only for `org/wide:1`.")
    assert fields["size"]["enum"] == ["512x512", "768x768", "1024x1024", "auto"]
    assert fields["prompt"]["maxLength"] == 4000
    assert "`plain`: at most 100 characters" in fields["prompt"]["description"]
    assert fields["seed"]["description"].endswith("Only for `step-1x-edit`, `org/wide:1`.")
    assert fields["mask"]["format"] == "binary"
    assert (fields["image[]"]["type"], fields["image[]"]["maxItems"]) == ("array", 4)


def test_a_field_of_no_model_is_not_told_of(of_two: Schema) -> None:
    assert not of_two["properties"].keys() & {"background", "output_format"}
    assert all(schema["description"].endswith(".") for schema in of_two["properties"].values())


def test_fields_that_only_the_page_has_are_left_out(of_two: Schema) -> None:
    assert not of_two["properties"].keys() & NOT_SAID


def sent(**fields: str) -> ApiEditForm:
    """A form with a picture, filled in rightly but for these fields."""
    good = {"model": PROFILE.name, "prompt": "sepia"}
    files: MultiValueDict[str, UploadedFile] = MultiValueDict(
        {"image": [SimpleUploadedFile("cat.png", picture())]}
    )
    return ApiEditForm(good | fields, files, owner=User(), target=unsaved_model())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, text) for name, field in EDIT["properties"].items() if "minimum" in field
          for least, most in [(field["minimum"], field["maximum"])]
          for text in (f"{least}", f"{most}", f"{least - 1}", f"{most + 1}")),
        ("cfg_scale", "7.25"), ("cfg_scale", "0.9999"), ("cfg_scale", "10.0001"),
        ("prompt", "x"), ("prompt", "x" * PROFILE.max_prompt_chars), ("prompt", "x" * (PROFILE.max_prompt_chars + 1)),
        ("prompt", ""), ("prompt", " \n "),
        *(("size", size) for size in (*PROFILE.sizes, "auto", "1024x768")),
        *(("response_format", word) for word in ("url", "b64_json", "png")),
        ("model", PROFILE.name),
        *((name, word) for name in ("fit", "stream") for word in ("true", "false", "maybe")),
    ],
)  # fmt: skip
def test_document_and_form_agree_on_what_is_taken(name: str, value: str) -> None:
    schema = EDIT["properties"][name]
    read: Any = value
    if schema["type"] in ("integer", "number"):
        read = float(value) if "." in value else int(value)
    elif schema["type"] == "boolean":
        read = {"true": True, "false": False}.get(value, value)
    form = sent(**{name: value})
    form.is_valid()
    assert OAS31Validator(schema).is_valid(read) == (name not in form.errors), form.errors


def test_what_is_left_out_is_what_the_document_says() -> None:
    form = sent()
    assert form.is_valid(), form.errors
    plain = {"stream": "false", "fit": "true", "keep_detail": "false"}
    for name, schema in EDIT["properties"].items():
        if "default" in schema:
            expected = "stepfun/step-1x-edit" if name == "model" else plain.get(name, schema["default"])
            assert form.cleaned_data[name] == expected


@pytest.mark.parametrize("name", [name for name in EDIT["properties"] if name != "image"])
def test_what_it_calls_required_is_missed(name: str) -> None:
    form = sent(**{name: ""})
    form.is_valid()
    assert (name in form.errors) == (name in EDIT["required"])


def test_a_picture_or_an_edit_is_needed() -> None:
    assert EDIT["oneOf"] == [{"required": ["image"]}, {"required": ["source_edit"]}]
    form = ApiEditForm(
        {"model": PROFILE.name, "prompt": "sepia"}, MultiValueDict(), owner=User(), target=unsaved_model()
    )
    assert form.errors.keys() == {"image"}


def test_lists_and_reruns_are_told_with_their_own_forms() -> None:
    paths = DOCUMENT["paths"]
    listed = {parameter["name"]: parameter["schema"] for parameter in paths["/v1/edits"]["get"]["parameters"]}
    assert listed.keys() == EditListForm.base_fields.keys()
    assert (listed["limit"]["minimum"], listed["limit"]["maximum"]) == (1, 100)
    body = paths["/v1/edits/{id}/rerun"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert body["properties"].keys() == RerunForm.base_fields.keys()
    assert body["properties"]["seed"]["anyOf"][1]["maximum"] == MAX_SEED


def test_a_list_left_open_is_as_the_document_says() -> None:
    form = EditListForm(QueryDict(""))
    assert form.is_valid()
    for parameter in DOCUMENT["paths"]["/v1/edits"]["get"]["parameters"]:
        if "default" in parameter["schema"]:
            assert form.cleaned_data[parameter["name"]] == parameter["schema"]["default"]


# --- Answers


def assert_is(kind: str, value: dict[str, Any]) -> None:
    """The value is what the document calls so."""
    schema = {"$ref": f"#/components/schemas/{kind}", "components": DOCUMENT["components"]}
    errors = [error.message for error in OAS31Validator(schema).iter_errors(value)]
    assert not errors


@pytest.mark.parametrize(
    "status", [Status.QUEUED, Status.RUNNING, Status.SAVING, Status.CANCELED, Status.FAILED]
)
def test_an_edit_without_a_picture_is_what_it_says(alice: User, status: Status) -> None:
    assert_is("Edit", describe(edit_of(alice, status=status)))


def test_an_edit_with_a_picture_is_what_it_says(alice: User) -> None:
    first = finished_edit_of(alice)
    edit = finished_edit_of(alice, parent=first, rerun_of=first)
    edit.references.create(upload=edit.upload, position=1, name="hat.png")
    edit.attempts.create(number=1, fence=1, started_at=timezone.now(), cost="0.0400")
    described = describe(edit)
    assert_is("Edit", described)
    parts = DOCUMENT["components"]["schemas"]["Edit"]["properties"]
    assert described.keys() == parts.keys() - {"queue", "edits"}
    assert described["result"].keys() == parts["result"]["properties"].keys()


def test_an_edit_of_a_model_that_takes_little_is_what_it_says(alice: User) -> None:
    model = model_at(second_provider(), "plain", spec=ModelSpec(name=""))
    bare: dict[str, Any] = {"seed": None, "steps": None, "cfg_scale": None, "size": ""}
    assert_is("Edit", describe(edit_of(alice, provider=model.provider, model="plain", **bare)))


def test_a_model_is_what_it_says(alice: User) -> None:
    model_at(second_provider(), "org/wide:1", price="0.04")
    for listed in caller_of(alice).get("/v1/models").json()["data"]:
        assert_is("Model", listed)


def test_answers_for_several_edits_are_what_they_say(alice: User) -> None:
    edits = [finished_edit_of(alice), filtered_edit_of(alice), edit_of(alice, status=Status.FAILED)]
    request = RequestFactory().post("/v1/images/edits")
    for response_format in ("url", "b64_json"):
        answer = answer_all(edits, response_format=response_format, request=request)
        assert_is("Images", json.loads(answer.content))


def test_an_edit_that_was_filtered_is_what_it_says(alice: User, bob: User) -> None:
    filtered = filtered_edit_of(alice)
    assert_is("Edit", describe(filtered))
    assert_is("Edit", describe(finished_edit_of(alice, shared=True), viewer=bob))


def test_its_words_are_those_of_the_tables() -> None:
    parts = DOCUMENT["components"]["schemas"]["Edit"]["properties"]
    assert parts["status"]["enum"] == Status.values
    assert parts["error"]["properties"]["code"]["enum"] == Reason.values
    assert parts["finish_reason"]["enum"] == [*FinishReason.values, None]


@pytest.mark.parametrize("is_test", [True, False])
def test_what_webhooks_are_told_is_what_it_says(alice: User, is_test: bool) -> None:
    now = timezone.now()
    hook = Webhook.objects.create(owner=alice, url="https://example.com", secret=new_secret(), created_at=now)
    edit = None if is_test else finished_edit_of(alice)
    message = message_of(WebhookDelivery(webhook=hook, edit=edit, created_at=now), now=now)
    assert_is("Event", json.loads(message.body))
    for methods in DOCUMENT["webhooks"].values():
        assert {header["name"] for header in methods["post"]["parameters"]} == message.headers.keys()
    assert json.loads(message.body)["type"] in DOCUMENT["webhooks"]


# --- Errors

REFUSING = ["edits/api", "edits/forms/api_form.py", "edits/forms/edit_form.py", "edits/forms/edit_list.py",
            "edits/forms/fields.py", "edits/forms/rerun_form.py", "edits/forms/sources.py", "edits/views/errors.py",
            "edits/http/body_size.py", "edits/views/https.py", "edits/views/host_errors.py"]  # fmt: skip
OF_PAGES = {"forbidden", "csrf_failed", "not_signed_in", "unreadable"}
"""Codes that no call with a key meets, and one that becomes another on its way."""


def codes_in_code() -> set[str]:
    """Every word that is given as ``code=`` or stands in a table under "code"."""
    found: list[ast.expr] = []
    for name in REFUSING:
        for file in [ROOT / name] if name.endswith(".py") else (ROOT / name).glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.keyword) and node.arg == "code":
                    found.append(node.value)
                elif isinstance(node, ast.Dict):
                    found += [
                        value for key, value in zip(node.keys, node.values, strict=True) if _is_code(key)
                    ]
    words = {part.value for value in found for part in ast.walk(value) if isinstance(part, ast.Constant)}
    return {word for word in words if isinstance(word, str) and word}


def _is_code(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value == "code"


def test_the_codes_in_the_document_are_those_in_the_code() -> None:
    documented = {refusal.code for refusal in REFUSALS}
    assert codes_in_code() | OF_PICTURES.keys() == documented | (codes_in_code() & OF_PAGES)


@pytest.mark.parametrize(("text", "code"), [("x" * 201, "too_long"), ("a\0b", "invalid")])
def test_what_djangos_own_fields_say_is_said_in_our_words(text: str, code: str) -> None:
    form = EditListForm(QueryDict(urlencode({"q": text})))
    assert refused(form).code == code


def test_no_code_stands_twice_with_one_status() -> None:
    pairs = [(refusal.status, refusal.code) for refusal in REFUSALS]
    assert len(pairs) == len(set(pairs))


def test_every_refusal_is_an_answer_of_some_call() -> None:
    documented = {
        (int(status), code)
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
        for code in answer["content"]["application/json"]["schema"]["properties"]["error"]["allOf"][1][
            "properties"
        ]["code"]["enum"]
    }
    assert documented == {(refusal.status, refusal.code) for refusal in REFUSALS}


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_the_reference_in_words_has_every_error(refusal: Refusal) -> None:
    row = f"| {refusal.status} | `{refusal.code}` | {refusal.says} | {refusal.charged} |"
    assert row in REFERENCE.splitlines()


def test_the_reference_in_words_has_every_call_field_and_header() -> None:
    for path in DOCUMENT["paths"]:
        assert path in REFERENCE
    for name in (*EDIT["properties"], *EditListForm.base_fields, *RerunForm.base_fields):
        assert re.search(rf"`{name}[`=]", REFERENCE), name
    for name in (
        "Idempotency-Key",
        "Prefer",
        "X-Request-Id",
        "X-Edit-Id",
        "X-Fitted",
        "X-Should-Retry",
        "Retry-After",
    ):
        assert f"`{name}" in REFERENCE, name


def test_what_may_have_been_charged_is_never_to_be_repeated_by_itself() -> None:
    for refusal in REFUSALS:
        assert (refusal.charged != "no") == ("X-Should-Retry" in refusal.headers), refusal
