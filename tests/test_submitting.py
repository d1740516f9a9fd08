"""Submitting: stored so that it cannot be lost, once for each click."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from edits.edit_call import EditOptions
from edits.images import check_image
from edits.model_specs import MODEL_SPECS
from edits.models import EditRequest, Status, Upload, User
from edits.services.pictures.storing import picture_bytes
from edits.services.queue import inserting
from edits.services.queue.submitting import Source, draw_seed, rerun_edit, submit_edit
from tests.factories import default_model, finished_edit_of, picture, upload_of
from tests.stored import stored

OPTIONS = EditOptions(prompt="sepia", seed=None, steps=28, cfg_scale=6.0, size="512x512")


def source(mark: int = 1, name: str = "harbor.png") -> Source:
    checked = check_image(picture(mark=mark, width_px=200, height_px=100), spec=MODEL_SPECS["step-1x-edit"])
    return Source.of_upload(checked, name=name)


def test_an_edit_waits_with_all_that_was_chosen(alice: User) -> None:
    edit = submit_edit(
        model=default_model(),
        owner=alice,
        source=source(),
        options=OPTIONS,
        submission_key=uuid.uuid4(),
        now=timezone.now(),
    )
    edit.refresh_from_db()
    assert (edit.status, edit.prompt, edit.steps, edit.cfg_scale) == (Status.QUEUED, "sepia", 28, 6.0)
    assert (edit.source_width_px, edit.source_height_px, edit.source_name) == (200, 100, "harbor.png")


def test_what_is_stored_is_what_will_be_sent(alice: User) -> None:
    chosen = source()
    edit = submit_edit(
        model=default_model(),
        owner=alice,
        source=chosen,
        options=OPTIONS,
        submission_key=uuid.uuid4(),
        now=timezone.now(),
    )
    assert picture_bytes(edit.upload.file) == chosen.picture.data  # type: ignore[union-attr]


def test_a_seed_left_open_is_drawn_before_the_call(alice: User) -> None:
    edit = submit_edit(
        model=default_model(),
        owner=alice,
        source=source(),
        options=OPTIONS,
        submission_key=uuid.uuid4(),
        draw=lambda: 424242,
        now=timezone.now(),
    )
    assert (edit.seed, edit.seed_is_drawn) == (424242, True)


def test_a_chosen_seed_is_kept(alice: User) -> None:
    options = EditOptions("sepia", 7, 28, 6.0, "512x512")
    edit = submit_edit(
        model=default_model(),
        owner=alice,
        source=source(),
        options=options,
        submission_key=uuid.uuid4(),
        now=timezone.now(),
    )
    assert (edit.seed, edit.seed_is_drawn) == (7, False)


def test_drawn_seeds_are_never_zero_and_fit_the_documented_range() -> None:
    seeds = {draw_seed() for _ in range(500)}
    assert min(seeds) >= 1
    assert max(seeds) <= 2**31 - 1
    assert len(seeds) > 490


def test_one_click_is_one_edit(alice: User) -> None:
    key = uuid.uuid4()
    first = submit_edit(
        model=default_model(),
        owner=alice,
        source=source(1),
        options=OPTIONS,
        submission_key=key,
        now=timezone.now(),
    )
    again = submit_edit(
        model=default_model(),
        owner=alice,
        source=source(2),
        options=OPTIONS,
        submission_key=key,
        now=timezone.now(),
    )
    assert again == first
    assert EditRequest.objects.count() == Upload.objects.count() == 1
    assert len(stored()) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_at_the_same_moment_are_one_edit(alice: User) -> None:
    key = uuid.uuid4()
    chosen = source()

    def click(_: int) -> int:
        try:
            return submit_edit(
                model=default_model(),
                owner=alice,
                source=chosen,
                options=OPTIONS,
                submission_key=key,
                now=timezone.now(),
            ).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        edits = set(pool.map(click, range(20)))
    assert len(edits) == EditRequest.objects.count() == Upload.objects.count() == 1


def test_the_same_picture_of_two_people_is_stored_once(alice: User, bob: User) -> None:
    for person in (alice, bob):
        submit_edit(
            model=default_model(),
            owner=person,
            source=source(1),
            options=OPTIONS,
            submission_key=uuid.uuid4(),
            now=timezone.now(),
        )
    assert EditRequest.objects.count() == 2
    assert Upload.objects.count() == 1
    assert len(stored()) == 1


def test_two_people_may_use_the_same_key(alice: User, bob: User) -> None:
    key = uuid.uuid4()
    edits = {
        submit_edit(
            model=default_model(),
            owner=person,
            source=source(),
            options=OPTIONS,
            submission_key=key,
            now=timezone.now(),
        )
        for person in (alice, bob)
    }
    assert {edit.owner for edit in edits} == {alice, bob}


def test_a_storage_that_is_full_leaves_no_row(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr("edits.services.pictures.storing.save_picture", full)
    with pytest.raises(OSError, match="No space"):
        submit_edit(
            model=default_model(),
            owner=alice,
            source=source(),
            options=OPTIONS,
            submission_key=uuid.uuid4(),
            now=timezone.now(),
        )
    assert not EditRequest.objects.exists()
    assert not Upload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_once_the_row_stands(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(inserting, "notify_worker", lambda: seen.append(EditRequest.objects.count()))
    submit_edit(
        model=default_model(),
        owner=alice,
        source=source(),
        options=OPTIONS,
        submission_key=uuid.uuid4(),
        now=timezone.now(),
    )
    assert seen == [1]


def test_an_upload_can_be_used_again_without_its_file(alice: User) -> None:
    upload = upload_of()
    edit = submit_edit(
        model=default_model(),
        owner=alice,
        source=Source(upload, "old.png", 300, 200),
        options=OPTIONS,
        submission_key=uuid.uuid4(),
        now=timezone.now(),
    )
    assert edit.upload == upload


class TestRerun:
    """A new edit with the same upload, prompt and parameters."""

    def test_the_same_seed_makes_the_same_request(self, alice: User) -> None:
        first = finished_edit_of(alice, seed=1234, cfg_scale=8.0)
        again = rerun_edit(
            edit=first, owner=alice, submission_key=uuid.uuid4(), same_seed=True, now=timezone.now()
        )
        for name in ("upload", "prompt", "model", "steps", "cfg_scale", "size", "source_name"):
            assert getattr(again, name) == getattr(first, name)
        assert (again.seed, again.rerun_of, again.status) == (1234, first, Status.QUEUED)

    def test_the_seed_that_the_provider_used_is_the_one_repeated(self, alice: User) -> None:
        first = finished_edit_of(alice, seed=123)
        first.result.seed_used = 124
        first.result.save(update_fields=["seed_used"])
        again = rerun_edit(
            edit=first, owner=alice, submission_key=uuid.uuid4(), same_seed=True, now=timezone.now()
        )
        assert again.seed == 124

    def test_a_seed_that_makes_no_sense_is_not_repeated(self, alice: User) -> None:
        first = finished_edit_of(alice, seed=123)
        first.result.seed_used = 0
        first.result.save(update_fields=["seed_used"])
        assert first.seed_to_repeat == 123

    def test_a_new_seed_is_a_new_edit_without_a_receipt(self, alice: User) -> None:
        first = finished_edit_of(alice, seed=1234)
        again = rerun_edit(
            edit=first,
            owner=alice,
            submission_key=uuid.uuid4(),
            same_seed=False,
            draw=lambda: 99,
            now=timezone.now(),
        )
        assert (again.seed, again.seed_is_drawn, again.rerun_of) == (99, True, None)
