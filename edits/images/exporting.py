"""Makes the file that somebody takes away: in a format, a size and a quality of their choice."""

from dataclasses import dataclass
from threading import Lock
from typing import Literal

from PIL import Image

from edits.images import encoding
from edits.images.opening import format_name, memory_for, open_picture
from edits.images.rendering import render

STORED_FORMATS = ("JPEG", "PNG", "WEBP")
JPEG_QUALITY, WEBP_QUALITY = 92, 85
LOSSLESS = 100
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Export:
    """What is asked for; blank and None: as it is stored, and the usual quality.

    ``fit_px`` is the longer side at most; nothing is enlarged.  A WebP of quality 100 is without loss.
    """

    format: Literal["", "JPEG", "PNG", "WEBP"] = ""
    fit_px: int | None = None
    quality: int | None = None

    def keeps(self, *, format: str, width_px: int, height_px: int) -> bool:
        """Whether a stored picture of this format and size is what is asked for, byte for byte."""
        fits = self.fit_px is None or max(width_px, height_px) <= self.fit_px
        return fits and self.format in ("", format) and (self.quality is None or format == "PNG")


def exported(data: bytes, export: Export) -> tuple[bytes, str]:
    """The bytes and the format; what has to be encoded waits for its turn.  Raises BadImage."""
    image = open_picture(data, formats=STORED_FORMATS)
    stored, (width_px, height_px) = format_name(image), image.size
    if export.keeps(format=stored, width_px=width_px, height_px=height_px):
        image.close()
        return data, stored
    name = export.format or stored
    with _one_at_a_time, memory_for(image):
        size = _fitted((width_px, height_px), export.fit_px)
        pixels = render(image, size=size, keep_alpha=name != "JPEG").pixels
        return _encoded(pixels, name, quality=export.quality), name


def _fitted(size: tuple[int, int], fit_px: int | None) -> tuple[int, int]:
    longer = max(size)
    if fit_px is None or longer <= fit_px:
        return size
    width_px, height_px = (max(1, round(side * fit_px / longer)) for side in size)
    return width_px, height_px


def _encoded(pixels: Image.Image, name: str, *, quality: int | None) -> bytes:
    if name == "JPEG":
        return encoding.jpeg(pixels, quality=quality or JPEG_QUALITY)
    if name == "PNG":
        return encoding.png(pixels)
    if quality == LOSSLESS:
        return encoding.webp_lossless(pixels)
    return encoding.webp(pixels, quality=quality or WEBP_QUALITY)
