"""Batches through the API: all or none, once for each key, and only for those who may see them."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openapi_schema_validator import OAS31Validator

from edits.api.openapi import document_of
from edits.models import Batch, Budget, EditRequest, StagedUpload, Status, Submission, User
from tests.api_calls import error_of, some_id
from tests.batches import batch_of
from tests.callers import caller_of
from tests.factories import finished_edit_of, picture, unsaved_model

AGAIN = {"Idempotency-Key": "order-7"}
DOCUMENT = document_of([unsaved_model()], address="https://retake.example.com")


@pytest.fixture
def program(alice: User) -> Client:
    """A script of Alice's."""
    return caller_of(alice)


@pytest.fixture
def base(alice: User) -> str:
    """An edit of Alice's whose result may be edited further."""
    return str(finished_edit_of(alice).public_id)


def send(client: Client, body: Any, **headers: str) -> Any:
    return client.post("/v1/batches", json.dumps(body), content_type="application/json", headers=headers)


def ask(
    client: Client, edits: list[dict[str, Any]], *, headers: dict[str, str] | None = None, **shared: Any
) -> Any:
    return send(client, {"edits": edits} | shared, **(headers or {}))


def made() -> list[EditRequest]:
    return list(EditRequest.objects.filter(batch__isnull=False).order_by("batch_position"))


def is_a_batch(body: dict[str, Any]) -> bool:
    schema = {"$ref": "#/components/schemas/Batch", "components": DOCUMENT["components"]}
    errors = [error.message for error in OAS31Validator(schema).iter_errors(body)]
    assert errors == []
    return True


# --- What is made -----------------------------------------------------------------------------------------


def test_each_edit_has_its_own_fields_and_those_beside_the_list(program: Client, base: str) -> None:
    edits = [
        {"source_edit": base, "seed": 5},
        {"source_edit": base, "prompt": "blur", "steps": 9, "cfg_scale": 2.5},
    ]
    response = ask(program, edits, prompt="sepia", steps=12)
    assert response.status_code == 202, response.content
    assert [(edit.prompt, edit.steps, edit.cfg_scale) for edit in made()] == [
        ("sepia", 12, 6.0), ("blur", 9, 2.5),
    ]  # fmt: skip
    assert made()[0].seed == 5
    body = response.json()
    assert is_a_batch(body)
    assert response["Location"] == f"/v1/batches/{body['id']}"
    assert (body["status"], body["counts"]["queued"], len(body["edits"])) == ("active", 2, 2)
    assert made()[0].is_awaited is False


def test_the_same_key_gives_the_same_batch(program: Client, base: str) -> None:
    first = ask(program, [{"source_edit": base}], prompt="sepia", headers=AGAIN)
    again = ask(program, [{"source_edit": base}], prompt="sepia", headers=AGAIN)
    other = ask(program, [{"source_edit": base}], prompt="blur", headers=AGAIN)
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, error_of(other)["code"]) == (422, "idempotency_key_reused")
    assert Batch.objects.count() == len(made()) == 1


def test_the_key_of_a_refused_call_may_be_used_again(program: Client, base: str) -> None:
    assert ask(program, [{"source_edit": base}], headers=AGAIN).status_code == 400
    assert ask(program, [{"source_edit": base}], prompt="sepia", headers=AGAIN).status_code == 202
    assert Submission.objects.count() == 1


# --- What is refused ----------------------------------------------------------------------------------------


def refused(response: Any) -> tuple[str | None, str]:
    error = error_of(response)
    assert response.status_code == 400, error
    assert not Batch.objects.exists()
    assert not Submission.objects.exists()
    return error["param"], error["code"]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([{"prompt": "x"}, {"steps": 0, "prompt": "x"}], ("edits[1].steps", "invalid")),
        ([{}], ("edits[0].prompt", "required")),
        ([{"prompt": "x", "model": "none-such"}], ("edits[0].model", "model_not_found")),
        ([{"prompt": "x", "source_edit": some_id()}], ("edits[0].source_edit", "gone")),
        ([{"prompt": "x", "n": 2}], ("edits[0].n", "invalid")),
        ([{"prompt": "x", "mask": "data:"}], ("edits[0].mask", "invalid")),
        ([], ("edits", "invalid")),
        ([{"prompt": "x"}] * 201, ("edits", "invalid")),
        ("all of them", ("edits", "invalid")),
        ([["x"]], ("edits", "invalid")),
    ],
)
def test_one_bad_edit_refuses_all_of_them(
    program: Client, base: str, edits: Any, expected: tuple[str, str]
) -> None:
    assert refused(send(program, {"edits": edits, "source_edit": base})) == expected


