"""Telling: each end of an edit is noted for its owner's webhooks, in the transaction in which it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.models import EditRequest, Status, User, Webhook, WebhookDelivery
from edits.providers import Rejected, ServerFailed
from edits.services.api.api_keys import make_api_key
from edits.services.calls.failures import record_interruption
from edits.services.calls.saving import fail_unsaved
from edits.services.queue.canceling import cancel_edit, retry_edit
from edits.services.reviewing import keep_hidden, release, undo_decision
from edits.services.webhooks import create_deliveries, purge_deliveries, turn_off
from edits.services.webhooks.delivery_results import KEPT_FOR
from tests.editors import NOW, Editor, made, run, stopped
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.hooks import hook_of


def deliveries() -> list[tuple[str, Any]]:
    """Owners of webhooks, with the edit of which each is notified."""
    return list(WebhookDelivery.objects.order_by("pk").values_list("webhook__owner__username", "edit"))


class TestEnds:
    @pytest.mark.parametrize(
        ("outcome", "status"),
        [
            (made(), Status.SUCCEEDED),
            (stopped(), Status.FILTERED),
            (stopped(stage="request"), Status.FILTERED),
            (Rejected("no", status=400), Status.FAILED),
        ],
    )
    def test_an_end_is_told_once(self, alice: User, outcome: Any, status: Status) -> None:
        hook_of(alice)
        edit = run(edit_of(alice), Editor([outcome]))
        assert edit.status == status
        assert deliveries() == [("alice", edit.pk)]
        assert WebhookDelivery.objects.get().due_at == NOW

    def test_an_edit_that_is_tried_again_has_not_ended(self, alice: User) -> None:
        hook_of(alice)
        edit = run(edit_of(alice), Editor([ServerFailed("busy", status=503)]))
        assert edit.status == Status.QUEUED
        assert deliveries() == []

    def test_canceling_is_an_end(self, alice: User) -> None:
        hook_of(alice)
        edit = edit_of(alice)
        assert cancel_edit(edit=edit, now=NOW)
        assert not cancel_edit(edit=edit, now=NOW)
        assert deliveries() == [("alice", edit.pk)]

    def test_the_second_interruption_is_an_end_and_the_first_is_not(self, alice: User) -> None:
        hook_of(alice)
        edit = edit_of(alice, status=Status.RUNNING)
        for number in (1, 2):
            edit.attempts.create(number=number, fence=1, started_at=NOW, seed_sent=1)
            EditRequest.objects.filter(pk=edit.pk).update(status=Status.RUNNING, lease_until=NOW)
            assert deliveries() == []
            record_interruption(edit, now=NOW, detail="killed")
        assert deliveries() == [("alice", edit.pk)]

    def test_an_answer_that_cannot_be_stored_is_an_end(self, alice: User) -> None:
        hook_of(alice)
        edit = edit_of(alice, status=Status.SAVING)
        assert fail_unsaved(edit, now=NOW)
        assert not fail_unsaved(edit, now=NOW)
        assert deliveries() == [("alice", edit.pk)]

    def test_a_failed_edit_that_is_tried_again_ends_again(self, alice: User) -> None:
        hook_of(alice)
        edit = run(edit_of(alice), Editor([Rejected("no", status=400)]))
        retry_edit(edit=edit, now=NOW)
        run(edit, Editor([made()]))
        assert deliveries() == [("alice", edit.pk)] * 2

    def test_what_a_reviewer_releases_is_told_once_undoing_is_over(self, alice: User, rita: User) -> None:
        hook_of(alice)
        edit = filtered_edit_of(alice)
        assert release(case=edit.review, reviewer=rita, reason="art", now=NOW).done
        assert deliveries() == [("alice", edit.pk)]
        due_at = WebhookDelivery.objects.get().due_at
        assert due_at
        assert not undo_decision(case=edit.review, reviewer=rita, now=due_at + timedelta(seconds=1))

    def test_what_a_reviewer_keeps_hidden_is_not_told_again(self, alice: User, rita: User) -> None:
        hook_of(alice)
        assert keep_hidden(case=filtered_edit_of(alice).review, reviewer=rita, reason="no", now=NOW).done
        assert deliveries() == []

    def test_an_end_that_is_rolled_back_is_told_to_nobody(self, alice: User) -> None:
        hook_of(alice)
        edit = edit_of(alice)

        @transaction.atomic
        def cancel_and_fail() -> None:
            cancel_edit(edit=edit, now=NOW)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            cancel_and_fail()
        assert deliveries() == []


class TestWhom:
    def test_colleagues_are_not_told(self, alice: User, bob: User) -> None:
        hook_of(bob)
        create_deliveries(finished_edit_of(alice), now=NOW)
        assert deliveries() == []

    def test_each_of_ones_webhooks_is(self, alice: User) -> None:
        hook_of(alice), hook_of(alice, "https://b.example/")
        create_deliveries(finished_edit_of(alice), now=NOW)
        assert len(deliveries()) == 2

    def test_one_of_a_key_hears_of_that_keys_edits_alone(self, alice: User) -> None:
        ours, _ = make_api_key(owner=alice, name="script", now=timezone.now())
        other, _ = make_api_key(owner=alice, name="other", now=timezone.now())
        hook_of(alice, api_key=ours)
        mine = finished_edit_of(alice, api_key=ours)
        for edit in (mine, finished_edit_of(alice, api_key=other), finished_edit_of(alice)):
            create_deliveries(edit, now=NOW)
        assert deliveries() == [("alice", mine.pk)]

    def test_one_that_is_off_hears_of_nothing(self, alice: User) -> None:
        turn_off(webhook=hook_of(alice))
        create_deliveries(finished_edit_of(alice), now=NOW)
        assert deliveries() == []

    def test_one_of_somebody_who_is_locked_out_hears_of_nothing(self, alice: User) -> None:
        hook_of(alice)
        User.objects.update(is_active=False)
        create_deliveries(finished_edit_of(alice), now=NOW)
        assert deliveries() == []

    def test_it_costs_one_question_where_nobody_listens(self, alice: User, bob: User) -> None:
        hook_of(bob)
        edit = finished_edit_of(alice)
        with CaptureQueriesContext(connection) as queries:
            create_deliveries(edit, now=NOW)
        assert len(queries) == 1


def test_deliveries_are_forgotten_after_thirty_days(alice: User) -> None:
    hook = hook_of(alice)
    for age in (KEPT_FOR - timedelta(hours=1), KEPT_FOR + timedelta(hours=1)):
        create_deliveries(finished_edit_of(alice), now=NOW - age)
    assert purge_deliveries(now=NOW) == 1
    assert purge_deliveries(now=NOW) == 0
    assert WebhookDelivery.objects.get().created_at > NOW - KEPT_FOR
    assert Webhook.objects.get() == hook
