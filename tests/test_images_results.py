"""Results: a provider's picture is kept byte for byte, or cleaned, or refused; never lost over its size."""

from hashlib import sha256

import pytest
from PIL import Image

from edits.images import BadImage, check_result
from edits.images.cleanness import has_all_rows, is_clean
from tests import pictures
from tests.pictures import BLUE, PLACE, RED, opened, photo

FORMATS = pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])


def refused(data: bytes) -> str:
    with pytest.raises(BadImage) as refusal:
        check_result(data)
    return refusal.value.code


# Kept


@FORMATS
def test_a_clean_result_is_kept_byte_for_byte(format: str) -> None:
    data = photo(width=512, height=512, format=format)

    result = check_result(data)

    assert result.data == data
    assert result.sha256 == sha256(data).hexdigest()
    assert (result.format, result.width_px, result.height_px) == (format, 512, 512)
    assert result.content_type == f"image/{format.lower()}"
    assert result.extension == {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}[format]


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA"])
def test_any_still_8_bit_png_is_kept(mode: str) -> None:
    data = photo(format="PNG", mode=mode)

    assert check_result(data).data == data


@pytest.mark.parametrize("settings", [{"progressive": True}, {"optimize": True}, {"restart_marker_rows": 1}])
def test_any_ordinary_jpeg_is_kept(settings: dict[str, bool | int]) -> None:
    data = pictures.encoded(pictures.drawing(), format="JPEG", **settings)

    assert check_result(data).data == data


@pytest.mark.parametrize("size", [(16, 16), (100, 37), (1728, 576), (4096, 4096)])
def test_a_result_is_not_lost_over_its_size(size: tuple[int, int]) -> None:
    data = pictures.encoded(Image.new("RGB", size, BLUE), format="PNG")

    result = check_result(data)

    assert (result.width_px, result.height_px) == size
    assert result.data == data


# Cleaned


@FORMATS
def test_a_result_that_carries_more_than_a_picture_is_cleaned(format: str) -> None:
    result = check_result(photo(format=format, place=True))

    assert PLACE.encode() not in result.data
    assert result.format == format
    assert result.sha256 == sha256(result.data).hexdigest()
    assert is_clean(result.data, format_name=format)


def test_cleaning_keeps_the_pixels_of_a_png() -> None:
    data = pictures.with_chunk(photo(format="PNG"), b"tEXt", b"parameters\0steps 28")

    result = check_result(data)

    assert b"steps 28" not in result.data
    assert opened(result.data).tobytes() == pictures.drawing().tobytes()


def test_the_same_result_is_cleaned_to_the_same_bytes() -> None:
    first = pictures.with_chunk(photo(format="PNG"), b"tEXt", b"date\0monday")
    second = pictures.with_chunk(photo(format="PNG"), b"tEXt", b"date\0tuesday")

    assert check_result(first) == check_result(second)


@FORMATS
def test_appended_bytes_are_cut_off(format: str) -> None:
    result = check_result(photo(format=format) + b"<script>")

    assert b"<script>" not in result.data
    assert opened(result.data).size == (320, 240)


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_an_animated_result_becomes_its_first_frame(format: str) -> None:
    result = check_result(pictures.animation(format=format))

    assert result.format == format
    assert getattr(opened(result.data), "n_frames", 1) == 1
    assert (result.width_px, result.height_px) == (120, 90)


def test_sixteen_bits_become_eight() -> None:
    result = check_result(pictures.deep_png(value=32_768))

    assert result.data[24] == 8
    assert opened(result.data).convert("RGB").getpixel((50, 40)) == (128, 128, 128)


def test_a_print_shops_result_becomes_one_that_browsers_show() -> None:
    result = check_result(pictures.cmyk_jpeg())

    assert result.format == "JPEG"
    assert opened(result.data).mode == "RGB"


