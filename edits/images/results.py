"""Results: verifies that a provider returned a picture, and makes the clean still file to store.

A paid picture is not discarded because of its size or pixel format; only what cannot be a result is rejected.
"""

from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256

from PIL import Image

from edits.images import encoding
from edits.images.cleanness import has_all_rows, is_clean
from edits.images.errors import corrupt, too_small
from edits.images.opening import decode, format_name, has_frames, memory_for, open_picture
from edits.images.rendering import render

RESULT_FORMATS = ("JPEG", "PNG", "WEBP")
# Four times the side of the largest size that can be requested; 67 MB decoded.
MAX_RESULT_PIXELS = 4096 * 4096
# Sides of results are multiples of 16, so anything smaller is a placeholder and not an edit.
MIN_RESULT_SIDE_PX = 16
DEEP_PNG = 16


@dataclass(frozen=True)
class ResultImage:
    """A verified result: its actual format and size, and the SHA-256 (hex) that proves an identical re-run."""

    data: bytes
    format: str
    width_px: int
    height_px: int
    sha256: str

    @property
    def content_type(self) -> str:
        return encoding.CONTENT_TYPES[self.format]

    @property
    def extension(self) -> str:
        return encoding.EXTENSIONS[self.format]


def check_result(data: bytes) -> ResultImage:
    """Verify a provider's picture by decoding all of it.

    A clean still file is kept byte for byte.  Anything else (metadata, frames, 16 bit, CMYK, a profile, appended
    data) is re-encoded in its own format: first frame, upright, in sRGB, with its transparency. Raises BadImage:
    empty, corrupt, format, too_many_pixels, too_small.
    """
    image = open_picture(data, formats=RESULT_FORMATS, max_pixels=MAX_RESULT_PIXELS, lenient=True)
    name, keep = format_name(image), _is_plain(image, data)
    if min(image.size) < MIN_RESULT_SIDE_PX:
        raise too_small(*image.size, min_side_px=MIN_RESULT_SIDE_PX)
    if keep:
        with memory_for(image), closing(image):
            decode(image)
            whole = name != "PNG" or _ends_with_a_drawn_row(image) or has_all_rows(data)
            stored, size = data, image.size
    else:
        pixels = render(image, keep_alpha=True).pixels
        whole = name != "PNG" or has_all_rows(data)
        stored, size = _written(pixels, name), pixels.size
    if not whole:
        raise corrupt(name)
    return ResultImage(stored, name, *size, sha256=sha256(stored).hexdigest())


def _ends_with_a_drawn_row(image: Image.Image) -> bool:
    """Rows are decoded from top to bottom, and missing ones stay empty; except in interlaced PNGs."""
    if "interlace" in image.info:
        return False
    row = image.crop((0, image.height - 1, image.width, image.height))
    return any(row.tobytes())


def _is_plain(image: Image.Image, data: bytes) -> bool:
    """Whether browsers show these bytes as the still picture that they are."""
    name = format_name(image)
    deep = name == "PNG" and data[24] == DEEP_PNG
    return not (deep or image.mode == "CMYK" or has_frames(image)) and is_clean(data, format_name=name)


def _written(pixels: Image.Image, name: str) -> bytes:
    if name == "JPEG":
        return encoding.jpeg(pixels)
    return encoding.png(pixels) if name == "PNG" else encoding.webp_lossless(pixels)
