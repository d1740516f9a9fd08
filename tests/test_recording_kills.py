"""What a worker that is killed, or too slow, leaves on record: all or nothing, and why there was another call."""

from datetime import timedelta

import pytest

from edits.models import Attempt, EditRequest, Reason, Status, User
from edits.providers import Unusable
from edits.services.calls import failures
from edits.services.calls.attempts import LATE
from edits.services.calls.call_results import verified
from edits.services.calls.failures import record_fault
from edits.services.calls.saving import save
from edits.services.calls.spooling import spool_answer
from edits.services.queue import maintenance
from edits.services.queue.claiming import claim_next
from edits.services.queue.lease_safety import LeaseSafety
from edits.services.queue.maintenance import return_lost
from tests.editors import LEASE, LIMITS, NOW, made
from tests.factories import edit_of


def steady() -> LeaseSafety:
    """Of a worker that kept its leases for long."""
    clock = iter([0.0, 10_000.0])
    found = LeaseSafety(monotonic=lambda: next(clock, 10_000.0))
    found.renewed(NOW)
    return found


class Killed(BaseException):
    """Stands for SIGKILL."""


def test_a_kill_between_attempt_and_edit_leaves_neither_written(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_of(alice)
    edit = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    assert edit is not None

    def killed(*_: object, **__: object) -> bool:
        raise Killed

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(failures, "apply_event", killed)
        with pytest.raises(Killed):
            record_fault(edit, Unusable("HTML"), now=NOW + timedelta(seconds=1))
    assert Attempt.objects.get().ended_at is None
    record_fault(edit, Unusable("HTML"), now=NOW + timedelta(seconds=2))
    edit = EditRequest.objects.get()
    assert (edit.status, edit.reason) == (Status.FAILED, Reason.BAD_RESULT)


def test_a_lease_renewed_while_another_worker_waited_for_its_turn_is_kept(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_of(alice)
    edit = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    assert edit is not None
    later = NOW + LEASE * 2

    def meanwhile(asked: EditRequest) -> bool:
        EditRequest.objects.filter(pk=asked.pk).update(lease_until=later + LEASE)
        return False

    monkeypatch.setattr(maintenance, "is_held", meanwhile)
    assert return_lost(lease=LEASE, now=later, safety=steady()) == 0
    assert EditRequest.objects.get().status == Status.RUNNING
    assert Attempt.objects.get().ended_at is None


def test_an_edit_whose_answer_lies_on_the_disk_is_not_lost(alice: User) -> None:
    edit_of(alice)
    edit = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    assert edit is not None
    kept = spool_answer(edit, verified(made()), now=NOW)
    later = NOW + LEASE * 2
    assert return_lost(lease=LEASE, now=later, safety=steady()) == 0
    assert Attempt.objects.get().ended_at is None
    kept.forget()
    assert return_lost(lease=LEASE, now=later, safety=steady()) == 1


def test_an_answer_that_comes_too_late_says_why_there_was_another_call(alice: User) -> None:
    edit_of(alice)
    edit = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    assert edit is not None
    later = NOW + LEASE * 2
    assert return_lost(lease=LEASE, now=later, safety=steady()) == 1
    again = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=later)
    assert again is not None
    save(spool_answer(edit, verified(made()), now=later), now=later)
    first = Attempt.objects.get(number=1)
    assert (first.fault, first.charged, first.detail) == ("", "yes", LATE)
    assert EditRequest.objects.get().status == Status.RUNNING
