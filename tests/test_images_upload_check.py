"""Uploads: what is taken, what is sent for it, and what must not be in what is sent."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from edits.images import BadImage, CheckedImage, check_image
from edits.images.upload_check import PAGE_MAX_BYTES
from edits.model_specs import MODEL_SPECS, STEP_1X_EDIT
from tests import pictures
from tests.pictures import BLUE, GREEN, PLACE, RED, WHITE, YELLOW, opened, photo

STEP = MODEL_SPECS["step-1x-edit"]
LARGE_STEP = MODEL_SPECS["step-image-edit-2"]


def check(data: bytes, *, lenient: bool = True, fit: bool = True) -> CheckedImage:
    return check_image(data, spec=STEP, lenient=lenient, fit=fit)


def refusal_of(data: bytes, *, lenient: bool = True, fit: bool = True) -> BadImage:
    with pytest.raises(BadImage) as refusal:
        check(data, lenient=lenient, fit=fit)
    return refusal.value


def corners(data: bytes) -> list[str]:
    """The names of the colors at top left, top right, bottom left and bottom right."""
    image = opened(data).convert("RGB")
    far_x, far_y = image.width * 9 // 10, image.height * 9 // 10
    spots = [(image.width // 10, image.height // 10), (far_x, image.height // 10), (image.width // 10, far_y)]
    return [color_name(image.getpixel(spot)) for spot in (*spots, (far_x, far_y))]


def color_name(color: object) -> str:
    assert isinstance(color, tuple)
    named = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW, "white": WHITE}
    return min(named, key=lambda name: sum(abs(a - b) for a, b in zip(named[name], color[:3], strict=True)))


UPRIGHT = ["red", "green", "blue", "yellow"]


# What is taken


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("lenient", [True, False])
def test_a_picture_within_the_limits_is_sent_in_its_size(format: str, lenient: bool) -> None:
    data = photo(width=320, height=240, format=format)

    checked = check(data, lenient=lenient, fit=False)

    assert (checked.width_px, checked.height_px) == opened(checked.data).size == (320, 240)
    assert (checked.original_width_px, checked.original_height_px) == (320, 240)
    assert checked.original_bytes == len(data)
    assert checked.original_format == format
    assert checked.sha256 == sha256(checked.data).hexdigest()
    assert corners(checked.data) == UPRIGHT
    assert checked.notes == ()


def test_lossless_pictures_stay_so_and_photos_are_sent_as_jpeg() -> None:
    lossless_webp = pictures.encoded(pictures.drawing(), format="WEBP", lossless=True)
    sent = {
        "a JPEG": check(photo(format="JPEG")),
        "a PNG": check(photo(format="PNG")),
        "a WebP photo": check(photo(format="WEBP")),
        "a lossless WebP": check(lossless_webp),
    }

    assert {name: checked.format for name, checked in sent.items()} == {
        "a JPEG": "JPEG",
        "a PNG": "PNG",
        "a WebP photo": "JPEG",
        "a lossless WebP": "PNG",
    }
    assert sent["a JPEG"].content_type == "image/jpeg"
    assert sent["a JPEG"].extension == "jpg"
    assert opened(sent["a PNG"].data).tobytes() == pictures.drawing().tobytes()
    assert opened(sent["a lossless WebP"].data).tobytes() == pictures.drawing().tobytes()


def test_the_same_file_is_sent_as_the_same_bytes_each_time() -> None:
    data = photo(width=2400, height=1800, orientation=6, place=True)

    assert check(data) == check(data)


def test_an_open_file_is_read() -> None:
    data = photo()

    assert check_image(BytesIO(data), spec=STEP) == check(data)


@pytest.mark.parametrize("format", ["AVIF", "GIF", "TIFF", "BMP"])
def test_the_page_takes_more_formats_and_says_so(format: str) -> None:
    data = pictures.encoded(pictures.drawing(), format=format)

    checked = check(data)

    assert checked.original_format == format
    assert checked.format in ("JPEG", "PNG")
    assert corners(checked.data) == UPRIGHT
    assert "converted" in checked.notes


def test_an_iphones_photo_is_taken_upright_and_without_its_camera_data() -> None:
    checked = check(pictures.iphone_photo())

    assert (checked.original_format, checked.format) == ("HEIC", "JPEG")
    assert (checked.width_px, checked.height_px) == (96, 128)
    assert "metadata_removed" in checked.notes
    assert b"Phone" not in checked.data


@pytest.mark.parametrize("format", ["AVIF", "GIF", "TIFF", "BMP"])
def test_the_api_takes_only_what_the_documentation_page_lists(format: str) -> None:
    refusal = refusal_of(pictures.encoded(pictures.drawing(), format=format), lenient=False)

    assert refusal.code == "format"
    assert format in refusal.sentence
    assert "JPEG, PNG or WebP" in refusal.sentence


# Size


def test_a_phone_photo_is_scaled_to_fit() -> None:
    checked = check(photo(width=4032, height=3024))

    assert (checked.width_px, checked.height_px) == opened(checked.data).size == (1182, 886)
    assert (checked.original_width_px, checked.original_height_px) == (4032, 3024)
    assert checked.notes == ("scaled",)
    assert corners(checked.data) == UPRIGHT


def test_a_photo_of_fifty_megapixels_is_taken() -> None:
    data = pictures.encoded(Image.new("RGB", (8160, 6120), RED), format="JPEG")

    checked = check(data)

    assert (checked.width_px, checked.height_px) == (1182, 886)
    assert set(corners(checked.data)) == {"red"}


def test_a_picture_decoded_in_several_bands_has_no_seams() -> None:
    gradient = Image.linear_gradient("L").resize((2600, 2600)).convert("RGB")

    sent = opened(check(pictures.encoded(gradient, format="PNG", compress_level=1)).data).convert("L")

    column = [sent.getpixel((500, row)) for row in range(sent.height)]
    assert column == sorted(column)  # type: ignore[type-var]
    assert column[0] == 0
    assert column[-1] == 255


def test_what_is_too_large_is_refused_when_it_may_not_shrink() -> None:
    assert refusal_of(photo(width=1729, height=577), fit=False).code == "too_large"


def test_a_crop_keeps_the_middle() -> None:
    checked = check_image(photo(width=1000, height=200, format="PNG"), spec=STEP, shape="crop")

    assert (checked.width_px, checked.height_px) == (600, 200)
    assert checked.notes == ("cropped",)
    middle = pictures.drawing(width=1000, height=200).crop((200, 0, 800, 200))
    assert opened(checked.data).tobytes() == middle.tobytes()


def test_a_crop_of_a_large_jpeg_keeps_the_middle_too() -> None:
    checked = check_image(photo(width=9000, height=1500), spec=STEP, shape="crop")

    assert (checked.width_px, checked.height_px) == (1728, 576)
    assert checked.notes == ("cropped", "scaled")
    assert corners(checked.data) == UPRIGHT


def test_a_pad_adds_white_on_both_sides() -> None:
    checked = check_image(photo(width=400, height=100, format="PNG"), spec=STEP, shape="pad")

    sent = opened(checked.data)
    assert sent.size == (400, 134)
    assert checked.notes == ("padded",)
    assert sent.getpixel((5, 5)) == WHITE
    assert sent.getpixel((5, 128)) == WHITE
    assert sent.getpixel((5, 40)) == RED


def test_one_pixel_becomes_a_dot_on_white_only_when_asked() -> None:
    dot = pictures.encoded(Image.new("RGB", (1, 1), BLUE), format="PNG")

    assert refusal_of(dot).code == "too_small"
    sent = opened(check_image(dot, spec=STEP, shape="pad").data)
    assert sent.size == (64, 64)
    assert sorted(sent.getcolors() or []) == [(1, BLUE), (64 * 64 - 1, WHITE)]


# Upright


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_photo_is_sent_upright(format: str, orientation: int) -> None:
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    lying = pictures.drawing().transpose(Image.Transpose(back))
    data = pictures.encoded(lying, format=format, exif=pictures.camera_data(orientation=orientation))

    checked = check(data)

    assert corners(checked.data) == UPRIGHT
    assert (checked.width_px, checked.height_px) == (320, 240)
    assert (checked.original_width_px, checked.original_height_px) == (320, 240)
    assert "turned" in checked.notes
    assert opened(checked.data).getexif().get(0x0112) is None


def test_a_turned_photo_is_cropped_along_its_upright_sides() -> None:
    data = photo(width=1000, height=200, orientation=6)

    with pytest.raises(BadImage, match="200 × 1,000 px") as refusal:
        check(data)
    assert [(offer.width_px, offer.height_px) for offer in refusal.value.offers] == [(200, 600), (334, 1000)]
    for offer in refusal.value.offers:
        checked = check_image(data, spec=STEP, shape=offer.shape)
        assert (checked.width_px, checked.height_px) == (offer.width_px, offer.height_px)


@pytest.mark.parametrize("orientation", [0, 1, 9, 99])
def test_a_meaningless_orientation_is_ignored(orientation: int) -> None:
    checked = check(photo(orientation=orientation))

    assert corners(checked.data) == UPRIGHT
    assert "turned" not in checked.notes


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("garbage", [b"Exif\0\0", b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_garbage_instead_of_camera_data_is_ignored(format: str, garbage: bytes) -> None:
    assert corners(check(photo(format=format, exif=garbage)).data) == UPRIGHT


def test_camera_data_behind_the_pixels_of_a_png_counts() -> None:
    data = photo(format="PNG")
    exif = pictures.camera_data(orientation=6).removeprefix(b"Exif\0\0")
    end = data.index(b"IEND") - 4

    checked = check(data[:end] + pictures.chunk(b"eXIf", exif) + data[end:])

    assert (checked.width_px, checked.height_px) == (240, 320)
    assert (checked.original_width_px, checked.original_height_px) == (240, 320)
    assert checked.notes == ("turned", "metadata_removed")


# What must not be sent


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_no_place_and_no_camera_leave_the_site(format: str) -> None:
    data = photo(format=format, place=True)
    assert PLACE.encode() in data

    checked = check(data)

    assert PLACE.encode() not in checked.data
    assert b"Phone Maker" not in checked.data
    assert not opened(checked.data).getexif()
    assert "xmp" not in opened(checked.data).info
    assert "metadata_removed" in checked.notes


def test_texts_comments_and_appended_bytes_are_gone() -> None:
    script = b"<script>alert(1)</script>"
    inputs = [
        pictures.with_chunk(photo(format="PNG"), b"tEXt", b"Comment\0" + script),
        photo(format="PNG") + script,
        photo(format="JPEG") + b"PK\x03\x04" + script,
        pictures.encoded(pictures.drawing(), format="JPEG", comment=script),
    ]
    for data in inputs:
        assert script in data
        assert script not in check(data).data


def test_only_the_first_picture_of_a_phone_jpeg_is_sent() -> None:
    data = pictures.phone_jpeg_with_second_picture(secret=b"depth map")

    checked = check(data, lenient=False)

    assert checked.original_format == "JPEG"
    assert (checked.width_px, checked.height_px) == (160, 120)
    assert "first_frame" not in checked.notes
    assert b"depth map" not in checked.data
    assert b"MPF\0" not in checked.data


# Frames


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_an_animation_is_refused_by_the_api(format: str) -> None:
    refusal = refusal_of(pictures.animation(format=format), lenient=False)

    assert refusal.code == "animated"
    assert "animated" in refusal.sentence


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF", "AVIF", "TIFF"])
def test_the_page_takes_the_first_frame_and_says_so(format: str) -> None:
    checked = check(pictures.animation(format=format))

    assert "first_frame" in checked.notes
    assert corners(checked.data) == UPRIGHT
    assert getattr(opened(checked.data), "n_frames", 1) == 1


def test_an_animation_of_one_frame_is_a_still_picture() -> None:
    assert check(pictures.animation(format="PNG", frames=1), lenient=False).notes == ()


# Bytes


def test_bytes_up_to_the_limit_are_taken_and_fewer_are_sent() -> None:
    data = photo(format="PNG")
    for size in (10_000_000, 10_000_001, STEP.max_upload_bytes):
        checked = check(data + bytes(size - len(data)), lenient=False)
        assert len(checked.data) <= STEP.max_sent_bytes


def test_one_byte_more_is_refused_with_both_figures() -> None:
    data = photo(format="PNG")
    refusal = refusal_of(data + bytes(STEP.max_upload_bytes + 1 - len(data)), lenient=False)

    assert refusal.code == "too_large"
    assert "10,485,760 bytes (10 MB)" in refusal.sentence
    assert "10,485,761 bytes" in refusal.sentence


def test_a_file_beyond_the_limit_is_not_read_to_its_end() -> None:
    file = BytesIO(bytes(PAGE_MAX_BYTES + 1000))

    with pytest.raises(BadImage, match=r"\(50 MB\)") as refusal:
        check_image(file, spec=STEP)
    assert refusal.value.code == "too_large"
    assert file.tell() == PAGE_MAX_BYTES + 1


@pytest.mark.slow
def test_a_picture_that_no_png_holds_is_sent_as_jpeg() -> None:
    quarter = replace(LARGE_STEP, max_sent_bytes=LARGE_STEP.max_sent_bytes // 4)
    noise = Image.effect_noise((1000, 950), 120).convert("RGB").resize((2000, 1900), Image.Resampling.LANCZOS)
    small = noise.crop((0, 0, 2000, 950))
    assert len(pictures.encoded(small, format="PNG")) > quarter.max_sent_bytes
    data = pictures.encoded(small, format="WEBP", lossless=True, quality=0, method=0)

    checked = check_image(data, spec=quarter)

    assert checked.format == "JPEG"
    assert len(checked.data) <= quarter.max_sent_bytes


@pytest.mark.parametrize("formats", [("JPEG",), ("PNG",), ("WEBP",), ("JPEG", "WEBP"), ("PNG", "WEBP")])
@pytest.mark.parametrize("original", ["JPEG", "PNG"])
def test_what_is_sent_is_in_a_format_that_the_model_takes(formats: tuple[str, ...], original: str) -> None:
    stream = BytesIO()
    Image.new("RGB", (96, 64), (90, 120, 60)).save(stream, original)
    checked = check_image(stream.getvalue(), spec=replace(STEP_1X_EDIT, formats=formats))
    assert checked.format in formats
    with Image.open(BytesIO(checked.data)) as sent:
        assert sent.format == checked.format
