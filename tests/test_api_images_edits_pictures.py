"""Pictures that the API takes, shrinks or refuses, as the documentation page has it under ``image``."""

import random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from edits.models import User
from edits.services.pictures.storing import picture_bytes
from tests.api_calls import PHOTO, ask, error_of, refusal_of, taken
from tests.callers import caller_of
from tests.pictures import (
    PLACE,
    animation,
    cut,
    deep_png,
    opened,
    phone_jpeg_with_second_picture,
    photo,
    png_bomb,
)

MEGABYTES_10 = 10 * 1024 * 1024


@pytest.fixture
def program(alice: User) -> Client:
    """A script of Alice's."""
    return caller_of(alice)


def sized(width: int, height: int) -> bytes:
    return photo(width=width, height=height)


def heavy(size_bytes: int) -> bytes:
    """A picture with so much behind it that its file has this size."""
    return PHOTO + random.Random(1).randbytes(size_bytes - len(PHOTO))


# --- Sides, area, ratio -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height"),
    [(64, 64), (64, 192), (192, 64), (300, 100), (1728, 576), (1728, 606), (1024, 1024), (1023, 1025)],
)
def test_a_picture_within_the_limits_is_sent_in_its_size(program: Client, width: int, height: int) -> None:
    edit = taken(ask(program, picture=sized(width, height), fit="false"))
    assert (edit.upload.width_px, edit.upload.height_px) == (width, height)
    assert (edit.source_width_px, edit.source_height_px) == (width, height)


@pytest.mark.parametrize(
    ("width", "height"),
    [
        (1729, 577),
        (1729, 606),
        (1024, 1025),
        (919, 1141),
        (1728, 607),
        (3000, 1000),
        (2999, 1000),
        (1000, 2998),
    ],
)
def test_one_that_is_only_too_large_is_shrunk_unless_that_is_not_wanted(
    program: Client, width: int, height: int
) -> None:
    too_large = sized(width, height)
    assert refusal_of(ask(program, picture=too_large, fit="false")) == ("image", "too_large")
    upload = taken(ask(program, picture=too_large)).upload
    assert upload.width_px * upload.height_px <= 1024 * 1024
    assert max(upload.width_px, upload.height_px) <= min(1728, 3 * min(upload.width_px, upload.height_px))


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [(63, 63, "too_small"), (63, 64, "too_small"), (8, 8, "too_small"), (64, 193, "aspect"), (301, 100, "aspect"),
     (1728, 575, "aspect"), (3001, 1000, "aspect"), (1729, 576, "aspect")],
)  # fmt: skip
def test_what_would_have_to_grow_or_be_cropped_is_refused(
    program: Client, width: int, height: int, code: str
) -> None:
    response = ask(program, picture=sized(width, height), shape="crop")
    assert refusal_of(response) == ("image", code)
    assert f"{width:,} × {height:,}" in error_of(response)["message"]


# --- Bytes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size_bytes", [10_000_000, 10_000_001, MEGABYTES_10])
def test_ten_megabytes_are_taken_and_fewer_are_sent(program: Client, size_bytes: int) -> None:
    assert taken(ask(program, picture=heavy(size_bytes))).upload.size_bytes < 10_000_000


def test_one_byte_more_is_refused_with_both_figures(program: Client) -> None:
    response = ask(program, picture=heavy(MEGABYTES_10 + 1))
    assert refusal_of(response) == ("image", "too_large")
    assert "10,485,760" in error_of(response)["message"]
    assert "10,485,761" in error_of(response)["message"]


def test_a_body_that_no_picture_can_fill_is_refused_by_its_announced_length(program: Client) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = program.generic("POST", "/v1/images/edits", b"x", CONTENT_LENGTH=str(2**30), headers=headers)
    assert refusal_of(response, status=413) == (None, "too_large")
    assert "10,485,760 bytes" in error_of(response)["message"]


# --- Formats ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("name", ["upload", "cat.png", "cat.gif", "猫 <b>.jpg", "\x00", "CON", "x" * 300])
def test_the_bytes_decide_and_not_the_name(program: Client, format: str, name: str) -> None:
    assert taken(ask(program, picture=photo(format=format), name=name)).source_name


@pytest.mark.parametrize(
    ("picture", "code"),
    [(b"", "empty"), (b"\xff", "corrupt"), (b"\x89PNG\r\n\x1a\n", "corrupt"), (cut(PHOTO, percent=50), "corrupt"),
     (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format"), (b"<html><script>", "format"),
     (b"%PDF-1.7\n%", "format"), (photo(format="GIF", mode="P"), "format"), (photo(format="TIFF"), "format"),
     (photo(format="BMP"), "format"), (animation(format="WEBP"), "animated"), (animation(), "animated"),
     (png_bomb(), "too_many_pixels")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_still_picture_of_the_three_formats_is_refused(
    program: Client, picture: bytes, code: str
) -> None:
    param, found = refusal_of(ask(program, picture=picture))
    assert param == "image"
    assert found in (code, "corrupt", "format")


@pytest.mark.parametrize(
    "picture",
    [animation(frames=1), phone_jpeg_with_second_picture(secret=b"hidden"), deep_png(value=40_000),
     photo(mode="CMYK"), photo(format="PNG", mode="P"), photo(mode="L"), photo(format="PNG", mode="1")],
)  # fmt: skip
def test_odd_but_still_pictures_are_taken(program: Client, picture: bytes) -> None:
    sent = picture_bytes(taken(ask(program, picture=picture)).upload.file)
    assert opened(sent).mode in ("RGB", "L")
    assert b"hidden" not in sent


def test_no_place_leaves_with_the_picture(program: Client) -> None:
    sent = picture_bytes(taken(ask(program, picture=photo(place=True, orientation=6))).upload.file)
    assert PLACE.encode() not in sent
    assert opened(sent).size == (240, 320)


# --- Which field, and how many ----------------------------------------------------------------------------


def test_a_list_of_one_file_is_taken(program: Client) -> None:
    fields: dict[str, Any] = {"image[]": SimpleUploadedFile("a.jpg", PHOTO)}
    assert taken(ask(program, **fields)).source_name == "a.jpg"


@pytest.mark.parametrize(
    "names", [("image", "image"), ("image[]", "image[]"), ("image", "image[]")], ids=lambda names: "+".join(names)
)  # fmt: skip
def test_two_files_are_one_too_many(program: Client, names: tuple[str, str]) -> None:
    fields: dict[str, Any] = {}
    for name in names:
        fields.setdefault(name, []).append(SimpleUploadedFile("a.jpg", PHOTO))
    response = ask(program, picture=None, **fields)
    assert refusal_of(response) == ("image", "several")


@pytest.mark.parametrize("name", ["image", "image[]"])
def test_a_picture_as_text_is_none(program: Client, name: str) -> None:
    fields: dict[str, Any] = {name: "data:image/png;base64,AAAA"}
    assert refusal_of(ask(program, picture=None, **fields)) == ("image", "invalid")


def test_no_picture_at_all_is_refused(program: Client) -> None:
    response = ask(program, picture=None)
    assert refusal_of(response) == ("image", "required")
    assert "source_edit" in error_of(response)["message"]


def test_an_odd_file_beside_the_picture_is_ignored(program: Client) -> None:
    taken(ask(program, attachment=SimpleUploadedFile("notes.txt", b"notes")))
