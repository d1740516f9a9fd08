"""Which pictures the practice engine takes."""

import io

import pytest
from PIL import Image

from edits.local_engine.picture import check_picture, decode_picture
from edits.local_engine.refusals import ContractError
from edits.model_specs import MODEL_SPECS

from .local_engine_pictures import difference, encoded, landscape

PROFILE = MODEL_SPECS["step-1x-edit"]
NEWER = MODEL_SPECS["step-image-edit-2"]


def blank(width_px: int, height_px: int) -> bytes:
    return encoded(Image.new("RGB", (width_px, height_px), (9, 9, 9)))


@pytest.mark.parametrize(
    "size", [(64, 64), (64, 192), (192, 64), (1728, 576), (1728, 606), (1024, 1024), (1023, 1025)]
)
def test_it_takes_pictures_up_to_each_limit(size: tuple[int, int]) -> None:
    check_picture(blank(*size), spec=PROFILE)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((63, 64), "at least 64"),
        ((64, 63), "at least 64"),
        ((1729, 600), "at most 1728"),
        ((1024, 1025), "area"),
        ((919, 1141), "area"),
        ((64, 193), "1:3 and 3:1"),
        ((301, 100), "1:3 and 3:1"),
    ],
)
def test_it_refuses_pictures_beyond_a_limit(size: tuple[int, int], said: str) -> None:
    with pytest.raises(ContractError, match=said) as refused:
        check_picture(blank(*size), spec=PROFILE)
    assert (refused.value.status, refused.value.type) == (400, "input_invalid")


def test_the_limits_are_those_of_the_model() -> None:
    check_picture(blank(2048, 1024), spec=NEWER)
    with pytest.raises(ContractError):
        check_picture(blank(2048, 1024), spec=PROFILE)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_the_bytes_say_what_format_it_is(format: str) -> None:
    data = encoded(landscape(), format=format)
    check_picture(data, spec=PROFILE)
    assert difference(decode_picture(data, spec=PROFILE), landscape()) < 8


NO_PICTURES = {
    "empty": b"",
    "byte": b"\xff",
    "signature": b"\x89PNG\r\n\x1a\n",
    "svg": b"<svg/>",
    "pdf": b"%PDF-1.4",
    **{format: encoded(landscape(), format=format) for format in ("GIF", "BMP", "TIFF")},
}


@pytest.mark.parametrize("data", NO_PICTURES.values(), ids=NO_PICTURES.keys())
def test_it_refuses_what_is_not_jpg_png_or_webp(data: bytes) -> None:
    with pytest.raises(ContractError) as refused:
        check_picture(data, spec=PROFILE)
    assert refused.value.type == "input_invalid"


def test_it_refuses_a_file_that_is_too_large_without_looking_at_it() -> None:
    with pytest.raises(ContractError, match="bytes"):
        check_picture(b"\0" * (PROFILE.max_upload_bytes + 1), spec=PROFILE)


def test_it_refuses_a_bomb_from_its_header() -> None:
    data = bytearray(blank(64, 64))
    data[16:24] = (60000).to_bytes(4) * 2  # IHDR now lies; its checksum is wrong too
    with pytest.raises(ContractError):
        check_picture(bytes(data), spec=NEWER)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_it_refuses_a_picture_that_was_cut_off(format: str, share: float) -> None:
    data = encoded(landscape(400, 300), format=format)
    with pytest.raises(ContractError):
        decode_picture(data[: int(len(data) * share)], spec=PROFILE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_it_reads_every_kind_of_pixel(mode: str) -> None:
    picture = Image.new("I;16", (64, 64), 32768) if mode == "I;16" else landscape(64, 64).convert(mode)
    decoded = decode_picture(encoded(picture), spec=PROFILE)
    assert (decoded.mode, decoded.size) == ("RGB", (64, 64))


def test_sixteen_bits_do_not_turn_white() -> None:
    data = encoded(Image.new("I;16", (64, 64), 32768))
    assert decode_picture(data, spec=PROFILE).getpixel((0, 0)) == (128, 128, 128)


def test_it_ignores_the_orientation_as_the_model_does() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(landscape(128, 96), format="JPEG", exif=exif)
    assert decode_picture(data, spec=PROFILE).size == (128, 96)


def test_an_animation_is_its_first_frame() -> None:
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), color) for color in ((200, 0, 0), (0, 0, 200))]
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert decode_picture(buffer.getvalue(), spec=PROFILE).getpixel((5, 5)) == (200, 0, 0)
