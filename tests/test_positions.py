"""Places in line and honest estimates."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from edits.models import FIRST, Budget, EditRequest, Provider, Status, User
from edits.services.queue import cached_value
from edits.services.queue.claiming import QueueLimits, claim_next
from edits.services.queue.positions import Ahead, QueuePosition, ahead, queue_positions
from edits.services.queue.run_times import run_times
from tests.editors import LEASE
from tests.factories import edit_of

LIMITS = QueueLimits(concurrent=2, per_minute=10)
NOW = timezone.now()


def took(owner: User, seconds: float, **fields: object) -> None:
    """A finished edit that ran this long."""
    start = NOW - timedelta(hours=1)
    edit_of(
        owner,
        status=Status.SUCCEEDED,
        started_at=start,
        finished_at=start + timedelta(seconds=seconds),
        **fields,
    )


def positions(*edits: EditRequest) -> list[int]:
    found = queue_positions(edits, limits_of=lambda _: LIMITS)
    return [found[edit.pk].position for edit in edits]


def test_the_line_takes_turns_as_claiming_does(alice: User, bob: User) -> None:
    Provider.objects.update(verified_at=NOW)
    first, second, third = edit_of(alice), edit_of(alice), edit_of(alice)
    bobs = edit_of(bob)
    assert positions(first, bobs, second, third) == [1, 2, 3, 4]


def test_the_forecast_is_the_order_in_which_edits_are_claimed(alice: User, bob: User, rita: User) -> None:
    Provider.objects.update(verified_at=NOW)
    for owner in (alice, alice, bob):
        edit_of(owner, status=Status.RUNNING, started_at=timezone.now())
    edits = [edit_of(owner) for owner in (alice, alice, bob, alice, rita, bob, rita, rita)]
    limits = QueueLimits(concurrent=len(edits) + 3, per_minute=100)
    found = queue_positions(edits, limits_of=lambda _: limits)
    expected = sorted(edits, key=lambda edit: found[edit.pk].position)
    claimed = [claim_next(lease=LEASE, limits_of=lambda _: limits, now=timezone.now()) for _ in edits]
    assert claimed == expected


def test_a_running_edit_has_no_place_but_its_usual_time(alice: User) -> None:
    took(alice, 18.0)
    edit = edit_of(alice, status=Status.RUNNING)
    assert queue_positions([edit], limits_of=lambda _: LIMITS)[edit.pk] == QueuePosition(0, None, 18.0)


def test_the_wait_follows_from_the_place_and_the_usual_time(alice: User) -> None:
    for seconds in (10.0, 20.0, 90.0):
        took(alice, seconds)
    waiting = [edit_of(alice) for _ in range(4)]
    assert queue_positions(waiting, limits_of=lambda _: LIMITS)[waiting[3].pk] == QueuePosition(4, 20.0, 20.0)


def test_the_calls_a_minute_may_be_what_one_waits_for(alice: User) -> None:
    took(alice, 1.0)
    waiting = [edit_of(alice) for _ in range(12)]
    assert queue_positions(waiting, limits_of=lambda _: LIMITS)[waiting[11].pk].wait_seconds == 60.0


def test_a_pause_of_seconds_is_part_of_the_wait(alice: User) -> None:
    took(alice, 8.0)
    Provider.objects.update(paused_since=NOW, paused_until=timezone.now() + timedelta(seconds=20))
    edit = edit_of(alice)
    wait = queue_positions([edit], limits_of=lambda _: LIMITS)[edit.pk].wait_seconds
    assert wait == pytest.approx(20.0, abs=2.0)


@pytest.mark.parametrize("state", [{"held_since": NOW, "held_reason": "HTTP 401"}, {"stopped_since": NOW}])
def test_nobody_is_promised_a_time_while_nothing_is_sent(alice: User, state: dict[str, Any]) -> None:
    took(alice, 8.0)
    Provider.objects.update(**state)
    edit = edit_of(alice)
    assert queue_positions([edit], limits_of=lambda _: LIMITS)[edit.pk] == QueuePosition(1, None, 8.0)


def test_a_budget_that_is_used_up_is_waited_for(alice: User) -> None:
    took(alice, 8.0)
    Budget.objects.update_or_create(
        pk=1, defaults={"budget_exhausted_until": timezone.now() + timedelta(hours=3)}
    )
    edit = edit_of(alice)
    wait = queue_positions([edit], limits_of=lambda _: LIMITS)[edit.pk].wait_seconds
    assert wait == pytest.approx(3 * 3600, abs=5)


def test_an_edit_whose_model_is_gone_waits_behind_all_others(alice: User, bob: User) -> None:
    gone, waiting = edit_of(alice, model="gone"), edit_of(bob)
    assert positions(waiting, gone) == [1, 2]


def test_calls_of_canceled_edits_still_take_the_places_of_others(alice: User, bob: User) -> None:
    took(alice, 8.0)
    for _ in range(2):
        edit = edit_of(bob, status=Status.CANCELED)
        edit.attempts.create(
            account_id=FIRST, number=1, fence=1, started_at=timezone.now(), seed_sent=1, worker="m"
        )
    waiting = edit_of(alice)
    wait = queue_positions([waiting], limits_of=lambda _: LIMITS)[waiting.pk].wait_seconds
    assert wait is not None
    assert wait > 0.5


def test_only_others_who_are_sent_first_are_ahead(alice: User, bob: User) -> None:
    Provider.objects.update(verified_at=NOW)
    for _ in range(15):
        edit_of(bob)
    assert ahead(owner=alice.pk, provider=FIRST).others == 1
    assert ahead(owner=bob.pk, provider=FIRST).others == 0
    for _ in range(2):
        edit_of(bob, status=Status.RUNNING)
    assert ahead(owner=alice.pk, provider=FIRST).others == 0


def test_a_provider_that_was_never_there_has_nobody_ahead(alice: User) -> None:
    assert ahead(owner=alice.pk, provider=9999) == Ahead(0, None, 0.0)


def test_nothing_is_promised_before_anything_is_known(alice: User) -> None:
    edit = edit_of(alice)
    assert queue_positions([edit], limits_of=lambda _: LIMITS)[edit.pk] == QueuePosition(1, None, None)


def test_other_steps_of_the_same_size_are_better_than_no_estimate(alice: User) -> None:
    took(alice, 12.0, steps=28)
    took(alice, 30.0, steps=50)
    alike: Any = {"provider_id": FIRST, "model": "step-1x-edit", "size": "512x512"}
    assert run_times().seconds(**alike, steps=28) == 12.0
    assert run_times().seconds(**alike, steps=4) == 21.0
    assert run_times().seconds(**alike | {"size": "768x768"}, steps=28) == 21.0
    assert run_times().seconds(**alike | {"model": "other"}, steps=28) is None
    edit = edit_of(alice, steps=3)
    assert queue_positions([edit], limits_of=lambda _: LIMITS)[edit.pk].run_seconds == 21.0


def whole(edit: EditRequest) -> EditRequest:
    """As pages read it: with its provider."""
    return EditRequest.objects.with_cards(edit.owner).get(pk=edit.pk)


def test_it_asks_nothing_when_nothing_waits_and_little_otherwise(
    alice: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    done = edit_of(alice, status=Status.SUCCEEDED)
    waiting = whole(edit_of(alice))
    with django_assert_max_num_queries(0):  # type: ignore[operator]
        assert queue_positions([done]) == {}
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        queue_positions([done, waiting])
    for _ in range(20):
        edit_of(alice)
    tried = [whole(edit_of(alice, last_fault="not_sent", attempts_made=1)) for _ in range(3)]
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        queue_positions(tried)


def test_what_was_read_a_moment_ago_serves_all_pages(
    alice: User,
    bob: User,
    keep_the_queue: Callable[[], None],
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    waiting = [whole(edit_of(alice)), whole(edit_of(bob))]
    keep_the_queue()
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert queue_positions(waiting[:1])[waiting[0].pk].position == 1
        assert queue_positions(waiting[1:])[waiting[1].pk].position == 2
        ahead(owner=bob.pk, provider=FIRST)
    newer = whole(edit_of(bob))  # what came since is never without a place
    assert queue_positions([newer])[newer.pk].position == 3


def test_what_was_read_is_old_after_a_second() -> None:
    at, reads = [0.0], []
    kept = cached_value.CachedValue(lambda: reads.append(at[0]) or len(reads), clock=lambda: at[0])  # type: ignore[func-returns-value]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cached_value, "KEPT_SECONDS", 1.0)
        seen = []
        for at[0] in (0.0, 0.9, 1.0, 1.5, 2.1):
            seen.append(kept.get())
    assert seen == [1, 1, 2, 2, 3]
