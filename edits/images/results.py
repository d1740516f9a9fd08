"""Results: whether what a provider sent is a picture, and the clean still file that is stored for it.

A paid picture is not lost over its size or its kind of pixels; what cannot be a result is refused.
"""

from dataclasses import dataclass
from hashlib import sha256

from PIL import Image

from edits.images import encoding
from edits.images.cleanness import has_all_rows, is_clean
from edits.images.errors import corrupt, too_small
from edits.images.opening import format_name, has_frames, open_picture
from edits.images.rendering import render

RESULT_FORMATS = ("JPEG", "PNG", "WEBP")
# Four times the side of the largest size that can be asked for; 67 MB decoded.
MAX_RESULT_PIXELS = 4096 * 4096
# Sides of results are multiples of 16, so anything below is a placeholder and not an edit.
MIN_RESULT_SIDE_PX = 16
DEEP_PNG = 16


@dataclass(frozen=True)
class ResultImage:
    """A verified result: its true format and size, and the SHA-256 (hex) that proves an identical re-run."""

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

    A clean still file is kept byte for byte.  Anything else (metadata, frames, 16 bit, CMYK, a profile,
    appended data) is written anew in its own format: first frame, upright, in sRGB; transparency stays.
    Raises BadImage: empty, corrupt, format, too_many_pixels, too_small.
    """
    image = open_picture(data, formats=RESULT_FORMATS, max_pixels=MAX_RESULT_PIXELS, lenient=True)
    name, keep = format_name(image), _is_plain(image, data)
    if min(image.size) < MIN_RESULT_SIDE_PX:
        raise too_small(*image.size, min_side_px=MIN_RESULT_SIDE_PX)
    pixels = render(image, keep_alpha=True).pixels
    if name == "PNG" and not has_all_rows(data):
        raise corrupt(name)
    stored = data if keep else _written(pixels, name)
    return ResultImage(
        data=stored,
        format=name,
        width_px=pixels.width,
        height_px=pixels.height,
        sha256=sha256(stored).hexdigest(),
    )


def _is_plain(image: Image.Image, data: bytes) -> bool:
    """Whether a browser shows these very bytes as the still picture they are."""
    name = format_name(image)
    deep = name == "PNG" and data[24] == DEEP_PNG
    return not (deep or image.mode == "CMYK" or has_frames(image)) and is_clean(data, format_name=name)


def _written(pixels: Image.Image, name: str) -> bytes:
    if name == "JPEG":
        return encoding.jpeg(pixels)
    return encoding.png(pixels) if name == "PNG" else encoding.webp_lossless(pixels)
