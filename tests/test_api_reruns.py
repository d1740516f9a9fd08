"""POST /v1/edits/<id>/rerun: what is repeated, by whom, and that a repeated call is one edit."""

import base64
import errno
import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from edits.models import ApiKey, Budget, EditRequest, ProviderModel, Status, Submission, User
from edits.services.api.api_keys import make_api_key
from edits.services.pictures.storing import picture_bytes
from edits.services.queue import submitting
from tests.callers import caller_of
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, result_of, upload_of
from tests.pictures import photo, transparent
from tests.second_provider import TAKES_ALL, model_at, second_provider

AT_ONCE = {"Prefer": "respond-async"}
JSON = "application/json"


def rerun(
    client: Client,
    edit: EditRequest | uuid.UUID,
    *,
    headers: dict[str, str] | None = None,
    slash: str = "",
    **said: Any,
) -> Any:
    public_id = edit.public_id if isinstance(edit, EditRequest) else edit
    return client.post(f"/v1/edits/{public_id}/rerun{slash}", said, headers=AT_ONCE | (headers or {}))


def rerun_as(client: Client, edit: EditRequest, body: bytes | str, kind: str, **headers: str) -> Any:
    address = f"/v1/edits/{edit.public_id}/rerun"
    return client.post(address, body, content_type=kind, headers=AT_ONCE | headers)


def taken(response: Any) -> EditRequest:
    assert response.status_code == 202, response.content
    return EditRequest.objects.get(public_id=response.json()["id"])


def refusal(response: Any) -> tuple[int, str, str | None]:
    error = response.json()["error"]
    assert EditRequest.objects.count() == 1
    assert not Submission.objects.exists()
    return response.status_code, error["code"], error["param"]


# --- What is repeated -------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [{}, {"seed": "same"}, {"seed": ""}, {"seed": "77120"}, {"unknown": "1"}])
def test_with_its_own_seed_it_earns_a_receipt(alice: User, said: dict[str, Any]) -> None:
    edit = finished_edit_of(alice, steps=11, size="768x768", cfg_scale=7.5)
    response = rerun(caller_of(alice), edit, **said)
    again = taken(response)
    for name in ("upload", "prompt", "seed", "steps", "cfg_scale", "size", "source_name", "model"):
        assert getattr(again, name) == getattr(edit, name)
    assert (again.rerun_of, again.seed_is_drawn, again.api_key) == (edit, False, ApiKey.objects.get())
    assert response.json()["rerun_of"] == str(edit.public_id)
    assert response["Location"] == f"/v1/edits/{again.public_id}"


def test_the_seed_that_was_used_counts_not_the_one_that_was_sent(alice: User) -> None:
    edit = finished_edit_of(alice)
    edit.result.seed_used = 5
    edit.result.save(update_fields=["seed_used"])
    assert taken(rerun(caller_of(alice), edit)).seed == 5
    assert taken(rerun(caller_of(alice), edit, seed="5")).rerun_of == edit


@pytest.mark.parametrize("seed", ["new", "0", "NEW"])
def test_a_new_seed_makes_another_picture(alice: User, seed: str) -> None:
    again = taken(rerun(caller_of(alice), finished_edit_of(alice), seed=seed))
    assert (again.rerun_of, again.seed_is_drawn) == (None, True)


@pytest.mark.parametrize("seed", ["1", "2147483647"])
def test_a_seed_can_be_named(alice: User, seed: str) -> None:
    edit = finished_edit_of(alice, steps=11)
    again = taken(rerun(caller_of(alice), edit, seed=seed))
    assert (again.seed, again.seed_is_drawn, again.rerun_of) == (int(seed), False, None)
    assert (again.upload, again.steps) == (edit.upload, 11)


@pytest.mark.parametrize("status", Status)
def test_every_own_edit_can_be_run_again(alice: User, status: Status) -> None:
    assert taken(rerun(caller_of(alice), edit_of(alice, status=status))).status == Status.QUEUED


def test_one_in_the_trash_too(alice: User) -> None:
    taken(rerun(caller_of(alice), finished_edit_of(alice, trashed_at=timezone.now())))


