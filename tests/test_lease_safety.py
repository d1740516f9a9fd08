"""Lease safety: nobody takes over what another worker may still run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from edits.models import EditRequest, Status, User
from edits.services.queue import maintenance
from edits.services.queue.claiming import QueueLimits, claim_next
from edits.services.queue.lease_safety import LeaseSafety
from tests.factories import edit_of

LEASE = timedelta(seconds=30)
LIMITS = QueueLimits(concurrent=3, per_minute=100)
NOW = timezone.now()


class Clock:
    """A steady clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def safety(clock: Clock) -> LeaseSafety:
    return LeaseSafety(monotonic=clock)


def rounds(safety: LeaseSafety, clock: Clock, *, seconds: int) -> None:
    """Renewals each second, with a wall clock that goes as it should."""
    for _ in range(seconds):
        clock.seconds += 1
        safety.renewed(NOW + timedelta(seconds=clock.seconds))


def test_a_worker_that_has_just_started_takes_nothing_over(safety: LeaseSafety, clock: Clock) -> None:
    assert not safety.may_take_over(LEASE)
    rounds(safety, clock, seconds=30)
    assert not safety.may_take_over(LEASE)
    rounds(safety, clock, seconds=2)
    assert safety.may_take_over(LEASE)


def test_after_the_database_was_away_everybody_gets_a_lease_of_time(
    safety: LeaseSafety, clock: Clock
) -> None:
    rounds(safety, clock, seconds=60)
    safety.missed()
    rounds(safety, clock, seconds=30)
    assert not safety.may_take_over(LEASE)
    rounds(safety, clock, seconds=2)
    assert safety.may_take_over(LEASE)


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_jump_of_the_clock_steals_no_lease(safety: LeaseSafety, clock: Clock, jump: timedelta) -> None:
    rounds(safety, clock, seconds=60)
    clock.seconds += 1
    safety.renewed(NOW + timedelta(seconds=clock.seconds) + jump)
    assert not safety.may_take_over(LEASE)


def test_a_clock_that_drifts_a_little_does_not_matter(safety: LeaseSafety, clock: Clock) -> None:
    rounds(safety, clock, seconds=60)
    clock.seconds += 1
    safety.renewed(NOW + timedelta(seconds=clock.seconds + 2))
    assert safety.may_take_over(LEASE)


@pytest.mark.parametrize(("off", "right"), [(0, True), (9, True), (-9, True), (11, False), (-3600, False)])
def test_a_machine_whose_clock_is_wrong_knows_it(db: None, off: int, right: bool) -> None:
    safety = LeaseSafety()
    now = timezone.now() + timedelta(seconds=off)
    maintenance.check_clock(lease=LEASE, now=now, safety=safety)
    assert safety.clock_is_right is right


def test_a_round_of_renewals_that_fails_is_not_steady(
    db: None, monkeypatch: pytest.MonkeyPatch, safety: LeaseSafety, clock: Clock
) -> None:
    rounds(safety, clock, seconds=60)

    def fails(**_: object) -> int:
        raise OSError("the database is away")

    monkeypatch.setattr(maintenance, "renew", fails)
    with pytest.raises(OSError, match="away"):
        maintenance.report_alive(lease=LEASE, now=NOW, safety=safety)
    assert not safety.may_take_over(LEASE)


def test_an_unsteady_worker_leaves_lapsed_leases_alone(alice: User, safety: LeaseSafety) -> None:
    edit_of(alice)
    claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    late = NOW + timedelta(hours=2)
    assert maintenance.return_lost(lease=LEASE, now=late, safety=safety) == 0
    assert EditRequest.objects.get().status == Status.RUNNING