def test_an_edit_without_a_picture_is_refused(program: Client) -> None:
    assert refused(ask(program, [{"prompt": "x"}])) == ("edits[0].image", "required")


def test_only_json_is_taken(program: Client) -> None:
    response = program.post("/v1/batches", {"edits": "[]"})
    assert (response.status_code, error_of(response)["code"]) == (415, "unsupported_media_type")


def test_over_budget_nothing_is_stored_and_it_says_what_would_fit(program: Client, base: str) -> None:
    Budget.objects.update(person_per_day=4)
    response = ask(program, [{"source_edit": base}] * 5, prompt="sepia")
    assert response.status_code == 429
    assert error_of(response)["message"].startswith("3 of your 5 edits would fit")  # the base counts
    assert not Batch.objects.exists()


def test_a_picture_that_one_may_not_use_does_not_exist(program: Client, bob: User) -> None:
    private = str(finished_edit_of(bob).public_id)
    assert refused(ask(program, [{"source_edit": private, "prompt": "x"}])) == (
        "edits[0].source_edit",
        "gone",
    )


# --- Reading and canceling ------------------------------------------------------------------------------------


def test_canceling_the_rest_leaves_what_runs(program: Client, alice: User) -> None:
    batch, _ = batch_of(alice, [Status.SUCCEEDED, Status.RUNNING, Status.QUEUED])
    for _ in range(2):
        body = program.post(f"/v1/batches/{batch.public_id}/cancel").json()
        assert is_a_batch(body)
        assert (body["counts"]["canceled"], body["counts"]["running"]) == (1, 1)


def test_a_program_pauses_and_resumes_it_as_often_as_it_likes(program: Client, alice: User) -> None:
    batch, edits = batch_of(alice, [Status.RUNNING, Status.QUEUED])
    for name, status in (
        ("pause", "paused"),
        ("pause", "paused"),
        ("resume", "active"),
        ("resume/", "active"),
    ):
        body = program.post(f"/v1/batches/{batch.public_id}/{name}").json()
        assert is_a_batch(body)
        assert body["status"] == status
        assert bool(EditRequest.objects.get(pk=edits[1].pk).paused_at) is (status == "paused")


def test_states_are_active_paused_and_ended(program: Client, alice: User) -> None:
    batch, _ = batch_of(alice, [Status.QUEUED])
    address = f"/v1/batches/{batch.public_id}"
    assert program.get(address).json()["status"] == "active"
    Batch.objects.update(paused_at=timezone.now())
    assert program.get(address).json()["status"] == "paused"
    program.post(f"{address}/cancel")
    assert program.get(address).json()["status"] == "ended"


def test_edits_in_the_trash_are_left_out(program: Client, alice: User) -> None:
    batch, edits = batch_of(alice, [Status.SUCCEEDED] * 2)
    EditRequest.objects.filter(pk=edits[0].pk).update(trashed_at=timezone.now())
    body = program.get(f"/v1/batches/{batch.public_id}").json()
    assert is_a_batch(body)
    assert [edit["id"] for edit in body["edits"]] == [str(edits[1].public_id)]


def test_nobody_else_reads_or_changes_it(alice: User, bob: User, root: User) -> None:
    batch, _ = batch_of(alice, [Status.QUEUED])
    for person in (bob, root):
        other = caller_of(person)
        assert other.get(f"/v1/batches/{batch.public_id}").status_code == 404
        for name in ("pause", "resume", "cancel"):
            assert other.post(f"/v1/batches/{batch.public_id}/{name}").status_code == 404
    assert (made()[0].status, made()[0].paused_at) == (Status.QUEUED, None)


