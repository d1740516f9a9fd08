"""``n`` edits by one call: stored together or not at all, paid once, and answered one by one."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import Budget, EditRequest, Provider, Reason, Status, Submission, Upload, User
from edits.services.api import wait_for_result
from edits.services.api.wait_for_result import Waited
from tests.api_calls import ask, error_of, refusal_of
from tests.callers import caller_of
from tests.editors import Editor, made, run, stopped
from tests.factories import result_of
from tests.second_provider import TAKES_ALL, model_at, second_provider
from tests.stored import stored

AGAIN = {"Idempotency-Key": "order-7"}


@pytest.fixture
def program(alice: User) -> Client:
    """A script of Alice's."""
    return caller_of(alice)


def taken(response: Any) -> list[EditRequest]:
    """The edits that came of a call."""
    assert response.status_code == 202, response.content
    edits = list(EditRequest.objects.order_by("pk"))
    assert response.json()["edits"] == [str(edit.public_id) for edit in edits]
    assert response.json()["id"] == response.headers["X-Edit-Id"] == str(edits[0].public_id)
    return edits


def fail(edit: EditRequest, reason: Reason) -> None:
    EditRequest.objects.filter(pk=edit.pk).update(
        status=Status.FAILED, reason=reason, finished_at=timezone.now()
    )


def succeed(edit: EditRequest) -> None:
    EditRequest.objects.filter(pk=edit.pk).update(status=Status.SUCCEEDED, finished_at=timezone.now())
    edit.refresh_from_db()
    result_of(edit)


def answer_of(program: Client, **fields: Any) -> Any:
    """What the same call reads once its edits have ended."""
    return ask(program, headers=AGAIN | {"Prefer": ""}, **fields)


# --- What is made -----------------------------------------------------------------------------------------


def test_each_is_an_edit_of_its_own_with_the_next_seed(program: Client) -> None:
    edits = taken(ask(program, n="3", seed="41"))
    assert [edit.seed for edit in edits] == [41, 42, 43]
    assert not any(edit.seed_is_drawn for edit in edits)
    assert len({edit.submission_key for edit in edits}) == 3
    assert {(edit.prompt, edit.upload_id) for edit in edits} == {(edits[0].prompt, edits[0].upload_id)}
    assert Upload.objects.count() == len(stored()) == 1


def test_one_follows_the_largest_seed(program: Client) -> None:
    assert [edit.seed for edit in taken(ask(program, n="2", seed=str(2**31 - 1)))] == [2**31 - 1, 1]


def test_left_open_each_draws_its_own(program: Client) -> None:
    edits = taken(ask(program, n="10"))
    assert len({edit.seed for edit in edits}) == 10
    assert all(edit.seed_is_drawn for edit in edits)


def test_a_model_without_seeds_makes_one_in_a_call(program: Client) -> None:
    model_at(second_provider(), spec=replace(TAKES_ALL, takes_seed=False))
    assert refusal_of(ask(program, n="2", model="flux"), status=400) == ("n", "not_supported")
    assert not EditRequest.objects.exists()
    assert [edit.seed for edit in taken(ask(program, n="1", model="flux"))] == [None]
    models = {model["id"]: model["limits"]["n"] for model in program.get("/v1/models").json()["data"]}
    assert [models["flux"]["max"], models["step-1x-edit"]["max"]] == [1, 10]


def test_each_is_called_for_once(program: Client) -> None:
    edits, editor = taken(ask(program, n="3", seed="1")), Editor([made()])
    for edit in edits:
        run(edit, editor)
    assert [call.options.seed for call in editor.calls] == [1, 2, 3]
    assert not EditRequest.objects.active().exists()


# --- Together or not at all -------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["person_per_day", "person_waiting"])
def test_a_budget_for_two_makes_none_of_three(program: Client, limit: str) -> None:
    Budget.objects.update(**{limit: 2})
    assert refusal_of(ask(program, n="3"), status=429) == (None, "rate_limit_exceeded")
    assert len(taken(ask(program, n="2"))) == 2


