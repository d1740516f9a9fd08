"""What a program reads once its edit has ended: each way that it can end, and whether to repeat the call."""

import base64
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client, RequestFactory

from edits.api.errors import ApiError
from edits.api.responses import REFUSALS, answer
from edits.models import EditRequest, Reason, Status, User
from edits.services.pictures.storing import picture_bytes
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, result_of, upload_of
from tests.marked_files import pixels
from tests.stored import fetched


def answered(edit: EditRequest, *, response_format: str = "b64_json") -> Any:
    """The answer as it would be sent."""
    request = RequestFactory().post("/v1/images/edits", headers={"host": "localhost"})
    fresh = EditRequest.objects.select_related("upload").get(pk=edit.pk)
    try:
        return answer(fresh, response_format=response_format, request=request)
    except ApiError as error:
        return error.to_response()


def item_of(response: Any) -> dict[str, Any]:
    """The one result of an answer."""
    body = json.loads(response.content)
    assert (response.status_code, set(body)) == (200, {"id", "created", "data"})
    (item,) = body["data"]
    assert isinstance(item, dict)
    return item


class TestASuccess:
    def test_the_bytes_are_those_that_were_stored(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        response = answered(edit)
        item = item_of(response)
        assert base64.b64decode(item.pop("b64_json"), validate=True) == picture_bytes(edit.result.file)
        assert item == {"finish_reason": "success", "seed": 77120}
        body = json.loads(response.content)
        assert edit.finished_at
        assert (body["id"], body["created"]) == (str(edit.public_id), int(edit.finished_at.timestamp()))
        assert response.headers["X-Edit-Id"] == str(edit.public_id)
        assert "X-Fitted" not in response.headers

    def test_the_link_is_absolute_and_loads_without_a_key(self, alice: User, stranger: Client) -> None:
        edit = finished_edit_of(alice)
        item = item_of(answered(edit, response_format="url"))
        link = urlsplit(item.pop("url"))
        assert (link.scheme, link.netloc) == ("http", "localhost")
        loaded = fetched(stranger, f"{link.path}?{link.query}")
        assert loaded.status_code == 200
        assert pixels(loaded.content) == pixels(picture_bytes(edit.result.file))
        assert item == {"finish_reason": "success", "seed": 77120}

    def test_the_seed_is_the_one_that_the_provider_used(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        edit.result.seed_used = 5
        edit.result.save(update_fields=["seed_used"])
        assert item_of(answered(edit))["seed"] == 5

    def test_it_says_in_which_size_the_picture_was_sent(self, alice: User) -> None:
        edit = finished_edit_of(alice, upload=upload_of(width_px=1024, height_px=768), source_width_px=4032)
        assert answered(edit).headers["X-Fitted"] == "1024x768"

    def test_what_a_reviewer_released_is_a_success_like_any_other(self, alice: User) -> None:
        edit = finished_edit_of(alice, filtered_at_stage="result")
        assert item_of(answered(edit))["finish_reason"] == "success"

    def test_a_file_that_cannot_be_read_now_is_asked_for_again(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        edit.result.file.delete(save=False)
        response = answered(edit)
        assert (response.status_code, json.loads(response.content)["error"]["code"]) == (503, "unavailable")
        assert int(response.headers["Retry-After"]) <= 60
        assert "X-Should-Retry" not in response.headers


class TestTheFilter:
    @pytest.mark.parametrize("response_format", ["url", "b64_json"])
    def test_a_stopped_result_is_an_answer_without_a_picture(self, alice: User, response_format: str) -> None:
        response = answered(filtered_edit_of(alice), response_format=response_format)
        assert item_of(response) == {"finish_reason": "content_filtered", "seed": 77120}

    def test_a_picture_that_is_withheld_is_not_given_whatever_the_row_says(self, alice: User) -> None:
        odd = edit_of(alice, status=Status.SUCCEEDED)
        result_of(odd, withheld=True)
        assert item_of(answered(odd)) == {"finish_reason": "content_filtered", "seed": 77120}

    def test_a_refused_prompt_is_the_providers_own_451(self, alice: User) -> None:
        response = answered(filtered_edit_of(alice, with_picture=False))
        error = json.loads(response.content)["error"]
        assert response.status_code == 451
        assert (error["type"], error["code"], error["param"]) == (
            "censorship_blocked",
            "content_filtered",
            None,
        )


class TestNoPicture:
    @pytest.mark.parametrize(
        ("reason", "fault", "status", "code", "repeat"),
        [(Reason.SERVICE_REJECTED, "rejected", 400, "upstream_rejected", "no matter"),
         (Reason.SERVICE_UNAVAILABLE, "not_sent", 503, "upstream_unavailable", "later"),
         (Reason.SERVICE_UNAVAILABLE, "busy", 503, "upstream_unavailable", "later"),
         (Reason.OUTCOME_UNKNOWN, "gateway", 504, "outcome_unknown", "never"),
         (Reason.OUTCOME_UNKNOWN, "no_answer", 504, "outcome_unknown", "never"),
         (Reason.INTERRUPTED, "no_answer", 504, "outcome_unknown", "never"),
         (Reason.BAD_RESULT, "unusable", 502, "bad_upstream_result", "never"),
         (Reason.BAD_RESULT, "rejected", 502, "bad_upstream_result", "never"),
         (Reason.NO_PICTURE, "unusable", 502, "bad_upstream_result", "never"),
         (Reason.RESULT_LOST, "result_lost", 502, "bad_upstream_result", "never"),
         (Reason.STORAGE, "", 502, "bad_upstream_result", "never"),
         (Reason.STORAGE, "storage", 503, "unavailable", "later")],
    )  # fmt: skip
    def test_each_way_to_fail_has_its_answer(
        self, alice: User, reason: Reason, fault: str, status: int, code: str, repeat: str
    ) -> None:
        edit = edit_of(alice, status=Status.FAILED, reason=reason, last_fault=fault)
        response = answered(edit)
        error = json.loads(response.content)["error"]
        assert (response.status_code, error["code"]) == (status, code)
        assert error["message"].endswith(".")
        assert (response.headers.get("X-Should-Retry") == "false") is (repeat == "never")
        assert ("Retry-After" in response.headers) is (repeat == "later")
        assert response.headers["X-Edit-Id"] == str(edit.public_id)

    def test_no_reason_is_forgotten_and_none_makes_clients_repeat_what_may_be_paid(self) -> None:
        assert set(REFUSALS) == set(Reason.values)
        assert not {refusal["status"] for refusal in REFUSALS.values()} & {401, 402, 403, 404, 408, 409, 429}

    def test_a_refusal_is_told_in_the_providers_own_words(self, alice: User) -> None:
        edit = edit_of(
            alice, status=Status.FAILED, reason=Reason.SERVICE_REJECTED, message="The prompt is odd"
        )
        assert "The prompt is odd." in json.loads(answered(edit).content)["error"]["message"]

    def test_a_canceled_edit_is_no_conflict(self, alice: User) -> None:
        response = answered(edit_of(alice, status=Status.CANCELED))
        assert (response.status_code, json.loads(response.content)["error"]["code"]) == (400, "canceled")
        assert response["X-Should-Retry"] == "false"  # it may have been running, and be charged
