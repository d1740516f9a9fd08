"""Claiming: fair between people, within what the account allows, each edit once."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from edits.models import Attempt, Budget, Charged, EditRequest, Provider, Status, User
from edits.services.queue import claiming
from edits.services.queue.backlog import BacklogEntry, Waiting
from edits.services.queue.canceling import cancel_edit
from edits.services.queue.claiming import PROBE_EVERY, QueueLimits, claim_edits, claim_next
from tests.editors import LEASE
from tests.factories import edit_of, upload_of

LIMITS = QueueLimits(concurrent=5, per_minute=100)
NOW = timezone.now()
EDITS, WORKERS = 80, 8


@pytest.fixture(autouse=True)
def _verified(db: None) -> None:
    Provider.objects.update(verified_at=NOW)


def claim(now: datetime = NOW, limits: QueueLimits = LIMITS) -> EditRequest | None:
    return claim_next(lease=LEASE, limits_of=lambda _: limits, now=now)


def owners(count: int) -> list[str]:
    claimed = [claim() for _ in range(count)]
    return [edit.owner.username for edit in claimed if edit]


def test_nothing_is_claimed_from_an_empty_queue() -> None:
    assert claim() is None


def test_a_claimed_edit_runs_with_a_lease_and_an_attempt(alice: User) -> None:
    edit_of(alice)
    edit = claim()
    assert edit is not None
    assert (edit.status, edit.lease_until, edit.fence) == (Status.RUNNING, NOW + LEASE, 1)
    attempt = Attempt.objects.get(edit=edit)
    assert (attempt.number, attempt.fence, attempt.seed_sent) == (1, 1, edit.seed)
    assert (attempt.ended_at, attempt.charged) == (None, Charged.MAYBE)


def test_one_persons_many_edits_do_not_keep_another_waiting(alice: User, bob: User) -> None:
    for _ in range(4):
        edit_of(alice)
    edit_of(bob)
    assert owners(3) == ["alice", "bob", "alice"]


def test_between_people_with_equally_many_running_the_longest_waiting_is_first(
    alice: User, bob: User
) -> None:
    edit_of(bob)
    edit_of(alice)
    edit_of(bob)
    assert owners(3) == ["bob", "alice", "bob"]


def test_ones_own_edits_keep_their_order(alice: User) -> None:
    first, second = edit_of(alice), edit_of(alice)
    assert [claim(), claim()] == [first, second]


def test_no_more_run_at_once_than_the_account_allows(alice: User) -> None:
    for _ in range(7):
        edit_of(alice)
    assert len([edit for edit in (claim() for _ in range(7)) if edit]) == 5


def test_no_more_start_in_a_minute_than_the_account_allows(alice: User) -> None:
    for _ in range(4):
        edit_of(alice)
    limits = QueueLimits(concurrent=9, per_minute=2)
    assert [bool(claim(limits=limits)) for _ in range(3)] == [True, True, False]
    assert claim(now=NOW + timedelta(seconds=61), limits=limits)


def test_until_a_call_has_worked_they_go_out_two_at_a_time(alice: User) -> None:
    Provider.objects.update(verified_at=None)
    for _ in range(5):
        edit_of(alice)
    assert len(owners(5)) == 2


def test_an_edit_is_not_sent_before_its_time(alice: User) -> None:
    edit_of(alice, not_before=NOW + timedelta(seconds=9))
    assert claim() is None
    assert claim(now=NOW + timedelta(seconds=9))


def test_a_pause_of_the_provider_stops_all_claims_until_it_is_over(alice: User) -> None:
    Provider.objects.update(paused_until=NOW + timedelta(seconds=20))
    edit_of(alice)
    assert claim() is None
    assert claim(now=NOW + timedelta(seconds=20))


def test_a_held_queue_sends_one_probe_every_five_minutes(alice: User) -> None:
    Provider.objects.update(held_since=NOW, held_reason="HTTP 401", probe_at=NOW + PROBE_EVERY)
    edits = [edit_of(alice) for _ in range(3)]
    assert claim() is None
    later = NOW + PROBE_EVERY
    assert claim(now=later) == edits[0]
    EditRequest.objects.running().update(status=Status.QUEUED, lease_until=None)
    assert claim(now=later) is None


def test_a_held_queue_probes_with_the_edit_that_was_tried_least_recently(alice: User) -> None:
    Provider.objects.update(held_since=NOW, held_reason="HTTP 404", probe_at=None)
    edit_of(alice, started_at=NOW - timedelta(minutes=5), last_fault="account")
    fresh = edit_of(alice)
    assert claim() == fresh


def test_nothing_is_claimed_while_an_administrator_stopped_sending(alice: User) -> None:
    edit_of(alice)
    Provider.objects.update(stopped_since=NOW, stopped_by="Root")
    assert claim() is None
    assert claim(now=NOW + timedelta(days=9)) is None
    Provider.objects.update(stopped_since=None, stopped_by="")
    assert claim()


def test_not_even_a_probe_is_claimed_while_sending_is_stopped(alice: User) -> None:
    edit_of(alice)
    Provider.objects.update(held_since=NOW, held_reason="HTTP 401", stopped_since=NOW, stopped_by="Root")
    assert claim() is None
    assert Provider.objects.get(pk=1).probe_at is None


def test_a_test_of_the_connection_counts_among_the_calls(alice: User) -> None:
    for _ in range(3):
        edit_of(alice)
    one_at_once = QueueLimits(concurrent=1, per_minute=100)
    one_a_minute = QueueLimits(concurrent=9, per_minute=1)
    Provider.objects.update(tested_at=NOW, test_until=NOW + timedelta(seconds=50))
    assert claim(limits=one_at_once) is None
    Provider.objects.update(test_until=None)
    assert claim(limits=one_a_minute) is None
    assert claim(limits=one_at_once)


def test_a_test_whose_web_server_died_does_not_count_for_ever(alice: User) -> None:
    edit_of(alice)
    limits = QueueLimits(concurrent=1, per_minute=1)
    Provider.objects.update(tested_at=NOW, test_until=NOW + timedelta(seconds=50))
    assert claim(limits=limits, now=NOW + timedelta(seconds=49)) is None
    assert claim(limits=limits, now=NOW + timedelta(seconds=61))


def test_no_probe_goes_out_beside_a_test_of_the_connection(alice: User) -> None:
    edit_of(alice)
    Provider.objects.update(held_since=NOW, held_reason="HTTP 401", test_until=NOW + timedelta(seconds=50))
    assert claim() is None


def test_a_canceled_edit_counts_until_its_call_is_over(alice: User) -> None:
    limits = QueueLimits(concurrent=1, per_minute=100)
    edit_of(alice)
    edit_of(alice)
    running = claim(limits=limits)
    assert running
    cancel_edit(edit=running, now=timezone.now())
    assert claim(limits=limits) is None
    Attempt.objects.update(ended_at=NOW)
    assert claim(limits=limits)


def test_a_call_that_never_ended_does_not_count_for_ever(alice: User) -> None:
    limits = QueueLimits(concurrent=1, per_minute=100)
    edit_of(alice)
    edit_of(alice)
    running = claim(limits=limits)
    assert running
    cancel_edit(edit=running, now=timezone.now())
    assert claim(limits=limits, now=NOW + limits.longest_call)


def test_nothing_is_sent_for_somebody_who_was_locked_out(alice: User) -> None:
    edit_of(alice)
    User.objects.update(is_active=False)
    assert claim() is None


def test_canceled_edits_are_not_claimed(alice: User) -> None:
    cancel_edit(edit=edit_of(alice), now=timezone.now())
    assert claim() is None


def test_an_idle_worker_takes_no_lock(alice: User, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        claim()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_eight_workers_at_once_claim_each_edit_once(alice: User, bob: User) -> None:
    Provider.objects.update(verified_at=NOW)
    upload = upload_of()
    for number in range(EDITS):
        edit_of(alice if number % 2 else bob, upload=upload)
    limits = QueueLimits(concurrent=EDITS, per_minute=EDITS)
    together = threading.Barrier(WORKERS, timeout=60)

    def work(_: int) -> list[int]:
        mine = []
        try:
            EditRequest.objects.exists()  # connected, so that none has a head start
            together.wait()
            while edit := claim_next(lease=LEASE, limits_of=lambda _: limits, now=timezone.now()):
                mine.append(edit.pk)
        finally:
            connection.close()
        return mine

    with ThreadPoolExecutor(WORKERS) as pool:
        claimed = Counter(pk for mine in pool.map(work, range(WORKERS)) for pk in mine)
    assert claimed == Counter(EditRequest.objects.values_list("pk", flat=True))
    attempts = Attempt.objects.values_list("edit_id", "number", "fence")
    assert sorted(attempts) == [(pk, 1, 1) for pk in sorted(claimed)]
    assert set(EditRequest.objects.values_list("status", "fence")) == {(Status.RUNNING, 1)}


def test_an_edit_that_is_canceled_while_it_is_claimed_is_not_sent(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = edit_of(alice)

    in_turn = claiming._next_in_turn

    def canceled_meanwhile(lines: list[BacklogEntry], **asked: Any) -> list[EditRequest]:
        found = in_turn(lines, **asked)
        cancel_edit(edit=edit, now=NOW)
        return found

    monkeypatch.setattr(claiming, "_next_in_turn", canceled_meanwhile)
    assert claim() is None
    assert not Attempt.objects.exists()


def canceled(edit: EditRequest) -> None:
    cancel_edit(edit=edit, now=NOW)


def put_off(edit: EditRequest) -> None:
    EditRequest.objects.filter(pk=edit.pk).update(not_before=NOW + timedelta(seconds=2))


def owner_deactivated(edit: EditRequest) -> None:
    User.objects.filter(pk=edit.owner_id).update(is_active=False)


def taken(edit: EditRequest) -> None:
    EditRequest.objects.filter(pk=edit.pk).update(
        status=Status.RUNNING, started_at=NOW, fence=1, lease_until=NOW + LEASE
    )


@pytest.mark.parametrize("happened", [canceled, put_off, owner_deactivated, taken])
def test_what_changes_while_a_worker_waits_for_its_turn_is_left_and_the_next_one_taken(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, happened: Callable[[EditRequest], None]
) -> None:
    first, second = edit_of(alice), edit_of(bob)
    read = claiming.what_waits

    def then_it_happened(now: datetime) -> Waiting:
        monkeypatch.setattr(claiming, "what_waits", read)
        found = read(now)
        happened(first)
        return found

    monkeypatch.setattr(claiming, "what_waits", then_it_happened)
    edit = claim()
    assert edit
    assert edit.pk == second.pk
    assert list(Attempt.objects.values_list("edit_id", flat=True)) == [second.pk]


def test_a_claim_asks_the_same_few_questions_whatever_waits(
    alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    for owner in (alice, bob):
        for _ in range(20):
            edit_of(owner)
    with django_assert_num_queries(12):  # BEGIN and COMMIT included
        assert claim()


class TestSeveralAtOnce:
    def several(self, most: int = 8, limits: QueueLimits = LIMITS) -> list[EditRequest]:
        return claim_edits(most=most, lease=LEASE, limits_of=lambda _: limits, now=NOW)

    def test_they_are_those_that_would_be_claimed_one_by_one(self, alice: User, bob: User) -> None:
        first, second, third = edit_of(alice), edit_of(alice), edit_of(alice)
        others = [edit_of(bob), edit_of(bob)]
        assert self.several(4) == [first, others[0], second, others[1]]
        assert claim() == third
        attempts = Attempt.objects.order_by("edit").values_list("edit", "number", "fence", "ended_at")
        assert list(attempts) == [(edit.pk, 1, 1, None) for edit in (first, second, third, *others)]

    @pytest.mark.parametrize(
        "limits", [QueueLimits(concurrent=3, per_minute=100), QueueLimits(concurrent=100, per_minute=3)]
    )
    def test_no_more_than_the_provider_allows(self, alice: User, limits: QueueLimits) -> None:
        for _ in range(6):
            edit_of(alice)
        assert len(self.several(limits=limits)) == 3
        assert self.several(limits=limits) == []

    def test_until_one_call_has_worked_they_are_few(self, alice: User) -> None:
        Provider.objects.update(verified_at=None)
        for _ in range(6):
            edit_of(alice)
        assert len(self.several()) == claiming.UNVERIFIED_CONCURRENT

    @pytest.mark.parametrize("limit", ["team_per_day", "team_per_month"])
    def test_a_budget_is_asked_before_each(self, alice: User, limit: str) -> None:
        Budget.objects.update(**{limit: 2})
        for _ in range(6):
            edit_of(alice)
        assert [len(self.several()) for _ in range(3)] == [1, 1, 0]

    def test_what_is_taken_meanwhile_is_left_out(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        first, second, third = edit_of(alice), edit_of(alice), edit_of(alice)
        in_turn = claiming._next_in_turn

        def second_is_taken(lines: list[BacklogEntry], **asked: Any) -> list[EditRequest]:
            found = in_turn(lines, **asked)
            taken(second)
            return found

        monkeypatch.setattr(claiming, "_next_in_turn", second_is_taken)
        assert self.several() == [first, third]
        assert set(Attempt.objects.values_list("edit", flat=True)) == {first.pk, third.pk}

    def test_eight_cost_two_questions_each_beside_those_of_one(
        self, alice: User, django_assert_num_queries: Any
    ) -> None:
        for _ in range(8):
            edit_of(alice)
        with django_assert_num_queries(12 + 7):
            assert len(self.several(limits=QueueLimits(concurrent=8, per_minute=100))) == 8