def test_the_second_picture_of_a_jpeg_is_dropped() -> None:
    result = check_result(pictures.phone_jpeg_with_second_picture())

    assert b"MPF\0" not in result.data
    assert (result.width_px, result.height_px) == (160, 120)


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_transparency_survives_cleaning(format: str) -> None:
    image = opened(pictures.cutout())
    data = pictures.encoded(image, format=format, lossless=True, exif=pictures.camera_data(place=True))

    cleaned = opened(check_result(data).data)

    assert cleaned.mode == "RGBA"
    assert cleaned.getpixel((50, 50)) == (*BLUE, 255)
    assert cleaned.getpixel((150, 50))[3] == 0  # type: ignore[index]


def test_a_turned_result_is_stored_upright_in_its_upright_size() -> None:
    result = check_result(photo(width=320, height=160, orientation=6))

    assert (result.width_px, result.height_px) == opened(result.data).size == (160, 320)


def test_wrong_checksums_are_put_right_so_that_browsers_show_the_picture() -> None:
    data = pictures.with_wrong_checksum(photo(format="PNG"))
    assert not is_clean(data, format_name="PNG")

    result = check_result(data)

    assert is_clean(result.data, format_name="PNG")
    assert opened(result.data).tobytes() == pictures.drawing().tobytes()


def test_a_missing_end_is_put_right() -> None:
    data = photo(format="PNG")[:-12]

    assert is_clean(check_result(data).data, format_name="PNG")


# Refused


@pytest.mark.parametrize("percent", [5, 50, 95])
@FORMATS
def test_a_cut_result_is_refused(format: str, percent: int) -> None:
    assert refused(pictures.cut(photo(format=format), percent=percent)) == "corrupt"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<html><body>Bad gateway</body></html>", "format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "format"),
        (photo(format="GIF"), "format"),
        (photo(format="TIFF"), "format"),
        (pictures.encoded(Image.new("RGB", (1, 1), RED), format="PNG"), "too_small"),
        (pictures.encoded(Image.new("RGB", (512, 15), RED), format="PNG"), "too_small"),
        (pictures.lying_png(width=4097, height=4096), "too_many_pixels"),
        (pictures.lying_png(width=65_535, height=65_535), "too_many_pixels"),
        (pictures.lying_png(width=100, height=4096), "corrupt"),
        (pictures.with_wrong_checksum(pictures.lying_png(width=100, height=4096)), "corrupt"),
    ],
)
def test_what_cannot_be_a_result_is_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


@pytest.mark.parametrize("drawn", [RED, (0, 0, 0)])
def test_rows_that_do_not_come_are_missed_whatever_is_drawn_above(drawn: tuple[int, int, int]) -> None:
    rows = (b"\0" + bytes(drawn) * 100) * 40

    assert (
        refused(pictures.png(width=100, height=80, depth=8, color_type=pictures.TRUE_COLOR, rows=rows))
        == "corrupt"
    )
    assert (
        check_result(
            pictures.png(width=100, height=40, depth=8, color_type=pictures.TRUE_COLOR, rows=rows)
        ).height_px
        == 40
    )


# Clean


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA"])
def test_a_whole_png_has_all_its_rows(mode: str) -> None:
    assert has_all_rows(photo(width=97, height=33, format="PNG", mode=mode))
    assert has_all_rows(photo(format="PNG")[:-12]), "the end mark is no row"
    assert has_all_rows(pictures.deep_png(value=7))


def test_a_png_that_unpacks_to_more_than_its_rows_is_not_unpacked_further() -> None:
    rows = bytes(101) * 80 + bytes(50_000_000)

    assert has_all_rows(pictures.png(width=100, height=80, depth=8, color_type=pictures.GREY, rows=rows))


@FORMATS
def test_what_is_not_well_formed_is_not_clean(format: str) -> None:
    data = photo(format=format)

    assert is_clean(data, format_name=format)
    for length in range(0, len(data), 97):
        assert not is_clean(data[:length], format_name=format), length
    assert not is_clean(data + b"\0", format_name=format)


def test_a_jpeg_whose_scan_hides_a_second_file_is_not_clean() -> None:
    data = photo(format="JPEG")

    assert not is_clean(data + b"PK\x03\x04" + b"\xff\xd9", format_name="JPEG")
