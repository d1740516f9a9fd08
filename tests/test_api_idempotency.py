"""Calls that ask for an edit: repeated ones join, none pays twice, and nobody waits for nothing."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from edits.api import images_edits, long_poll
from edits.models import ApiKey, Budget, EditRequest, Provider, Reason, Status, Submission, Upload, User
from edits.services.api import wait_for_result
from edits.services.api.api_keys import make_api_key
from edits.services.api.wait_for_result import Waited
from edits.services.queue.submitting import submit_edits
from tests.factories import picture, result_of

CAT = picture(mark=7)
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture
def key(alice: User) -> str:
    return make_api_key(owner=alice, name="script", now=timezone.now())[1]


def call(
    key: str,
    *,
    headers: dict[str, str] | None = None,
    image: bytes = CAT,
    name: str = "cat.png",
    **fields: Any,
) -> Any:
    """POST /v1/images/edits."""
    form = {"model": "step-1x-edit", "prompt": "sepia", "image": SimpleUploadedFile(name, image)}
    sent = {"Authorization": f"Bearer {key}"} | (headers or {})
    return Client(headers=sent).post("/v1/images/edits", form | fields)


def error_of(response: Any) -> dict[str, Any]:
    error: dict[str, Any] = response.json()["error"]
    return error


class TestIdempotencyKey:
    def test_the_same_call_again_gets_the_same_edit(self, key: str) -> None:
        headers = ASYNC | {"Idempotency-Key": "order-7"}
        first, again = call(key, headers=headers), call(key, headers=headers)
        assert (first.status_code, again.status_code) == (202, 202)
        assert first.json()["id"] == again.json()["id"]
        assert EditRequest.objects.count() == 1

    @pytest.mark.parametrize("other", [{"prompt": "brighter"}, {"image": picture(mark=8)}, {"seed": "3"}])
    def test_another_body_under_it_is_refused(self, key: str, other: dict[str, Any]) -> None:
        headers = ASYNC | {"Idempotency-Key": "order-7"}
        call(key, headers=headers)
        refused = call(key, headers=headers, **other)
        assert refused.status_code == 422
        assert error_of(refused)["param"] == "Idempotency-Key"
        assert EditRequest.objects.count() == 1

    @pytest.mark.parametrize("name", ["", "x" * 256, "or\tder", "ordér"])
    def test_one_that_nobody_would_mean_is_refused(self, key: str, name: str) -> None:
        refused = call(key, headers=ASYNC | {"Idempotency-Key": name})
        assert refused.status_code == 400
        assert error_of(refused)["param"] == "Idempotency-Key"
        assert not EditRequest.objects.exists()

    def test_one_of_255_characters_is_taken(self, key: str) -> None:
        assert call(key, headers=ASYNC | {"Idempotency-Key": "x" * 255}).status_code == 202

    def test_after_a_refusal_it_is_free_for_what_is_put_right(self, key: str) -> None:
        headers = ASYNC | {"Idempotency-Key": "order-7"}
        assert call(key, headers=headers, prompt=" ").status_code == 400
        assert not Submission.objects.exists()
        assert call(key, headers=headers).status_code == 202

    def test_what_the_file_is_called_does_not_matter(self, key: str) -> None:
        headers = ASYNC | {"Idempotency-Key": "order-7"}
        first, again = call(key, headers=headers), call(key, headers=headers, name="other.png")
        assert first.json()["id"] == again.json()["id"]

    def test_another_key_of_ours_knows_nothing_of_it(self, bob: User, key: str) -> None:
        _, bobs = make_api_key(owner=bob, name="his", now=timezone.now())
        headers = ASYNC | {"Idempotency-Key": "order-7"}
        assert call(key, headers=headers).json()["id"] != call(bobs, headers=headers).json()["id"]

    def test_one_of_two_calls_at_once_that_is_refused_does_not_make_the_other_pay_twice(
        self, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        headers = ASYNC | {"Idempotency-Key": "order-7"}
        joined: list[Any] = []

        def is_away(**_: Any) -> list[EditRequest]:
            monkeypatch.setattr(images_edits, "submit_edits", is_slow)
            joined.append(call(key, headers=headers))
            raise OSError("away")

        def is_slow(**submitted: Any) -> list[EditRequest]:
            monkeypatch.setattr(images_edits, "submit_edits", submit_edits)
            Submission.objects.all().delete()  # as the first does, once it is refused
            return submit_edits(**submitted)

        monkeypatch.setattr(images_edits, "submit_edits", is_away)
        assert call(key, headers=headers).status_code == 503
        assert call(key, headers=headers).json()["id"] == joined[0].json()["id"]
        assert EditRequest.objects.count() == 1

    def test_the_first_of_two_at_once_stays_known_though_the_second_is_refused(
        self, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        headers = ASYNC | {"Idempotency-Key": "order-7"}
        refused: list[Any] = []

        def is_away(**_: Any) -> list[EditRequest]:
            raise OSError("away")

        def is_slow(**submitted: Any) -> list[EditRequest]:
            monkeypatch.setattr(images_edits, "submit_edits", is_away)
            refused.append(call(key, headers=headers))
            monkeypatch.setattr(images_edits, "submit_edits", submit_edits)
            assert Submission.objects.exists()
            return submit_edits(**submitted)

        monkeypatch.setattr(images_edits, "submit_edits", is_slow)
        first = call(key, headers=headers)
        assert refused[0].status_code == 503
        assert call(key, headers=headers).json()["id"] == first.json()["id"]
        assert EditRequest.objects.count() == 1

    def test_what_nobody_took_is_sent_again_under_it(self, key: str) -> None:
        headers = ASYNC | {"Idempotency-Key": "order-7"}
        first = call(key, headers=headers)
        EditRequest.objects.update(
            status=Status.FAILED, reason=Reason.SERVICE_UNAVAILABLE, finished_at=timezone.now()
        )
        again = call(key, headers=headers)
        assert (again.json()["status"], again.json()["id"]) == (Status.QUEUED, first.json()["id"])

    @pytest.mark.django_db(transaction=True)
    def test_twenty_at_once_are_one_edit(self, alice: User) -> None:
        _, key = make_api_key(owner=alice, name="script", now=timezone.now())
        together = threading.Barrier(20, timeout=60)

        def at_once(_: int) -> str:
            together.wait()
            try:
                return str(call(key, headers=ASYNC | {"Idempotency-Key": "order-7"}).json()["id"])
            finally:
                connection.close()

        with ThreadPoolExecutor(20) as threads:
            assert len(set(threads.map(at_once, range(20)))) == 1
        assert EditRequest.objects.count() == 1


class TestRepetitions:
    def test_a_client_that_repeats_by_itself_joins_its_first_call(self, key: str) -> None:
        first = call(key, headers=ASYNC | {"X-Stainless-Retry-Count": "0"})
        again = call(key, headers=ASYNC | {"X-Stainless-Retry-Count": "1"})
        assert first.json()["id"] == again.json()["id"]

    def test_two_first_calls_are_two_edits(self, key: str) -> None:
        headers = ASYNC | {"X-Stainless-Retry-Count": "0"}
        assert call(key, headers=headers).json()["id"] != call(key, headers=headers).json()["id"]

    def test_after_nothing_was_delivered_the_same_edit_is_sent_again(self, key: str) -> None:
        call(key, headers=ASYNC)
        EditRequest.objects.update(
            status=Status.FAILED, reason=Reason.SERVICE_UNAVAILABLE, finished_at=timezone.now()
        )
        again = call(key, headers=ASYNC | {"X-Stainless-Retry-Count": "1"})
        assert again.json()["status"] == Status.QUEUED
        assert EditRequest.objects.count() == 1

    def test_what_may_have_been_charged_is_not_sent_again(self, key: str) -> None:
        call(key, headers=ASYNC)
        EditRequest.objects.update(
            status=Status.FAILED, reason=Reason.OUTCOME_UNKNOWN, finished_at=timezone.now()
        )
        again = call(key, headers={"X-Stainless-Retry-Count": "1"})
        assert (again.status_code, again["X-Should-Retry"]) == (504, "false")
        assert EditRequest.objects.get().status == Status.FAILED


class TestAnswers:
    def test_who_prefers_not_to_wait_is_told_where_to_ask(self, key: str) -> None:
        response = call(key, headers=ASYNC)
        edit = EditRequest.objects.get()
        assert response.status_code == 202
        assert response["Location"] == f"/v1/edits/{edit.public_id}"
        assert response["Preference-Applied"] == "respond-async"
        assert response.json()["status"] == Status.QUEUED
        assert edit.is_awaited is False

    def test_it_says_in_which_size_the_picture_is_sent(self, key: str) -> None:
        large = picture(width_px=1400, height_px=1000)
        assert call(key, headers=ASYNC, image=large)["X-Fitted"] == "1211x865"
        assert "X-Fitted" not in call(key, headers=ASYNC)

    def test_it_is_in_its_owner_s_history_and_says_with_which_key(self, alice: User, key: str) -> None:
        call(key, headers=ASYNC)
        edit = EditRequest.objects.of(alice).get()
        assert edit.api_key
        assert edit.api_key.name == "script"

    @pytest.mark.django_db(transaction=True)
    def test_a_call_whose_time_is_up_is_told_that_the_edit_goes_on(self, alice: User, settings: Any) -> None:
        _, key = make_api_key(owner=alice, name="script", now=timezone.now())
        settings.API_WAIT_SECONDS = 0
        response = call(key)
        assert response.status_code == 503
        assert error_of(response)["code"] == "edit_pending"
        assert response["Retry-After"] == "1"
        assert response["Location"] == f"/v1/edits/{EditRequest.objects.get().public_id}"

    @pytest.mark.django_db(transaction=True)
    def test_a_server_that_stops_lets_its_callers_go(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, key = make_api_key(owner=alice, name="script", now=timezone.now())
        monkeypatch.setattr(wait_for_result, "is_stopping", lambda: True)
        response = call(key)
        assert error_of(response)["code"] == "edit_pending"
        assert EditRequest.objects.get().status == Status.QUEUED

    @pytest.mark.django_db(transaction=True)
    def test_nobody_waits_for_a_queue_that_is_held(self, alice: User) -> None:
        _, key = make_api_key(owner=alice, name="script", now=timezone.now())
        Provider.objects.update(held_since=timezone.now(), held_reason="The key was refused (401)")
        response = call(key)
        assert response.status_code == 503
        assert error_of(response)["code"] == "upstream_account"
        assert "(401)" not in response.content.decode()
        assert int(response["Retry-After"]) <= 60

    @pytest.mark.django_db(transaction=True)
    def test_a_team_without_budget_is_over_a_limit_and_its_edit_is_kept(self, alice: User) -> None:
        _, key = make_api_key(owner=alice, name="script", now=timezone.now())
        Budget.objects.update(budget_exhausted_until=timezone.now() + timedelta(hours=3))
        response = call(key)
        assert response.status_code == 429
        assert error_of(response)["code"] == "rate_limit_exceeded"
        assert 0 < int(response["Retry-After"]) <= 120
        assert response["Location"] == f"/v1/edits/{EditRequest.objects.get(status=Status.QUEUED).public_id}"

    @pytest.mark.django_db(transaction=True)
    def test_nobody_waits_where_the_provider_asked_for_a_day(self, alice: User) -> None:
        _, key = make_api_key(owner=alice, name="script", now=timezone.now())
        now = timezone.now()
        Provider.objects.update(paused_since=now, paused_until=now + timedelta(days=1))
        response = call(key)
        assert response.status_code == 503
        assert error_of(response)["code"] == "upstream_unavailable"
        assert 0 < int(response["Retry-After"]) <= 120

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("who", ["the key", "the person"])
    def test_who_is_locked_out_meanwhile_gets_nothing_of_what_was_made(
        self, alice: User, who: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, key = make_api_key(owner=alice, name="script", now=timezone.now())

        def ends_as_they_leave(edits: Sequence[EditRequest], **_: Any) -> Waited:
            result_of(edits[0])
            EditRequest.objects.update(status=Status.SUCCEEDED, finished_at=timezone.now())
            if who == "the key":
                ApiKey.objects.update(revoked_at=timezone.now())
            else:
                User.objects.update(is_active=False)
            return Waited.FINISHED

        monkeypatch.setattr(long_poll, "wait_for", ends_as_they_leave)
        response = call(key, response_format="b64_json")
        assert response.status_code == 401
        assert error_of(response)["code"] == "invalid_api_key"
        assert EditRequest.objects.get().status == Status.SUCCEEDED

    def test_a_refusal_leaves_nothing(self, key: str) -> None:
        refused = call(key, prompt="x" * 513)
        assert refused.status_code == 400
        assert error_of(refused)["param"] == "prompt"
        assert not EditRequest.objects.exists()
        assert not Upload.objects.exists()
        assert not Submission.objects.exists()
