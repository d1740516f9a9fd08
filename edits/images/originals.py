"""The picture behind an upload at its full size: what a part of an edit's answer is put back into.

It is upright, 8-bit sRGB and without metadata, like what is sent.  The pixels of a JPEG that needs neither turning
nor other colors stay as they came, bit for bit: only the parts of the file that are not the picture are cut out.
"""

from dataclasses import dataclass
from hashlib import sha256

from PIL import Image

from edits.images import encoding
from edits.images.cleanness import is_clean, only_picture
from edits.images.colors import Colors
from edits.images.errors import BadImage
from edits.images.opening import format_name, has_frames, open_picture, orientation
from edits.images.rendering import render
from edits.images.upload_check import PAGE_FORMATS, CheckedImage

MOST_KEPT_PIXELS = 50_000_000
"""A larger picture is sent and edited as ever, but not kept."""
LOSSY_FORMATS = ("JPEG", "HEIC", "AVIF")


@dataclass(frozen=True)
class _Found:
    """The header's values, copied because rendering closes the picture."""

    format: str
    is_upright: bool
    is_plain: bool


def original_of(data: bytes) -> CheckedImage | None:
    """The picture of an accepted upload at its full size; None if that has more than 50 megapixels or cannot be read.

    The same bytes always make the same file.  A photo that has to be turned or recolored is encoded again, as a
    JPEG of quality 95; what was stored without loss becomes a PNG.
    """
    try:
        return _made(data)
    except BadImage:
        return None  # what is sent was made of a smaller version of it


def _made(data: bytes) -> CheckedImage | None:
    """Raises BadImage."""
    image = open_picture(data, formats=PAGE_FORMATS, lenient=True)
    width_px, height_px = image.size
    if width_px * height_px > MOST_KEPT_PIXELS:
        return None
    found = _Found(format_name(image), orientation(image) == 1, _is_plain(image))
    kept = _as_it_came(data, found)
    if kept is not None:
        return _original(kept, found.format, size=(width_px, height_px), data=data, came_as=found.format)
    pixels = render(image).pixels
    is_lossy = found.format in LOSSY_FORMATS or (found.format == "WEBP" and data[12:16] == b"VP8 ")
    name = "JPEG" if is_lossy else "PNG"
    encoded = encoding.jpeg(pixels) if is_lossy else encoding.png(pixels)
    return _original(encoded, name, size=pixels.size, data=data, came_as=found.format)


def _is_plain(image: Image.Image) -> bool:
    """Whether its pixels need no conversion, as far as the header says."""
    is_opaque = image.mode in ("RGB", "L") and "transparency" not in image.info
    return is_opaque and not has_frames(image) and not Colors(image).converted


def _as_it_came(data: bytes, found: _Found) -> bytes | None:
    """The file without anything but the picture; None where its pixels have to be encoded again."""
    if not (found.is_upright and found.is_plain):
        return None
    if found.format == "JPEG":
        return only_picture(data)
    # A PNG may say after its pixels that it is to be turned; one with such parts is not clean.
    is_stored = found.format in ("PNG", "WEBP") and is_clean(data, format_name=found.format)
    return data if is_stored and not _is_deep(data, found) else None


def _is_deep(data: bytes, found: _Found) -> bool:
    return found.format == "PNG" and data[24] == 16


def _original(kept: bytes, name: str, *, size: tuple[int, int], data: bytes, came_as: str) -> CheckedImage:
    return CheckedImage(
        data=kept,
        format=name,
        width_px=size[0],
        height_px=size[1],
        sha256=sha256(kept).hexdigest(),
        original_width_px=size[0],
        original_height_px=size[1],
        original_bytes=len(data),
        original_format=came_as,
        notes=(),
    )
