"""What can be done with a batch under way: pause and resume, cancel the rest, retry the failed; and its end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from edits.http.edit_status import status_display
from edits.models import Batch, Budget, EditRequest, Reason, Status, User
from edits.services.batch.leftovers import cancel_rest, retry_failed_of
from edits.services.batch.pausing import pause_batch, resume_batch
from edits.services.batch.progress import Progress, progress_of
from edits.services.budgets.budgeting import OverBudget
from edits.services.curating.trashing import purge_trash, trash_edits
from edits.services.queue.canceling import retry_edit
from edits.services.queue.claiming import claim_next
from edits.services.queue.positions import queue_positions
from edits.services.transitions import Event, apply_event
from tests.batches import batch_of
from tests.factories import edit_of

LEASE = timedelta(seconds=30)
QUEUED, RUNNING, DONE, FAILED, CANCELED = (
    Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.FAILED, Status.CANCELED,
)  # fmt: skip


def statuses(batch: Batch) -> list[str]:
    return list(batch.edits.order_by("batch_position").values_list("status", flat=True))


def claimed() -> EditRequest | None:
    return claim_next(lease=LEASE, now=timezone.now())


# --- Pause ------------------------------------------------------------------------------------------------


def test_nothing_of_a_paused_batch_is_sent_but_other_edits_are(alice: User) -> None:
    batch, _ = batch_of(alice, [QUEUED, QUEUED])
    other = edit_of(alice)
    assert pause_batch(batch=batch, now=timezone.now())
    assert claimed() == other
    assert claimed() is None
    assert resume_batch(batch=batch)
    assert claimed() == batch.edits.get(batch_position=1)


def test_an_edit_that_was_read_before_the_pause_is_not_claimed(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, _ = batch_of(alice, [QUEUED])
    from_before = EditRequest.objects.get()
    pause_batch(batch=batch, now=timezone.now())
    unpaused = EditRequest.objects.filter(paused_at=None)
    assert not apply_event(from_before, Event.CLAIM, among=unpaused, now=timezone.now())


def test_one_that_runs_ends_and_comes_back_paused_where_it_is_tried_again(alice: User) -> None:
    batch, (running, _) = batch_of(alice, [RUNNING, QUEUED])
    pause_batch(batch=batch, now=timezone.now())
    assert EditRequest.objects.get(pk=running.pk).paused_at is None
    assert apply_event(running, Event.SEND_AGAIN, now=timezone.now())
    running.refresh_from_db()
    assert (running.status, running.paused_at is not None) == (QUEUED, True)
    assert claimed() is None


def test_a_failed_one_that_is_retried_stays_paused(alice: User) -> None:
    batch, (failed, _) = batch_of(alice, [FAILED, QUEUED])
    pause_batch(batch=batch, now=timezone.now())
    assert retry_edit(edit=failed, now=timezone.now())
    failed.refresh_from_db()
    assert failed.paused_at


def test_what_ends_is_not_paused_any_more(alice: User) -> None:
    batch, (edit,) = batch_of(alice, [QUEUED])
    pause_batch(batch=batch, now=timezone.now())
    edit.refresh_from_db()
    assert apply_event(edit, Event.CANCEL, now=timezone.now())
    edit.refresh_from_db()
    assert edit.paused_at is None


def test_a_batch_that_has_ended_cannot_be_paused(alice: User) -> None:
    batch, _ = batch_of(alice, [DONE, FAILED])
    assert not pause_batch(batch=batch, now=timezone.now())
    batch.refresh_from_db()
    assert batch.paused_at is None


def test_pausing_twice_and_resuming_twice_change_nothing_more(alice: User) -> None:
    batch, _ = batch_of(alice, [QUEUED])
    now = timezone.now()
    assert [pause_batch(batch=batch, now=now), pause_batch(batch=batch, now=now)] == [True, False]
    assert [resume_batch(batch=batch), resume_batch(batch=batch)] == [True, False]


def test_a_paused_edit_says_so_and_keeps_nobody_waiting(alice: User, bob: User) -> None:
    batch, (mine,) = batch_of(alice, [QUEUED])
    behind = edit_of(bob)
    pause_batch(batch=batch, now=timezone.now())
    mine.refresh_from_db()
    places = queue_positions([mine, behind])
    assert (places[mine.pk].position, places[behind.pk].position) == (0, 1)
    shown = status_display(mine, place=places[mine.pk], now=timezone.now())
    assert (shown.kind, shown.is_moving) == ("paused", True)


# --- The rest ---------------------------------------------------------------------------------------------


def test_canceling_the_rest_leaves_what_runs_and_what_is_done(alice: User) -> None:
    batch, _ = batch_of(alice, [DONE, RUNNING, QUEUED, QUEUED, FAILED])
    assert cancel_rest(batch=batch, now=timezone.now()) == 2
    assert statuses(batch) == [DONE, RUNNING, CANCELED, CANCELED, FAILED]


def test_canceling_the_rest_of_a_paused_batch_ends_its_pause(alice: User) -> None:
    batch, _ = batch_of(alice, [QUEUED, DONE])
    pause_batch(batch=batch, now=timezone.now())
    cancel_rest(batch=batch, now=timezone.now())
    batch.refresh_from_db()
    assert batch.paused_at is None


def test_retrying_leaves_out_what_may_have_been_charged_unless_it_is_asked_for(alice: User) -> None:
    batch, (_, risky, trashed, _) = batch_of(alice, [FAILED, FAILED, FAILED, DONE])
    EditRequest.objects.filter(pk=risky.pk).update(reason=Reason.OUTCOME_UNKNOWN)
    trash_edits(owner=alice, edits=EditRequest.objects.filter(pk=trashed.pk), now=timezone.now())
    now = timezone.now()
    assert retry_failed_of(batch=batch, with_risky=False, now=now) == 1
    assert statuses(batch) == [QUEUED, FAILED, FAILED, DONE]
    assert retry_failed_of(batch=batch, with_risky=True, now=now) == 1
    assert statuses(batch) == [QUEUED, QUEUED, FAILED, DONE]


def test_retrying_more_than_the_budget_allows_retries_none(alice: User) -> None:
    batch, _ = batch_of(alice, [FAILED] * 4)
    Budget.objects.update(person_per_day=3)
    with pytest.raises(OverBudget) as refused:
        retry_failed_of(batch=batch, with_risky=True, now=timezone.now())
    assert refused.value.fits == 3
    assert statuses(batch) == [FAILED] * 4


# --- Progress and end ---------------------------------------------------------------------------------------


def test_progress_counts_each_state_in_one_query(alice: User, django_assert_num_queries: object) -> None:
    states = [QUEUED, RUNNING, Status.SAVING, DONE, Status.FILTERED, FAILED, FAILED, CANCELED, DONE]
    batch, edits = batch_of(alice, states)
    EditRequest.objects.filter(pk=edits[5].pk).update(reason=Reason.INTERRUPTED)
    EditRequest.objects.filter(pk=edits[8].pk).update(trashed_at=timezone.now())
    empty, _ = batch_of(alice, [])
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = progress_of([batch, empty])
    expected = Progress(
        queued=1, running=2, done=1, filtered=1, failed=2, risky=1, canceled=1, trashed=1
    )  # fmt: skip
    assert found == {batch.pk: expected, empty.pk: Progress()}
    assert (expected.total, expected.active, expected.ended, expected.safe) == (8, 3, 5, 1)


def test_a_batch_goes_with_its_last_edit(alice: User) -> None:
    _, edits = batch_of(alice, [DONE, DONE])
    long_ago = timezone.now() - timedelta(days=400)
    EditRequest.objects.filter(pk=edits[0].pk).update(trashed_at=long_ago)
    assert purge_trash(now=timezone.now()) == 1
    assert Batch.objects.exists()
    EditRequest.objects.update(trashed_at=long_ago)
    assert purge_trash(now=timezone.now()) == 1
    assert not Batch.objects.exists()