def test_the_slash_at_the_end_loses_nothing(alice: User) -> None:
    assert taken(rerun(caller_of(alice), finished_edit_of(alice), slash="/", seed="4")).seed == 4


# --- How it may be said -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "seed"),
    [
        ('{"seed": 4}', JSON, 4),
        ('{"seed": "4", "x": [1]}', JSON, 4),
        ('{"seed": "same"}', f"{JSON}; charset=utf-8", 77120),
        ('{"seed": 4.0}', JSON, 4),
        ('{"seed": null}', JSON, 77120),
        ("{}", JSON, 77120),
        ("", JSON, 77120),
        ("", "", 77120),
        ("seed=4", "application/x-www-form-urlencoded", 4),
    ],
)
def test_fields_json_and_nothing_are_taken(alice: User, body: str, kind: str, seed: int) -> None:
    assert taken(rerun_as(caller_of(alice), finished_edit_of(alice), body, kind)).seed == seed


@pytest.mark.parametrize(
    "body",
    ["[]", "4", "null", "{", '{"seed": 4', '"same"', "\x00", "[" * 100_000, b'{"seed": "\xff"}',
     '{"seed": 4, "seed": 5}', '{"seed": NaN}', '{"seed": {"a": ' * 10],
)  # fmt: skip
def test_json_that_is_no_object_is_refused(alice: User, body: str | bytes) -> None:
    response = rerun_as(caller_of(alice), finished_edit_of(alice), body, JSON)
    assert refusal(response) == (400, "bad_request", None)


@pytest.mark.parametrize(
    "seed", [-1, 2**31, 1.5, True, False, [], [4], {"a": 1}, "1e3", "0x10", "NaN", "other", "\ud800", "9" * 400,
             10**4000]
)  # fmt: skip
def test_a_seed_that_is_none_is_refused(alice: User, seed: Any) -> None:
    response = rerun_as(caller_of(alice), finished_edit_of(alice), json.dumps({"seed": seed}), JSON)
    assert refusal(response) == (400, "invalid", "seed")


@pytest.mark.parametrize("wanted", ["png", "URL", "\x00"])
def test_a_response_format_that_does_not_exist_is_refused(alice: User, wanted: str) -> None:
    response = rerun(caller_of(alice), finished_edit_of(alice), response_format=wanted)
    assert refusal(response)[2] == "response_format"


@pytest.mark.parametrize(("body", "kind"), [("seed=4", "text/plain"), ("<seed>4</seed>", "text/xml")])
def test_what_would_be_misread_is_not_read(alice: User, body: str, kind: str) -> None:
    response = rerun_as(caller_of(alice), finished_edit_of(alice), body, kind)
    assert refusal(response) == (415, "unsupported_media_type", None)


# --- By whom ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["bob", "rita", "root"])
def test_a_colleagues_edit_runs_again_only_if_its_source_was_shared(
    alice: User, request: pytest.FixtureRequest, who: str
) -> None:
    person: User = request.getfixturevalue(who)
    hidden = [finished_edit_of(alice), finished_edit_of(alice, shared=True), filtered_edit_of(alice)]
    shown = finished_edit_of(alice, shared=True, source_is_shared=True)
    client = caller_of(person)
    missing = rerun(client, uuid.uuid4())
    for edit in hidden:
        response = rerun(client, edit)
        assert (response.status_code, response.content) == (404, missing.content)
    assert not EditRequest.objects.of(person).exists()
    assert not Submission.objects.exists()
    again = taken(rerun(client, shown))
    assert (again.owner, again.upload) == (person, shown.upload)


def test_it_takes_a_key_that_may_edit_and_no_cookie(alice: User, stranger: Client) -> None:
    edit = finished_edit_of(alice)
    for client, status in (
        (stranger, 401),
        (signed_in(alice), 401),
        (caller_of(alice, can_edit=False), 403),
    ):
        assert rerun(client, edit).status_code == status
    assert EditRequest.objects.count() == 1
    client = caller_of(alice, can_read=False)
    edit.api_key = ApiKey.objects.latest("pk")
    edit.save(update_fields=["api_key"])
    taken(rerun(client, edit))


