"""Small versions of our own pictures: thumbnails, placeholders, and what a reviewer is shown first."""

from base64 import b64encode

from PIL import Image, ImageFilter

from edits.images import encoding
from edits.images.fitting import bounded
from edits.images.opening import open_picture
from edits.images.rendering import render

STORED_FORMATS = ("JPEG", "PNG", "WEBP")
PLACEHOLDER_SIDE_PX = 16
PLACEHOLDER_QUALITY = 20
# A veiled picture is first brought down to a few dots: what is not in them, no tool brings back.
VEIL_DOTS_PX = 20
VEILED_SIDE_PX = 160
UNVEILED_SIDE_PX = 320
LAST_VEIL_STEP = 2


def thumbnail(data: bytes, *, width_px: int) -> bytes:
    """A WebP at most ``width_px`` wide, never enlarged, transparency kept.  Raises BadImage."""
    image = open_picture(data, formats=STORED_FORMATS)
    width = min(width_px, image.width)
    size = width, max(1, round(image.height * width / image.width))
    return encoding.webp(render(image, size=size, keep_alpha=True).pixels)


def placeholder(data: bytes) -> str:
    """A few blurred dots as a ``data:`` URI of at most 400 characters, to show while the picture loads."""
    dots = _small(data, side_px=PLACEHOLDER_SIDE_PX).filter(ImageFilter.GaussianBlur(1))
    return f"data:image/webp;base64,{b64encode(encoding.webp(dots, quality=PLACEHOLDER_QUALITY)).decode()}"


def veil(data: bytes, *, step: int) -> bytes:
    """A withheld picture for review, as a small WebP that shows more with each step.

    0: grey and blurred beyond recognition, at most 160 px; 1: grey, at most 320 px; 2: in color, as large.
    Raises BadImage.
    """
    if not 0 <= step <= LAST_VEIL_STEP:
        raise ValueError(f"There is no step {step} of the veil")
    if step == LAST_VEIL_STEP:
        return encoding.webp(_small(data, side_px=UNVEILED_SIDE_PX))
    if step == 1:
        return encoding.webp(_small(data, side_px=UNVEILED_SIDE_PX).convert("L"))
    shown = _small(data, side_px=VEILED_SIDE_PX).convert("L")
    dots = shown.resize(bounded(shown.size, side_px=VEIL_DOTS_PX), Image.Resampling.BOX)
    return encoding.webp(
        dots.filter(ImageFilter.GaussianBlur(1)).resize(shown.size, Image.Resampling.BICUBIC)
    )


def _small(data: bytes, *, side_px: int) -> Image.Image:
    image = open_picture(data, formats=STORED_FORMATS)
    return render(image, size=bounded(image.size, side_px=side_px)).pixels
