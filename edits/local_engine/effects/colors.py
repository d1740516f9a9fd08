"""The colors that a prompt can name, and helpers to map a picture to two or three of them."""

from collections.abc import Callable

from PIL import Image, ImageOps

RGB = tuple[int, int, int]

NAMED_COLORS: dict[str, RGB] = {
    "red": (217, 45, 48),
    "orange": (242, 133, 34),
    "gold": (224, 172, 40),
    "golden": (224, 172, 40),
    "yellow": (245, 214, 46),
    "lime": (150, 214, 46),
    "green": (52, 158, 74),
    "teal": (22, 138, 138),
    "turquoise": (50, 196, 186),
    "cyan": (40, 190, 230),
    "blue": (38, 98, 214),
    "navy": (28, 46, 110),
    "indigo": (76, 56, 178),
    "purple": (132, 58, 178),
    "violet": (148, 84, 214),
    "magenta": (212, 44, 158),
    "pink": (244, 128, 172),
    "brown": (132, 86, 52),
}
SIGN_COLORS: dict[str, RGB] = {
    "红色": NAMED_COLORS["red"],
    "橙色": NAMED_COLORS["orange"],
    "黄色": NAMED_COLORS["yellow"],
    "绿色": NAMED_COLORS["green"],
    "蓝色": NAMED_COLORS["blue"],
    "紫色": NAMED_COLORS["purple"],
    "粉色": NAMED_COLORS["pink"],
}
NEUTRAL_COLORS: dict[str, RGB] = {
    "black": (16, 16, 16),
    "white": (250, 250, 250),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
}

_ALL_COLORS = NAMED_COLORS | SIGN_COLORS | NEUTRAL_COLORS


def color_called(name: str) -> RGB:
    """The color with this name.  Raises KeyError for a name that no pattern matches."""
    return _ALL_COLORS[name.lower()]


def shade(color: RGB, share: float) -> RGB:
    """The color mixed with black (``share`` < 0) or white (``share`` > 0); -1 is black, 1 is white."""
    end = 255 if share > 0 else 0
    red, green, blue = (round(channel + (end - channel) * abs(share)) for channel in color)
    return red, green, blue


def in_colors(gray: Image.Image, *, dark: RGB, light: RGB, middle: RGB | None = None) -> Image.Image:
    """A grayscale picture mapped to a gradient from ``dark`` over ``middle`` to ``light``."""
    return ImageOps.colorize(gray, black=dark, white=light, mid=middle)


def curve(tone: Callable[[float], float]) -> list[int]:
    """A table of 256 entries for ``point``, from a function on tones 0.0–1.0; clips its results."""
    return [round(255 * min(1.0, max(0.0, tone(value / 255)))) for value in range(256)]
