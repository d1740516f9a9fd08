"""Compares two pictures: how similar they are (for receipts) and where they differ (for change maps)."""

from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageChops, ImageFilter, ImageStat

from edits.images import encoding
from edits.images.fitting import bounded
from edits.images.opening import open_picture
from edits.images.rendering import render

Verdict = Literal["identical", "near-identical", "different"]

STORED_FORMATS = ("JPEG", "PNG", "WEBP")
COMPARED_SIDE_PX = 256
NEAR_IDENTICAL = 0.98
# Pictures that differ in a single pixel must not round up to the value of identical ones.
MOST_WHEN_DIFFERENT = 0.9999
# Drawn small: pages stretch it over the picture, and its edges are soft anyway.
MAP_SIDE_PX = 256
# Below this difference (of 255) two pixels look the same; encoding alone causes as much.
NOISE = 24
HEAT_GREEN = [max(0, 200 - value) for value in range(256)]
HEAT_ALPHA = [0 if value <= NOISE else min(224, 64 + 2 * value) for value in range(256)]
CHANGED = [0 if value <= NOISE else 255 for value in range(256)]


@dataclass(frozen=True)
class Comparison:
    """A receipt's verdict and the similarity, 0 to 1; exactly 1.0 means that no pixel differs."""

    verdict: Verdict
    similarity: float


def compare(first: bytes, second: bytes) -> Comparison:
    """Compare two pictures.

    identical       the same bytes, or the same pixels in other bytes
    near-identical  the same size, and a similarity of at least 0.98
    different       anything else

    The similarity is 1 minus the root mean square difference of both pictures at 256 px.  With a plain mean, a
    picture with one new object would be near-identical, and one with faint grain all over it different.
    Raises BadImage if one is not a picture.
    """
    if first == second:
        return Comparison("identical", 1.0)
    one, other = _pixels(first), _pixels(second)
    if one.size == other.size and one.tobytes() == other.tobytes():
        return Comparison("identical", 1.0)
    similarity = _similarity(one, other)
    near = one.size == other.size and similarity >= NEAR_IDENTICAL
    return Comparison("near-identical" if near else "different", similarity)


def change_map(one: Image.Image, other: Image.Image) -> tuple[bytes, float]:
    """A WebP overlay that shows where two pictures differ, and the share of pixels that do, 0 to 1.

    The overlay has the aspect ratio of ``other``, at most 256 px, and is transparent where nothing changed.
    """
    size = bounded(other.size, side_px=MAP_SIDE_PX)
    strength = _strength(_over_grey(one, size), _over_grey(other, size)).filter(ImageFilter.BoxBlur(1))
    changed = ImageStat.Stat(strength.point(CHANGED)).mean[0] / 255
    red = Image.new("L", size, 255)
    blue = Image.new("L", size, 0)
    heat = Image.merge("RGBA", (red, strength.point(HEAT_GREEN), blue, strength.point(HEAT_ALPHA)))
    return encoding.webp(heat, quality=40, alpha_quality=20, method=0), changed


def _similarity(one: Image.Image, other: Image.Image) -> float:
    size = bounded(one.size, side_px=COMPARED_SIDE_PX)
    difference = ImageChops.difference(_over_grey(one, size), _over_grey(other, size))
    bands = ImageStat.Stat(difference).rms
    return min(1 - sum(bands) / len(bands) / 255, MOST_WHEN_DIFFERENT)


def _strength(one: Image.Image, other: Image.Image) -> Image.Image:
    """For each pixel, the largest difference of its three channels, as gray."""
    red, green, blue = ImageChops.difference(one, other).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _pixels(data: bytes) -> Image.Image:
    """RGBA, so that a pixel that is transparent in only one of the pictures counts as a difference."""
    return render(open_picture(data, formats=STORED_FORMATS), keep_alpha=True).pixels.convert("RGBA")


def _over_grey(pixels: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resized, with transparent parts in a gray that differs from both white and black pictures."""
    small = pixels.resize(size, Image.Resampling.HAMMING)
    if small.mode == "RGB":
        return small
    grey = Image.new("RGB", size, (128, 128, 128))
    grey.paste(small.convert("RGB"), mask=small.getchannel("A"))
    return grey
