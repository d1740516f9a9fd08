"""Answers put back into originals: outside of the change nothing differs, inside it is as good as an ideal blend."""

import math
import resource
import time
from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

from edits.images import encoding
from edits.images.merging import Merged, NotMerged, keep_detail, merge_region
from edits.images.regions import Region, cut_out, region_of
from edits.local_engine.editing import edit_picture
from edits.model_specs import STEP_1X_EDIT
from tests.pictures import opened, photo
from tests.synthetic_photos import Size, disturbed, local_edit, photo_like

SIZE: Size = (960, 720)
ANSWERED: Size = (480, 352)
"""As the service answers: its sides are multiples of 16, so that the ratio is not quite that of the photo."""
NEAR_PX = 32
SHIFTS = ((0, 0), (3, -3), (-2.25, 1.5), (0.5, 2.75), (-3, -0.4), (1.33, 3), (-1, -2.6))
BLURS = (0, 0.6, 1.0, 1.5)
LIGHTS: tuple[tuple[float, tuple[float, float, float]], ...] = (
    (1, (0, 0, 0)), (1.06, (6, 0, -6)), (0.94, (-5, 4, 8)),
)  # fmt: skip
STYLES = (
    "black and white", "sepia", "warmer", "brighter", "blur", "sharpen", "sketch", "cartoon", "pixelate",
    "posterize", "mirror", "vignette", "watercolor", "emboss", "invert", "a winter evening",
)  # fmt: skip


@cache
def original(seed: int) -> bytes:
    return encoding.png(photo_like(seed, size=SIZE))


def psnr(one: Image.Image, other: Image.Image, *, where: Image.Image) -> float:
    stat = ImageStat.Stat(ImageChops.difference(one, other), where)
    error = sum(squares / count for squares, count in zip(stat.sum2, stat.count, strict=True)) / 3
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def touched(merged: Merged, before: Image.Image, *, where: Image.Image) -> float:
    """The sum of all differences to the picture before in the light parts of ``where``."""
    return sum(ImageStat.Stat(ImageChops.difference(merged.pixels, before), where).sum)


