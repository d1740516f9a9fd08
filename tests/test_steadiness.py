"""Steadiness: nobody takes over what another worker may still run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from edits.models import EditRequest, Status, User
from edits.services.queue import sweeping
from edits.services.queue.claiming import Limits, claim_next
from edits.services.queue.steadiness import Steadiness
from tests.factories import edit_of

LEASE = timedelta(seconds=30)
LIMITS = Limits(concurrent=3, per_minute=100)
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
def steadiness(clock: Clock) -> Steadiness:
    return Steadiness(monotonic=clock)


def rounds(steadiness: Steadiness, clock: Clock, *, seconds: int) -> None:
    """Renewals each second, with a wall clock that goes as it should."""
    for _ in range(seconds):
        clock.seconds += 1
        steadiness.renewed(NOW + timedelta(seconds=clock.seconds))


def test_a_worker_that_has_just_started_takes_nothing_over(steadiness: Steadiness, clock: Clock) -> None:
    assert not steadiness.may_take_over(LEASE)
    rounds(steadiness, clock, seconds=30)
    assert not steadiness.may_take_over(LEASE)
    rounds(steadiness, clock, seconds=2)
    assert steadiness.may_take_over(LEASE)


def test_after_the_database_was_away_everybody_gets_a_lease_of_time(
    steadiness: Steadiness, clock: Clock
) -> None:
    rounds(steadiness, clock, seconds=60)
    steadiness.missed()
    rounds(steadiness, clock, seconds=30)
    assert not steadiness.may_take_over(LEASE)
    rounds(steadiness, clock, seconds=2)
    assert steadiness.may_take_over(LEASE)


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_jump_of_the_clock_steals_no_lease(steadiness: Steadiness, clock: Clock, jump: timedelta) -> None:
    rounds(steadiness, clock, seconds=60)
    clock.seconds += 1
    steadiness.renewed(NOW + timedelta(seconds=clock.seconds) + jump)
    assert not steadiness.may_take_over(LEASE)


def test_a_clock_that_drifts_a_little_does_not_matter(steadiness: Steadiness, clock: Clock) -> None:
    rounds(steadiness, clock, seconds=60)
    clock.seconds += 1
    steadiness.renewed(NOW + timedelta(seconds=clock.seconds + 2))
    assert steadiness.may_take_over(LEASE)


@pytest.mark.parametrize(("off", "right"), [(0, True), (9, True), (-9, True), (11, False), (-3600, False)])
def test_a_machine_whose_clock_is_wrong_knows_it(db: None, off: int, right: bool) -> None:
    steadiness = Steadiness()
    now = timezone.now() + timedelta(seconds=off)
    sweeping.check_clock(lease=LEASE, now=now, steadiness=steadiness)
    assert steadiness.clock_is_right is right


def test_a_round_of_renewals_that_fails_is_not_steady(
    db: None, monkeypatch: pytest.MonkeyPatch, steadiness: Steadiness, clock: Clock
) -> None:
    rounds(steadiness, clock, seconds=60)

    def fails(**_: object) -> int:
        raise OSError("the database is away")

    monkeypatch.setattr(sweeping, "renew", fails)
    with pytest.raises(OSError, match="away"):
        sweeping.show_life(lease=LEASE, now=NOW, steadiness=steadiness)
    assert not steadiness.may_take_over(LEASE)


def test_an_unsteady_worker_leaves_lapsed_leases_alone(alice: User, steadiness: Steadiness) -> None:
    edit_of(alice)
    claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    late = NOW + timedelta(hours=2)
    assert sweeping.return_lost(lease=LEASE, now=late, steadiness=steadiness) == 0
    assert EditRequest.objects.get().status == Status.RUNNING
