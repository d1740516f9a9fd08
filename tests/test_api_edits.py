"""GET /v1/edits/<id> and POST …/cancel: who may read or cancel an edit, and the answers."""

import json
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import ApiKey, AuditEntry, EditRequest, Status, User
from tests.callers import caller_of
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.stored import fetched

Queries = Callable[..., AbstractContextManager[Any]]
NOTHING = {
    "error": {
        "message": "There is nothing here.",
        "type": "invalid_request_error",
        "param": None,
        "code": "not_found",
    }
}


def fetched_json(client: Client, edit: EditRequest) -> dict[str, Any]:
    response = client.get(f"/v1/edits/{edit.public_id}")
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def cancel(client: Client, edit: EditRequest, *, slash: str = "") -> Any:
    return client.post(f"/v1/edits/{edit.public_id}/cancel{slash}")


def status_of(edit: EditRequest) -> str:
    return EditRequest.objects.get(pk=edit.pk).status


# --- Looking ----------------------------------------------------------------------------------------------


def test_an_own_edit_is_told_with_a_link_to_its_picture(alice: User) -> None:
    edit = finished_edit_of(alice)
    answer = fetched_json(caller_of(alice), edit)
    assert (answer["id"], answer["status"], answer["queue"]) == (str(edit.public_id), "succeeded", None)
    assert answer["page"] == f"http://testserver/edits/{edit.public_id}/"
    assert answer["result"]["url"].startswith("http://testserver/v1/results/")
    assert fetched(Client(), answer["result"]["url"]).status_code == 200


def test_a_picture_made_long_ago_has_a_link_that_opens(alice: User) -> None:
    edit = finished_edit_of(alice, now=timezone.now() - timedelta(days=400))
    assert fetched(Client(), fetched_json(caller_of(alice), edit)["result"]["url"]).status_code == 200


def test_an_edit_in_line_says_its_place_and_how_long_it_may_take(alice: User, bob: User) -> None:
    begun = timezone.now() - timedelta(minutes=1)
    done = finished_edit_of(bob)
    EditRequest.objects.filter(pk=done.pk).update(started_at=begun, finished_at=begun + timedelta(seconds=20))
    first, second = edit_of(alice), edit_of(alice)
    client = caller_of(alice)
    assert [fetched_json(client, edit)["queue"]["position"] for edit in (first, second)] == [1, 2]
    assert isinstance(fetched_json(client, second)["queue"]["wait_seconds"], int)


def test_where_nothing_is_known_yet_no_time_is_promised(alice: User) -> None:
    client = caller_of(alice)
    assert fetched_json(client, edit_of(alice))["queue"] == {"position": 1, "wait_seconds": None}
    assert fetched_json(client, edit_of(alice, status=Status.RUNNING))["queue"] == {
        "position": 0,
        "wait_seconds": None,
    }


@pytest.mark.parametrize("status", Status)
def test_only_what_has_not_ended_stands_in_line(alice: User, status: Status) -> None:
    queue = fetched_json(caller_of(alice), edit_of(alice, status=status))["queue"]
    assert (queue is not None) == (status in (Status.QUEUED, Status.RUNNING, Status.SAVING))


def test_a_filtered_edit_tells_its_state_and_no_picture(alice: User) -> None:
    edit = filtered_edit_of(alice)
    answer = fetched_json(caller_of(alice), edit)
    assert (answer["status"], answer["finish_reason"], answer["result"]) == (
        "filtered",
        "content_filtered",
        None,
    )
    assert edit.result.sha256 not in json.dumps(answer)


def test_in_the_trash_it_is_still_its_owners(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True, trashed_at=timezone.now())
    assert fetched_json(caller_of(alice), edit)["trashed"] is True
    assert caller_of(bob).get(f"/v1/edits/{edit.public_id}").status_code == 404


