"""Comparing: a receipt says identical only where it is, and the change map shows where it is not."""

import pytest
from PIL import Image, ImageDraw

from edits.images import BadImage, change_map, compare, shrunk
from tests import pictures
from tests.pictures import drawing, encoded, opened, photo


def png(image: Image.Image) -> bytes:
    return encoded(image, format="PNG")


def with_new_object(image: Image.Image, *, side: int = 60) -> Image.Image:
    changed = image.copy()
    ImageDraw.Draw(changed).rectangle((30, 30, 30 + side, 30 + side), fill=(10, 200, 250))
    return changed


def map_of(first: bytes, second: bytes) -> tuple[bytes, float]:
    return change_map(shrunk(first, width_px=1024), shrunk(second, width_px=1024))


def test_the_same_bytes_are_identical() -> None:
    comparison = compare(photo(), photo())

    assert (comparison.verdict, comparison.similarity) == ("identical", 1.0)


def test_the_same_pixels_in_other_bytes_are_identical() -> None:
    comparison = compare(photo(format="PNG"), encoded(drawing(), format="PNG", compress_level=0))

    assert (comparison.verdict, comparison.similarity) == ("identical", 1.0)


def test_one_pixel_is_enough_not_to_be_identical() -> None:
    changed = drawing()
    changed.putpixel((100, 100), (0, 0, 0))

    comparison = compare(png(drawing()), png(changed))

    assert comparison.verdict == "near-identical"
    assert 0.98 <= comparison.similarity < 1.0


def test_another_encoding_of_the_same_picture_is_near_identical() -> None:
    comparison = compare(photo(format="PNG"), photo(format="JPEG"))

    assert comparison.verdict == "near-identical"


def test_a_new_object_makes_a_picture_different() -> None:
    image = drawing(width=512, height=512)

    assert compare(png(image), png(with_new_object(image))).verdict == "different"


def test_another_picture_is_different_by_much() -> None:
    negative = drawing().point(lambda value: 255 - value)

    comparison = compare(png(drawing()), png(negative))

    assert comparison.verdict == "different"
    assert 0.0 <= comparison.similarity < 0.6


def test_another_size_is_different_but_has_a_figure() -> None:
    comparison = compare(photo(width=320, height=240), photo(width=640, height=480))

    assert comparison.verdict == "different"
    assert comparison.similarity > 0.9


def test_what_is_only_transparent_in_one_is_a_difference() -> None:
    hidden = opened(pictures.cutout())
    white = Image.new("RGB", hidden.size, pictures.WHITE)
    white.paste(hidden, mask=hidden.getchannel("A"))

    assert compare(png(hidden), png(white)).verdict == "different"


def test_comparing_does_not_care_which_is_first() -> None:
    one, other = photo(seed=1, format="PNG"), photo(seed=2, format="PNG")

    assert compare(one, other) == compare(other, one)


def test_what_is_no_picture_is_not_compared() -> None:
    with pytest.raises(BadImage):
        compare(photo(), b"<html>")


# The change map


def test_the_change_map_is_clear_where_nothing_changed() -> None:
    overlay, share = map_of(photo(), photo())

    assert share == 0.0
    assert opened(overlay).getchannel("A").getextrema() == (0, 0)


def test_the_change_map_shows_a_new_object_where_it_is() -> None:
    image = drawing(width=400, height=300)

    overlay, share = map_of(png(image), png(with_new_object(image)))

    heat = opened(overlay)
    assert heat.size == (256, 192)
    assert heat.getpixel((38, 38))[3] > 100  # type: ignore[index]
    assert heat.getpixel((192, 128))[3] == 0  # type: ignore[index]
    assert share == pytest.approx(60 * 60 / (400 * 300), rel=0.15)


def test_an_encoders_noise_is_no_change() -> None:
    assert (
        map_of(photo(format="PNG"), encoded(drawing(), format="JPEG", quality=90, subsampling=0))[1] < 0.001
    )


def test_a_negative_is_changed_nearly_everywhere() -> None:
    _, share = map_of(png(drawing()), png(drawing().point(lambda value: 255 - value)))

    assert 0.9 < share <= 1.0


def test_the_change_map_has_the_shape_of_the_result_and_is_small() -> None:
    overlay, share = map_of(photo(width=1182, height=886), photo(width=1024, height=768))

    assert opened(overlay).size == (256, 192)
    assert len(overlay) < 20_000
    assert share < 0.02
