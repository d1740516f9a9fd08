"""Sending: what is due goes out once at a time, is tried again in time, and never holds up what is for others."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from edits.models import EditRequest, OffReason, Status, User, Webhook, WebhookDelivery
from edits.services.webhooks import (
    Sender,
    change_webhook,
    create_deliveries,
    send_again,
    send_test,
    sending,
    turn_off,
    turn_on,
)
from edits.services.webhooks.deliveries import woken
from edits.services.webhooks.delivery_results import (
    AGAIN_AFTER_SECONDS,
    FAILING_FOR,
    SPREAD,
    TURNED_OFF,
    next_try,
)
from edits.services.webhooks.events import message_of
from edits.services.webhooks.posting import Answered, Message
from edits.services.webhooks.sending import LEASE, MOST_TO_ONE_HOST, QUEUED_AGAIN, claim
from tests.editors import NOW
from tests.factories import edit_of, finished_edit_of
from tests.hooks import FAILED, GONE, OK, Clock, Post, hook_of, only_delivery, send, sender_of
from tests.receiver import PATIENCE_SECONDS

Queries = Callable[[int], Any]


def due_of(owner: User, count: int = 1, *, url: str = "https://hooks.example.com/") -> Webhook:
    """A webhook with so many deliveries that are due."""
    hook = hook_of(owner, url)
    for _ in range(count):
        edit = finished_edit_of(owner)
        hook.deliveries.create(edit=edit, created_at=NOW, due_at=NOW)
    return hook


class TestDelivered:
    def test_what_is_taken_is_sent_once(self, alice: User) -> None:
        due_of(alice)
        post = Post([OK])
        sender = sender_of(post)
        assert [send(sender), send(sender)] == [1, 0]
        delivery = only_delivery()
        assert (delivery.delivered_at, delivery.due_at) == (NOW, None)
        assert (delivery.answer_status, delivery.problem, delivery.tries) == (204, "", 1)
        assert sender.in_flight == 0

    def test_what_is_not_due_yet_waits(self, alice: User) -> None:
        create_deliveries(finished_edit_of(alice), now=NOW)
        hook_of(alice)
        create_deliveries(finished_edit_of(alice), now=NOW, after=timedelta(seconds=15))
        clock = Clock()
        sender = sender_of(Post([OK]), now=clock)
        assert send(sender) == 0
        clock.move(seconds=15)
        assert send(sender) == 1

    def test_all_that_is_told_is_loaded_when_it_is_claimed(
        self, alice: User, django_assert_num_queries: Queries
    ) -> None:
        due_of(alice)
        claimed = claim(only_delivery(), now=NOW)
        assert claimed
        with django_assert_num_queries(0):
            message_of(claimed, now=NOW)

    def test_the_longest_waiting_goes_first(self, alice: User) -> None:
        due_of(alice, 2, url="https://late.example/")
        hook = due_of(alice, url="https://early.example/")
        WebhookDelivery.objects.filter(webhook=hook).update(due_at=NOW - timedelta(seconds=1))
        post = Post([OK])
        send(sender_of(post))
        assert post.messages[0].url == "https://early.example/"


class TestAgain:
    def test_it_is_tried_again_after_the_times_that_are_documented_and_then_given_up(
        self, alice: User
    ) -> None:
        due_of(alice)
        clock, post = Clock(), Post([FAILED])
        sender = sender_of(post, now=clock)
        for seconds in AGAIN_AFTER_SECONDS:
            assert send(sender) == 1
            assert only_delivery().due_at == clock.at + timedelta(seconds=seconds)
            clock.move(seconds=seconds - 1)
            assert send(sender) == 0
            clock.move(seconds=1)
        assert send(sender) == 1
        delivery = only_delivery()
        assert (delivery.due_at, delivery.delivered_at, delivery.tries) == (None, None, 8)
        assert delivery.problem == "Answered 500."
        clock.move(days=10)
        assert send(sender) == 0
        assert len({message.headers["webhook-id"] for message in post.messages}) == 1

    def test_those_that_failed_together_do_not_come_back_together(self) -> None:
        times = [next_try(1, now=NOW) for _ in range(50)]
        first = timedelta(seconds=AGAIN_AFTER_SECONDS[0])
        assert len(set(times)) > 1
        assert all(time and NOW + first <= time <= NOW + first * (1 + SPREAD) for time in times)

    def test_one_that_is_taken_at_last_is_delivered(self, alice: User) -> None:
        due_of(alice)
        clock = Clock()
        sender = sender_of(Post([FAILED, OK]), now=clock)
        send(sender)
        clock.move(seconds=10)
        send(sender)
        delivery = only_delivery()
        assert (delivery.delivered_at, delivery.problem, delivery.tries) == (clock.at, "", 2)
        assert Webhook.objects.get().failing_since is None

    def test_what_the_receiver_does_changes_nothing_of_the_edit(self, alice: User) -> None:
        due_of(alice)
        before = EditRequest.objects.values().get()
        send(sender_of(Post([FAILED])))
        assert EditRequest.objects.values().get() == before

    def test_an_edit_that_is_queued_again_is_told_of_when_it_ends(self, alice: User) -> None:
        hook = hook_of(alice)
        hook.deliveries.create(edit=edit_of(alice, status=Status.RUNNING), created_at=NOW, due_at=NOW)
        post = Post([OK])
        send(sender_of(post))
        assert post.messages == []
        delivery = only_delivery()
        assert (delivery.due_at, delivery.problem, delivery.tries) == (None, QUEUED_AGAIN, 0)

    def test_what_came_of_it_is_kept_while_the_database_is_away(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        due_of(alice)
        sender = sender_of(Post([OK]))
        sender.begin_due()

        def away(*_: object, **__: object) -> None:
            raise OperationalError("no connection")

        with monkeypatch.context() as patched:
            patched.setattr(sending, "record_result", away)
            with pytest.raises(OperationalError):
                sender.record_ended()
        assert sender.in_flight == 1
        sender.record_ended()
        assert only_delivery().delivered_at == NOW
        assert sender.in_flight == 0

    def test_what_cannot_be_recorded_at_all_keeps_no_place_from_others(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        due_of(alice, MOST_TO_ONE_HOST)
        sender = sender_of(Post([OK]))
        assert sender.begin_due() == MOST_TO_ONE_HOST

        def breaks(*_: object, **__: object) -> None:
            raise RuntimeError("a defect")

        monkeypatch.setattr(sending, "record_result", breaks)
        for left in reversed(range(MOST_TO_ONE_HOST)):
            with pytest.raises(RuntimeError):
                sender.record_ended()
            assert sender.in_flight == left

    def test_a_fault_in_one_round_does_not_end_the_sending(self, db: None) -> None:
        stop, sender = threading.Event(), sender_of(Post([OK]))
        rounds: list[int] = []

        def begin() -> int:
            rounds.append(1)
            if len(rounds) == 1:
                raise RuntimeError("a defect")
            stop.set()
            return 0

        sender.begin_due = begin  # type: ignore[method-assign]
        woken.set()
        sender.keep_sending(stop)
        assert len(rounds) == 2

    def test_a_post_that_breaks_on_our_side_is_tried_again(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        due_of(alice)
        seen: list[object] = []
        monkeypatch.setattr(threading, "excepthook", seen.append)

        def breaks(message: Message) -> Answered:
            raise RuntimeError("a defect")

        sender = Sender(post=breaks, now=lambda: NOW)
        woken.clear()
        assert sender.begin_due() == 1
        assert woken.wait(PATIENCE_SECONDS)
        sender.record_ended()
        assert "Unexpected error" in only_delivery().problem
        assert sender.in_flight == 0
        assert only_delivery().due_at


class TestTurnedOff:
    def test_gone_turns_the_webhook_off_and_gives_up_what_waits(self, alice: User) -> None:
        due_of(alice, 3)
        sender = sender_of(Post([GONE]))
        assert send(sender) == MOST_TO_ONE_HOST
        hook = Webhook.objects.get()
        assert (hook.is_on, hook.off_reason) == (False, OffReason.GONE)
        assert not WebhookDelivery.objects.filter(due_at__isnull=False).exists()
        assert WebhookDelivery.objects.filter(problem=TURNED_OFF).count() == 1
        assert send(sender) == 0

    def test_five_days_of_nothing_but_failures_turn_it_off(self, alice: User) -> None:
        hook = due_of(alice)
        Webhook.objects.update(failing_since=NOW - FAILING_FOR)
        hook.deliveries.update(tries=7, problem="Answered 500.")
        send(sender_of(Post([FAILED])))
        hook.refresh_from_db()
        assert (hook.is_on, hook.off_reason) == (False, OffReason.FAILING)

    def test_one_failure_after_days_without_an_edit_does_not(self, alice: User) -> None:
        hook = due_of(alice)
        Webhook.objects.update(failing_since=NOW - FAILING_FOR)
        send(sender_of(Post([FAILED])))
        hook.refresh_from_db()
        assert hook.is_on

    def test_something_delivered_in_between_begins_anew(self, alice: User) -> None:
        due_of(alice, 2)
        Webhook.objects.update(failing_since=NOW - FAILING_FOR)
        send(sender_of(Post([OK, FAILED])))
        assert Webhook.objects.get().failing_since == NOW

    def test_what_its_owner_turned_off_waits_for_nothing(self, alice: User) -> None:
        hook = due_of(alice)
        assert turn_off(webhook=hook)
        assert only_delivery().problem == TURNED_OFF
        assert turn_on(webhook=hook)
        assert send(sender_of(Post([OK]))) == 0

    def test_what_was_in_flight_ends_by_itself(self, alice: User) -> None:
        hook = due_of(alice)
        sender = sender_of(lambda message: (turn_off(webhook=hook), FAILED)[1])
        send(sender)
        assert (only_delivery().due_at, only_delivery().problem) == (None, FAILED.problem)

    def test_nothing_is_sent_for_people_who_are_locked_out(self, alice: User) -> None:
        due_of(alice)
        User.objects.update(is_active=False)
        assert send(sender_of(Post([OK]))) == 0


class TestOnceAtATime:
    def test_of_two_workers_one_gets_it(self, alice: User) -> None:
        due_of(alice)
        seen_by_both = only_delivery()
        assert claim(seen_by_both, now=NOW)
        assert claim(seen_by_both, now=NOW) is None
        assert send(sender_of(Post([OK]))) == 0

    def test_that_of_a_dead_worker_is_sent_again_under_the_same_id(self, alice: User) -> None:
        due_of(alice)
        clock, post = Clock(), Post([OK])
        dead = Sender(post=post, begin=lambda job: None, now=clock)
        assert dead.begin_due() == 1
        alive = sender_of(post, now=clock)
        clock.move(seconds=LEASE.total_seconds() - 1)
        assert send(alive) == 0
        clock.move(seconds=1)
        assert send(alive) == 1
        assert post.messages[0].headers["webhook-id"] == str(only_delivery().public_id)
        assert only_delivery().tries == 2

    def test_what_is_late_changes_nothing_of_the_next_try(self, alice: User) -> None:
        due_of(alice)
        clock = Clock()
        jobs: list[Callable[[], None]] = []
        late = Sender(post=Post([OK]), begin=jobs.append, now=clock)
        late.begin_due()
        clock.move(seconds=LEASE.total_seconds())
        next_one = Sender(post=Post([OK]), begin=lambda job: None, now=clock)
        next_one.begin_due()
        jobs[0]()
        late.record_ended()
        assert only_delivery().delivered_at is None
        assert only_delivery().due_at == clock.at + LEASE

    def test_one_host_gets_few_at_once_and_others_are_not_held_up(self, alice: User, bob: User) -> None:
        due_of(alice, 5, url="https://slow.example/a")
        due_of(bob, 5, url="https://SLOW.example:8443/b")
        due_of(bob, url="https://fast.example/")
        jobs: list[Callable[[], None]] = []
        post = Post([OK])
        sender = Sender(post=post, begin=jobs.append, now=lambda: NOW)
        assert sender.begin_due() == MOST_TO_ONE_HOST + 1
        assert sender.begin_due() == 0
        for job in jobs:
            job()
        urls = [message.url for message in post.messages]
        assert urls.count("https://fast.example/") == 1
        sender.record_ended()
        assert sender.in_flight == 0


class TestByHand:
    def test_what_was_delivered_can_be_sent_again_under_its_id(self, alice: User) -> None:
        due_of(alice)
        post = Post([OK])
        send(sender_of(post))
        assert send_again(delivery=only_delivery(), now=NOW)
        send(sender_of(post))
        assert len({message.headers["webhook-id"] for message in post.messages}) == 1
        assert (len(post.messages), only_delivery().tries) == (2, 1)

    def test_what_was_given_up_can_and_has_all_its_tries(self, alice: User) -> None:
        hook = due_of(alice)
        hook.deliveries.update(due_at=None, tries=8, problem="Answered 500.", answer_status=500)
        assert send_again(delivery=only_delivery(), now=NOW)
        send(sender_of(Post([FAILED])))
        assert only_delivery().due_at == NOW + timedelta(seconds=AGAIN_AFTER_SECONDS[0])

    def test_what_is_in_flight_cannot(self, alice: User) -> None:
        due_of(alice)
        Sender(post=Post([OK]), begin=lambda job: None, now=lambda: NOW).begin_due()
        assert not send_again(delivery=only_delivery(), now=NOW)
        assert only_delivery().is_in_flight

    def test_nothing_is_sent_to_a_webhook_that_is_off(self, alice: User) -> None:
        hook = due_of(alice)
        turn_off(webhook=hook)
        assert not send_again(delivery=only_delivery(), now=NOW)
        assert not send_test(webhook=hook, now=NOW)

    def test_a_test_is_tried_once_and_says_nothing_about_the_webhook(self, alice: User) -> None:
        hook = hook_of(alice)
        assert send_test(webhook=hook, now=NOW)
        assert not send_test(webhook=hook, now=NOW)
        post = Post([FAILED])
        send(sender_of(post))
        assert b'"type":"webhook.test"' in post.messages[0].body
        assert (only_delivery().due_at, only_delivery().problem) == (None, "Answered 500.")
        hook.refresh_from_db()
        assert hook.failing_since is None
        assert send_test(webhook=hook, now=NOW)

    def test_what_waits_goes_to_the_new_address(self, alice: User) -> None:
        hook = due_of(alice)
        change_webhook(webhook=hook, url="https://new.example/", api_key=None, now=timezone.now())
        post = Post([OK])
        send(sender_of(post))
        assert post.messages[0].url == "https://new.example/"
