"""Calls of the API that are sent again: which of them are the same edit, and which are not."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from edits.models import ApiKey, EditRequest, Reason, Status, Submission, User
from edits.services.api.api_keys import make_api_key
from edits.services.api.idempotency import (
    OtherRequest,
    Submit,
    begin,
    edits_of,
    forget,
    forget_stale,
    keep,
    submit_once,
)
from tests.factories import edit_of as an_edit_of

ONE, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def key(alice: User) -> ApiKey:
    return make_api_key(owner=alice, name="script", now=timezone.now())[0]


def edit_under(submission: Submission, owner: User, **fields: Any) -> EditRequest:
    return an_edit_of(owner, submission_key=submission.submission_key, **fields)


class TestUnderAKey:
    def test_the_same_call_again_is_the_same_submission(self, key: ApiKey) -> None:
        first = begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now())
        again = begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now())
        assert first.is_new
        assert not again.is_new
        assert again.submission == first.submission

    def test_another_call_under_it_is_refused(self, key: ApiKey) -> None:
        begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now())
        with pytest.raises(OtherRequest):
            begin(key=key, digest=OTHER, idempotency_key="order-7", now=timezone.now())

    def test_two_api_keys_know_nothing_of_each_other(self, alice: User, key: ApiKey) -> None:
        other, _ = make_api_key(owner=alice, name="other script", now=timezone.now())
        begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now())
        assert begin(key=other, digest=OTHER, idempotency_key="order-7", now=timezone.now()).is_new

    def test_after_a_day_it_may_be_used_for_anything(self, key: ApiKey) -> None:
        now = timezone.now()
        begin(key=key, digest=ONE, idempotency_key="order-7", now=now - timedelta(hours=24))
        assert begin(key=key, digest=OTHER, idempotency_key="order-7", now=now).is_new

    def test_until_then_it_stays_taken(self, key: ApiKey) -> None:
        now = timezone.now()
        begin(key=key, digest=ONE, idempotency_key="order-7", now=now - timedelta(hours=23, minutes=59))
        assert not begin(key=key, digest=ONE, idempotency_key="order-7", now=now).is_new

    def test_what_was_refused_leaves_it_free(self, alice: User, key: ApiKey) -> None:
        refused = begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now()).submission
        forget(refused, owner_id=alice.pk)
        assert begin(key=key, digest=OTHER, idempotency_key="order-7", now=timezone.now()).is_new

    def test_what_came_to_an_edit_is_not_forgotten(self, alice: User, key: ApiKey) -> None:
        made = begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now()).submission
        edit = edit_under(made, alice)
        forget(made, owner_id=alice.pk)
        again = begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now()).submission
        assert edits_of(again, owner_id=alice.pk) == [edit]

    def test_what_was_forgotten_while_another_call_of_it_made_the_edit_is_put_back(
        self, alice: User, key: ApiKey
    ) -> None:
        begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now())
        joined = begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now()).submission
        forget(joined, owner_id=alice.pk)
        edit = edit_under(joined, alice)
        keep(joined)
        again = begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now())
        assert not again.is_new
        assert edits_of(again.submission, owner_id=alice.pk) == [edit]

    def test_what_nobody_forgot_is_kept_as_it_is(self, key: ApiKey) -> None:
        first = begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now()).submission
        keep(first)
        assert Submission.objects.get() == first


class TestWithoutAKey:
    def test_two_equal_calls_are_two_edits(self, key: ApiKey) -> None:
        assert (
            begin(key=key, digest=ONE, now=timezone.now()).submission
            != begin(key=key, digest=ONE, now=timezone.now()).submission
        )

    def test_a_client_that_repeats_joins_the_call_that_runs(self, alice: User, key: ApiKey) -> None:
        first = begin(key=key, digest=ONE, now=timezone.now()).submission
        edit_under(first, alice, status=Status.RUNNING)
        again = begin(key=key, digest=ONE, is_repeat=True, now=timezone.now())
        assert not again.is_new
        assert again.submission == first

    def test_it_joins_a_call_whose_picture_is_still_looked_at(self, key: ApiKey) -> None:
        first = begin(key=key, digest=ONE, now=timezone.now()).submission
        assert begin(key=key, digest=ONE, is_repeat=True, now=timezone.now()).submission == first

    def test_it_joins_the_latest_of_several(self, key: ApiKey) -> None:
        begin(key=key, digest=ONE, now=timezone.now())
        latest = begin(key=key, digest=ONE, now=timezone.now()).submission
        assert begin(key=key, digest=ONE, is_repeat=True, now=timezone.now()).submission == latest

    @pytest.mark.parametrize(("minutes_ago", "joins"), [(9, True), (11, False)])
    def test_it_joins_what_has_just_ended_and_no_more(
        self, alice: User, key: ApiKey, minutes_ago: int, joins: bool
    ) -> None:
        now = timezone.now()
        first = begin(key=key, digest=ONE, now=now - timedelta(hours=1)).submission
        ended = now - timedelta(minutes=minutes_ago)
        edit_under(first, alice, status=Status.SUCCEEDED, finished_at=ended)
        assert begin(key=key, digest=ONE, is_repeat=True, now=now).is_new is not joins

    def test_other_words_are_another_edit(self, key: ApiKey) -> None:
        begin(key=key, digest=ONE, now=timezone.now())
        assert begin(key=key, digest=OTHER, is_repeat=True, now=timezone.now()).is_new

    def test_another_key_is_another_caller(self, alice: User, key: ApiKey) -> None:
        other, _ = make_api_key(owner=alice, name="other script", now=timezone.now())
        begin(key=key, digest=ONE, now=timezone.now())
        assert begin(key=other, digest=ONE, is_repeat=True, now=timezone.now()).is_new

    def test_it_does_not_join_what_was_named(self, key: ApiKey) -> None:
        begin(key=key, digest=ONE, idempotency_key="order-7", now=timezone.now())
        assert begin(key=key, digest=ONE, is_repeat=True, now=timezone.now()).is_new


def test_what_no_longer_counts_is_dropped(key: ApiKey) -> None:
    now = timezone.now()
    old = begin(key=key, digest=ONE, now=now - timedelta(hours=25)).submission
    kept = begin(key=key, digest=ONE, now=now - timedelta(hours=23)).submission
    assert forget_stale(now=now) == 1
    assert [*Submission.objects.all()] == [kept] != [old]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known_by", [{"idempotency_key": "order-7"}, {"is_repeat": True}])
def test_twenty_calls_at_once_are_one_submission(alice: User, known_by: dict[str, Any]) -> None:
    key, _ = make_api_key(owner=alice, name="script", now=timezone.now())
    together = threading.Barrier(20, timeout=60)

    def call(_: int) -> tuple[int, bool]:
        together.wait()
        try:
            begun = begin(key=key, digest=ONE, now=timezone.now(), **known_by)
            return begun.submission.pk, begun.is_new
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        begun = list(threads.map(call, range(20)))
    assert len({pk for pk, _ in begun}) == 1
    assert [is_new for _, is_new in begun].count(True) == 1


def unasked(_: uuid.UUID) -> list[EditRequest]:
    """Takes the place of what makes edits where none may be made."""
    pytest.fail("a repetition was submitted")


class TestSubmitOnce:
    """The whole of it: what the API asks for."""

    @staticmethod
    def sent(key: ApiKey, submit: Submit, *, digest: str = ONE) -> list[EditRequest]:
        return submit_once(
            key=key,
            digest=digest,
            idempotency_key="order-7",
            is_repeat=False,
            submit=submit,
            now=timezone.now(),
        )

    def test_a_repetition_gets_the_edits_and_submits_nothing(self, alice: User, key: ApiKey) -> None:
        made = self.sent(key, lambda of: [an_edit_of(alice, submission_key=of)])
        assert self.sent(key, unasked) == made

    def test_what_is_refused_leaves_the_key_free_for_another_request(self, alice: User, key: ApiKey) -> None:
        def refuse(_: uuid.UUID) -> list[EditRequest]:
            raise ValueError

        with pytest.raises(ValueError):
            self.sent(key, refuse)
        assert self.sent(key, lambda of: [an_edit_of(alice, submission_key=of)], digest=OTHER)

    def test_another_request_under_the_same_key_is_refused(self, alice: User, key: ApiKey) -> None:
        self.sent(key, lambda of: [an_edit_of(alice, submission_key=of)])
        with pytest.raises(OtherRequest):
            self.sent(key, unasked, digest=OTHER)

    def test_what_could_not_be_sent_is_sent_again(self, alice: User, key: ApiKey) -> None:
        def fail(of: uuid.UUID) -> list[EditRequest]:
            reason = Reason.SERVICE_UNAVAILABLE
            return [an_edit_of(alice, submission_key=of, status=Status.FAILED, reason=reason)]

        self.sent(key, fail)
        assert [edit.status for edit in self.sent(key, unasked)] == [Status.QUEUED]
