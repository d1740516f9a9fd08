"""Colors: every kind of pixels becomes what a person would say the picture shows."""

from collections.abc import Sequence

import pytest
from PIL import Image

from edits.images import BadImage, CheckedImage, check_image
from edits.model_specs import MODEL_SPECS
from tests import pictures
from tests.pictures import BLUE, GREY, RED, TRUE_COLOR, WHITE, opened


def check(data: bytes) -> CheckedImage:
    return check_image(data, spec=MODEL_SPECS["step-1x-edit"])


def color_at(data: bytes, spot: tuple[int, int]) -> tuple[int, ...]:
    image = opened(data)
    assert image.mode == "RGB"
    color = image.getpixel(spot)
    assert isinstance(color, tuple)
    return color


def assert_close(color: Sequence[int], expected: Sequence[int], *, by: int = 3) -> None:
    assert all(abs(a - b) <= by for a, b in zip(color, expected, strict=True)), (color, expected)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LA", "RGBA"])
def test_an_opaque_picture_of_any_kind_looks_the_same(mode: str) -> None:
    shown = pictures.drawing().convert(mode)

    checked = check(pictures.encoded(shown, format="PNG"))

    assert opened(checked.data).tobytes() == shown.convert("RGB").tobytes()
    assert checked.notes == ()


# 16 bit


@pytest.mark.parametrize("color_type", [GREY, TRUE_COLOR])
@pytest.mark.parametrize(("deep", "shown"), [(0, 0), (300, 1), (32_768, 128), (60_000, 233), (65_535, 255)])
def test_sixteen_bits_are_scaled_and_not_clipped(color_type: int, deep: int, shown: int) -> None:
    checked = check(pictures.deep_png(value=deep, color_type=color_type))

    assert_close(color_at(checked.data, (50, 40)), (shown,) * 3, by=1)


def test_a_sixteen_bit_tiff_is_scaled_too() -> None:
    deep = Image.new("I;16", (100, 80), 0).point(lambda value: value * 1 + 32_768)

    assert_close(color_at(check(pictures.encoded(deep, format="TIFF")).data, (50, 40)), (128,) * 3, by=1)


@pytest.mark.parametrize("color_type", [GREY, TRUE_COLOR])
def test_a_sixteen_bit_color_that_stands_for_transparent_becomes_white(color_type: int) -> None:
    checked = check(pictures.deep_png(value=0x8070, color_type=color_type, transparent=0x8070))

    assert color_at(checked.data, (50, 40)) == WHITE
    assert "flattened" in checked.notes


@pytest.mark.parametrize("mode", ["F", "LAB"])
def test_pixels_of_the_laboratory_are_refused_by_name(mode: str) -> None:
    with pytest.raises(BadImage, match=f"TIFF \\({mode}\\)") as refusal:
        check(pictures.encoded(Image.new(mode, (100, 80)), format="TIFF"))
    assert refusal.value.code == "format"


# Transparency


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_what_is_hidden_under_transparency_stays_hidden(format: str) -> None:
    checked = check(pictures.cutout(format=format))

    assert color_at(checked.data, (50, 50)) == BLUE
    assert color_at(checked.data, (150, 50)) == WHITE
    assert "flattened" in checked.notes


@pytest.mark.slow
def test_what_is_hidden_stays_hidden_when_the_picture_is_shrunk() -> None:
    checked = check(pictures.cutout(width=5000, height=2500))

    sent = opened(checked.data)
    assert sent.getpixel((sent.width * 3 // 4, 100)) == WHITE
    reddish = [color for _, color in sent.getcolors(100_000) or [] if color[0] > color[2] + 10]  # type: ignore[index]
    assert reddish == []


def test_half_transparent_is_mixed_with_white() -> None:
    glass = Image.new("RGBA", (100, 80), (0, 0, 0, 128))

    assert_close(color_at(check(pictures.encoded(glass, format="PNG")).data, (50, 40)), (127,) * 3, by=1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_a_color_that_stands_for_transparent_becomes_white(mode: str) -> None:
    dark = Image.new(mode, (100, 80), 0)
    hidden = (0, 0, 0) if mode == "RGB" else 0

    checked = check(pictures.encoded(dark, format="PNG", transparency=hidden))

    assert color_at(checked.data, (50, 40)) == WHITE
    assert "flattened" in checked.notes


# Print and specs


@pytest.mark.parametrize("with_marker", [True, False])
def test_a_print_shops_cyan_is_cyan_and_not_its_negative(with_marker: bool) -> None:
    checked = check(pictures.cmyk_jpeg(with_marker=with_marker))

    assert_close(color_at(checked.data, (50, 40)), (0, 255, 255))
    assert checked.notes == ("converted",)


def test_an_embedded_profile_is_heeded() -> None:
    data = pictures.photo(format="PNG", icc_profile=pictures.swapped_colors_profile())

    checked = check(data)

    red, _, blue = color_at(checked.data, (10, 10))
    assert blue > red, "what the spec calls red is blue"
    assert checked.notes == ("converted",)
    assert "icc_profile" not in opened(checked.data).info


def test_the_usual_profile_changes_nothing() -> None:
    data = pictures.photo(format="PNG", icc_profile=pictures.profile_of("sRGB"))

    checked = check(data)

    assert color_at(checked.data, (10, 10)) == RED
    assert checked.notes == ()
    assert "icc_profile" not in opened(checked.data).info


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize(
    "broken", [b"garbage", pictures.profile_of("sRGB")[:200], pictures.profile_of("LAB")]
)
def test_a_broken_or_foreign_profile_is_ignored(format: str, broken: bytes) -> None:
    checked = check(pictures.photo(format=format, icc_profile=broken))

    assert_close(color_at(checked.data, (10, 10)), RED, by=6)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_profile_for_other_pixels_is_ignored(mode: str) -> None:
    data = pictures.photo(mode=mode, icc_profile=pictures.swapped_colors_profile())

    assert check(data).width_px == 320


def test_a_profile_and_transparency_go_together() -> None:
    image = opened(pictures.cutout())
    spec = pictures.swapped_colors_profile()

    checked = check(pictures.encoded(image, format="PNG", icc_profile=spec))

    red, _, blue = color_at(checked.data, (50, 50))
    assert red > blue
    assert color_at(checked.data, (150, 50)) == WHITE
