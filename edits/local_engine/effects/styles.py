"""Effects that redraw a picture: as a drawing, a painting, a print, or with other edges."""

from math import sqrt

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from .how import How
from .noise import grain


def _short_px(picture: Image.Image) -> int:
    return min(picture.size)


def _ink(gray: Image.Image, *, radius_px: float, gain: float) -> Image.Image:
    """White paper with a dark line wherever a pixel is darker than its surroundings."""
    around = gray.filter(ImageFilter.GaussianBlur(radius_px))
    return ImageOps.invert(ImageChops.subtract(around, gray, scale=1 / gain))


def sketch(picture: Image.Image, how: How) -> Image.Image:
    """Pencil on paper: lines with a little of the shading."""
    gray = ImageOps.grayscale(picture)
    lines = _ink(gray, radius_px=max(1.5, _short_px(picture) / how.about(160)), gain=6 * how.strength)
    shading = ImageEnhance.Brightness(gray.filter(ImageFilter.BoxBlur(2))).enhance(1.25)
    return Image.blend(lines, ImageChops.multiply(lines, shading), 0.3).convert("RGB")


def _smooth(picture: Image.Image, *, passes: int) -> Image.Image:
    """Flat areas with sharp borders.  Runs at half the size, which looks alike and is four times as fast."""
    small = picture.resize((max(1, picture.width // 2), max(1, picture.height // 2)), Image.Resampling.BOX)
    for _ in range(passes):
        small = small.filter(ImageFilter.MedianFilter(5))
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def cartoon(picture: Image.Image, how: How) -> Image.Image:
    """A few flat, strong colors between black outlines."""
    flat = ImageOps.posterize(_smooth(picture, passes=min(2, how.passes)), 3)
    strong = ImageEnhance.Color(flat).enhance(1 + how.about(0.6) * how.strength)
    gain = 5 * how.strength
    outline = _ink(ImageOps.grayscale(picture), radius_px=max(1.5, _short_px(picture) / 200), gain=gain)
    hard = outline.point(lambda tone: 255 if tone > 150 else tone)
    return ImageChops.multiply(ImageEnhance.Brightness(strong).enhance(1.12), hard.convert("RGB"))


def oil_painting(picture: Image.Image, how: How) -> Image.Image:
    """Dabs of thick paint; more passes make broader dabs."""
    dabs = ImageEnhance.Color(_smooth(picture, passes=how.passes)).enhance(1 + how.about(0.45) * how.strength)
    relief = ImageOps.grayscale(dabs).filter(ImageFilter.EMBOSS).convert("RGB")
    return Image.blend(dabs, ImageChops.overlay(dabs, relief), how.amount(0.7))


def watercolor(picture: Image.Image, how: How) -> Image.Image:
    """Thin, light color that gathers at its edges, on textured paper."""
    washes = ImageEnhance.Brightness(_smooth(picture, passes=min(2, how.passes))).enhance(1.2)
    pale = Image.blend(washes, Image.new("RGB", picture.size, (252, 249, 240)), how.amount(0.28))
    rims = _ink(ImageOps.grayscale(washes), radius_px=_short_px(picture) / 64, gain=2 * how.strength)
    paper = grain(picture.size, chance=how.chance).point(lambda tone: 226 + tone // 9)
    return ImageChops.multiply(ImageChops.multiply(pale, rims.convert("RGB")), paper.convert("RGB"))


def pixelate(picture: Image.Image, how: How) -> Image.Image:
    """Square blocks, about forty along the shorter side."""
    block_px = max(4, round(_short_px(picture) / 40 * how.about(1) * how.strength))
    cells = (max(1, picture.width // block_px), max(1, picture.height // block_px))
    return picture.resize(cells, Image.Resampling.BOX).resize(picture.size, Image.Resampling.NEAREST)


def posterize(picture: Image.Image, how: How) -> Image.Image:
    """Four tones per channel; two at high strength, eight at low."""
    bits = 1 if how.strength > 1.3 else 2 if how.strength > 0.7 else 3
    even = ImageOps.autocontrast(picture, cutoff=round(how.about(2)))
    # Spread over the whole range: posterize() alone only darkens, because it cuts off the low bits.
    top = 256 - (256 >> bits)
    return ImageOps.posterize(even, bits).point([min(255, tone * 255 // top) for tone in range(256)] * 3)


def edges(picture: Image.Image, how: How) -> Image.Image:
    """White contours on black."""
    found = ImageOps.grayscale(picture).filter(ImageFilter.BoxBlur(1)).filter(ImageFilter.FIND_EDGES)
    return found.point(lambda tone: min(255, round(tone * 6 * how.strength))).convert("RGB")


def neon(picture: Image.Image, how: How) -> Image.Image:
    """Glowing tubes along the contours, on a dark wall."""
    lines = picture.filter(ImageFilter.BoxBlur(1)).filter(ImageFilter.FIND_EDGES)
    tubes = ImageEnhance.Color(lines.point(lambda tone: min(255, tone * 5))).enhance(how.about(2.2))
    halo = tubes.filter(ImageFilter.GaussianBlur(_short_px(picture) / 80))
    wall = ImageEnhance.Brightness(picture).enhance(0.18)
    glow = Image.blend(Image.new("RGB", picture.size), halo, how.amount(0.9))
    return ImageChops.add(ImageChops.screen(wall, glow), tubes)


def emboss(picture: Image.Image, how: How) -> Image.Image:
    """Embossed in gray metal, lit from a corner."""
    gray = ImageOps.grayscale(picture).filter(ImageFilter.GaussianBlur(max(0.6, how.about(1.0))))
    return ImageEnhance.Contrast(gray.filter(ImageFilter.EMBOSS)).enhance(3 * how.strength).convert("RGB")


def blur(picture: Image.Image, how: How) -> Image.Image:
    """Out of focus.  More passes make the blur rounder, not wider."""
    radius_px = max(1.5, _short_px(picture) / how.about(70) * how.strength)
    for _ in range(how.passes):
        picture = picture.filter(ImageFilter.BoxBlur(radius_px / sqrt(how.passes)))
    return picture


def sharpen(picture: Image.Image, how: How) -> Image.Image:
    percent = round(how.about(220) * how.strength)
    return picture.filter(ImageFilter.UnsharpMask(radius=1 + how.passes, percent=percent, threshold=1))
