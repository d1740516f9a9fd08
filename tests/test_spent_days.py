"""What was spent stays spent: deleting edits for good gives nobody a larger budget."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from edits.models import Attempt, Budget, Charged, EditRequest, Reason, SpentDay, Status, User
from edits.services.budgets.budgeting import use_of, use_of_team
from edits.services.curating.trashing import purge_trash, trash_edits
from tests.factories import edit_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
YESTERDAY = NOON - timedelta(days=1)
LAST_MONTH = NOON - timedelta(days=31)


@pytest.fixture(autouse=True)
def _no_days_of_grace(settings: Settings) -> None:
    """What is in the trash goes with the next round."""
    settings.TRASH_DAYS = 0


def spent(owner: User, *, at: datetime, calls: int = 1, charged: Charged = Charged.YES) -> EditRequest:
    """An edit that was queued and sent then."""
    edit = edit_of(owner, status=Status.SUCCEEDED, now=at)
    for number in range(1, calls + 1):
        Attempt.objects.create(
            edit=edit, number=number, fence=number, started_at=at, ended_at=at, seed_sent=1, charged=charged
        )
    return edit


def empty_the_trash(owner: User) -> None:
    trash_edits(owner=owner, edits=EditRequest.objects.all(), now=NOON)
    while purge_trash(now=NOON + timedelta(seconds=1)):
        pass
    assert not EditRequest.objects.of(owner).exists()


def used(owner: User) -> tuple[int, ...]:
    """Edits of the person today and this month, calls of the team today and this month."""
    budget = Budget.objects.current()
    uses = (*use_of(owner, budget=budget, now=NOON), *use_of_team(budget=budget, now=NOON))
    return tuple(use.used for use in uses)


def test_deleting_edits_for_good_lets_no_count_fall(alice: User, bob: User) -> None:
    spent(alice, at=NOON, calls=2)
    spent(alice, at=NOON)
    spent(alice, at=YESTERDAY, calls=3)
    spent(bob, at=NOON)
    before = used(alice), used(bob)
    assert before == ((2, 3, 4, 7), (1, 1, 4, 7))
    empty_the_trash(alice)
    assert (used(alice), used(bob)) == before
    empty_the_trash(bob)
    assert (used(alice), used(bob)) == before


def test_what_is_spent_after_the_deletion_is_added(alice: User) -> None:
    spent(alice, at=NOON)
    empty_the_trash(alice)
    spent(alice, at=NOON)
    assert used(alice) == (2, 2, 2, 2)
    empty_the_trash(alice)
    assert used(alice) == (2, 2, 2, 2)
    assert SpentDay.objects.count() == 1


def test_what_did_not_count_does_not_count_afterwards(alice: User) -> None:
    edit = spent(alice, at=NOON, charged=Charged.NO)
    EditRequest.objects.filter(pk=edit.pk).update(
        status=Status.FAILED, reason=Reason.SERVICE_REJECTED, finished_at=NOON
    )
    empty_the_trash(alice)
    assert used(alice) == (0, 0, 0, 0)
    assert not SpentDay.objects.exists()


def test_a_call_that_may_have_been_charged_goes_on_counting(alice: User) -> None:
    edit = spent(alice, at=NOON, charged=Charged.MAYBE)
    EditRequest.objects.filter(pk=edit.pk).update(
        status=Status.FAILED, reason=Reason.OUTCOME_UNKNOWN, finished_at=NOON
    )
    empty_the_trash(alice)
    assert used(alice) == (0, 0, 1, 1)


def test_what_no_budget_counts_any_more_is_not_written_down(alice: User) -> None:
    spent(alice, at=LAST_MONTH)
    empty_the_trash(alice)
    assert not SpentDay.objects.exists()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
def test_days_are_those_of_the_installation(alice: User, settings: Settings, zone: str) -> None:
    settings.TIME_ZONE = zone
    for hour in range(24):
        spent(alice, at=NOON - timedelta(hours=hour))
    before = used(alice)
    empty_the_trash(alice)
    assert used(alice) == before
