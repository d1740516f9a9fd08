"""Lays an answer over the picture it was made of: by how much it is shifted, and how its exposure and colors differ.

Works on both at the same size, with nothing but Pillow.  What was edited counts little: differences are clipped.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageStat

MOST_SHIFT_PX = 5.0
"""At the size of the comparison; a larger one means that the pictures do not belong together."""
COARSE = 4
CLIPPED_AT = 40
FAR_PX = 24
FLAT = 0.8
"""A picture with less structure than that (mean of 255) has nothing to align by."""
UNLIKE = 0.8
"""Of the difference between parts that do not belong together: from there on it is no match."""
FINE_STEPS = (1.0, 0.5, 0.25, 0.125)
BLURS = (0.0, 0.5, 0.8, 1.1, 1.5, 2.0)
SAME = 20
"""Below this difference (of 255), two blurred pixels are taken for the same in another light."""


class NotAligned(Exception):
    """Nothing in the two pictures lies at the same place."""


@dataclass(frozen=True)
class Shift:
    """Where a pixel of the picture is found in the answer: that many pixels further right and down."""

    x: float
    y: float


@dataclass(frozen=True)
class Tones:
    """For each channel, what brings the answer's values to the picture's: times ``gains``, plus ``offsets``.

    ``share`` of the pixels (0 to 1) agreed with that.
    """

    gains: tuple[float, ...]
    offsets: tuple[float, ...]
    share: float

    def matched(self, pixels: Image.Image) -> Image.Image:
        """The same pixels in the picture's light."""
        table: list[int] = []
        for gain, offset in zip(self.gains, self.offsets, strict=True):
            table += [min(255, max(0, round(gain * value + offset))) for value in range(256)]
        return pixels.point(table)


def find_shift(picture: Image.Image, answer: Image.Image, *, where: Image.Image | None = None) -> Shift:
    """How far the answer is shifted, to an eighth of a pixel.  Both are of the same size.

    ``where`` (gray, same size) limits the search to its light parts.  Raises NotAligned.
    """
    fine = _Pair(_structure(picture), _structure(answer), where)
    mismatch = sum(fine.cost(x, y) for x, y in ((FAR_PX, FAR_PX), (-FAR_PX, FAR_PX), (FAR_PX, -FAR_PX))) / 3
    if mismatch < FLAT:
        return Shift(0, 0)
    coarse = _Pair(
        fine.picture.reduce(COARSE), fine.answer.reduce(COARSE), where.reduce(COARSE) if where else None
    )
    start = min(_grid(), key=lambda at: coarse.cost(*at))
    best, cost = (start[0] * COARSE, start[1] * COARSE), float("inf")
    for step in FINE_STEPS:
        best, cost = _descended(fine, best, step=step)
    if max(abs(best[0]), abs(best[1])) > MOST_SHIFT_PX or cost > UNLIKE * mismatch:
        raise NotAligned
    return Shift(*best)


def match_tones(picture: Image.Image, answer: Image.Image, *, where: Image.Image | None = None) -> Tones:
    """How the answer's exposure and colors differ from the picture's where both show the same.

    Both are RGB (or gray), of the same size, aligned and slightly blurred.
    """
    channels = len(picture.getbands())
    tones = Tones((1.0,) * channels, (0.0,) * channels, 0.0)
    mask = where
    for _ in range(3):
        if mask is not None and not mask.getbbox():
            return tones
        tones = _fitted(picture, answer, mask)
        same = largest_difference(picture, tones.matched(answer)).point([255] * SAME + [0] * (256 - SAME))
        mask = same if where is None else ImageChops.darker(same, where)
    share = ImageStat.Stat(mask, where).mean[0] / 255 if mask is not None else 0.0
    return Tones(tones.gains, tones.offsets, share)


def match_blur(picture: Image.Image, answer: Image.Image) -> Image.Image:
    """The picture as soft as the answer: models return less sharp edges, which are no change.

    Both are aligned, in the same light and of the same size.
    """
    gray, other = picture.convert("L"), answer.convert("L")
    costs = {radius: _Pair(_blurred(gray, radius), other, None).cost(0, 0) for radius in BLURS}
    return _blurred(picture, min(costs, key=lambda radius: costs[radius]))


def _blurred(pixels: Image.Image, radius: float) -> Image.Image:
    return pixels.filter(ImageFilter.GaussianBlur(radius)) if radius else pixels


def largest_difference(one: Image.Image, other: Image.Image) -> Image.Image:
    """For each pixel, the largest difference of its channels, as gray."""
    bands = ImageChops.difference(one, other).split()
    found = bands[0]
    for band in bands[1:]:
        found = ImageChops.lighter(found, band)
    return found


