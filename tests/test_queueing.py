"""Places in line and honest estimates."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from edits.models import FIRST, EditRequest, Status, User
from edits.services.queue.claiming import Limits
from edits.services.queue.queueing import Place, places, run_times
from tests.factories import edit_of

LIMITS = Limits(concurrent=2, per_minute=10)
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
    found = places(edits, limits_of=lambda _: LIMITS)
    return [found[edit.pk].position for edit in edits]


def test_the_line_takes_turns_as_claiming_does(alice: User, bob: User) -> None:
    first, second, third = edit_of(alice), edit_of(alice), edit_of(alice)
    bobs = edit_of(bob)
    assert positions(first, bobs, second, third) == [1, 2, 3, 4]


def test_a_running_edit_has_no_place_but_its_usual_time(alice: User) -> None:
    took(alice, 18.0)
    edit = edit_of(alice, status=Status.RUNNING)
    assert places([edit], limits_of=lambda _: LIMITS)[edit.pk] == Place(0, None, 18.0)


def test_the_wait_follows_from_the_place_and_the_usual_time(alice: User) -> None:
    for seconds in (10.0, 20.0, 90.0):
        took(alice, seconds)
    waiting = [edit_of(alice) for _ in range(4)]
    assert places(waiting, limits_of=lambda _: LIMITS)[waiting[3].pk] == Place(4, 40.0, 20.0)


def test_the_calls_a_minute_may_be_what_one_waits_for(alice: User) -> None:
    took(alice, 1.0)
    waiting = [edit_of(alice) for _ in range(12)]
    assert places(waiting, limits_of=lambda _: LIMITS)[waiting[11].pk].wait_seconds == 60.0


def test_nothing_is_promised_before_anything_is_known(alice: User) -> None:
    edit = edit_of(alice)
    assert places([edit], limits_of=lambda _: LIMITS)[edit.pk] == Place(1, None, None)


def test_other_steps_of_the_same_size_are_better_than_no_estimate(alice: User) -> None:
    took(alice, 12.0, steps=28)
    took(alice, 30.0, steps=50)
    alike: Any = {"provider_id": FIRST, "model": "step-1x-edit", "size": "512x512"}
    assert run_times().seconds(**alike, steps=28) == 12.0
    assert run_times().seconds(**alike, steps=4) == 21.0
    assert run_times().seconds(**alike | {"size": "768x768"}, steps=28) == 21.0
    assert run_times().seconds(**alike | {"model": "other"}, steps=28) is None
    edit = edit_of(alice, steps=3)
    assert places([edit], limits_of=lambda _: LIMITS)[edit.pk].run_seconds == 21.0


def whole(edit: EditRequest) -> EditRequest:
    """As pages read it: with its provider."""
    return EditRequest.objects.with_cards(edit.owner).get(pk=edit.pk)


def test_it_asks_nothing_when_nothing_waits_and_little_otherwise(
    alice: User, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    done = edit_of(alice, status=Status.SUCCEEDED)
    waiting = whole(edit_of(alice))
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert places([done], limits_of=lambda _: LIMITS) == {}
    with django_assert_num_queries(2):  # type: ignore[operator]
        places([done, waiting], limits_of=lambda _: LIMITS)
    tried = [whole(edit_of(alice, last_fault="A", attempts_made=1)) for _ in range(3)]
    with django_assert_num_queries(3):  # type: ignore[operator]
        places(tried, limits_of=lambda _: LIMITS)
