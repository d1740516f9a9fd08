"""Submitting a batch: all of its edits or none, once for each press, in the order in which they are sent."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from edits.models import Batch, Budget, EditRequest, ProviderModel, Status, Upload, User
from edits.services.batch.plan import (
    Axis,
    BadPlan,
    BatchPlan,
    model_axis,
    option_axis,
    picture_axis,
    seed_axis,
    variation_axis,
)
from edits.services.budgets.budgeting import OverBudget
from edits.services.queue import inserting
from tests.batches import plan_of_pictures, plan_of_seeds, planned, source, submit
from tests.factories import upload_of
from tests.stored import stored


def rows() -> list[EditRequest]:
    return list(EditRequest.objects.order_by("batch_position"))


# --- What is made -----------------------------------------------------------------------------------------


def test_many_pictures_with_one_prompt_are_as_many_edits(alice: User) -> None:
    batch = submit(alice, plan_of_pictures(5))
    assert [(edit.source_name, edit.prompt, edit.status) for edit in rows()] == [
        (f"{number}.png", "sepia", Status.QUEUED) for number in range(1, 6)
    ]
    assert {edit.batch for edit in rows()} == {batch}
    assert len({edit.seed for edit in rows()}) == 5
    assert batch.axes == [["picture", [f"{number}.png" for number in range(1, 6)]]]


def test_seeds_are_drawn_once_for_the_whole_batch_and_differ(alice: User) -> None:
    submit(alice, plan_of_seeds(4))
    assert [edit.seed for edit in rows()] == [100, 101, 102, 103]
    assert all(edit.seed_is_drawn for edit in rows())


def test_seeds_follow_a_given_one(alice: User) -> None:
    submit(alice, plan_of_seeds(3, first=2**31 - 2))
    assert [edit.seed for edit in rows()] == [2**31 - 2, 2**31 - 1, 1]
    assert not any(edit.seed_is_drawn for edit in rows())


def test_it_is_sent_seed_by_seed_and_every_picture_has_the_same_ones(alice: User) -> None:
    sources = [source(name=name) for name in ("a.png", "b.png")]
    seeds = seed_axis(2, first=7, draw=int)
    batch = submit(alice, BatchPlan.of_axes(planned(), [picture_axis(sources), seeds]))
    assert [(edit.seed, edit.source_name) for edit in rows()] == [
        (7, "a.png"), (7, "b.png"), (8, "a.png"), (8, "b.png"),
    ]  # fmt: skip
    assert [name for name, _ in batch.axes] == ["seed", "picture"]


def test_a_grid_of_two_options_has_each_pair(alice: User) -> None:
    axes = [option_axis("steps", [8, 28]), option_axis("cfg_scale", [4.0, 6.5])]
    batch = submit(alice, BatchPlan.of_axes(planned(seed=5), axes))
    assert [(edit.steps, edit.cfg_scale, edit.seed) for edit in rows()] == [
        (8, 4.0, 5), (8, 6.5, 5), (28, 4.0, 5), (28, 6.5, 5),
    ]  # fmt: skip
    assert batch.axes == [["steps", ["8", "28"]], ["cfg_scale", ["4", "6.5"]]]


def test_the_same_picture_twice_is_used_once(alice: User) -> None:
    sources = [source(mark=1, name="a.png"), source(mark=1, name="copy of a.png"), source(name="b.png")]
    submit(alice, BatchPlan.of_axes(planned(), [picture_axis(sources)]))
    assert [edit.source_name for edit in rows()] == ["a.png", "b.png"]
    assert Upload.objects.count() == len(stored()) == 2


def test_each_model_gets_only_the_options_that_it_takes(alice: User) -> None:
    first = planned().model
    other = ProviderModel.objects.get(name="step-image-edit-2")
    submit(alice, BatchPlan.of_axes(planned(), [model_axis([first, other])]))
    assert [(edit.model, edit.size) for edit in rows()] == [
        ("step-1x-edit", "512x512"), ("step-image-edit-2", ""),
    ]  # fmt: skip


def test_variations_differ_in_nothing_that_is_asked_for(alice: User) -> None:
    batch = submit(alice, BatchPlan.of_axes(planned(), [variation_axis(3)]))
    assert batch.axes == [["variation", ["1", "2", "3"]]]
    assert len(rows()) == 3


@pytest.mark.parametrize(
    ("axes", "code"),
    [
        ([Axis("seed", ((("1"), (1, False)),) * 201)], "too_many"),
        ([option_axis("steps", range(1, 8)), option_axis("cfg_scale", range(1, 7))], "too_many_cells"),
        (
            [option_axis("steps", [1]), option_axis("size", ["a"]), option_axis("prompt", ["b"])],
            "too_many_axes",
        ),
        ([option_axis("steps", [])], "empty"),
    ],
)
def test_more_than_a_batch_may_hold_is_no_plan(db: None, axes: list[Axis], code: str) -> None:
    with pytest.raises(BadPlan) as refused:
        BatchPlan.of_axes(planned(), axes)
    assert refused.value.code == code


def test_two_hundred_edits_of_one_stored_picture_take_a_bounded_number_of_queries(
    alice: User, django_assert_max_num_queries: Any
) -> None:
    plan = BatchPlan.of_list([planned(source(mark=3))] * 200)
    with django_assert_max_num_queries(30):
        submit(alice, plan)
    assert EditRequest.objects.count() == 200


# --- Budgets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["person_per_day", "person_per_month", "person_waiting"])
def test_a_batch_over_budget_stores_nothing_and_says_how_many_would_fit(alice: User, limit: str) -> None:
    Budget.objects.update(**{limit: 3})
    with pytest.raises(OverBudget) as refused:
        submit(alice, plan_of_pictures(5))
    assert refused.value.fits == 3
    assert refused.value.sentence.startswith("3 of your 5 edits would fit")
    assert not Batch.objects.exists()
    assert not EditRequest.objects.exists()
    assert not Upload.objects.exists()
    assert stored() == []


def test_money_is_counted_for_all_of_them(alice: User) -> None:
    Budget.objects.update(person_cost_per_day=Decimal("1.00"))
    ProviderModel.objects.update(price=Decimal("0.30"))
    with pytest.raises(OverBudget) as refused:
        submit(alice, plan_of_seeds(4))
    assert refused.value.fits == 3
    submit(alice, plan_of_seeds(3))
    assert EditRequest.objects.count() == 3


def test_a_batch_that_just_fits_is_taken(alice: User) -> None:
    Budget.objects.update(person_per_day=4)
    submit(alice, plan_of_seeds(4))
    assert EditRequest.objects.count() == 4


# --- Once ---------------------------------------------------------------------------------------------------


def test_the_same_press_again_is_the_same_batch(alice: User) -> None:
    key, plan = uuid.uuid4(), plan_of_seeds(3)
    first = submit(alice, plan, key=key)
    assert submit(alice, plan, key=key) == first
    assert EditRequest.objects.count() == 3


def test_somebody_elses_key_is_another_one(alice: User, bob: User) -> None:
    key, plan = uuid.uuid4(), plan_of_seeds(2)
    assert submit(alice, plan, key=key) != submit(bob, plan, key=key)


def test_workers_are_woken_once_it_is_stored(alice: User, woken: list[int]) -> None:
    submit(alice, plan_of_seeds(3))
    assert len(woken) == 3


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each wake-up; the transaction of a test never commits, so that callbacks run at once."""
    calls: list[int] = []
    monkeypatch.setattr(inserting, "notify_worker", lambda: calls.append(1))
    monkeypatch.setattr(inserting.transaction, "on_commit", lambda callback: callback())
    return calls


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_with_one_key_are_one_batch(transactional_db: None, alice: User) -> None:
    Budget.objects.update(person_per_day=4)
    key, plan = uuid.uuid4(), plan_of_pictures(4)

    def press(_: int) -> int:
        try:
            return submit(alice, plan, key=key).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(press, range(6)))
    assert made == {Batch.objects.get().pk}
    assert EditRequest.objects.count() == Upload.objects.count() == 4
    assert len(stored()) == 4


@pytest.mark.django_db(transaction=True)
def test_a_stored_source_that_was_deleted_in_this_moment_stores_nothing(alice: User) -> None:
    upload = upload_of()
    gone = inserting.Source(upload, "gone.png", 96, 64)
    plan = BatchPlan.of_axes(planned(gone), [variation_axis(2)])
    Upload.objects.all().delete()
    with pytest.raises(FileNotFoundError):
        submit(alice, plan)
    assert not Batch.objects.exists()
