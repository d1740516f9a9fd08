"""Renders an opened picture to plain pixels: decoded, recolored, resized and upright, using little memory.

JPEGs are decoded at a fraction of their size if that suffices.  Everything else is recolored and resized in
bands, so that a large picture is in memory only once instead of three times.
"""

from contextlib import closing
from dataclasses import dataclass

from PIL import Image

from edits.images.colors import WHITE, Colors
from edits.images.opening import decode, has_metadata, memory_for, orientation

# Pictures are resized in two steps: a fast average down to twice the size, then a high-quality filter.
GAP = 2
BAND_PIXELS = 4_000_000
Box = tuple[int, int, int, int]
Size = tuple[int, int]

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Rendered:
    """Plain RGB (or RGBA) pixels, upright, without metadata, and what was found in the file."""

    pixels: Image.Image
    orientation: int
    transparent: bool
    converted: bool
    metadata: bool


def render(
    image: Image.Image,
    *,
    box: Box | None = None,
    size: Size | None = None,
    canvas: Size | None = None,
    keep_alpha: bool = False,
) -> Rendered:
    """Scale the ``box`` of an opened picture to ``size``, center it on a white ``canvas``, and turn it upright.

    All in pixels and in the file's own orientation; each defaults to no change.  ``size`` is at most the size of
    the box. Closes ``image`` to free its memory.  Raises BadImage.
    """
    whole = image.size
    box = box or (0, 0, *whole)
    size = size or (box[2] - box[0], box[3] - box[1])
    image.draft(None, _draft_size(whole, box=box, size=size))
    with memory_for(image), closing(image):
        decode(image)
        colors = Colors(image, keep_alpha=keep_alpha)
        small = _shrink(
            image, box=_scaled_box(box, whole=whole, decoded=image.size), size=size, colors=colors
        )
        turned = orientation(image)
        return Rendered(
            pixels=_turned(_centered(small, canvas=canvas or size), turned),
            orientation=turned,
            transparent=colors.transparent,
            converted=colors.converted,
            metadata=has_metadata(image),
        )


def _centered(picture: Image.Image, *, canvas: Size) -> Image.Image:
    if picture.size == canvas:
        return picture
    laid = Image.new(picture.mode, canvas, WHITE)
    laid.paste(picture, ((canvas[0] - picture.width) // 2, (canvas[1] - picture.height) // 2))
    return laid


def _turned(picture: Image.Image, orientation: int) -> Image.Image:
    return picture.transpose(TURNS[orientation]) if orientation in TURNS else picture


def _draft_size(whole: Size, *, box: Box, size: Size) -> Size:
    """The size of the whole picture at which its box still has twice the wanted pixels."""
    return (
        max(1, whole[0] * size[0] * GAP // (box[2] - box[0])),
        max(1, whole[1] * size[1] * GAP // (box[3] - box[1])),
    )


def _scaled_box(box: Box, *, whole: Size, decoded: Size) -> Box:
    """The box in a picture that may have been decoded at a smaller size."""
    left, top = box[0] * decoded[0] // whole[0], box[1] * decoded[1] // whole[1]
    right, bottom = -(-box[2] * decoded[0] // whole[0]), -(-box[3] * decoded[1] // whole[1])
    return left, top, right, bottom


def _shrink(image: Image.Image, *, box: Box, size: Size, colors: Colors) -> Image.Image:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if (width, height) == size == image.size and width * height <= BAND_PIXELS:
        return _without_words(colors.plain(image))
    factor = max(1, min(width // (GAP * size[0]), height // (GAP * size[1])))
    reduced = Image.new(colors.mode, (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, BAND_PIXELS // (width * factor))
    for start in range(top, bottom, rows):
        band = colors.plain(image.crop((left, start, right, min(start + rows, bottom))))
        reduced.paste(band.reduce(factor) if factor > 1 else band, (0, (start - top) // factor))
    if reduced.size == size:
        return reduced
    return reduced.resize(size, Image.Resampling.LANCZOS, box=(0, 0, width / factor, height / factor))


def _without_words(pixels: Image.Image) -> Image.Image:
    """Removes what Pillow remembers of the file, because some encoders would write it."""
    pixels.info = {}
    return pixels
