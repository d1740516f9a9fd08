"""Missing renditions: found by an index, tried again less and less often, and never in each other's way."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from edits.models import EditRequest, ReturnedImage, User
from edits.services.pictures import renditions
from edits.services.pictures.renditions import make_missing, make_renditions, missing
from tests.factories import finished_edit_of

NOW = timezone.now()
BEGUN = NOW - timedelta(minutes=2)
SWEEP = timedelta(seconds=3)


def broken(owner: User) -> EditRequest:
    """Done, and its picture is not in the storage any more."""
    edit = finished_edit_of(owner, now=BEGUN)
    default_storage.delete(str(edit.result.file))
    return edit


def sweeps(seconds: int, *, every: int = 3) -> int:
    """As workers sweep so long; returns how many renditions were made."""
    return sum(make_missing(now=NOW + timedelta(seconds=second)) for second in range(0, seconds, every))


def failures(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.levelno >= logging.ERROR for record in caplog.records)


def test_five_broken_ones_keep_no_other_from_being_drawn(alice: User) -> None:
    for _ in range(7):
        broken(alice)
    whole = [finished_edit_of(alice, now=BEGUN) for _ in range(3)]
    assert sweeps(9) == len(whole)
    assert set(ReturnedImage.objects.exclude(thumb_320="").values_list("edit", flat=True)) == {
        edit.pk for edit in whole
    }


def test_one_that_stays_broken_is_logged_a_few_times_in_an_hour(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    broken(alice)
    assert sweeps(3600, every=15) == 0
    assert 4 <= failures(caplog) <= 10


def test_it_is_drawn_once_its_picture_can_be_read_again(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    finished_edit_of(alice, now=BEGUN)

    def away(_: object) -> bytes:
        raise OSError("The storage does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(renditions, "picture_bytes", away)
        assert make_missing(now=NOW) == 0
    assert make_missing(now=NOW + timedelta(seconds=59)) == 0, "it is left alone for a minute"
    assert make_missing(now=NOW + timedelta(seconds=61)) == 1


@pytest.mark.parametrize("fault", [MemoryError, ValueError])
def test_one_that_breaks_our_code_is_left_alone_too(
    alice: User, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    first, second = (finished_edit_of(alice, now=BEGUN) for _ in range(2))
    original: Callable[..., dict[str, object]] = renditions.result_fields

    def breaks(stem: str, data: bytes, **of: object) -> dict[str, object]:
        if str(first.result.file).startswith(stem):
            raise fault
        return original(stem, data, **of)

    monkeypatch.setattr(renditions, "result_fields", breaks)
    with pytest.raises(fault):
        make_missing(now=NOW)
    assert make_missing(now=NOW + SWEEP) == 1
    assert ReturnedImage.objects.exclude(thumb_320="").get().edit == second


def test_what_the_worker_could_not_draw_waits_a_minute_as_well(alice: User) -> None:
    edit = broken(alice)
    assert not make_renditions(edit)
    result = ReturnedImage.objects.get()
    assert result.render_tries == 1
    assert result.render_again_at
    assert result.render_again_at > timezone.now() + timedelta(seconds=50)


def test_they_are_tried_in_the_order_in_which_they_came(alice: User) -> None:
    edits = [finished_edit_of(alice, now=BEGUN) for _ in range(4)]
    assert [result.edit for result in missing(now=NOW)] == edits


def test_what_is_missing_is_found_by_its_index_however_many_are_drawn(alice: User) -> None:
    finished_edit_of(alice, now=BEGUN)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # would read a table this small as a whole
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = missing(now=NOW)[:5].explain()
    assert "result_undrawn" in plan, plan
