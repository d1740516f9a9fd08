"""Effects that change the light and the colors of a picture, pixel by pixel."""

import colorsys

from PIL import Image, ImageChops, ImageEnhance, ImageOps

from .colors import RGB, color_called, curve, in_colors, shade
from .how import How


def black_and_white(picture: Image.Image, how: How) -> Image.Image:
    """No color, whatever the strength; the seed chooses the weight of each channel."""
    red, green, blue = how.about(0.30), how.about(0.59), how.about(0.11)
    whole = red + green + blue
    gray = picture.convert("L", matrix=(red / whole, green / whole, blue / whole, 0.0))
    return ImageEnhance.Contrast(gray).enhance(0.9 + 0.2 * how.strength).convert("RGB")


def sepia(picture: Image.Image, how: How) -> Image.Image:
    brown: RGB = (round(how.about(168)), 120, 76)
    toned = in_colors(ImageOps.grayscale(picture), dark=(34, 20, 10), middle=brown, light=(255, 240, 208))
    return Image.blend(picture, toned, how.amount(1.0))


def invert(picture: Image.Image, how: How) -> Image.Image:
    """A negative, always in full: half a negative would be plain gray."""
    return ImageOps.invert(picture)


def thermal(picture: Image.Image, how: How) -> Image.Image:
    """The false colors of a thermal camera, from cold blue over red to white."""
    stops = [(0, 0, 0), (40, 20, 140), (190, 20, 130), (245, 90, 30), (255, 200, 40), (255, 255, 230)]
    table = [_between(stops, value / 255) for value in range(256)]
    gray = ImageOps.autocontrast(ImageOps.grayscale(picture), cutoff=1)
    return Image.merge("RGB", [gray.point([color[channel] for color in table]) for channel in range(3)])


def _between(stops: list[RGB], share: float) -> RGB:
    place = share * (len(stops) - 1)
    below = min(int(place), len(stops) - 2)
    rest = place - below
    red, green, blue = (
        round(a + (b - a) * rest) for a, b in zip(stops[below], stops[below + 1], strict=True)
    )
    return red, green, blue


def _balance(picture: Image.Image, *, red: float, green: float, blue: float) -> Image.Image:
    """Multiplies each channel by its gain."""
    tables: list[int] = []
    for gain in (red, green, blue):
        tables += [min(255, round(value * gain)) for value in range(256)]
    return picture.point(tables)


def warmer(picture: Image.Image, how: How) -> Image.Image:
    push = how.about(0.2) * how.strength
    return _balance(picture, red=1 + push, green=1 + push / 4, blue=max(0.2, 1 - push * 1.3))


def cooler(picture: Image.Image, how: How) -> Image.Image:
    push = how.about(0.2) * how.strength
    return _balance(picture, red=max(0.2, 1 - push * 1.3), green=1 - push / 6, blue=1 + push * 1.2)


def _every_channel(table: list[int]) -> list[int]:
    return table * 3


def brighter(picture: Image.Image, how: How) -> Image.Image:
    """Lifts midtones most, and black a little, so that even a black picture gets brighter."""
    push = how.about(0.5) * how.strength
    return picture.point(_every_channel(curve(lambda tone: 0.08 * push + tone ** (1 / (1 + push)))))


def darker(picture: Image.Image, how: How) -> Image.Image:
    push = how.about(0.5) * how.strength
    return picture.point(_every_channel(curve(lambda tone: (1 - 0.16 * push) * tone ** (1 + push))))


def more_contrast(picture: Image.Image, how: How) -> Image.Image:
    return ImageEnhance.Contrast(picture).enhance(1 + how.about(0.6) * how.strength)


def less_contrast(picture: Image.Image, how: How) -> Image.Image:
    return ImageEnhance.Contrast(picture).enhance(1 - min(0.85, how.about(0.5) * how.strength))


def saturated(picture: Image.Image, how: How) -> Image.Image:
    return ImageEnhance.Color(picture).enhance(1 + how.about(0.9) * how.strength)


def muted(picture: Image.Image, how: How) -> Image.Image:
    return ImageEnhance.Color(picture).enhance(1 - min(0.9, how.about(0.6) * how.strength))


def faded(picture: Image.Image, how: How) -> Image.Image:
    """As if bleached by the sun: black turns gray, white loses its edge, colors fade."""
    lift = min(0.4, how.about(0.2) * how.strength)
    pale = ImageEnhance.Color(picture).enhance(1 - min(0.8, 0.45 * how.strength))
    return pale.point(_every_channel(curve(lambda tone: lift + tone * (0.94 - lift))))


def vintage(picture: Image.Image, how: How) -> Image.Image:
    """Faded and yellowed by age."""
    aged = faded(picture, how)
    return _balance(aged, red=1.08, green=1.0, blue=max(0.5, 1 - how.about(0.25) * how.strength))


def night(picture: Image.Image, how: How) -> Image.Image:
    """Day for night, as in the cinema: dark, blue, with hardly any color."""
    pale = ImageEnhance.Color(picture).enhance(0.35)
    dark = pale.point(_every_channel(curve(lambda tone: 0.55 * tone**1.3)))
    blue = _balance(dark, red=0.55, green=0.8, blue=how.about(1.35))
    return Image.blend(picture, blue, how.amount(0.95))


def sunset(picture: Image.Image, how: How) -> Image.Image:
    """A violet sky above a burning horizon; the seed changes the horizon's color."""
    ramp = Image.linear_gradient("L").resize(picture.size)
    horizon: RGB = (250, round(how.about(120)), 50)
    sky = in_colors(ramp, dark=(96, 50, 140), middle=horizon, light=(120, 40, 50))
    lit = Image.blend(picture, ImageChops.overlay(picture, sky), how.amount(0.8))
    return Image.blend(lit, sky, how.amount(0.22))


def tint(picture: Image.Image, how: How) -> Image.Image:
    """A wash of the named color over light and shadow."""
    color = color_called(next(iter(how.words.values())))
    washed = in_colors(
        ImageOps.grayscale(picture), dark=shade(color, -0.8), middle=color, light=shade(color, 0.75)
    )
    return Image.blend(picture, washed, how.amount(how.about(0.6)))


def duotone(picture: Image.Image, how: How) -> Image.Image:
    """Printed in two inks: the named ones, the first for the shadows, or a pair that the seed chooses."""
    if how.words.get("first") and how.words.get("second"):
        first, second = color_called(how.words["first"]), color_called(how.words["second"])
        dark, light = shade(first, -0.45), shade(second, 0.35)
    else:
        hue = how.chance.random()
        dark, light = _of_hue(hue, 0.85, 0.35), _of_hue(hue + 0.4, 0.55, 1.0)
    gray = ImageOps.autocontrast(ImageOps.grayscale(picture), cutoff=1)
    return Image.blend(picture, in_colors(gray, dark=dark, light=light), how.amount(1.0))


def color_grade(picture: Image.Image, how: How) -> Image.Image:
    """For a prompt without a known instruction: shadows and highlights in colors that the seed chooses."""
    hue = how.chance.random()
    dark, middle = _of_hue(hue, 0.9, 0.22), _of_hue(hue + how.about(0.12), 0.6, 0.6)
    light = _of_hue(hue + how.about(0.5), 0.35, 1.0)
    graded = in_colors(ImageOps.grayscale(picture), dark=dark, middle=middle, light=light)
    return ImageEnhance.Contrast(Image.blend(picture, graded, how.amount(0.6))).enhance(1.15)


def _of_hue(hue: float, saturation: float, value: float) -> RGB:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
