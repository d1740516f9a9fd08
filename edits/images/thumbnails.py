"""Small versions of stored pictures: thumbnails, placeholders, and blurred previews for reviewers.

A picture is decoded once, by ``shrunk``, for all versions.
"""

from base64 import b64encode

from PIL import Image, ImageFilter

from edits.images import encoding
from edits.images.colors import WHITE
from edits.images.fitting import bounded
from edits.images.opening import open_picture
from edits.images.rendering import GAP, render

STORED_FORMATS = ("JPEG", "PNG", "WEBP")
MEDIUM_QUALITY, HALVED_COLORS = 80, 2
PLACEHOLDER_SIDE_PX = 16
PLACEHOLDER_QUALITY = 20
# A veiled picture is first reduced to a few dots: what they do not contain, no tool can restore.
VEIL_DOTS_PX = 20
VEILED_SIDE_PX = 160
UNVEILED_SIDE_PX = 320
LAST_VEIL_STEP = 2


def shrunk(data: bytes, *, width_px: int) -> Image.Image:
    """The picture's pixels, upright, at most ``width_px`` wide; RGBA only where something shines through.

    Raises BadImage.
    """
    image = open_picture(data, formats=STORED_FORMATS)
    made = render(image, size=_narrower(image.size, width_px=width_px), keep_alpha=True)
    return made.pixels if made.transparent else made.pixels.convert("RGB")


def narrowed(pixels: Image.Image, *, width_px: int) -> Image.Image:
    """The same pixels at most ``width_px`` wide, never enlarged."""
    size = _narrower(pixels.size, width_px=width_px)
    return pixels if size == pixels.size else _resized(pixels, size)


def thumbnail(pixels: Image.Image, *, width_px: int) -> bytes:
    """A WebP at most ``width_px`` wide, never enlarged, with transparency."""
    return encoding.webp(narrowed(pixels, width_px=width_px), method=0)


def medium(pixels: Image.Image) -> tuple[bytes, str]:
    """The pixels as a file of their own size, and its extension.

    JPEG takes a tenth of WebP's time for a tenth more bytes; only WebP keeps transparency.
    """
    if pixels.mode == "RGBA":
        return encoding.webp(pixels, method=0), encoding.EXTENSIONS["WEBP"]
    return encoding.jpeg(pixels, quality=MEDIUM_QUALITY, subsampling=HALVED_COLORS), encoding.EXTENSIONS[
        "JPEG"
    ]


def placeholder(pixels: Image.Image) -> str:
    """A few blurred dots as a ``data:`` URI of at most 400 characters, to show while the picture loads."""
    dots = _resized(pixels, bounded(pixels.size, side_px=PLACEHOLDER_SIDE_PX))
    if dots.mode == "RGBA":
        white = Image.new("RGB", dots.size, WHITE)
        white.paste(dots, mask=dots.getchannel("A"))
        dots = white
    dots = dots.filter(ImageFilter.GaussianBlur(1))
    return f"data:image/webp;base64,{b64encode(encoding.webp(dots, quality=PLACEHOLDER_QUALITY)).decode()}"


def veil(data: bytes, *, step: int) -> bytes:
    """A withheld picture for review, as a small WebP that shows more with each step.

    0: gray and blurred beyond recognition, at most 160 px; 1: gray, at most 320 px; 2: in color, same size.
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


def _narrower(size: tuple[int, int], *, width_px: int) -> tuple[int, int]:
    width = min(width_px, size[0])
    return width, max(1, round(size[1] * width / size[0]))


def _resized(pixels: Image.Image, size: tuple[int, int]) -> Image.Image:
    """With a filter that takes half of Lanczos' time; side by side nobody sees the difference."""
    return pixels.resize(size, Image.Resampling.HAMMING, reducing_gap=GAP)


def _small(data: bytes, *, side_px: int) -> Image.Image:
    image = open_picture(data, formats=STORED_FORMATS)
    return render(image, size=bounded(image.size, side_px=side_px)).pixels