@pytest.mark.parametrize("who", ["bob", "rita", "root"])
@pytest.mark.parametrize("make", [edit_of, finished_edit_of, filtered_edit_of])
def test_what_is_private_does_not_exist_for_others(
    alice: User, request: pytest.FixtureRequest, who: str, make: Callable[[User], EditRequest]
) -> None:
    client, edit = caller_of(request.getfixturevalue(who)), make(alice)
    private = client.get(f"/v1/edits/{edit.public_id}")
    missing = client.get(f"/v1/edits/{uuid.uuid4()}")
    assert (private.status_code, private.json()) == (404, NOTHING)
    assert private.content == missing.content
    ours = "X-Request-Id"
    assert {**private.headers, ours: ""} == {**missing.headers, ours: ""}
    assert not AuditEntry.objects.filter(subject=str(edit.public_id)).exists()


@pytest.mark.parametrize("who", ["bob", "rita", "root"])
def test_what_is_shared_is_the_teams_but_not_its_source(
    alice: User, request: pytest.FixtureRequest, who: str
) -> None:
    client, edit = caller_of(request.getfixturevalue(who)), finished_edit_of(alice, shared=True)
    answer = fetched_json(client, edit)
    assert (answer["owner"], answer["prompt"], answer["source"]) == ("alice", edit.prompt, None)
    url = answer["result"]["url"]
    assert fetched(Client(), url).status_code == 200
    EditRequest.objects.update(shared_at=None)
    assert fetched(Client(), url).status_code == 404
    assert client.get(f"/v1/edits/{edit.public_id}").status_code == 404


@pytest.mark.parametrize("odd", ["1", "x", "%00", "..%2f", "00000000-0000-0000-0000-00000000000g", "bulk"])
def test_an_id_that_is_none_does_not_exist(alice: User, odd: str) -> None:
    response = caller_of(alice).get(f"/v1/edits/{odd}")
    assert (response.status_code, response.json()) == (404, NOTHING)


def test_an_id_has_one_spelling_and_no_slash(alice: User) -> None:
    edit = edit_of(alice, public_id=uuid.UUID("abcdefab-cdef-4bcd-8fab-abcdefabcdef"))
    client = caller_of(alice)
    for odd in (str(edit.public_id).upper(), edit.public_id.hex, f"{edit.public_id}/"):
        assert client.get(f"/v1/edits/{odd}").json() == NOTHING


# --- With which key ---------------------------------------------------------------------------------------


def test_looking_takes_a_key_and_no_cookie(alice: User, stranger: Client) -> None:
    address = f"/v1/edits/{edit_of(alice).public_id}"
    assert stranger.get(address).status_code == 401
    assert signed_in(alice).get(address).status_code == 401
    assert caller_of(alice, can_edit=False).get(address).status_code == 200


def test_a_key_that_may_not_read_sees_what_it_asked_for_itself(alice: User) -> None:
    client = caller_of(alice, can_read=False)
    asked = edit_of(alice, api_key=ApiKey.objects.get())
    others = [edit_of(alice), finished_edit_of(alice, shared=True)]
    assert fetched_json(client, asked)["status"] == "queued"
    for edit in others:
        assert client.get(f"/v1/edits/{edit.public_id}").json() == NOTHING


def test_nobody_who_is_locked_out_sees_anything(alice: User) -> None:
    client, edit = caller_of(alice), edit_of(alice)
    User.objects.update(is_active=False)
    assert client.get(f"/v1/edits/{edit.public_id}").status_code == 401


# --- Asking again and again -------------------------------------------------------------------------------


def test_while_nothing_changes_the_answer_is_304(alice: User) -> None:
    client, edit = caller_of(alice), edit_of(alice)
    first = client.get(f"/v1/edits/{edit.public_id}")
    assert first["Cache-Control"] == "private, no-cache"
    headers = {"If-None-Match": f'"older", W/{first["ETag"]}'}
    again = client.get(f"/v1/edits/{edit.public_id}", headers=headers)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    EditRequest.objects.update(status=Status.CANCELED, finished_at=timezone.now())
    changed = client.get(f"/v1/edits/{edit.public_id}", headers=headers)
    assert (changed.status_code, changed.json()["status"]) == (200, "canceled")


