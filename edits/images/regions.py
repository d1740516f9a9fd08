"""Regions: the part of a picture that may change, the part around it that is sent, and how soft its edge is.

All boxes are (left, top, right, bottom) in pixels of the picture at its full size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from math import ceil, isqrt
from typing import Literal

from PIL import Image, ImageDraw, ImageFilter

from edits.images import encoding
from edits.images.errors import BadImage, gettext_noop
from edits.images.fitting import bounded, plan
from edits.images.masks import checked_png
from edits.images.opening import decode, memory_for, open_picture
from edits.images.rendering import render
from edits.images.upload_check import CheckedImage
from edits.model_specs import ModelSpec

Box = tuple[int, int, int, int]
Size = tuple[int, int]
RegionCode = Literal["invalid", "empty", "too_large", "corrupt"]

LARGEST_SHARE = 0.9
MARGIN_SHARE = 0.25
"""Of the side of a square as large as the region: what the model sees around it on each side."""
LEAST_MARGIN_PX = 48
SMALLEST_SIDE_PX = 8
FEATHER_SHARE = 0.02
LEAST_FEATHER_PX, MOST_FEATHER_PX = 4, 48
"""Where none is chosen."""
SOFTEST_PX = 256
"""The most that may be chosen."""
PAINT_MAX_BYTES = 256 * 1024
PAINT_SIDE_PX = 512
MOST_PAINT_PIXELS = 4_000_000


class BadRegion(Exception):
    """The region cannot be used.  ``text`` with its ``values`` says why, in English in ``sentence``."""

    def __init__(self, code: RegionCode, text: str, values: Mapping[str, str | int] | None = None) -> None:
        self.code, self.text, self.values = code, text, values or {}
        self.sentence = text % values if values else text
        super().__init__(self.sentence)


@dataclass(frozen=True)
class Region:
    """The ``box`` that may change, and the ``crop`` around it that is sent.

    ``feather_px`` is how far outside of the region the blending reaches; beyond that no pixel changes.
    """

    box: Box
    crop: Box
    feather_px: int

    @property
    def crop_size(self) -> Size:
        """Width and height of what is sent, before it is scaled."""
        return self.crop[2] - self.crop[0], self.crop[3] - self.crop[1]


def usual_feather(width_px: int, height_px: int) -> int:
    """How soft the edge of a region of this size is, in pixels, where nobody chooses it."""
    return min(max(round(FEATHER_SHARE * max(width_px, height_px)), LEAST_FEATHER_PX), MOST_FEATHER_PX)


def region_of(box: Box, *, size: Size, spec: ModelSpec, feather_px: int | None = None) -> Region:
    """The region with what is sent around it: as much as the model needs to see, and of a shape that it takes.

    ``feather_px`` is from 0 (a hard edge) to 256; by default it follows the region's size.
    Raises BadRegion if the box is empty, outside of the picture, or larger than 90 % of it.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if width < SMALLEST_SIDE_PX or height < SMALLEST_SIDE_PX:
        text = gettext_noop(
            "The region is empty: each side must have at least %(least)s px. Draw a larger one."
        )
        raise BadRegion("empty", text, {"least": SMALLEST_SIDE_PX})
    if left < 0 or top < 0 or right > size[0] or bottom > size[1]:
        text = gettext_noop("The region is outside of the picture, which is %(size)s. Draw it inside.")
        raise BadRegion("invalid", text, {"size": f"{size[0]:,} × {size[1]:,} px"})
    if width * height > LARGEST_SHARE * size[0] * size[1]:
        text = gettext_noop(
            "The region covers more than %(most)s percent of the picture. "
            "Draw a smaller one, or edit the whole picture."
        )
        raise BadRegion("too_large", text, {"most": round(100 * LARGEST_SHARE)})
    feather = usual_feather(width, height) if feather_px is None else min(max(feather_px, 0), SOFTEST_PX)
    return Region(box, _crop(box, size=size, spec=spec, feather_px=feather), feather)


