"""Numbers as people say them, and the template tags that use them."""

import uuid

import pytest

from edits.http import humanize
from edits.models import Status, User
from edits.services.queue.positions import QueuePosition
from edits.templatetags import edit_tags
from tests.factories import edit_of, finished_edit_of, result_of, upload_of


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (20, "20th"),
     (21, "21st"), (101, "101st"), (111, "111th"), (112, "112th"), (122, "122nd"), (1013, "1013th")],
)  # fmt: skip
def test_ordinals_are_said_as_people_say_them(number: int, said: str) -> None:
    assert humanize.ordinal(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "1 s"), (0.2, "1 s"), (12.4, "12 s"), (89, "89 s"), (90, "2 min"), (240, "4 min"), (5399, "90 min"),
     (5400, "2 h"), (86_400, "24 h")],
)  # fmt: skip
def test_a_span_is_said_in_its_largest_sensible_unit(seconds: float, said: str) -> None:
    assert humanize.span(seconds) == said


def test_a_seed_is_grouped_without_changing_its_digits() -> None:
    said = humanize.grouped(1_284_663_019)
    assert said == "1\u202f284\u202f663\u202f019"
    assert humanize.grouped(7) == "7"


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [(0, "0 B"), (980, "980 B"), (214_300, "214 kB"), (3_100_000, "3.1 MB"), (50 * 2**20, "52.4 MB")],
)
def test_a_file_weighs_what_file_managers_say(size_bytes: int, said: str) -> None:
    assert humanize.weight(size_bytes) == said


@pytest.mark.parametrize(("number", "said"), [(6.0, "6"), (7.5, "7.5"), (1, "1"), (9.99, "9.99")])
def test_a_number_has_no_needless_zeros(number: float, said: str) -> None:
    assert humanize.plain(number) == said


def test_a_size_is_named_by_its_side() -> None:
    assert humanize.side("768x768") == "768"
    assert humanize.side("") == "same size"


def test_the_place_of_an_edit_is_found_or_none(alice: User) -> None:
    waiting, other = edit_of(alice), edit_of(alice)
    place = QueuePosition(position=2, wait_seconds=40.0, run_seconds=18.0)
    assert edit_tags.place_of({waiting.pk: place}, waiting) is place
    assert edit_tags.place_of({waiting.pk: place}, other) is None
    assert edit_tags.place_of(None, waiting) is None


def test_each_form_gets_a_key_of_its_own() -> None:
    first, second = edit_tags.new_key(), edit_tags.new_key()
    assert uuid.UUID(first) != uuid.UUID(second)


def test_a_waiting_edit_reserves_the_room_of_the_picture_that_will_come(alice: User) -> None:
    upload = upload_of(width_px=192, height_px=96)
    edit = edit_of(alice, upload=upload)
    assert edit_tags.picture_size_px(edit) == (720, 352)
    assert edit_tags.edit_aspect(edit) == "ar-205"


def test_a_finished_edit_reserves_the_room_of_its_own_picture(alice: User) -> None:
    edit = finished_edit_of(alice)
    assert edit_tags.picture_size_px(edit) == (edit.result.width_px, edit.result.height_px)


def test_a_withheld_picture_does_not_tell_its_size(alice: User) -> None:
    edit = edit_of(alice, status=Status.FILTERED, upload=upload_of(width_px=96, height_px=96))
    result_of(edit, withheld=True)
    assert edit_tags.picture_size_px(edit) == (512, 512)


@pytest.mark.parametrize(
    ("size", "px"), [("512x512", (512, 512)), ("1024x768", (1024, 768)), ("auto", (96, 64)), ("", (96, 64))]
)
def test_an_edit_of_a_model_that_is_gone_still_has_a_shape(
    alice: User, size: str, px: tuple[int, int]
) -> None:
    edit = edit_of(alice, model="retired-model", size=size)
    assert edit_tags.picture_size_px(edit) == px


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (119, "119 s"), (125, "2 min 05 s"), (1647, "27 min 27 s")]
)
def test_a_running_clock_counts_minutes_when_it_takes_long(seconds: int, said: str) -> None:
    assert humanize.counted(seconds) == said
