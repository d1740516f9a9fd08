"""Masks: a PNG with an alpha channel in the size of its picture, and nothing else."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from edits.images import MASK_MAX_BYTES, BadImage, BadMask, check_mask, resized_mask
from tests.pictures import animation, cut, opened, photo

SIZE = (96, 64)


def mask(size: tuple[int, int] = SIZE, *, mode: str = "RGBA", format: str = "PNG", **saved: Any) -> bytes:
    """Opaque, but for its left half."""
    image = Image.new("RGBA", size, (10, 20, 30, 255))
    image.paste((200, 100, 50, 0), (0, 0, size[0] // 2, size[1]))
    stream = BytesIO()
    image.convert(mode).save(stream, format, **saved)
    return stream.getvalue()


def test_what_is_sent_says_the_same_by_alpha_and_by_color() -> None:
    checked = check_mask(mask(), size=SIZE, sent_size=SIZE)
    sent = opened(checked.data)
    assert (sent.format, sent.mode, sent.size) == ("PNG", "RGBA", SIZE)
    assert (checked.format, checked.width_px, checked.height_px, checked.notes) == ("PNG", *SIZE, ())
    assert sent.getpixel((10, 10)) == (255, 255, 255, 0)
    assert sent.getpixel((80, 10)) == (0, 0, 0, 255)


def test_nothing_else_of_the_file_is_kept_and_equal_masks_are_equal_files() -> None:
    words = PngInfo()
    words.add_text("Comment", "hidden words")
    first, second = (check_mask(data, size=SIZE, sent_size=SIZE) for data in (mask(pnginfo=words), mask()))
    assert b"hidden" not in first.data
    assert first.sha256 == second.sha256


def test_it_is_scaled_with_its_picture_and_stays_sharp() -> None:
    checked = check_mask(mask(), size=SIZE, sent_size=(48, 32))
    sent = opened(checked.data)
    assert sent.size == (48, 32)
    assert {value for _, value in sent.getchannel("A").getcolors() or ()} == {0, 255}
    assert (checked.original_width_px, checked.notes) == (96, ("scaled",))


@pytest.mark.parametrize("mode", ["LA", "PA"])
def test_any_alpha_will_do(mode: str) -> None:
    if mode == "PA":
        data = mask(mode="RGBA")
        with Image.open(BytesIO(data)) as image:
            stream = BytesIO()
            image.quantize(8).save(stream, "PNG")
        data = stream.getvalue()
    else:
        data = mask(mode=mode)
    sent = opened(check_mask(data, size=SIZE, sent_size=SIZE).data)
    assert sent.getchannel("A").getpixel((10, 10)) == 0


@pytest.mark.parametrize(
    ("data", "size"),
    [(mask(mode="RGB"), SIZE), (mask(mode="L"), SIZE), (mask(), (96, 65)), (mask(), (64, 96)),
     (mask((48, 32)), SIZE)],
)  # fmt: skip
def test_a_picture_that_is_no_mask_for_this_one_is_refused(data: bytes, size: tuple[int, int]) -> None:
    with pytest.raises(BadMask) as refused:
        check_mask(data, size=size, sent_size=size)
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"x" * 50, "format"), (photo(), "format"), (mask(format="WEBP"), "format"),
     (cut(mask((640, 480)), percent=60), "corrupt"), (animation(), "animated"),
     (b"\x89PNG\r\n\x1a\n" + b"\0" * MASK_MAX_BYTES, "too_large")],
)  # fmt: skip
def test_a_file_that_is_no_such_picture_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(BadImage) as refused:
        check_mask(BytesIO(data), size=(640, 480), sent_size=(640, 480))
    assert refused.value.code == code


def test_a_stored_one_follows_its_picture_to_another_model() -> None:
    stored = check_mask(mask(), size=SIZE, sent_size=SIZE)
    again = resized_mask(stored.data, size=(24, 16))
    assert opened(again.data).size == (24, 16)
    assert resized_mask(stored.data, size=SIZE).sha256 == stored.sha256