def _crop(box: Box, *, size: Size, spec: ModelSpec, feather_px: int) -> Box:
    """Half of the model's best size at least, so that a small region is not sent without what it belongs to.

    The soft edge ends inside of it, with something beyond that still shows how the answer lies over the original.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    margin = max(LEAST_MARGIN_PX, round(MARGIN_SHARE * isqrt(width * height)), 2 * feather_px)
    least = max(spec.min_side_px, isqrt(spec.max_area_px) // 2)
    wanted_width = min(size[0], max(width + 2 * margin, least))
    wanted_height = min(size[1], max(height + 2 * margin, least))
    wanted_width = min(size[0], max(wanted_width, ceil(wanted_height / spec.max_ratio)))
    wanted_height = min(size[1], max(wanted_height, ceil(wanted_width / spec.max_ratio)))
    left, right = _around(box[0], box[2], wanted=wanted_width, most=size[0])
    top, bottom = _around(box[1], box[3], wanted=wanted_height, most=size[1])
    return left, top, right, bottom


def _around(start: int, end: int, *, wanted: int, most: int) -> tuple[int, int]:
    """A stretch of the wanted length with the given one in its middle, moved to lie within 0 and ``most``."""
    first = (start + end - wanted) // 2
    first = min(max(first, 0), most - wanted)
    return first, first + wanted


def cut_out(original: bytes, *, region: Region, spec: ModelSpec, fit: bool = True) -> CheckedImage:
    """The part around the region as it is sent; the same bytes always make the same file.

    Raises BadImage where the model does not take a part of that size, or the original cannot be read.
    """
    image = open_picture(original, formats=tuple(encoding.EXTENSIONS))
    name, (width, height) = image.format or "", region.crop_size
    made = plan(width, height, spec=spec, shrink=fit)
    pixels = render(image, box=region.crop, size=made.picture).pixels
    encoded = encoding.within(
        pixels, max_bytes=spec.max_sent_bytes, lossless=name != "JPEG", formats=spec.formats
    )
    if encoded is None:
        raise BadImage("too_large", gettext_noop("The part around the region is too large to be sent."))
    data, sent_format = encoded
    return CheckedImage(
        data=data,
        format=sent_format,
        width_px=pixels.width,
        height_px=pixels.height,
        sha256=sha256(data).hexdigest(),
        original_width_px=width,
        original_height_px=height,
        original_bytes=len(original),
        original_format=name,
        notes=("cropped", "scaled") if made.scaled else ("cropped",),
    )


def read_paint(data: bytes, *, size: Size) -> tuple[CheckedImage, Box]:
    """A painted region: a PNG in the shape of the picture, opaque where it may change, and the box around that.

    It is stored at 512 px at most.  Raises BadRegion if nothing is painted or it is no such file.
    """
    try:
        if len(data) > PAINT_MAX_BYTES:
            raise BadImage("too_large", "")
        image = open_picture(data, formats=("PNG",), max_pixels=MOST_PAINT_PIXELS)
        with memory_for(image):
            decode(image)
            painted = image.convert("RGBA").getchannel("A")
    except BadImage as error:
        text = gettext_noop("The painted region cannot be read. Paint it again.")
        raise BadRegion("corrupt", text) from error
    return paint_of(painted, size=size)


def stored_paint(data: bytes) -> bytes:
    """A painted region as it is stored, as ``read_paint`` takes it.  Raises BadImage."""
    image = open_picture(data, formats=("PNG",), max_pixels=MOST_PAINT_PIXELS)
    decode(image)
    return paint_as_png(image.convert("L"))


def paint_as_png(painted: Image.Image) -> bytes:
    """Gray pixels, 255 where the picture may change, as ``read_paint`` takes them."""
    small = painted.resize(bounded(painted.size, side_px=PAINT_SIDE_PX), Image.Resampling.BOX)
    return encoding.png(Image.merge("RGBA", (small, small, small, small)))


def paint_of(painted: Image.Image, *, size: Size) -> tuple[CheckedImage, Box]:
    """The same of gray pixels, 255 where the picture may change.  Raises BadRegion if there are none."""
    scale = min(1.0, PAINT_SIDE_PX / max(size))
    small = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    mask = painted.resize(small, Image.Resampling.BOX).point([0] * 128 + [255] * 128)
    found = mask.getbbox()
    if found is None:
        text = gettext_noop(
            "The region is empty: each side must have at least %(least)s px. Draw a larger one."
        )
        raise BadRegion("empty", text, {"least": SMALLEST_SIDE_PX})
    image = checked_png(mask, original_size=size)
    across, down = size[0] / mask.width, size[1] / mask.height
    box = (
        int(found[0] * across),
        int(found[1] * down),
        min(size[0], ceil(found[2] * across)),
        min(size[1], ceil(found[3] * down)),
    )
    return image, box


def soft_mask(region: Region, *, size: Size, paint: bytes | None) -> Image.Image:
    """How much of the answer each pixel of the crop takes, 0 to 255: all inside of the region, nothing beyond its
    feather.  ``size`` is that of the whole picture."""
    hard = _hard_mask(region, size=size, paint=paint)
    half = region.feather_px / 2
    # Grown by half of the feather and blurred by as much: a box blur reaches exactly as far as its radius.
    if paint is None:
        grown = replace(region, box=_grown(region.box, round(half)))
        return _hard_mask(grown, size=size, paint=None).filter(ImageFilter.BoxBlur(int(half)))
    spread = hard.filter(ImageFilter.BoxBlur(int(half))).point([0] + [255] * 255)
    return spread.filter(ImageFilter.BoxBlur(int(half)))


def _hard_mask(region: Region, *, size: Size, paint: bytes | None) -> Image.Image:
    left, top, right, bottom = region.crop
    if paint is None:
        mask = Image.new("L", region.crop_size, 0)
        box = region.box
        corners = (box[0] - left, box[1] - top, box[2] - left - 1, box[3] - top - 1)
        ImageDraw.Draw(mask).rectangle(corners, fill=255)
        return mask
    with Image.open(BytesIO(paint), formats=("PNG",)) as image:
        whole = image.convert("L")
    across, down = whole.width / size[0], whole.height / size[1]
    part = (left * across, top * down, right * across, bottom * down)
    scaled = whole.resize(region.crop_size, Image.Resampling.BILINEAR, box=part)
    return scaled.point([0] * 128 + [255] * 128)


def _grown(box: Box, by_px: int) -> Box:
    return box[0] - by_px, box[1] - by_px, box[2] + by_px, box[3] + by_px


def mask_to_send(region: Region, *, size: Size, sent_size: Size, paint: bytes | None) -> CheckedImage:
    """The region as a mask for a model that takes one: a PNG of what is sent, transparent where it may change."""
    hard = _hard_mask(region, size=size, paint=paint)
    alpha = hard.resize(sent_size, Image.Resampling.BILINEAR).point([255] * 128 + [0] * 128)
    white = Image.new("L", sent_size, 255)
    return checked_png(Image.merge("RGBA", (white, white, white, alpha)), original_size=region.crop_size)
