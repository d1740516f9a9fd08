"""A picture of another size than the model promises is delivered with a note, and nothing else is noted."""

from typing import Any

import pytest

from edits.models import FIRST, ProviderModel, Status, User
from edits.services.calls.picture_warnings import UNEXPECTED_SIZE
from tests.editors import Editor, made, run, stopped
from tests.factories import edit_of, picture


def detail_of(owner: User, editor: Editor, **fields: Any) -> str:
    """What the attempt of an edit of a 96x64 picture notes: 624x416 is promised for it at 512x512."""
    return run(edit_of(owner, **fields), editor).attempts.get().detail


def sized(width_px: int, height_px: int) -> Editor:
    """Answers with a picture of this size."""
    return Editor([made(picture(width_px=width_px, height_px=height_px))])


@pytest.mark.parametrize(
    ("size_px", "is_noted"), [((624, 416), False), ((650, 400), False), ((512, 512), True)]
)
def test_the_promise_of_the_documented_model_is_looked_at_too(
    alice: User, size_px: tuple[int, int], is_noted: bool
) -> None:
    assert detail_of(alice, sized(*size_px)) == (UNEXPECTED_SIZE if is_noted else "")


def test_it_stands_beside_other_notes(alice: User) -> None:
    editor = Editor([made(picture(width_px=512, height_px=512), notes=("from_url",))])
    assert detail_of(alice, editor) == f"from_url, {UNEXPECTED_SIZE}"


def test_of_a_withheld_picture_nothing_is_said(alice: User) -> None:
    editor = Editor([stopped(data=picture(width_px=512, height_px=512))])
    assert detail_of(alice, editor) == ""


@pytest.mark.parametrize(
    "spec", [{"sizes": ["x"]}, {"sizes": 7}, {"steps": {"least": 1}}, {"side_multiple_px": "a"}]
)
def test_a_spec_that_was_changed_by_hand_to_nonsense_costs_no_picture(
    alice: User, spec: dict[str, Any]
) -> None:
    ProviderModel.objects.create(provider_id=FIRST, name="odd", spec_json=spec)
    edit = run(edit_of(alice, model="odd"), sized(96, 64))
    assert (edit.status, edit.attempts.get().detail) == (Status.SUCCEEDED, "")