def test_a_storage_that_is_full_makes_none(program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr("edits.services.queue.inserting.store_upload", full)
    response = ask(program, n="3")
    assert (response.status_code, error_of(response)["code"]) == (507, "no_room")
    assert not EditRequest.objects.exists()


def test_the_same_call_again_is_the_same_edits(program: Client) -> None:
    first = taken(ask(program, n="3", headers=AGAIN))
    assert taken(ask(program, n="3", headers=AGAIN)) == first
    assert ask(program, n="2", headers=AGAIN).status_code == 422
    assert (EditRequest.objects.count(), Submission.objects.count()) == (3, 1)


def test_a_client_that_repeats_by_itself_joins_all_of_them(program: Client) -> None:
    first = taken(ask(program, n="3"))
    fail(first[0], Reason.BAD_RESULT)
    EditRequest.objects.filter(pk=first[0].pk).update(finished_at="2026-01-01T00:00Z")
    assert taken(ask(program, n="3", headers={"X-Stainless-Retry-Count": "1"})) == first


def test_a_repetition_sends_only_what_was_not_delivered_again(program: Client) -> None:
    edits = taken(ask(program, n="3", headers=AGAIN))
    succeed(edits[0])
    fail(edits[1], Reason.SERVICE_UNAVAILABLE)
    fail(edits[2], Reason.OUTCOME_UNKNOWN)
    ask(program, n="3", headers=AGAIN)
    statuses = [edit.status for edit in EditRequest.objects.order_by("pk")]
    assert statuses == [Status.SUCCEEDED, Status.QUEUED, Status.FAILED]


def test_a_repetition_beyond_the_budget_still_gives_what_was_made(program: Client) -> None:
    edits = taken(ask(program, n="2", headers=AGAIN))
    succeed(edits[0])
    fail(edits[1], Reason.SERVICE_UNAVAILABLE)
    Budget.objects.update(person_per_day=1)
    response = answer_of(program, n="2")
    assert response.status_code == 200
    assert [item["finish_reason"] for item in response.json()["data"]] == ["success", "failed"]


# --- What is answered -------------------------------------------------------------------------------------


def test_each_has_its_entry_in_its_order(program: Client) -> None:
    edits = taken(ask(program, n="4", seed="1", headers=AGAIN))
    editor = Editor([made(seed=None), stopped(), stopped(stage="request"), made(seed=None)])
    for edit in edits[:3]:
        run(edit, editor)
    fail(edits[3], Reason.BAD_RESULT)
    response = answer_of(program, n="4", seed="1")
    assert response.status_code == 200
    body = response.json()
    assert body["edits"] == [str(edit.public_id) for edit in edits]
    assert body["id"] == body["edits"][0]
    first, second, third, last = body["data"]
    assert first.pop("url")
    assert first == {"seed": 1, "finish_reason": "success"}
    assert second == {"seed": 2, "finish_reason": "content_filtered"}
    assert third == {"seed": 3, "finish_reason": "content_filtered"}
    assert (last["seed"], last["finish_reason"]) == (4, "failed")
    assert last["error"]["code"] == "bad_upstream_result"
    assert "b64_json" not in json.dumps(body)


@pytest.mark.parametrize(
    ("second", "may_repeat"), [(Reason.SERVICE_UNAVAILABLE, True), (Reason.OUTCOME_UNKNOWN, False)]
)
def test_where_none_was_made_the_first_error_is_the_answer(
    program: Client, monkeypatch: pytest.MonkeyPatch, second: Reason, may_repeat: bool
) -> None:
    edits = taken(ask(program, n="2", headers=AGAIN))
    fail(edits[0], Reason.SERVICE_UNAVAILABLE)
    fail(edits[1], second)
    monkeypatch.setattr("edits.services.api.idempotency.retry_edit", lambda edit, now: False)
    response = answer_of(program, n="2")
    assert (response.status_code, error_of(response)["code"]) == (503, "upstream_unavailable")
    assert ("X-Should-Retry" not in response.headers) is may_repeat


def test_one_alone_is_answered_as_the_documentation_page_has_it(program: Client) -> None:
    (edit,) = taken(ask(program, n="1", headers=AGAIN))
    succeed(edit)
    body = answer_of(program, n="1").json()
    assert set(body) == {"id", "created", "data"}
    assert set(body["data"][0]) == {"url", "seed", "finish_reason"}


@pytest.mark.django_db(transaction=True)
def test_all_of_them_are_waited_for(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def ends(edits: Sequence[EditRequest], **_: Any) -> Waited:
        for edit in edits:
            seen.append(edit.pk)
            succeed(EditRequest.objects.get(pk=edit.pk))
        return Waited.FINISHED

    monkeypatch.setattr("edits.api.long_poll.wait_for", ends)
    response = ask(caller_of(alice), n="3", headers={"Prefer": ""})
    assert response.status_code == 200
    assert seen == list(EditRequest.objects.order_by("pk").values_list("pk", flat=True))
    assert [item["finish_reason"] for item in response.json()["data"]] == ["success"] * 3


@pytest.mark.django_db(transaction=True)
def test_the_time_of_one_call_is_that_of_all(alice: User, settings: Any) -> None:
    settings.API_WAIT_SECONDS = 0
    response = ask(caller_of(alice), n="3", headers={"Prefer": ""})
    assert (response.status_code, error_of(response)["code"]) == (503, "edit_pending")
    assert EditRequest.objects.queued().count() == 3


# --- Standing still ---------------------------------------------------------------------------------------


def test_only_the_provider_that_is_held_lets_its_callers_go(alice: User) -> None:
    gpu = second_provider()
    model_at(gpu)
    Provider.objects.filter(pk=gpu.pk).update(held_since=timezone.now(), held_reason="The key was refused")
    assert wait_for_result.why_nothing_is_sent(timezone.now()) == {
        (gpu.pk, False): Waited.HELD,
        (gpu.pk, True): Waited.HELD,
    }


@pytest.mark.django_db(transaction=True)
def test_a_call_for_a_removed_provider_is_kept_and_not_waited_for(alice: User) -> None:
    gpu = second_provider()
    model_at(gpu)
    program = caller_of(alice)
    ask(program, model="flux", headers=AGAIN)
    Provider.objects.filter(pk=gpu.pk).update(removed_at=timezone.now())
    response = answer_of(program, model="flux")
    assert (response.status_code, error_of(response)["code"]) == (503, "upstream_account")
    assert EditRequest.objects.get().status == Status.QUEUED
