"""Where the API's document is read: by anybody as JSON, by administrators as a page to try it on."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from edits.api.openapi import calls, document_of, shapes
from edits.api.openapi.docs_page import CallEntry, Field
from edits.models import User
from tests.conftest import signed_in
from tests.factories import edit_of, unsaved_model
from tests.second_provider import model_at, second_provider

DOCUMENT = document_of([unsaved_model()], address="https://retake.example.com")
JSON, PAGE = "/v1/openapi.json", "/v1/docs"


@pytest.mark.usefixtures("root")
def test_anybody_gets_the_document_with_this_site_as_its_server(stranger: Client) -> None:
    answer = stranger.get(JSON, headers={"Host": "localhost"})
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert answer.json()["servers"] == [{"url": "http://localhost"}]
    assert answer["Cache-Control"] == "public, max-age=60"


def test_strangers_read_which_models_there_are_and_nothing_of_whose_they_are(
    stranger: Client, alice: User, root: User
) -> None:
    provider = second_provider("http://gpu.lan:8091/v1", name="Basement", key_variable="BASEMENT_KEY")
    model_at(provider, "flux", price=Decimal("0.0421"))
    edit_of(alice, prompt="a secret harbor")
    document = stranger.get(JSON).content.decode()
    assert "flux" in document
    for private in ("gpu.lan", "BASEMENT_KEY", "0.0421", "alice", "root@", "secret harbor"):
        assert private not in document


def test_a_document_that_did_not_change_is_not_sent_again(stranger: Client) -> None:
    etag = stranger.get(JSON)["ETag"]
    again = stranger.get(JSON, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert stranger.get(JSON, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", [JSON, PAGE])
def test_other_methods_are_refused_as_everywhere_in_the_api(root: User, path: str) -> None:
    answer = signed_in(root).post(path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert answer.json()["error"]["code"] == "method_not_allowed"


def test_the_page_does_not_exist_but_for_administrators(alice: User, rita: User, root: User) -> None:
    assert signed_in(alice).get(PAGE).status_code == 404
    assert signed_in(rita).get(PAGE).status_code == 404
    answer = signed_in(root).get(PAGE)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_a_stranger_is_told_to_sign_in(stranger: Client, root: User) -> None:
    answer = stranger.get(PAGE)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_signed_in"


def test_the_page_has_every_call_and_a_field_for_a_key_that_is_sent_nowhere(root: User) -> None:
    page = signed_in(root).get(PAGE).content.decode()
    for call in calls(DOCUMENT):
        assert f'id="{call.id}"' in page
        assert f'data-path="{call.path}"' in page
    key = page[page.index('id="api-key"') - 60 : page.index('id="api-key"') + 120]
    assert 'type="password"' in key
    assert 'autocomplete="off"' in key
    assert " name=" not in key
    assert "rtk_" not in page.replace('placeholder="rtk_…"', "")


def test_administrators_find_the_page_in_their_settings(root: User, alice: User) -> None:
    link = f'href="{reverse("edits:api_docs")}"'
    assert link in signed_in(root).get("/settings/").content.decode()
    assert link not in signed_in(alice).get("/settings/").content.decode()


def call_named(name: str) -> CallEntry:
    return next(call for call in calls(DOCUMENT) if call.id == name)


def field_named(name: str, call: str = "editImage") -> Field:
    return next(field for field in call_named(call).fields if field.name == name)


@pytest.mark.parametrize(
    ("name", "call", "limits"),
    [
        ("seed", "editImage", "whole number, 0 to 2,147,483,647"),
        ("cfg_scale", "editImage", "number, 1 to 10"),
        ("prompt", "editImage", "text, at most 512 characters"),
        ("seed", "rerunEdit", "same, new or whole number, 0 to 2,147,483,647"),
        ("id", "getEdit", "id"),
    ],
)
def test_limits_are_read_in_words(name: str, call: str, limits: str) -> None:
    assert field_named(name, call).limits == limits


def test_what_stands_in_the_address_is_asked_for_first_and_headers_last() -> None:
    assert [field.where for field in call_named("rerunEdit").fields] == [
        "path",
        "body",
        "body",
        "body",
        "header",
        "header",
    ]


def test_a_file_is_chosen_and_a_word_is_picked() -> None:
    assert field_named("image").is_file
    assert field_named("size").choices == ("512x512", "768x768", "1024x1024")
    assert field_named("fit").choices == ("true", "false")
    assert not field_named("prompt").choices


def test_answers_are_read_with_their_codes() -> None:
    by_status = {answer.status: answer for answer in call_named("editImage").answers}
    assert (by_status["200"].schema, by_status["200"].is_good) == ("Images", True)
    assert [code for code, _ in by_status["502"].codes] == ["bad_upstream_result"]
    assert "X-Should-Retry" in [name for name, _ in by_status["502"].headers]


def test_objects_are_read_with_the_parts_of_their_parts() -> None:
    parts = {field.name: field.limits for field in dict(shapes(DOCUMENT))["Edit"]}
    assert parts["result.url"] == "address"
    assert parts["status"].startswith("queued, running")
    assert parts["source_edit"] == "id or null"
    assert dict(shapes(DOCUMENT))["EditList"][1].limits == "list of Edit"


def test_words_for_programs_are_set_apart_and_nothing_is_markup() -> None:
    shown = Template("{% load inline_code %}{{ text|inline_code }}").render(
        Context({"text": "a `<b>` & <i>`"})
    )
    assert shown == "a <code>&lt;b&gt;</code> &amp; &lt;i&gt;<code></code>"