@pytest.mark.parametrize("seed", ["same", "new", "7"])
def test_a_key_that_may_not_read_runs_nothing_again_that_it_did_not_make(alice: User, seed: str) -> None:
    shared = finished_edit_of(alice, shared=True, source_is_shared=True)
    of_another_key = finished_edit_of(
        alice, api_key=make_api_key(owner=alice, name="other", now=timezone.now())[0]
    )
    client = caller_of(alice, can_read=False)
    missing = client.post(f"/v1/edits/{uuid.uuid4()}/rerun", {"seed": seed})
    for edit in (finished_edit_of(alice), shared, of_another_key):
        answer = rerun(client, edit, seed=seed)
        assert (answer.status_code, answer.content) == (404, missing.content)
    assert EditRequest.objects.count() == 3


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_looking_runs_nothing(alice: User, method: str) -> None:
    edit = finished_edit_of(alice)
    response = getattr(caller_of(alice), method)(f"/v1/edits/{edit.public_id}/rerun")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert EditRequest.objects.count() == 1


# --- Repeated calls, and what is answered -----------------------------------------------------------------


def test_the_same_call_again_is_the_same_edit(alice: User) -> None:
    client, edit, headers = caller_of(alice), finished_edit_of(alice), {"Idempotency-Key": "a"}
    first = taken(rerun(client, edit, headers=headers, seed="new"))
    assert taken(rerun(client, edit, headers=headers, seed="new")) == first
    assert rerun(client, edit, headers=headers, seed="same").status_code == 422
    assert rerun(client, finished_edit_of(alice), headers=headers, seed="new").status_code == 422


def test_json_that_says_something_else_is_another_call(alice: User) -> None:
    client, edit, headers = caller_of(alice), finished_edit_of(alice), {"Idempotency-Key": "a"}
    first = taken(rerun_as(client, edit, '{"seed": 4}', JSON, **headers))
    assert taken(rerun_as(client, edit, '{"seed": 4}', JSON, **headers)) == first
    assert rerun_as(client, edit, '{"seed": 5}', JSON, **headers).status_code == 422


def test_without_a_name_each_call_is_an_edit_of_its_own(alice: User) -> None:
    client, edit = caller_of(alice), finished_edit_of(alice)
    assert taken(rerun(client, edit)) != taken(rerun(client, edit))


@pytest.mark.parametrize("wanted", ["url", "b64_json"])
def test_once_it_is_done_it_is_answered_as_a_first_edit_is(
    alice: User, settings: LazySettings, wanted: str
) -> None:
    settings.API_WAIT_SECONDS = 0  # there is nothing to wait for
    client, edit = caller_of(alice), finished_edit_of(alice)
    again = taken(rerun(client, edit, headers={"Idempotency-Key": "a"}, response_format=wanted))
    now = timezone.now()
    EditRequest.objects.filter(pk=again.pk).update(status=Status.SUCCEEDED, started_at=now, finished_at=now)
    result = result_of(EditRequest.objects.get(pk=again.pk))
    answer = rerun(client, edit, headers={"Idempotency-Key": "a", "Prefer": ""}, response_format=wanted)
    assert (answer.status_code, answer["X-Edit-Id"]) == (200, str(again.public_id))
    item = answer.json()["data"][0]
    assert (item["finish_reason"], item["seed"]) == ("success", edit.seed)
    if wanted == "url":
        assert item["url"].startswith(f"http://testserver/v1/results/{again.public_id}?")
    else:
        assert base64.b64decode(item["b64_json"]) == picture_bytes(result.file)


def test_beyond_the_budget_nothing_is_kept(alice: User) -> None:
    Budget.objects.update(person_per_day=1)
    response = rerun(caller_of(alice), finished_edit_of(alice))
    assert refusal(response) == (429, "rate_limit_exceeded", None)
    assert 1 <= int(response["Retry-After"]) <= 120