def shifted(pixels: Image.Image, shift: Shift) -> Image.Image:
    """The answer's pixels where the picture has them; what comes in at the edges repeats the last row."""
    if (shift.x, shift.y) == (0, 0):
        return pixels
    width, height = pixels.size
    left, top = min(max(shift.x, -width / 2), width / 2), min(max(shift.y, -height / 2), height / 2)
    moved = pixels.transform(
        pixels.size, Image.Transform.AFFINE, (1, 0, left, 0, 1, top), Image.Resampling.BICUBIC
    )
    return _with_edges(moved, left, top)


def _with_edges(moved: Image.Image, x: float, y: float) -> Image.Image:
    """Outside of the answer the transform leaves black: the nearest row and column take its place."""
    width, height = moved.size
    left, right = max(0, int(-x) + 2 if x < 0 else 0), max(0, int(x) + 2 if x > 0 else 0)
    top, bottom = max(0, int(-y) + 2 if y < 0 else 0), max(0, int(y) + 2 if y > 0 else 0)
    inner = moved.crop((left, top, width - right, height - bottom))
    return with_repeated_edges(inner, size=moved.size, at=(left, top))


def with_repeated_edges(inner: Image.Image, *, size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    """A picture of this size with ``inner`` at that place, and its first and last rows and columns all around."""
    right, bottom = at[0] + inner.width, at[1] + inner.height
    whole = Image.new(inner.mode, size)
    whole.paste(inner, at)
    for left, end, column in ((0, at[0], at[0]), (right, size[0], right - 1)):
        if end > left:
            strip = whole.crop((column, 0, column + 1, size[1]))
            whole.paste(strip.resize((end - left, size[1])), (left, 0))
    for top, end, row in ((0, at[1], at[1]), (bottom, size[1], bottom - 1)):
        if end > top:
            strip = whole.crop((0, row, size[0], row + 1))
            whole.paste(strip.resize((size[0], end - top)), (0, top))
    return whole


def _structure(pixels: Image.Image) -> Image.Image:
    """Light and dark against their surroundings, so that another exposure makes no difference."""
    gray = pixels.convert("L").filter(ImageFilter.GaussianBlur(1.2))
    return ImageChops.subtract(gray, gray.filter(ImageFilter.BoxBlur(8)), scale=0.5, offset=128)


def _grid() -> Iterator[tuple[float, float]]:
    steps = (0.0, -0.5, 0.5, -1.0, 1.0, -1.5, 1.5)
    return ((x, y) for x in steps for y in steps)


class _Pair:
    """Two pictures of the same size, to be compared at any shift."""

    def __init__(self, picture: Image.Image, answer: Image.Image, where: Image.Image | None) -> None:
        self.picture, self.answer, self.where = picture, answer, where

    def cost(self, x: float, y: float) -> float:
        """The mean of the clipped differences where both overlap."""
        width, height = self.picture.size
        edge = int(max(abs(x), abs(y))) + 2
        if 2 * edge >= min(width, height):
            return float("inf")
        inner = (edge, edge, width - edge, height - edge)
        size = (width - 2 * edge, height - 2 * edge)
        part = self.answer.transform(
            size, Image.Transform.AFFINE, (1, 0, x + edge, 0, 1, y + edge), Image.Resampling.BILINEAR
        )
        difference = ImageChops.difference(self.picture.crop(inner), part)
        clipped = difference.point([min(value, CLIPPED_AT) for value in range(256)])
        mask = self.where.crop(inner) if self.where else None
        if mask is not None and not mask.getbbox():
            return float("inf")
        return ImageStat.Stat(clipped, mask).mean[0]


def _descended(pair: _Pair, start: tuple[float, float], *, step: float) -> tuple[tuple[float, float], float]:
    """The best place that can be reached in steps of this length, and its cost."""
    best, cost = start, pair.cost(*start)
    while max(abs(best[0]), abs(best[1])) <= MOST_SHIFT_PX + 1:
        x, y = best
        around = [(x + step, y), (x - step, y), (x, y + step), (x, y - step)]
        costs = {at: pair.cost(*at) for at in around}
        nearest = min(costs, key=lambda at: costs[at])
        if costs[nearest] >= cost:
            break
        best, cost = nearest, costs[nearest]
    return best, cost


def _fitted(picture: Image.Image, answer: Image.Image, mask: Image.Image | None) -> Tones:
    one, other = ImageStat.Stat(picture, mask), ImageStat.Stat(answer, mask)
    gains, offsets = [], []
    for wanted_mean, wanted_spread, mean, spread in zip(
        one.mean, one.stddev, other.mean, other.stddev, strict=True
    ):
        gain = wanted_spread / spread if spread > 2 and wanted_spread > 2 else 1.0
        gain = min(max(gain, 0.25), 4.0)
        gains.append(gain)
        offsets.append(wanted_mean - gain * mean)
    return Tones(tuple(gains), tuple(offsets), 0.0)