@pytest.mark.parametrize("headers", [{"If-Match": '"x"'}, {"If-None-Match": "x"}, {"Range": "bytes=0-10"}])
def test_other_headers_change_nothing(alice: User, headers: dict[str, str]) -> None:
    response = caller_of(alice).get(f"/v1/edits/{edit_of(alice).public_id}", headers=headers)
    assert (response.status_code, response.json()["status"]) == (200, "queued")


@pytest.mark.parametrize("headers", [{"If-None-Match": "*"}, {"If-Match": "*"}])
def test_no_header_tells_whether_anothers_edit_exists(
    alice: User, bob: User, headers: dict[str, str]
) -> None:
    response = caller_of(bob).get(f"/v1/edits/{edit_of(alice).public_id}", headers=headers)
    assert (response.status_code, response.json()) == (404, NOTHING)


def test_looking_is_cheap(
    alice: User, django_assert_max_num_queries: Queries, keep_the_queue: Callable[[], None]
) -> None:
    client, edits = caller_of(alice), [finished_edit_of(alice), edit_of(alice, last_fault="busy")]
    keep_the_queue()
    for edit in edits:
        most = 4 if edit.is_done else 5
        with django_assert_max_num_queries(most):
            fetched_json(client, edit)


# --- Giving up --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.SAVING])
@pytest.mark.parametrize("slash", ["", "/"])
def test_an_edit_that_has_not_ended_is_canceled(alice: User, status: Status, slash: str) -> None:
    edit = edit_of(alice, status=status)
    response = cancel(caller_of(alice), edit, slash=slash)
    assert response.status_code == 200
    assert (response.json()["id"], response.json()["status"]) == (str(edit.public_id), "canceled")
    assert response.json()["finished"] is not None
    assert response.json()["queue"] is None
    assert status_of(edit) == Status.CANCELED


def test_canceling_twice_is_canceling_once(alice: User) -> None:
    edit, client = edit_of(alice), caller_of(alice)
    first, second = cancel(client, edit), cancel(client, edit)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FILTERED, Status.FAILED])
def test_what_has_ended_stays_and_is_not_asked_for_again(alice: User, status: Status) -> None:
    edit = edit_of(alice, status=status)
    response = cancel(caller_of(alice), edit)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "already_finished")
    assert status_of(edit) == status


@pytest.mark.parametrize("who", ["bob", "rita", "root"])
@pytest.mark.parametrize("shared", [False, True])
def test_nobody_cancels_anothers(alice: User, request: pytest.FixtureRequest, who: str, shared: bool) -> None:
    edit = finished_edit_of(alice, shared=True) if shared else edit_of(alice)
    response = cancel(caller_of(request.getfixturevalue(who)), edit)
    assert (response.status_code, response.json()) == (404, NOTHING)
    assert status_of(edit) == edit.status


def test_canceling_takes_a_key_that_may_edit(alice: User, stranger: Client) -> None:
    edit = edit_of(alice)
    assert cancel(stranger, edit).status_code == 401
    assert cancel(signed_in(alice), edit).status_code == 401
    assert cancel(caller_of(alice, can_edit=False), edit).status_code == 403
    assert status_of(edit) == Status.QUEUED
    assert cancel(caller_of(alice), edit).status_code == 200


def test_a_key_that_may_not_read_cancels_only_what_it_asked_for(alice: User) -> None:
    other, script = edit_of(alice), caller_of(alice, can_read=False)
    own = edit_of(alice, api_key=ApiKey.objects.get())
    assert cancel(script, other).status_code == 404
    assert status_of(other) == Status.QUEUED
    assert cancel(script, own).status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_looking_cancels_nothing(alice: User, method: str) -> None:
    edit = edit_of(alice)
    response = getattr(caller_of(alice), method)(f"/v1/edits/{edit.public_id}/cancel")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert status_of(edit) == Status.QUEUED
