"""Puts what a model changed back into the picture at its full size; everything else stays as it is, bit for bit.

    a region   original ──crop──▶ sent ──▶ answer ──▶ aligned, in its light ──mask of the region──▶ original
    detail     original ──────────▶ sent ──▶ answer ──▶ aligned, in its light ──mask of what changed──▶ original

Both refuse where the answer does not fit into the original any more.  Needs the memory of the decoded original and
its encoded file: 150 MB for 12 megapixels.
"""

from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Literal

from PIL import Image, ImageChops, ImageFilter, ImageStat

from edits.images import encoding
from edits.images.alignment import (
    NotAligned,
    Shift,
    Tones,
    find_shift,
    largest_difference,
    match_blur,
    match_tones,
    shifted,
    with_repeated_edges,
)
from edits.images.changes import changed_mask, is_all_over
from edits.images.errors import BadImage
from edits.images.fitting import bounded
from edits.images.opening import open_picture
from edits.images.regions import Region, soft_mask
from edits.images.rendering import render

STORED_FORMATS = ("JPEG", "PNG", "WEBP")
RefusalCode = Literal["changed", "alignment", "nothing", "shape", "unreadable"]

COMPARED_SIDE_PX = 1024
MOST_CHANGED = 0.6
LIKE = 0.04
"""Two pictures whose ratios differ by more do not lie over each other."""
MOST_GAIN, MOST_OFFSET = 1.25, 24.0
"""How much of another exposure is an accident of the model; more than that is the edit itself."""
LEAST_MATCHED = 0.4
"""Of the surroundings: where less of them agrees, their light says nothing about the region's."""
STRUCTURE_DIFFERS = 26
MOST_COLORED = 1.5
PADDING_PX = 8
_one_at_a_time = Lock()


class NotMerged(Exception):
    """The answer cannot be put into the original.

    changed      more than 60 % of it differs: there is nothing to keep of the original
    alignment    nothing of it lies where it was
    nothing      nothing in it differs
    shape        it was cropped or given a border before it was sent
    unreadable   one of the two pictures cannot be read
    """

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Merged:
    """The merged picture, a PNG of the original's size, and what was found on the way.

    ``changed_share`` is the share of the original's pixels that are not as they were, 0 to 1.  ``shift_px`` is how
    far the answer had moved, in its own pixels.
    """

    data: bytes
    width_px: int
    height_px: int
    sha256: str
    changed_share: float
    shift_px: float
    pixels: Image.Image


def merge_region(original: bytes, answer: bytes, *, region: Region, paint: bytes | None = None) -> Merged:
    """Blend the answer to a crop of the original into it, inside of the region and its feather only.

    Models recolor all of what they see, so another color or light of the surroundings refuses nothing: the region
    takes it, and the rest stays.  Raises NotMerged where even light and dark of more than 60 % of the surroundings
    differ, or nothing lies where it was.
    """
    whole, made = _opened(original), _opened(answer)
    size = whole.size
    crop = whole.crop(region.crop)
    mask = soft_mask(region, size=size, paint=paint)
    compared = bounded(made.size, side_px=COMPARED_SIDE_PX)
    before, after = (_resized(pixels, compared) for pixels in (crop, made))
    around = mask.resize(compared, Image.Resampling.BOX).point([255] + [0] * 255)
    where = around if _share(around) >= 0.05 else None
    shift = _aligned(before, after, where=where)
    tones = _tones_around(before, shifted(after, shift), where=where)
    part = _scaled_back(made, size=crop.size, shift=_scaled(shift, compared, made.size))
    whole.paste(tones.matched(part) if tones else part, region.crop[:2], mask)
    touched = mask.point([0] + [255] * 255)
    share = _share(touched) * crop.width * crop.height / (size[0] * size[1])
    return _merged(whole, share=share, shift=_scaled(shift, compared, made.size))


def keep_detail(original: bytes, answer: bytes) -> Merged:
    """Put only what differs in the answer to the whole picture into the original.  Raises NotMerged."""
    whole, made = _opened(original), _opened(answer)
    if abs(whole.width * made.height / (whole.height * made.width) - 1) > LIKE:
        raise NotMerged("shape")
    compared = bounded(made.size, side_px=COMPARED_SIDE_PX)
    before, after = (_resized(pixels, compared) for pixels in (whole, made))
    shift = _aligned(before, after, where=None)
    after = shifted(after, shift)
    tones = match_tones(_soft(before), _soft(after))
    if _is_another_light(tones):
        raise NotMerged("changed")
    after = tones.matched(after)
    before = match_blur(before, after)
    small = changed_mask(before, after, lost_px=max(abs(shift.x), abs(shift.y)))
    if is_all_over(small, before, after, most=MOST_CHANGED):
        raise NotMerged("changed")
    if small.getbbox() is None:
        raise NotMerged("nothing")
    mask = small.resize(whole.size, Image.Resampling.BILINEAR)
    part = _scaled_back(made, size=whole.size, shift=_scaled(shift, compared, made.size), only=mask.getbbox())
    box = mask.getbbox() or (0, 0, *whole.size)
    cut = mask.crop(box)
    whole.paste(tones.matched(part), box[:2], cut)
    share = _share(cut.point([0] + [255] * 255)) * cut.width * cut.height / (whole.width * whole.height)
    return _merged(whole, share=share, shift=_scaled(shift, compared, made.size))