def test_with_a_full_disk_nothing_is_kept(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(submitting, "require_room", full)
    assert refusal(rerun(caller_of(alice), finished_edit_of(alice)))[0] == 507


def test_another_model_repeats_an_edit_with_its_own(alice: User, settings: LazySettings) -> None:
    settings.STEPFUN_MODEL = "step-image-edit-2"
    assert taken(rerun(caller_of(alice), finished_edit_of(alice))).model == "step-1x-edit"


# --- With another model -----------------------------------------------------------------------------------


def at_gpu(owner: User, **fields: Any) -> EditRequest:
    """A finished edit of the second provider's model, which takes more than the documented one."""
    spec = replace(TAKES_ALL, max_side_px=2000, max_area_px=2000 * 2000)
    model = model_at(second_provider(), spec=spec)
    asked = {"provider": model.provider, "model": "flux", "extras": {"negative_prompt": "dogs"}}
    return finished_edit_of(owner, **(asked | fields))


def test_the_options_are_fitted_and_there_is_no_receipt(alice: User) -> None:
    edit = at_gpu(alice)
    again = taken(rerun(caller_of(alice), edit, model="step-1x-edit"))
    assert (again.model, again.provider.slug, again.seed) == ("step-1x-edit", "stepfun", edit.seed)
    assert (again.extras, again.rerun_of, again.upload) == ({}, None, edit.upload)


def test_its_own_model_by_its_id_is_a_rerun_like_any_other(alice: User) -> None:
    edit = at_gpu(alice)
    for name in ("flux", "gpu/flux"):
        again = taken(rerun(caller_of(alice), edit, model=name))
        assert (again.rerun_of, again.extras) == (edit, edit.extras)


def test_the_picture_and_the_mask_are_scaled_to_what_the_other_takes(alice: User) -> None:
    mask = upload_of(transparent(1400, 1000), width_px=1400, height_px=1000)
    upload = upload_of(photo(width=1400, height=1000, format="PNG"), width_px=1400, height_px=1000)
    edit = at_gpu(alice, upload=upload, mask=mask)
    edit.references.create(upload=upload_of(), position=1)
    small = replace(TAKES_ALL, max_side_px=700, max_pictures=1)
    model_at(edit.provider, "small", spec=small)
    again = taken(rerun(caller_of(alice), edit, model="small"))
    assert again.mask
    for picture in (again.upload, again.mask):
        assert (picture.width_px, picture.height_px) == (700, 500)
    assert not again.references.exists()


def test_references_and_mask_are_repeated(alice: User) -> None:
    edit = at_gpu(alice, mask=upload_of())
    reference = edit.references.create(upload=upload_of(), position=1, name="hat.png")
    again = taken(rerun(caller_of(alice), edit))
    assert again.mask == edit.mask
    assert [(each.upload, each.name) for each in again.references.all()] == [(reference.upload, "hat.png")]


def test_a_model_that_is_gone_is_said_with_the_default(alice: User) -> None:
    edit = at_gpu(alice)
    ProviderModel.objects.filter(name="flux").update(is_on=False)
    response = rerun(caller_of(alice), edit)
    assert refusal(response) == (400, "model_not_found", "model")
    assert "stepfun/step-1x-edit" in response.json()["error"]["message"]
    assert taken(rerun(caller_of(alice), edit, model="stepfun/step-1x-edit")).rerun_of is None


def test_an_unknown_model_is_refused(alice: User) -> None:
    response = rerun(caller_of(alice), finished_edit_of(alice), model="gpt-image-1")
    assert refusal(response) == (400, "model_not_found", "model")
    assert "step-1x-edit" in response.json()["error"]["message"]


def test_a_prompt_is_never_cut(alice: User) -> None:
    edit = at_gpu(alice, prompt="x" * 513)
    assert refusal(rerun(caller_of(alice), edit, model="step-1x-edit")) == (400, "too_long", "model")


def test_a_picture_that_the_other_cannot_take_is_refused(alice: User) -> None:
    edit = at_gpu(alice, upload=upload_of(width_px=400, height_px=100))
    assert refusal(rerun(caller_of(alice), edit, model="step-1x-edit")) == (400, "aspect", "model")


def test_a_seed_for_a_model_that_takes_none_is_refused(alice: User) -> None:
    edit = at_gpu(alice)
    model_at(edit.provider, "plain", spec=replace(TAKES_ALL, takes_seed=False))
    assert refusal(rerun(caller_of(alice), edit, model="plain", seed="4")) == (400, "not_supported", "seed")
    for seed in ("same", "new"):
        again = taken(rerun(caller_of(alice), edit, model="plain", seed=seed))
        assert (again.seed, again.rerun_of) == (None, None)