def test_a_key_that_only_edits_sees_the_batches_that_it_made(alice: User, base: str) -> None:
    other, _ = batch_of(alice, [Status.QUEUED])
    camera = caller_of(alice, can_read=False)
    first = json.loads(camera.post("/v1/images/edits", {}).content)  # it has no edit of its own yet
    assert first["error"]
    assert camera.get(f"/v1/batches/{other.public_id}").status_code == 404
    assert refusal_code(ask(camera, [{"source_edit": base, "prompt": "x"}])) == "gone"


def test_a_key_that_only_reads_makes_and_cancels_nothing(alice: User, base: str) -> None:
    batch, _ = batch_of(alice, [Status.QUEUED])
    board = caller_of(alice, can_edit=False)
    assert ask(board, [{"source_edit": base, "prompt": "x"}]).status_code == 403
    for name in ("pause", "resume", "cancel"):
        assert board.post(f"/v1/batches/{batch.public_id}/{name}").status_code == 403
    assert board.get(f"/v1/batches/{batch.public_id}").status_code == 200


def refusal_code(response: Any) -> str:
    return str(error_of(response)["code"])


def test_queries_of_reading_do_not_depend_on_the_number_of_edits(program: Client, alice: User) -> None:
    few, _ = batch_of(alice, [Status.SUCCEEDED, Status.QUEUED])
    many, _ = batch_of(alice, [Status.SUCCEEDED, Status.QUEUED] * 6)
    counts = []
    for batch in (few, few, many):  # the first call also counts the calls of this minute
        with CaptureQueriesContext(connection) as queries:
            program.get(f"/v1/batches/{batch.public_id}")
        counts.append(len(queries))
    assert counts[1] == counts[2]


# --- Uploads ------------------------------------------------------------------------------------------------


def upload(client: Client, data: bytes, name: str = "cat.png") -> Any:
    return client.post("/v1/uploads", {"image": SimpleUploadedFile(name, data)})


def test_uploads_are_edited_by_their_ids(program: Client) -> None:
    answers = [upload(program, picture()) for _ in range(2)]
    schema = {"$ref": "#/components/schemas/Upload", "components": DOCUMENT["components"]}
    assert [answer.status_code for answer in answers] == [201, 201]
    assert not list(OAS31Validator(schema).iter_errors(answers[0].json()))
    response = ask(program, [{"upload": answer.json()["id"]} for answer in answers], prompt="sepia")
    assert response.status_code == 202, response.content
    assert [edit.source_name for edit in made()] == ["cat.png", "cat.png"]
    assert made()[0].upload != made()[1].upload


def test_the_same_file_again_is_the_same_upload(program: Client) -> None:
    assert upload(program, picture(mark=7)).json() == upload(program, picture(mark=7)).json()


def test_an_upload_of_another_key_or_person_does_not_exist(program: Client, alice: User, bob: User) -> None:
    for other in (caller_of(alice), caller_of(bob)):
        theirs = upload(other, picture()).json()["id"]
        assert refused(ask(program, [{"upload": theirs, "prompt": "x"}])) == ("edits[0].upload", "gone")


def test_either_an_upload_or_an_edit_is_named(program: Client, base: str) -> None:
    mine = upload(program, picture()).json()["id"]
    said = [{"upload": mine, "source_edit": base, "prompt": "x"}]
    assert refused(ask(program, said)) == ("edits[0].upload", "several")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ("image", "empty")),
        (b"no picture", ("image", "corrupt")),
        (None, ("image", "required")),
    ],
)
def test_what_is_no_picture_is_not_stored(
    program: Client, data: bytes | None, expected: tuple[str, str]
) -> None:
    response = program.post("/v1/uploads", {}) if data is None else upload(program, data)
    error = error_of(response)
    assert response.status_code == 400
    assert (error["param"], error["code"]) == expected
    assert not StagedUpload.objects.exists()
