"""Budgets of a person: what counts, from when to when, and that what is too much leaves nothing behind."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from edits.edit_call import EditOptions
from edits.images import check_image
from edits.model_specs import MODEL_SPECS
from edits.models import Attempt, Budget, Charged, EditRequest, Reason, Status, Upload, User
from edits.models.budgets import WAITING_AT_MOST
from edits.services.budgets.budgeting import OverBudget, check_budget, use_of
from edits.services.curating.trashing import trash_edits
from edits.services.queue.canceling import cancel_edit, retry_edit
from edits.services.queue.submitting import Source, rerun_edit, submit_edit
from tests.factories import default_model, edit_of, picture
from tests.stored import stored

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OPTIONS = EditOptions(prompt="sepia", seed=None, steps=28, cfg_scale=6.0, size="512x512")


@pytest.fixture(autouse=True)
def budget(db: None) -> Budget:
    """Three edits a day for each person."""
    Budget.objects.update(person_per_day=3)
    return Budget.objects.get()


def submit(owner: User, *, at: datetime = NOON, key: uuid.UUID | None = None) -> EditRequest:
    checked = check_image(picture(), spec=MODEL_SPECS["step-1x-edit"])
    return submit_edit(
        model=default_model(),
        owner=owner,
        source=Source.of_upload(checked, name="harbor.png"),
        options=OPTIONS,
        submission_key=key or uuid.uuid4(),
        now=at,
    )


def used(owner: User, *, at: datetime = NOON) -> tuple[int, int]:
    day, month = use_of(owner, budget=Budget.objects.get(), now=at)
    return day.used, month.used


def attempt_of(edit: EditRequest, *, charged: Charged, number: int = 1) -> Attempt:
    return Attempt.objects.create(
        edit=edit, number=number, fence=number, started_at=NOON, seed_sent=1, charged=charged
    )


class TestWhatCounts:
    @pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.SAVING, Status.SUCCEEDED])
    def test_what_waits_runs_or_is_done_counts(self, alice: User, status: Status) -> None:
        edit_of(alice, status=status, now=NOON)
        assert used(alice) == (1, 1)

    @pytest.mark.parametrize("reason", Reason.values)
    def test_what_failed_never_counts(self, alice: User, reason: str) -> None:
        attempt_of(edit_of(alice, status=Status.FAILED, reason=reason, now=NOON), charged=Charged.MAYBE)
        assert used(alice) == (0, 0)

    @pytest.mark.parametrize(("stage", "count"), [("request", 0), ("result", 1)])
    def test_what_the_filter_stopped_counts_where_it_was_made(
        self, alice: User, stage: str, count: int
    ) -> None:
        edit_of(alice, status=Status.FILTERED, filtered_at_stage=stage, now=NOON)
        assert used(alice) == (count, count)

    def test_what_was_canceled_before_it_was_sent_does_not_count(self, alice: User) -> None:
        edit_of(alice, status=Status.CANCELED, now=NOON)
        assert used(alice) == (0, 0)

    @pytest.mark.parametrize(("charged", "count"), [(Charged.NO, 0), (Charged.MAYBE, 1), (Charged.YES, 1)])
    def test_what_was_canceled_later_counts_where_it_may_have_been_charged(
        self, alice: User, charged: Charged, count: int
    ) -> None:
        attempt_of(edit_of(alice, status=Status.CANCELED, now=NOON), charged=charged)
        assert used(alice) == (count, count)

    def test_a_call_of_an_earlier_try_does_not_make_a_canceled_one_count(self, alice: User) -> None:
        edit = edit_of(alice, status=Status.CANCELED, first_attempt=2, now=NOON)
        attempt_of(edit, charged=Charged.MAYBE, number=1)
        assert used(alice) == (0, 0)

    def test_others_edits_do_not_count(self, alice: User, bob: User) -> None:
        edit_of(bob, now=NOON)
        assert used(alice) == (0, 0)

    def test_the_trash_gives_nothing_back(self, alice: User) -> None:
        edit_of(alice, status=Status.SUCCEEDED, now=NOON)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        assert used(alice) == (1, 1)


class TestFromWhenToWhen:
    def test_the_next_day_begins_at_midnight(self, alice: User) -> None:
        edit_of(alice, now=datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC))
        edit_of(alice, now=datetime(2026, 11, 22, tzinfo=UTC))
        assert used(alice) == (1, 2)

    def test_midnight_is_that_of_the_installation(self, alice: User) -> None:
        edit_of(alice, now=datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
        assert used(alice) == (0, 1)
        with override_settings(TIME_ZONE="Europe/Berlin"):
            assert used(alice) == (1, 1)

    def test_the_next_month_begins_at_midnight(self, alice: User) -> None:
        edit_of(alice, now=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
        edit_of(alice, now=datetime(2026, 11, 1, tzinfo=UTC))
        assert used(alice) == (0, 1)

    def test_an_edit_that_is_tried_again_counts_on_the_day_of_the_new_try(self, alice: User) -> None:
        edit = edit_of(alice, status=Status.FAILED, now=NOON - timedelta(days=1))
        assert retry_edit(edit=edit, now=NOON)
        assert used(alice) == (1, 1)


class TestRefusing:
    def test_the_edit_after_the_last_is_refused_and_leaves_nothing(self, alice: User) -> None:
        for _ in range(3):
            submit(alice)
        files = stored()
        with pytest.raises(OverBudget) as refused:
            submit(alice)
        assert refused.value.sentence == (
            "You have used your 3 edits for today. You can send more from midnight (UTC)."
        )
        assert refused.value.retry_after_seconds(NOON) == 12 * 3600
        assert EditRequest.objects.count() == Upload.objects.count() == 3
        assert stored() == files

    def test_the_day_after_there_is_room_again(self, alice: User) -> None:
        for _ in range(3):
            submit(alice, at=datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC))
        assert submit(alice, at=datetime(2026, 11, 23, tzinfo=UTC))

    def test_a_colleague_has_a_budget_of_their_own(self, alice: User, bob: User) -> None:
        for _ in range(3):
            submit(alice)
        assert submit(bob)

    def test_the_month_is_told_where_both_are_used_up(self, alice: User) -> None:
        Budget.objects.update(person_per_month=3)
        for _ in range(3):
            submit(alice)
        with pytest.raises(OverBudget) as refused:
            submit(alice)
        assert refused.value.sentence == (
            "You have used your 3 edits for November. You can send more from 1 December (UTC)."
        )
        assert refused.value.until == datetime(2026, 12, 1, tzinfo=UTC)

    @pytest.mark.parametrize(("own", "count"), [(1, 1), (5, 5)])
    def test_ones_own_limit_takes_the_place_of_everybodys(self, alice: User, own: int, count: int) -> None:
        User.objects.update(edits_per_day=own)
        alice.refresh_from_db()
        for _ in range(count):
            submit(alice)
        with pytest.raises(OverBudget):
            submit(alice)

    def test_a_limit_that_was_set_a_moment_ago_counts(self, alice: User) -> None:
        User.objects.update(edits_per_day=1)  # alice was read before
        submit(alice)
        with pytest.raises(OverBudget):
            submit(alice)

    def test_without_limits_nothing_is_refused_or_counted(
        self, alice: User, django_assert_num_queries: Any
    ) -> None:
        Budget.objects.update(person_per_day=None, person_waiting=None)
        for _ in range(5):
            submit(alice)
        with django_assert_num_queries(1):
            check_budget(alice, now=NOON)

    def test_a_re_run_is_an_edit_too(self, alice: User) -> None:
        first = submit(alice)
        for _ in range(2):
            submit(alice)
        for same_seed in (True, False):
            with pytest.raises(OverBudget):
                rerun_edit(
                    edit=first,
                    owner=alice,
                    submission_key=uuid.uuid4(),
                    same_seed=same_seed,
                    now=NOON,
                )
        assert Upload.objects.filter(pk=first.upload_id).exists()

    def test_the_second_half_of_a_double_click_gets_the_last_edit(self, alice: User) -> None:
        key = uuid.uuid4()
        submit(alice)
        submit(alice)
        assert submit(alice, key=key) == submit(alice, key=key)

    def test_a_failure_gives_its_place_back(self, alice: User) -> None:
        for _ in range(3):
            submit(alice)
        EditRequest.objects.filter(pk=EditRequest.objects.latest("pk").pk).update(
            status=Status.FAILED, reason=Reason.SERVICE_UNAVAILABLE, finished_at=NOON
        )
        assert submit(alice)

    def test_an_edit_that_was_given_up_in_the_queue_gives_its_place_back(self, alice: User) -> None:
        edits = [submit(alice) for _ in range(3)]
        cancel_edit(edit=edits[0], now=NOON)
        assert submit(alice)


class TestTryingAgain:
    def test_a_failed_edit_is_not_queued_again_beyond_the_limit(self, alice: User) -> None:
        failed = edit_of(alice, status=Status.FAILED, now=NOON)
        for _ in range(3):
            submit(alice)
        with pytest.raises(OverBudget):
            retry_edit(edit=failed, now=NOON)
        failed.refresh_from_db()
        assert (failed.status, failed.reason) == (Status.FAILED, Reason.SERVICE_REJECTED)
        assert retry_edit(edit=failed, now=NOON + timedelta(days=1))

    def test_a_waiting_edit_may_be_sent_at_once_whatever_is_left(self, alice: User) -> None:
        edits = [submit(alice) for _ in range(3)]
        EditRequest.objects.filter(pk=edits[0].pk).update(not_before=NOON + timedelta(hours=1))
        assert retry_edit(edit=edits[0], now=NOON)


class TestWaiting:
    def test_as_many_as_the_benchmark_has_in_flight_may_wait_unless_set_otherwise(
        self, budget: Budget
    ) -> None:
        assert budget.person_waiting == WAITING_AT_MOST == 500

    def test_no_more_may_wait_than_the_cap(self, alice: User, bob: User) -> None:
        Budget.objects.update(person_per_day=None, person_waiting=2)
        submit(alice)
        submit(alice)
        with pytest.raises(OverBudget) as refused:
            submit(alice)
        assert refused.value.sentence == (
            "You have 2 edits waiting; the limit is 2. Send more when some are done."
        )
        assert refused.value.retry_after_seconds(NOON) == 60
        assert submit(bob)

    def test_what_is_done_or_runs_does_not_wait(self, alice: User) -> None:
        Budget.objects.update(person_per_day=None, person_waiting=1)
        for status in (Status.SUCCEEDED, Status.RUNNING, Status.SAVING):
            edit_of(alice, status=status)
        assert submit(alice)