def _opened(data: bytes) -> Image.Image:
    try:
        return render(open_picture(data, formats=STORED_FORMATS)).pixels
    except BadImage as error:
        raise NotMerged("unreadable") from error


def _aligned(before: Image.Image, after: Image.Image, *, where: Image.Image | None) -> Shift:
    try:
        return find_shift(before, after, where=where)
    except NotAligned as error:
        raise NotMerged("alignment") from error


def _tones_around(before: Image.Image, after: Image.Image, *, where: Image.Image | None) -> Tones | None:
    """The light of the surroundings, None where they are too different to tell.

    Raises NotMerged if even light and dark of them are not what they were.
    """
    one, other = _soft(before), _soft(after)
    gray = one.convert("L"), other.convert("L")
    in_gray = match_tones(*gray, where=where)
    differs = largest_difference(gray[0], in_gray.matched(gray[1]))
    differs = differs.point([0] * STRUCTURE_DIFFERS + [255] * (256 - STRUCTURE_DIFFERS))
    if where is not None:
        differs.paste(0, mask=where.point([255] + [0] * 255))
        if _share(differs) > MOST_CHANGED * _share(where):
            raise NotMerged("changed")
    tones = match_tones(one, other, where=where)
    is_light = tones.share >= LEAST_MATCHED and not _is_another_light(tones)
    return tones if is_light and _is_as_colorful(one, other, where=where) else None


def _is_as_colorful(before: Image.Image, after: Image.Image, *, where: Image.Image | None) -> bool:
    """Whether colors are about as strong: what was made gray is not to be tinted again."""
    was, now = (_colorfulness(pixels, where) for pixels in (before, after))
    return was / MOST_COLORED <= now <= was * MOST_COLORED


def _colorfulness(pixels: Image.Image, where: Image.Image | None) -> float:
    red, green, blue = pixels.split()
    pairs = (red, green), (green, blue)
    return 1 + sum(ImageStat.Stat(ImageChops.difference(*pair), where).mean[0] for pair in pairs)


def _is_another_light(tones: Tones) -> bool:
    for gain, offset in zip(tones.gains, tones.offsets, strict=True):
        in_middle = abs(gain * 128 + offset - 128)
        if not 1 / MOST_GAIN <= gain <= MOST_GAIN or in_middle > MOST_OFFSET:
            return True
    return False


def _scaled_back(
    answer: Image.Image,
    *,
    size: tuple[int, int],
    shift: Shift,
    only: tuple[int, int, int, int] | None = None,
) -> Image.Image:
    """The answer in the ``size`` of what it was made of, or only this box of it, without its shift."""
    left, top, right, bottom = only or (0, 0, *size)
    across, down = answer.width / size[0], answer.height / size[1]
    padded = with_repeated_edges(
        answer,
        size=(answer.width + 2 * PADDING_PX, answer.height + 2 * PADDING_PX),
        at=(PADDING_PX, PADDING_PX),
    )
    x, y = shift.x + PADDING_PX, shift.y + PADDING_PX
    box = (
        max(0.0, left * across + x),
        max(0.0, top * down + y),
        min(float(padded.width), right * across + x),
        min(float(padded.height), bottom * down + y),
    )
    return padded.resize((right - left, bottom - top), Image.Resampling.BICUBIC, box=box)


def _scaled(shift: Shift, compared: tuple[int, int], size: tuple[int, int]) -> Shift:
    return Shift(shift.x * size[0] / compared[0], shift.y * size[1] / compared[1])


def _resized(pixels: Image.Image, size: tuple[int, int]) -> Image.Image:
    return pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)


def _soft(pixels: Image.Image) -> Image.Image:
    """Blurred, because answers are softer than photos."""
    return pixels.filter(ImageFilter.BoxBlur(3))


def _share(mask: Image.Image) -> float:
    """The light share of a mask of 0 and 255."""
    return mask.histogram()[255] / (mask.width * mask.height)


def _merged(pixels: Image.Image, *, share: float, shift: Shift) -> Merged:
    data = encoding.png(pixels)
    shift_px = max(abs(shift.x), abs(shift.y))
    return Merged(data, *pixels.size, sha256(data).hexdigest(), min(1.0, share), shift_px, pixels)
