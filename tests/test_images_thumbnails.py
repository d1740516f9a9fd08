"""Small versions: bounded, upright, light, and a veil that nothing shines through."""

from base64 import b64decode

import pytest
from PIL import Image, ImageStat

from edits.images import BadImage, medium, placeholder, shrunk, veil
from edits.images import thumbnail as thumbnail_of
from tests import pictures
from tests.pictures import opened, photo


def thumbnail(data: bytes, *, width_px: int) -> bytes:
    return thumbnail_of(shrunk(data, width_px=1024), width_px=width_px)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("width_px", [320, 1024])
def test_a_thumbnail_is_a_webp_of_the_asked_width(format: str, width_px: int) -> None:
    small = opened(thumbnail(photo(width=1200, height=900, format=format), width_px=width_px))

    assert small.format == "WEBP"
    assert small.size == (width_px, width_px * 3 // 4)


def test_a_thumbnail_is_never_larger_than_the_picture() -> None:
    assert opened(thumbnail(photo(width=200, height=100), width_px=320)).size == (200, 100)


def test_a_thumbnail_of_a_very_flat_picture_has_a_height() -> None:
    flat = pictures.encoded(Image.new("RGB", (4000, 2)), format="PNG")

    assert opened(thumbnail(flat, width_px=320)).size == (320, 1)


def test_a_thumbnail_keeps_transparency() -> None:
    small = opened(thumbnail(pictures.cutout(width=800, height=400), width_px=320))

    assert small.mode == "RGBA"
    assert small.getpixel((300, 80))[3] == 0  # type: ignore[index]


def test_a_thumbnail_says_nothing_of_where_it_was_taken() -> None:
    small = thumbnail(photo(width=800, height=600, place=True), width_px=320)

    assert pictures.PLACE.encode() not in small
    assert not opened(small).getexif()


def test_a_thumbnail_weighs_little() -> None:
    assert len(thumbnail(photo(width=1200, height=900), width_px=320)) < 10_000


def test_the_medium_picture_is_a_jpeg_that_says_nothing_of_where_it_was_taken() -> None:
    data, extension = medium(shrunk(photo(width=1200, height=900, place=True), width_px=1024))

    assert (extension, opened(data).format, opened(data).size) == ("jpg", "JPEG", (1024, 768))
    assert pictures.PLACE.encode() not in data


def test_the_medium_picture_keeps_transparency() -> None:
    data, extension = medium(shrunk(pictures.cutout(width=800, height=400), width_px=1024))

    assert extension == "webp"
    assert opened(data).getpixel((750, 200))[3] == 0  # type: ignore[index]


def test_transparency_that_hides_nothing_is_dropped() -> None:
    opaque = pictures.encoded(Image.new("RGBA", (64, 64), (10, 20, 30, 255)), format="PNG")

    assert shrunk(opaque, width_px=1024).mode == "RGB"


def test_only_pictures_have_thumbnails() -> None:
    with pytest.raises(BadImage):
        thumbnail(b"<svg/>", width_px=320)


@pytest.mark.parametrize("size", [(1024, 1024), (1728, 576), (576, 1728), (64, 64)])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_placeholder_is_tiny(size: tuple[int, int], format: str) -> None:
    uri = placeholder(shrunk(photo(width=size[0], height=size[1], format=format), width_px=1024))

    assert len(uri) <= 400
    assert uri.startswith("data:image/webp;base64,")
    dots = opened(b64decode(uri.partition(",")[2]))
    assert max(dots.size) == 16


def test_even_noise_has_a_placeholder_that_is_tiny() -> None:
    noise = pictures.encoded(Image.effect_noise((512, 512), 200).convert("RGB"), format="PNG")

    assert len(placeholder(shrunk(noise, width_px=1024))) <= 400


def test_a_placeholder_is_white_where_the_picture_is_transparent() -> None:
    uri = placeholder(shrunk(pictures.cutout(width=800, height=400), width_px=1024))

    dots = opened(b64decode(uri.partition(",")[2]))
    assert dots.mode == "RGB"
    assert min(dots.getpixel((15, 4))) > 230  # type: ignore[arg-type]


# The veil


@pytest.mark.parametrize(("step", "side_px"), [(0, 160), (1, 320), (2, 320)])
def test_each_step_of_the_veil_is_small(step: int, side_px: int) -> None:
    shown = opened(veil(photo(width=900, height=1200, format="PNG"), step=step))

    assert shown.format == "WEBP"
    assert shown.size == (side_px * 3 // 4, side_px)


@pytest.mark.parametrize(("step", "colored"), [(0, False), (1, False), (2, True)])
def test_color_comes_with_the_last_step_only(step: int, colored: bool) -> None:
    shown = opened(veil(photo(width=600, height=600), step=step)).convert("HSV")

    strongest = shown.getchannel("S").getextrema()[1]
    assert (strongest > 60) is colored  # type: ignore[operator]


def detail(data: bytes) -> float:
    """How much a picture's grey changes from pixel to pixel."""
    grey = opened(data).convert("L")
    shifted = grey.transform(grey.size, Image.Transform.AFFINE, (1, 0, 1, 0, 1, 0))
    difference = Image.blend(grey, shifted.point(lambda value: 255 - value), 0.5)
    return ImageStat.Stat(difference.crop((2, 2, grey.width - 2, grey.height - 2))).stddev[0]


def test_nothing_fine_shines_through_the_first_step() -> None:
    checkered = Image.new("L", (640, 640))
    for column in range(0, 640, 32):
        for row in range(column // 32 % 2 * 32, 640, 64):
            checkered.paste(255, (column, row, column + 32, row + 32))
    data = pictures.encoded(checkered.convert("RGB"), format="PNG")

    assert detail(veil(data, step=1)) > 5 * detail(veil(data, step=0))


def test_a_small_picture_is_veiled_too() -> None:
    data = photo(width=64, height=64, format="PNG")

    assert veil(data, step=0) != veil(data, step=1)
    assert opened(veil(data, step=0)).size == (64, 64)


@pytest.mark.parametrize("step", [-1, 3])
def test_there_is_no_step_without_a_veil(step: int) -> None:
    with pytest.raises(ValueError, match="no step"):
        veil(photo(), step=step)
