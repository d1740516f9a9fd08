"""Holding a provider: calls that were under way neither open it again nor have administrators mailed twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from edits.models import AuditEntry, EditRequest, Provider, Status, User
from edits.providers import Answer, NotAuthorized
from edits.services.calls import failures
from edits.services.calls.failures import record_fault
from edits.services.calls.running import run_edit
from edits.services.provider import alerting
from edits.services.provider.release_hold import open_queue
from edits.services.queue.claiming import claim_next
from tests.editors import LEASE, LIMITS, NOW, Editor, made, undrawn
from tests.factories import edit_of


def claimed_all(edits: list[EditRequest]) -> list[EditRequest]:
    """All of them with the provider at once, as it has worked before."""
    Provider.objects.update(verified_at=NOW - timedelta(minutes=5))
    found = [claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW) for _ in edits]
    assert all(found)
    return [edit for edit in found if edit]


def end(edit: EditRequest, outcome: Answer | Exception, *, seconds: float) -> None:
    """The call that began at NOW ends so long after it."""
    at = NOW + timedelta(seconds=seconds)
    run_edit(edit, client_for=lambda _: Editor([outcome]), now=lambda: at, render=undrawn)


def test_an_answer_to_a_call_that_began_before_the_hold_does_not_open_the_queue(alice: User) -> None:
    refused, *others = claimed_all([edit_of(alice) for _ in range(4)])
    end(refused, NotAuthorized("HTTP 402", status=402), seconds=2)
    held_since = Provider.objects.get().held_since
    for seconds, edit in enumerate(others, start=3):
        end(edit, made(), seconds=seconds)
    provider = Provider.objects.get()
    assert (provider.held_since, provider.verified_at) == (held_since, None)
    assert provider.held_reason
    assert EditRequest.objects.filter(status=Status.SUCCEEDED).count() == 3


@pytest.mark.parametrize("order", [(0, 1, 0, 1, 0), (0, 0, 0, 0, 0), (1, 0, 1, 0, 0)])
def test_however_many_calls_in_flight_are_refused_administrators_are_mailed_once(
    root: User, alice: User, settings: Any, order: tuple[int, ...], monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    settings.MAIL_IS_SET_UP = True
    mails: list[str] = []
    monkeypatch.setattr(alerting, "mail_administrators", lambda **mail: mails.append(mail["subject"]()))
    edits = claimed_all([edit_of(alice) for _ in order])
    for seconds, (edit, works) in enumerate(zip(edits, order, strict=True), start=1):
        with django_capture_on_commit_callbacks(execute=True):
            end(edit, made() if works else NotAuthorized("HTTP 401", status=401), seconds=seconds)
    assert mails == ["Retake: StepFun is on hold"]
    assert AuditEntry.objects.filter(action="held the queue").count() == 1


def test_a_hold_whose_record_is_repeated_is_mailed_once_and_after_the_commit(
    root: User, alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:  # fmt: skip
    settings.MAIL_IS_SET_UP = True
    mails: list[bool] = []
    monkeypatch.setattr(alerting, "mail_administrators", lambda **_: mails.append(True))
    (edit,) = claimed_all([edit_of(alice)])
    fails, move = iter([True, True]), failures.apply_event

    def move_third_time(*args: Any, **kwargs: Any) -> bool:
        if next(fails, False):
            raise OperationalError("the disk is full")
        return move(*args, **kwargs)

    monkeypatch.setattr(failures, "apply_event", move_third_time)
    refused = NotAuthorized("HTTP 401", status=401)
    with django_capture_on_commit_callbacks(execute=True):
        for seconds in range(2):
            with pytest.raises(OperationalError):
                record_fault(edit, refused, now=NOW + timedelta(seconds=seconds))
        assert Provider.objects.get().held_since is None
        record_fault(edit, refused, now=NOW + timedelta(seconds=2))
        assert mails == [], "nothing is mailed before it is in the database"
    assert mails == [True]


def test_a_late_refusal_of_a_call_from_before_the_hold_ended_does_not_hold_again(
    root: User, alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:  # fmt: skip
    settings.MAIL_IS_SET_UP = True
    mails: list[bool] = []
    monkeypatch.setattr(alerting, "mail_administrators", lambda **_: mails.append(True))
    refused, late = claimed_all([edit_of(alice), edit_of(alice)])
    old_key = NotAuthorized("HTTP 401", status=401)
    with django_capture_on_commit_callbacks(execute=True):
        end(refused, old_key, seconds=2)
    open_queue(Provider.objects.all(), now=NOW + timedelta(seconds=10))  # a test with the new key worked
    with django_capture_on_commit_callbacks(execute=True):
        end(late, old_key, seconds=12)
    provider = Provider.objects.get()
    assert (provider.held_since, provider.opened_at) == (None, NOW + timedelta(seconds=10))
    assert mails == [True]
    late.refresh_from_db()
    assert late.status == Status.QUEUED
    again = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW + timedelta(hours=1))
    assert again
    run_edit(
        again,
        client_for=lambda _: Editor([old_key]),
        now=lambda: NOW + timedelta(hours=1, seconds=1),
        render=undrawn,
    )
    assert Provider.objects.get().held_since == NOW + timedelta(hours=1, seconds=1)
