"""Callers that wait for their edits: answered soon, at little cost, and never kept waiting for nothing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.models import Budget, EditRequest, Provider, Status, User
from edits.services.api import wait_for_result
from edits.services.api.wait_for_result import Waited, Waiter, WaitingRoom, let_go, wait_for
from tests.factories import edit_of

LONG = 60.0


def waiter(edit: EditRequest, *, is_gone: Callable[[], bool] = lambda: False) -> Waiter:
    return Waiter([edit.pk], is_gone)


def outcome_of(one: Waiter, *, look_up: bool = True) -> Waited | None:
    """How its wait ended at this look; None while it waits."""
    let_go([one], look_up=look_up, now=timezone.now())
    return one.outcome if one.over.is_set() else None


class TestOneLook:
    @pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.SAVING])
    def test_an_edit_that_is_not_done_is_waited_for(self, alice: User, status: Status) -> None:
        assert outcome_of(waiter(edit_of(alice, status=status))) is None

    @pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FILTERED, Status.FAILED, Status.CANCELED])
    def test_one_that_has_ended_is_not(self, alice: User, status: Status) -> None:
        assert outcome_of(waiter(edit_of(alice, status=status)), look_up=False) == Waited.FINISHED

    def test_one_that_was_deleted_is_not(self, alice: User) -> None:
        edit = edit_of(alice)
        one = waiter(edit)
        edit.delete()
        assert outcome_of(one) == Waited.FINISHED

    def test_who_hung_up_is_let_go(self, alice: User) -> None:
        one = waiter(edit_of(alice, status=Status.RUNNING), is_gone=lambda: True)
        assert outcome_of(one, look_up=False) is None
        assert outcome_of(one) == Waited.GONE

    def test_nobody_waits_for_a_queue_that_is_held(self, alice: User) -> None:
        Provider.objects.update(held_since=timezone.now(), held_reason="The key was refused")
        assert outcome_of(waiter(edit_of(alice))) == Waited.HELD

    def test_nor_for_one_that_is_stopped_or_out_of_budget(self, alice: User) -> None:
        Provider.objects.update(stopped_since=timezone.now(), stopped_by="root")
        assert outcome_of(waiter(edit_of(alice))) == Waited.HELD
        Provider.objects.update(stopped_since=None, stopped_by="")
        Budget.objects.update(budget_exhausted_until=timezone.now() + timedelta(hours=3))
        assert outcome_of(waiter(edit_of(alice))) == Waited.SPENT

    @pytest.mark.parametrize(("minutes", "outcome"), [(14, None), (16, Waited.PAUSED)])
    def test_a_short_wait_of_the_provider_is_waited_for_and_a_long_one_is_not(
        self, alice: User, minutes: int, outcome: Waited | None
    ) -> None:
        now = timezone.now()
        Provider.objects.update(paused_since=now, paused_until=now + timedelta(minutes=minutes))
        assert outcome_of(waiter(edit_of(alice))) == outcome

    def test_what_runs_already_is_waited_for_all_the_same(self, alice: User) -> None:
        Provider.objects.update(held_since=timezone.now(), held_reason="The key was refused")
        assert outcome_of(waiter(edit_of(alice, status=Status.RUNNING))) is None

    def test_a_process_that_stops_lets_everybody_go(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wait_for_result, "is_stopping", lambda: True)
        assert outcome_of(waiter(edit_of(alice, status=Status.RUNNING))) == Waited.STOPPING

    def test_five_hundred_waiters_are_one_query(self, alice: User) -> None:
        edit = edit_of(alice, status=Status.RUNNING)
        with CaptureQueriesContext(connection) as asked:
            let_go([waiter(edit) for _ in range(500)], look_up=False, now=timezone.now())
        assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_each_is_told_when_its_own_edit_ends(self, alice: User) -> None:
        edits = [edit_of(alice, status=Status.RUNNING) for _ in range(20)]

        def wait(edit: EditRequest) -> Waited:
            return wait_for([edit], seconds=LONG, most=100)

        with ThreadPoolExecutor(20) as threads:
            jobs = [threads.submit(wait, edit) for edit in edits]
            for edit in edits:
                ended = {"status": Status.SUCCEEDED, "finished_at": timezone.now(), "lease_until": None}
                EditRequest.objects.filter(pk=edit.pk).update(**ended)
            assert {job.result(LONG) for job in jobs} == {Waited.FINISHED}

    def test_time_runs_out(self, alice: User) -> None:
        edit = edit_of(alice, status=Status.RUNNING)
        assert wait_for([edit], seconds=0.05, most=100) == Waited.TIME_IS_UP

    def test_who_comes_after_the_last_one_left_is_looked_after_too(self, alice: User) -> None:
        done = edit_of(alice, status=Status.SUCCEEDED)
        for _ in range(50):
            assert wait_for([done], seconds=LONG, most=100) == Waited.FINISHED

    @pytest.mark.parametrize("fault", [OperationalError("away"), RuntimeError("a defect")])
    def test_a_fault_in_one_look_ends_nobodys_wait(
        self, alice: User, fault: Exception, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        faults = [fault]

        def fails_once(*waiters: Any, **words: Any) -> None:
            if faults:
                raise faults.pop()
            let_go(*waiters, **words)

        monkeypatch.setattr(wait_for_result, "let_go", fails_once)
        done = edit_of(alice, status=Status.SUCCEEDED)
        assert wait_for([done], seconds=LONG, most=100) == Waited.FINISHED
        assert not faults

    def test_who_cannot_be_looked_after_keeps_no_place(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_more(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        room, edit = WaitingRoom(), edit_of(alice, status=Status.SUCCEEDED)
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", no_more)
            with pytest.raises(RuntimeError):
                room.wait(waiter(edit), seconds=LONG, most=1)
        assert room.wait(waiter(edit), seconds=LONG, most=1) == Waited.FINISHED

    def test_more_than_there_is_room_for_are_not_kept(self, alice: User) -> None:
        edit = edit_of(alice, status=Status.RUNNING)
        assert wait_for([edit], seconds=LONG, most=0) == Waited.FULL
