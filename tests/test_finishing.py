"""Finishing candidates: the same seeds in the largest size, as one batch or not at all."""

import uuid
from collections.abc import Sequence

import pytest
from django.utils import timezone

from edits.models import Batch, Budget, EditRequest, Provider, Status, User
from edits.services.batch.finishing import NothingToFinish, Target, finish, targets_of
from edits.services.budgets.budgeting import OverBudget
from tests.batches import batch_of
from tests.factories import default_model

DONE = Status.SUCCEEDED


def sent(owner: User, edits: Sequence[EditRequest], key: uuid.UUID | None = None) -> tuple[Batch, int]:
    return finish(owner=owner, edits=edits, submission_key=key or uuid.uuid4(), now=timezone.now())


def test_the_finished_have_the_same_pictures_prompts_options_and_seeds(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 3, prompt="warmer", steps=12, cfg_scale=3.5)
    batch, left_out = sent(alice, edits[:2])
    made = list(batch.edits.order_by("batch_position"))
    assert left_out == 0
    assert [edit.seed for edit in made] == [1001, 1002]
    assert {edit.size for edit in made} == {"1024x1024"}
    assert {(edit.prompt, edit.steps, edit.cfg_scale, edit.upload_id) for edit in made} == {
        ("warmer", 12, 3.5, edits[0].upload_id)
    }
    assert batch.axes == [["seed", ["1001", "1002"]]]
    assert not any(edit.rerun_of_id or edit.seed_is_drawn for edit in made)


def test_the_seed_that_the_provider_used_is_sent(alice: User) -> None:
    _, (edit,) = batch_of(alice, [DONE])
    edit.result.seed_used = 42
    batch, _ = sent(alice, [edit])
    assert batch.edits.get().seed == 42


def test_the_same_key_twice_is_one_batch(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 2)
    key = uuid.uuid4()
    assert sent(alice, edits, key) == sent(alice, edits, key)
    assert EditRequest.objects.queued().count() == 2


def test_a_budget_for_fewer_stores_none(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 3)
    budget = Budget.objects.current()
    budget.person_waiting = 2
    budget.save()
    with pytest.raises(OverBudget):
        sent(alice, edits)
    assert Batch.objects.count() == 1
    assert not EditRequest.objects.queued().exists()


def test_options_that_differ_are_the_axis(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 2, seed=7)
    edits[1].steps = 50
    assert sent(alice, edits)[0].axes == [["steps", ["28", "50"]]]


def test_edits_that_differ_in_more_than_one_thing_have_no_axis(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 2)
    edits[1].steps = 50
    assert sent(alice, edits)[0].axes == []


def test_of_the_largest_only_smaller_sizes_are_left(alice: User) -> None:
    _, (edit,) = batch_of(alice, [DONE], size="1024x1024")
    assert targets_of([edit])[edit.pk] == Target(default_model(), "768x768", is_larger=False)


def changed_model(**spec: object) -> None:
    """The model is no longer one that is built in, and takes only what is said here."""
    model = default_model()
    model.provider.models.create(name="drawn", spec_json=spec)


@pytest.mark.parametrize(
    ("spec", "obstacle"),
    [
        ({"sizes": ["512x512", "1024x1024"], "default_size": "512x512"}, "no_seed"),
        ({"takes_seed": True}, "no_size"),
        ({"takes_seed": True, "sizes": ["512x512", "1536x1024"], "default_size": "512x512"}, "no_size"),
        ({"takes_seed": True, "max_prompt_chars": 5}, "long_prompt"),
    ],
)
def test_what_cannot_be_finished_says_why(alice: User, spec: dict[str, object], obstacle: str) -> None:
    changed_model(**spec)
    _, edits = batch_of(alice, [DONE] * 2, model="drawn")
    assert set(targets_of(edits).values()) == {obstacle}
    with pytest.raises(NothingToFinish):
        sent(alice, edits)
    assert Batch.objects.count() == 1


def test_what_cannot_be_finished_is_left_out_and_counted(alice: User) -> None:
    changed_model()
    _, (plain, other) = batch_of(alice, [DONE] * 2)
    other.model = "drawn"
    batch, left_out = sent(alice, [plain, other])
    assert left_out == 1
    assert batch.edits.count() == 1


def test_a_removed_provider_makes_nothing(alice: User) -> None:
    _, (edit,) = batch_of(alice, [DONE])
    Provider.objects.update(removed_at=timezone.now())
    assert targets_of([edit])[edit.pk] == "model_gone"
