"""Requests that leave their thread: run again once, when both the thread and the wait are over."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client

from editor_site.parking import KEY, Left, Parking
from edits.http.parking import parking_of
from edits.models import EditRequest, Status, User
from edits.services.api import wait_for_result
from edits.services.api.wait_for_result import Waited, Waiter, wait_without_thread
from tests.api_calls import ask, error_of
from tests.callers import caller_of
from tests.factories import edit_of

PATIENCE_SECONDS = 60.0


@pytest.mark.parametrize("order", [(Parking.resume, Parking.step), (Parking.step, Parking.resume)])
def test_it_is_run_again_when_thread_and_wait_are_over_in_any_order(
    order: tuple[Callable[[Parking], None], Callable[[Parking], None]],
) -> None:
    runs: list[Parking] = []
    parking = Parking(most=1, run_again=runs.append)
    order[0](parking)
    assert not runs
    order[1](parking)
    assert runs == [parking]


def test_nothing_that_handles_errors_takes_leaving_for_one() -> None:
    assert not issubclass(Left, Exception)


def test_a_web_server_without_it_offers_none() -> None:
    assert parking_of(HttpRequest()) is None


def put_into(program: Client, parking: Parking) -> None:
    """Offer it to each request, as the web server does."""
    offered: Any = {KEY: parking}
    program.defaults |= offered


@pytest.mark.django_db(transaction=True)
class TestCalls:
    def test_a_call_leaves_and_its_second_run_makes_no_second_edit(self, alice: User) -> None:
        is_due, program = threading.Event(), caller_of(alice)
        parking = Parking(most=1, run_again=lambda _: is_due.set())
        put_into(program, parking)
        with pytest.raises(Left):
            ask(program, headers={"Prefer": ""})
        parking.step()
        edit = EditRequest.objects.get()
        EditRequest.objects.update(status=Status.CANCELED, finished_at=edit.created_at)
        assert is_due.wait(PATIENCE_SECONDS)
        response = ask(program, headers={"Prefer": ""})
        assert (response.status_code, error_of(response)["code"]) == (400, "canceled")
        assert response["Cache-Control"] == "no-store"
        assert EditRequest.objects.get() == edit

    def test_where_too_many_wait_the_call_is_answered_at_once(self, alice: User) -> None:
        program = caller_of(alice)
        put_into(program, Parking(most=0, run_again=lambda _: None))
        response = ask(program, headers={"Prefer": ""})
        assert (response.status_code, error_of(response)["code"]) == (503, "edit_pending")

    def test_time_runs_out_even_while_the_database_is_away(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object, **__: object) -> None:
            raise OperationalError("away")

        monkeypatch.setattr(wait_for_result, "let_go", away)
        edit = edit_of(alice, status=Status.RUNNING)
        waiter = Waiter([edit.pk], lambda: False, until=0.0)
        assert wait_without_thread(waiter, most=10)
        assert waiter.over.wait(PATIENCE_SECONDS)
        assert waiter.outcome == Waited.TIME_IS_UP
