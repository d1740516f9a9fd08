"""Pictures for the tests of the practice engine, and figures about what it made of them."""

import io
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageStat

from edits.local_engine.effects.how import How
from edits.local_engine.reading import read_prompt


def landscape(width_px: int = 128, height_px: int = 96) -> Image.Image:
    """A sky, a sun at the left, hills, a red house at the right: nothing is symmetric, and every color occurs."""
    sky = Image.linear_gradient("L").resize((width_px, height_px))
    picture = Image.merge(
        "RGB",
        (
            sky.point([60 + value // 3 for value in range(256)]),
            sky.point([120 + value // 4 for value in range(256)]),
            sky.point([235 - value // 2 for value in range(256)]),
        ),
    )
    draw = ImageDraw.Draw(picture)
    w, h = width_px, height_px
    draw.ellipse((w * 0.1, h * 0.1, w * 0.3, h * 0.4), fill=(250, 220, 90))
    draw.polygon([(0, h), (w * 0.35, h * 0.4), (w * 0.7, h)], fill=(70, 96, 80))
    draw.rectangle((w * 0.55, h * 0.55, w * 0.85, h * 0.9), fill=(200, 60, 50))
    chance = Random(4)
    for _ in range(60):
        x, y = chance.uniform(0, w), chance.uniform(h * 0.8, h)
        draw.line((x, y, x + 2, y - h * 0.06), fill=(40, 150, 50), width=1)
    return picture


PICTURE = landscape()


def applied(
    prompt: str, *, to: Image.Image = PICTURE, seed: int = 7, strength: float = 1.0, passes: int = 2
) -> Image.Image:
    """The picture after the first instruction of the prompt."""
    step = read_prompt(prompt)[0]
    how = How(strength=strength, passes=passes, chance=Random(seed), words=step.words)
    return step.instruction.effect(to, how)


def encoded(picture: Image.Image, *, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def difference(first: Image.Image, second: Image.Image) -> float:
    """The mean difference of two pictures of one size, 0–255."""
    means = ImageStat.Stat(ImageChops.difference(first, second)).mean
    return sum(means) / len(means)


def lightness(picture: Image.Image) -> float:
    return ImageStat.Stat(picture.convert("L")).mean[0]


def darkest(picture: Image.Image) -> int:
    return next(tone for tone, count in enumerate(picture.convert("L").histogram()) if count)


def lightest(picture: Image.Image) -> int:
    return max(tone for tone, count in enumerate(picture.convert("L").histogram()) if count)


def spread(picture: Image.Image) -> float:
    """How far the tones lie apart: contrast."""
    return ImageStat.Stat(picture.convert("L")).stddev[0]


def colorfulness(picture: Image.Image) -> float:
    """0 for a picture without any color."""
    return ImageStat.Stat(picture.convert("HSV").getchannel("S")).mean[0]


def count_colors(picture: Image.Image) -> int:
    return len(picture.getcolors(maxcolors=picture.width * picture.height) or ())


def roughness(picture: Image.Image) -> float:
    """How much neighbors differ: high for grain and for sharp edges."""
    return difference(picture, ImageChops.offset(picture, 1, 0))


def warmth(picture: Image.Image) -> float:
    red, _, blue = ImageStat.Stat(picture).mean
    return red - blue
