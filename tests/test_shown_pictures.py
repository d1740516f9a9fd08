"""Which files a page shows of a picture: the smallest first, and the whole one only for a close look."""

import pytest

from edits.http.shown_pictures import ShownPicture, result_of, source_of
from edits.models import ReturnedImage, Upload, User
from tests.factories import finished_edit_of


def sized(width_px: int, height_px: int) -> ShownPicture:
    return ShownPicture("", "", width_px, "", width_px, height_px)


def test_before_there_are_renditions_nothing_is_promised(alice: User) -> None:
    edit = finished_edit_of(alice)
    shown = result_of(edit)
    assert (shown.small, shown.medium_px) == ("", 96)
    assert shown.medium == f"/edits/{edit.public_id}/result/1024/"  # which answers with the whole one


@pytest.mark.parametrize(("width_px", "medium_px"), [(4000, 1024), (1024, 1024), (512, 512)])
def test_a_rendition_has_no_more_pixels_than_the_picture(alice: User, width_px: int, medium_px: int) -> None:
    edit = finished_edit_of(alice)
    ready = {"thumb_320": "x/320.webp", "thumb_1024": "x/1024.webp", "width_px": width_px}
    ReturnedImage.objects.update(**ready)
    Upload.objects.update(**ready)
    for row in (edit.result, edit.upload):
        row.refresh_from_db()
    for kind, shown in (("result", result_of(edit)), ("source", source_of(edit))):
        assert shown.medium_px == medium_px
        assert shown.small == f"/edits/{edit.public_id}/{kind}/320/"
        assert shown.full == f"/edits/{edit.public_id}/{kind}/"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [((1182, 886), (592, 448), True), ((1024, 682), (512, 512), False), ((600, 800), (800, 600), False)],
)
def test_pictures_of_about_the_same_ratio_lie_over_each_other(
    one: tuple[int, int], other: tuple[int, int], alike: bool
) -> None:
    assert sized(*one).is_like(sized(*other)) is alike
    assert sized(*other).is_like(sized(*one)) is alike
