"""Masks: check which parts of a picture may be changed, and make the file to store and send.

A mask is a PNG with an alpha channel, exactly as large as its picture.  Transparent pixels may be changed.
"""

from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from PIL import Image

from edits.images import encoding
from edits.images.errors import BadImage
from edits.images.opening import decode, memory_for, open_picture
from edits.images.upload_check import CheckedImage

MASK_MAX_BYTES = 10 * 1024 * 1024
FORMATS = ("PNG",)

Size = tuple[int, int]
"""Width and height in pixels."""


class BadMask(Exception):
    """The file is a picture, but not a mask for this one.  The sentence can be shown as it is."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check_mask(data: bytes | BinaryIO, *, size: Size, sent_size: Size) -> CheckedImage:
    """Check an uploaded mask and make the file to send; the same bytes always make the same file.

    ``size`` is the size of its picture as uploaded, ``sent_size`` the size as sent: the mask is scaled to match.
    Raises BadMask, and BadImage with any code except aspect and too_small.
    """
    content = data if isinstance(data, bytes) else data.read(MASK_MAX_BYTES + 1)
    if len(content) > MASK_MAX_BYTES:
        raise BadImage(
            "too_large", f"A mask may have at most {MASK_MAX_BYTES:,} bytes ({MASK_MAX_BYTES // 2**20} MB)."
        )
    alpha = _alpha_of(content, size=size)
    return _checked(alpha, sent_size=sent_size, original_bytes=len(content))


def opened_by(data: bytes, *, size: Size) -> Image.Image:
    """Gray, 255 where a mask for a picture of this size is transparent.  Raises BadMask and BadImage."""
    return _alpha_of(data, size=size).point([255] * 128 + [0] * 128)


def resized_mask(data: bytes, *, size: Size) -> CheckedImage:
    """A stored mask, resized for its picture.  Raises BadImage if the file is damaged."""
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        stored_size = image.size
    return _checked(_alpha_of(data, size=stored_size), sent_size=size, original_bytes=len(data))


def _alpha_of(content: bytes, *, size: Size) -> Image.Image:
    try:
        image = open_picture(content, formats=FORMATS)
    except BadImage as error:
        if error.code == "format":
            raise BadImage("format", "The mask must be a PNG file with an alpha channel.") from error
        raise
    if image.size != size:
        raise BadMask(
            f"The mask is {_words(image.size)}, but the picture is {_words(size)}. Both must have the same size."
        )
    if not image.has_transparency_data:
        raise BadMask(
            "The mask has no alpha channel. Save it as a PNG in which the parts to change are transparent."
        )
    with memory_for(image):
        decode(image)
        return image.convert("RGBA").getchannel("A")


def _checked(alpha: Image.Image, *, sent_size: Size, original_bytes: int) -> CheckedImage:
    """The colors repeat the alpha channel, with white for transparent: some servers read only the colors."""
    original_size = alpha.size
    if original_size != sent_size:
        alpha = alpha.resize(sent_size, Image.Resampling.NEAREST)
    white_where_open = alpha.point([255 - value for value in range(256)])
    pixels = Image.merge("RGBA", (white_where_open, white_where_open, white_where_open, alpha))
    notes = ("scaled",) if original_size != sent_size else ()
    return checked_png(pixels, original_size=original_size, original_bytes=original_bytes, notes=notes)


def checked_png(
    pixels: Image.Image,
    *,
    original_size: tuple[int, int],
    original_bytes: int | None = None,
    notes: tuple[str, ...] = (),
) -> CheckedImage:
    """Pixels of ours as a PNG; ``original_bytes`` is its own size where it was made of no file."""
    data = encoding.png(pixels)
    return CheckedImage(
        data=data,
        format="PNG",
        width_px=pixels.width,
        height_px=pixels.height,
        sha256=sha256(data).hexdigest(),
        original_width_px=original_size[0],
        original_height_px=original_size[1],
        original_bytes=len(data) if original_bytes is None else original_bytes,
        original_format="PNG",
        notes=notes,
    )


def _words(size: Size) -> str:
    return f"{size[0]:,} × {size[1]:,} px"