def further_than(mask: Image.Image, px: int) -> Image.Image:
    """255 wherever nothing of the mask is within this distance."""
    small = mask.reduce(4).point([0] + [255] * 255).filter(ImageFilter.MaxFilter(2 * (px // 4) + 1))
    return ImageOps.invert(small.resize(mask.size, Image.Resampling.NEAREST))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(21))
def test_only_what_the_model_changed_is_put_into_the_photo(seed: int) -> None:
    before = photo_like(seed, size=SIZE)
    edit = local_edit(before, seed=seed)
    gain, offset = LIGHTS[seed % 3]
    shift = SHIFTS[seed % 7]
    answer = disturbed(
        edit.picture, size=ANSWERED, shift=shift, blur=BLURS[seed % 4], gain=gain, offset=offset
    )
    merged = keep_detail(original(seed), encoding.png(answer))
    undisturbed = edit.picture.resize(ANSWERED, Image.Resampling.LANCZOS)
    ideal = Image.composite(undisturbed.resize(SIZE, Image.Resampling.BICUBIC), before, edit.where)
    assert opened(merged.data).size == SIZE
    assert touched(merged, before, where=further_than(edit.where, NEAR_PX)) == 0
    assert psnr(merged.pixels, ideal, where=edit.where) >= 30
    assert merged.shift_px == pytest.approx(max(map(abs, shift)), abs=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("prompt", STYLES)
def test_an_edit_of_the_whole_picture_is_refused(prompt: str) -> None:
    sent = encoding.jpeg(photo_like(3, size=SIZE).resize((800, 600)))
    options = {"seed": 5, "steps": 28, "cfg_scale": 6.0, "size": "512x512", "spec": STEP_1X_EDIT}
    answer = edit_picture(sent, prompt=prompt, **options)  # type: ignore[arg-type]
    with pytest.raises(NotMerged) as refused:
        keep_detail(original(3), answer)
    assert refused.value.code in ("changed", "alignment")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (encoding.png(photo_like(7, size=ANSWERED)), "alignment"),
        (encoding.png(photo_like(3, size=SIZE).resize(ANSWERED)), "nothing"),
        (encoding.png(photo_like(3, size=(480, 480))), "shape"),
        (b"no picture", "unreadable"),
    ],
)
def test_it_says_why_an_answer_cannot_be_put_into_the_photo(answer: bytes, code: str) -> None:
    with pytest.raises(NotMerged) as refused:
        keep_detail(original(3), answer)
    assert refused.value.code == code


def region_edit(
    seed: int, *, shift: tuple[float, float] = (0, 0), blur: float = 0, gain: float = 1.0
) -> tuple[Merged, Image.Image, Image.Image, Region]:
    """A region of a photo painted over by a model: what is merged, the photo, the ideal blend, and the region."""
    random = Random(seed)
    left, top = random.randrange(150, 500), random.randrange(100, 350)
    box = (left, top, left + random.randrange(120, 300), top + random.randrange(100, 250))
    region = region_of(box, size=SIZE, spec=STEP_1X_EDIT)
    before = photo_like(seed, size=SIZE)
    painted = before.copy()
    inside = Image.blend(before.crop(box), Image.new("RGB", before.crop(box).size, (40, 90, 200)), 0.6)
    painted.paste(inside.filter(ImageFilter.GaussianBlur(1)), box[:2])
    sent = opened(cut_out(original(seed), region=region, spec=STEP_1X_EDIT).data)
    part = painted.crop(region.crop)
    assert sent.size == part.size  # it fits as it is
    answered = (part.width * 3 // 4 // 16 * 16, part.height * 3 // 4 // 16 * 16)
    answer = disturbed(part, size=answered, shift=shift, blur=blur, gain=gain)
    undisturbed = part.resize(answered, Image.Resampling.LANCZOS).resize(part.size, Image.Resampling.BICUBIC)
    ideal = before.copy()
    ideal.paste(undisturbed.crop(within(region)), box[:2])
    return merge_region(original(seed), encoding.png(answer), region=region), before, ideal, region


def within(region: Region) -> tuple[int, int, int, int]:
    """The region in pixels of what is sent."""
    left, top = region.crop[:2]
    box = region.box
    return box[0] - left, box[1] - top, box[2] - left, box[3] - top


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_nothing_beyond_the_edge_of_a_region_is_touched(seed: int) -> None:
    merged, before, ideal, region = region_edit(
        seed, shift=SHIFTS[seed % 7], blur=BLURS[seed % 4], gain=LIGHTS[seed % 3][0]
    )
    inside = Image.new("L", SIZE, 0)
    inside.paste(255, region.box)
    reach = region.feather_px
    left, top, right, bottom = region.box
    outside = Image.new("L", SIZE, 255)
    outside.paste(0, (left - reach, top - reach, right + reach, bottom + reach))
    assert touched(merged, before, where=outside) == 0
    assert psnr(merged.pixels, ideal, where=inside) >= 30
    assert touched(merged, before, where=inside) > 0


RECOLORED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "gray": lambda part: ImageOps.grayscale(part).convert("RGB"),
    "other hues": lambda part: Image.merge("RGB", part.split()[::-1]),
    "night": lambda part: part.point([value * share // 10 for share in (3, 4, 6) for value in range(256)]),
}


@pytest.mark.parametrize("colors", RECOLORED)
def test_an_answer_recolored_all_over_recolors_the_region_alone(colors: str) -> None:
    region = region_of((300, 200, 500, 400), size=SIZE, spec=STEP_1X_EDIT)
    before = photo_like(3, size=SIZE)
    answer = RECOLORED[colors](before.crop(region.crop))
    merged = merge_region(original(3), encoding.png(answer), region=region)
    inside, outside = Image.new("L", SIZE, 0), Image.new("L", SIZE, 255)
    inside.paste(255, region.box)
    reach = region.feather_px
    left, top, right, bottom = region.box
    outside.paste(0, (left - reach, top - reach, right + reach, bottom + reach))
    wanted = before.copy()
    wanted.paste(answer, region.crop[:2])
    assert psnr(merged.pixels, wanted, where=inside) >= 30
    assert touched(merged, before, where=outside) == 0


def striped(part: Image.Image) -> Image.Image:
    """What lies there, under bands of light and shadow."""
    bands = Image.new("L", part.size, 128)
    for number, left in enumerate(range(0, part.width, 40)):
        bands.paste((48, 128, 208)[number % 3], (left, 0, left + 40, part.height))
    return ImageChops.add(part, Image.merge("RGB", (bands, bands, bands)), offset=-128)


ELSE: dict[str, Callable[[Image.Image], Image.Image]] = {
    "alignment": lambda part: photo_like(8, size=part.size),
    "changed": striped,
}


@pytest.mark.parametrize("code", ELSE)
def test_a_region_is_not_taken_from_another_picture(code: str) -> None:
    region = region_of((300, 200, 500, 400), size=SIZE, spec=STEP_1X_EDIT)
    answer = ELSE[code](photo_like(3, size=SIZE).crop(region.crop))
    with pytest.raises(NotMerged) as refused:
        merge_region(original(3), encoding.png(answer), region=region)
    assert refused.value.code == code


@pytest.mark.slow
def test_twelve_megapixels_take_three_seconds_and_little_memory() -> None:
    large = photo(width=4000, height=3000)
    region = region_of((1200, 900, 2400, 1900), size=(4000, 3000), spec=STEP_1X_EDIT)
    answer = encoding.png(opened(cut_out(large, region=region, spec=STEP_1X_EDIT).data))
    before_kb, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    merged = merge_region(large, answer, region=region)
    assert time.process_time() - began <= 3
    assert (merged.width_px, merged.height_px) == (4000, 3000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb <= 300 * 1024
